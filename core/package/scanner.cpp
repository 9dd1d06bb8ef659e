#include "core/package/scanner.hpp"

#include <algorithm>
#include <cstring>

#include "core/package/errors.hpp"

namespace garita::package {
namespace {

constexpr uint64_t max_index_bytes = 12 + uint64_t{max_parts} * 36 + max_leaves * 40;

// No body is longer, whatever its frame says.
uint64_t limit_of(const Frame& frame) {
  switch (frame.type) {
    case ChunkType::head:
    case ChunkType::tail:
      return leaf_overhead_bytes + max_head_bytes;
    case ChunkType::data:
      return leaf_overhead_bytes + max_leaf_bytes;
    case ChunkType::hide:
      return digest_bytes;
    case ChunkType::checkpoint:
    case ChunkType::seal:
      return max_statement_bytes;
    case ChunkType::index:
      return max_index_bytes;
    case ChunkType::footer:
      return footer_bytes;
  }
  return 0;
}

base::Digest digest_at(base::Bytes bytes) {
  base::Digest digest{};
  std::memcpy(digest.data(), bytes.data(), digest_bytes);
  return digest;
}

std::string at_byte(uint64_t offset) { return "chunk at byte " + std::to_string(offset); }

}  // namespace

bool fits(const Head& head, const Tail& tail) {
  if (tail.leaves > max_leaves) return false;
  if (const auto* raster = std::get_if<RasterHead>(&head)) {
    const PlaneSpec& plane = raster->plane;
    if (tail.rows > max_leaves * tile_rows || tiles_of(plane, tail.rows) != tail.leaves) return false;
    return plane.rows == unknown_rows || plane.slices == 0 || tail.rows <= plane.rows * plane.slices;
  }
  if (std::holds_alternative<AttachmentSpec>(head)) {
    return tail.leaves == tail.size_bytes / block_bytes + (tail.size_bytes % block_bytes != 0);
  }
  return !std::holds_alternative<RecordHead>(head) || tail.leaves % 2 == 0;
}

base::Result<Signer> check_signature(const SignedStatement& signed_statement, const base::Digest& root,
                                     const std::filesystem::path& path, const std::string& place,
                                     std::optional<base::PublicKey>& key) {
  const Statement& statement = signed_statement.statement;
  if (statement.root != root) return hash_mismatch(path, place);
  if (!key) {
    auto read = base::PublicKey::from_der(statement.public_key_der);
    if (!read) return signature_wrong(path, place);
    key = std::move(read).value();
  }
  if (key->der() != statement.public_key_der || key->algorithm() != statement.algorithm) {
    return signature_wrong(path, place);
  }
  if (!key->verify(signed_statement.message, signed_statement.signature)) return signature_wrong(path, place);
  return Signer{statement.algorithm, key->key_id(), statement.public_key_der, statement.utc_ns, false};
}

bool has_source(const Head& head, const Contents& contents) {
  const auto* raster = std::get_if<RasterHead>(&head);
  if (!raster || raster->source == no_part) return true;
  if (raster->source >= contents.parts.size()) return false;
  const Part& part = contents.parts[raster->source];
  const auto* source = part.head ? std::get_if<RasterHead>(&*part.head) : nullptr;
  return part.withheld == Withheld::whole || (source && source->plane.role == RasterRole::plane);
}

base::Error Scanner::bad(const Chunk& chunk) const { return malformed(path_, place(chunk)); }

bool Scanner::is_open(uint32_t part) const {
  return part < contents_.parts.size() && !contents_.parts[part].ended();
}

base::Result<void> Scanner::run(Visitor* visitor) {
  GARITA_TRY_ASSIGN(size, file_.size_bytes());
  size_bytes_ = size;
  GARITA_TRY(read_header());
  while (!ended_) GARITA_TRY(step(visitor));
  if (offset_ != size_bytes_) return malformed(path_, at_byte(offset_));
  return {};
}

base::Result<void> Scanner::read_header() {
  auto& bytes = contents_.header_bytes_read;
  const size_t size = std::min<uint64_t>(size_bytes_, header_bytes);
  GARITA_TRY(file_.read(0, std::span(bytes).first(size)));
  if (size > 0 && !begins_like_package(base::Bytes(bytes.data(), size))) return not_a_package(path_);
  if (size < header_bytes) return torn(path_, "header");
  if (version_of(bytes) != 1) return other_version(path_, version_of(bytes));
  const auto header = parse_header(bytes);
  if (!header) return malformed(path_, "header");
  contents_.header = *header;
  offset_ = header_bytes;
  return {};
}

base::Result<void> Scanner::step(Visitor* visitor) {
  std::array<std::byte, frame_bytes> frame_read{};
  if (size_bytes_ - offset_ < frame_bytes) return torn(path_, at_byte(offset_));
  GARITA_TRY(file_.read(offset_, frame_read));
  const auto frame = parse_frame(frame_read, offset_);
  if (!frame) return malformed(path_, at_byte(offset_));
  Chunk chunk{*frame, offset_, {}, {}, {}};
  if (frame->body_bytes > limit_of(*frame)) return bad(chunk);
  if (frame->body_bytes > size_bytes_ - offset_ - frame_bytes) return torn(path_, place(chunk));
  GARITA_TRY(read_body(chunk));
  GARITA_TRY(check(chunk));
  offset_ += frame_bytes + frame->body_bytes;
  if (visitor) GARITA_TRY(visitor->visit(chunk, contents_));
  return {};
}

base::Result<void> Scanner::read_body(Chunk& chunk) {
  uint64_t size = chunk.frame.body_bytes;
  if (depth_ == Depth::hashes && chunk.frame.type == ChunkType::data)
    size = std::min<uint64_t>(size, digest_bytes);
  buffer_.resize(size);
  GARITA_TRY(file_.read(chunk.offset + frame_bytes, buffer_));
  chunk.body = buffer_;
  return {};
}

base::Result<void> Scanner::check(Chunk& chunk) {
  const bool sealed = vouched_ && vouched_->sealed;
  const bool may_withhold = chunk.frame.type == ChunkType::data || chunk.frame.type == ChunkType::hide;
  const bool after_seal = chunk.frame.type == ChunkType::index || chunk.frame.type == ChunkType::footer;
  if (sealed != after_seal || (chunk.frame.flags != 0 && !may_withhold)) return bad(chunk);
  switch (chunk.frame.type) {
    case ChunkType::head:
      return check_head(chunk);
    case ChunkType::data:
      return check_data(chunk);
    case ChunkType::tail:
      return check_tail(chunk);
    case ChunkType::hide:
      return check_hide(chunk);
    case ChunkType::checkpoint:
    case ChunkType::seal:
      return check_statement(chunk);
    case ChunkType::index:
      return check_index(chunk);
    case ChunkType::footer:
      return check_footer(chunk);
  }
  return bad(chunk);
}

base::Result<void> Scanner::check_leaf(Chunk& chunk, std::string_view path) {
  if (chunk.body.size() < leaf_overhead_bytes) return bad(chunk);
  chunk.salt = base::Bytes(chunk.body.data() + digest_bytes, salt_bytes);
  chunk.value = base::Bytes(chunk.body.data() + leaf_overhead_bytes, chunk.body.size() - leaf_overhead_bytes);
  if (salted_leaf(chunk.salt, path, chunk.value) != digest_at(chunk.body))
    return hash_mismatch(path_, place(chunk));
  return {};
}

base::Result<void> Scanner::check_head(Chunk& chunk) {
  const Frame& frame = chunk.frame;
  if (frame.part != contents_.parts.size() || frame.part >= max_parts || frame.ordinal != 0)
    return bad(chunk);
  GARITA_TRY(check_leaf(chunk, head_path(frame.part)));
  Part part;
  part.head = parse_head(chunk.value);
  if (!part.head) return bad(chunk);
  const bool record = std::holds_alternative<RecordHead>(*part.head);
  for (const Part& other : contents_.parts) {
    if (record && other.head && std::holds_alternative<RecordHead>(*other.head)) return bad(chunk);
  }
  if (!has_source(*part.head, contents_)) return bad(chunk);
  part.head_offset = chunk.offset;
  part.head_hash = digest_at(chunk.body);
  contents_.parts.push_back(std::move(part));
  states_.emplace_back();
  return {};
}

base::Result<std::string> Scanner::path_of(const Chunk& chunk) {
  const Frame& frame = chunk.frame;
  const Part& part = contents_.parts[frame.part];
  if (!std::holds_alternative<RecordHead>(*part.head) || frame.ordinal % 2 == 0)
    return leaf_path(frame.part, frame.ordinal);
  const auto& name = states_[frame.part].name;
  if (!name) return bad(chunk);  // a value may not be shown where its name is withheld
  return *name;
}

base::Result<void> Scanner::check_data(Chunk& chunk) {
  const Frame& frame = chunk.frame;
  if (!is_open(frame.part)) return bad(chunk);
  Part& part = contents_.parts[frame.part];
  PartState& state = states_[frame.part];
  if (frame.ordinal != part.leaves.size() || part.withheld != Withheld::nothing || state.ended_short)
    return bad(chunk);
  if (contents_.leaf_count >= max_leaves || frame.body_bytes < digest_bytes) return bad(chunk);
  const bool withheld = (frame.flags & flag_withheld) != 0;
  if (withheld && frame.body_bytes != digest_bytes) return bad(chunk);
  if (!withheld && depth_ == Depth::values) {
    GARITA_TRY_ASSIGN(path, path_of(chunk));
    GARITA_TRY(check_leaf(chunk, path));
  }
  if (depth_ == Depth::values && !note_value(chunk, part, state)) return bad(chunk);
  part.add({chunk.offset, digest_at(chunk.body)});
  ++contents_.leaf_count;
  return {};
}

// What the value says by its kind, kept for the tail; false where it cannot stand in its place.
bool Scanner::note_value(const Chunk& chunk, const Part& part, PartState& state) {
  const bool withheld = (chunk.frame.flags & flag_withheld) != 0;
  if (std::holds_alternative<RecordHead>(*part.head)) {
    if (chunk.frame.ordinal % 2 == 1) return chunk.value.size() <= max_field_bytes;
    if (withheld) return state.name.reset(), true;
    state.name = chunk.value.text();
    return !state.name->empty() && state.name->size() <= max_path_bytes;
  }
  if (std::holds_alternative<AttachmentSpec>(*part.head) && !withheld) {
    state.ended_short = chunk.value.size() < block_bytes;
    return !chunk.value.empty() && chunk.value.size() <= block_bytes;
  }
  const auto* raster = std::get_if<RasterHead>(&*part.head);
  if (!raster) return true;
  const uint32_t place_rows = place_of_tile(raster->plane, chunk.frame.ordinal).rows;
  state.rows_known = !withheld;
  if (withheld) return state.rows += place_rows, true;
  const auto tile = parse_tile(raster->plane, chunk.value);
  if (!tile || tile->rows > place_rows) return false;
  state.ended_short = tile->rows < place_rows;
  state.rows += tile->rows;
  return true;
}

base::Result<void> Scanner::check_tail(Chunk& chunk) {
  const Frame& frame = chunk.frame;
  if (!is_open(frame.part) || frame.ordinal != 0) return bad(chunk);
  Part& part = contents_.parts[frame.part];
  GARITA_TRY(check_leaf(chunk, tail_path(frame.part)));
  const auto tail = parse_tail(*part.head, chunk.value);
  if (!tail || !fits(*part.head, *tail)) return bad(chunk);
  const PartState& state = states_[frame.part];
  if (part.withheld == Withheld::nothing) {
    if (tail->leaves != part.leaves.size()) return bad(chunk);
    const bool counted =
        depth_ == Depth::values && std::holds_alternative<RasterHead>(*part.head) && state.rows_known;
    if (counted && state.rows != tail->rows) return bad(chunk);
  }
  part.tail = tail;
  part.tail_hash = digest_at(chunk.body);
  part.tail_offset = chunk.offset;
  return {};
}

base::Result<void> Scanner::check_hide(Chunk& chunk) {
  const Frame& frame = chunk.frame;
  if (frame.flags != flag_withheld || frame.body_bytes != digest_bytes || frame.ordinal > 1)
    return bad(chunk);
  if (frame.ordinal == 0) {
    if (frame.part != contents_.parts.size() || frame.part >= max_parts) return bad(chunk);
    contents_.parts.emplace_back();
    states_.emplace_back();
  } else if (!is_open(frame.part) || contents_.parts[frame.part].withheld != Withheld::nothing ||
             !contents_.parts[frame.part].leaves.empty()) {
    return bad(chunk);
  }
  Part& part = contents_.parts[frame.part];
  part.withheld = frame.ordinal == 0 ? Withheld::whole : Withheld::body;
  part.hide_offset = chunk.offset;
  part.hidden_root = digest_at(chunk.body);
  return {};
}

base::Result<void> Scanner::check_statement(const Chunk& chunk) {
  const bool seal = chunk.frame.type == ChunkType::seal;
  if (chunk.frame.part != no_part || chunk.frame.ordinal != (seal ? 0 : checkpoints_)) return bad(chunk);
  const auto parsed = parse_statement(chunk.body);
  if (!parsed || parsed->statement.kind != (seal ? StatementKind::seal : StatementKind::checkpoint))
    return bad(chunk);
  if (!seal && parsed->statement.sequence != checkpoints_) return bad(chunk);
  const bool all_ended =
      std::all_of(contents_.parts.begin(), contents_.parts.end(), [](const Part& p) { return p.ended(); });
  if (seal && !all_ended) return bad(chunk);
  if (seal) contents_.seal_offset = chunk.offset;
  const base::Digest root = contents_.root();
  GARITA_TRY_ASSIGN(signer, check_signature(*parsed, root, path_, place(chunk), key_));
  Vouched vouched{chunk.offset + frame_bytes + chunk.frame.body_bytes, root, std::move(signer), {}, seal};
  for (const Part& part : contents_.parts) vouched.leaves.push_back(part.leaves.size());
  vouched_ = std::move(vouched);
  if (!seal) ++checkpoints_;
  return {};
}

base::Result<void> Scanner::check_index(const Chunk& chunk) {
  if (chunk.frame.part != no_part || chunk.frame.ordinal != 0 || index_offset_ != 0) return bad(chunk);
  const std::vector<std::byte> right = encode_index(contents_);
  if (!std::equal(right.begin(), right.end(), chunk.body.begin(), chunk.body.end())) return bad(chunk);
  index_offset_ = chunk.offset;
  const base::Digest check = base::sha256(chunk.body);
  std::copy_n(check.begin(), index_check_.size(), index_check_.begin());
  return {};
}

base::Result<void> Scanner::check_footer(const Chunk& chunk) {
  if (chunk.frame.part != no_part || chunk.frame.ordinal != 0 || index_offset_ == 0) return bad(chunk);
  const auto right = encode(Footer{index_offset_, chunk.offset + frame_bytes + footer_bytes, index_check_});
  if (!std::equal(right.begin(), right.end(), chunk.body.begin(), chunk.body.end())) return bad(chunk);
  ended_ = true;
  vouched_->bytes = chunk.offset + frame_bytes + footer_bytes;
  return {};
}

Contents Scanner::take_vouched() {
  Contents contents = std::move(contents_);
  contents.parts.resize(vouched_->leaves.size());
  contents.leaf_count = 0;
  for (size_t i = 0; i < contents.parts.size(); ++i) {
    Part& part = contents.parts[i];
    part.leaves.resize(vouched_->leaves[i]);
    contents.leaf_count += part.leaves.size();
    if (part.hide_offset >= vouched_->bytes)
      part.withheld = Withheld::nothing;  // only a body: the part came before
    part.body = {};
    for (const StoredLeaf& leaf : part.leaves) part.body.append(leaf.hash);
    if (part.tail_offset >= vouched_->bytes) part.tail.reset(), part.tail_hash = {}, part.tail_offset = 0;
  }
  return contents;
}

}  // namespace garita::package
