#include "core/package/random_access.hpp"

#include <algorithm>
#include <cstring>

#include "core/package/errors.hpp"
#include "core/package/scanner.hpp"

namespace garita::package {
namespace {

struct Placed {
  Frame frame;
  base::Bytes body;
};

// The chunk at `offset`, if it is whole, not longer than max_body_bytes, and what was asked for.
base::Result<Placed> read_chunk(const Proved& proved, uint64_t offset, const Frame& wanted,
                                uint64_t max_body_bytes, std::vector<std::byte>& buffer) {
  const auto bad = [&] { return malformed(proved.path, proved.contents.place(wanted, offset)); };
  if (offset > proved.size_bytes || proved.size_bytes - offset < frame_bytes) return bad();
  std::array<std::byte, frame_bytes> frame_read{};
  GARITA_TRY(proved.file->read(offset, frame_read));
  const auto frame = parse_frame(frame_read, offset);
  if (!frame || frame->type != wanted.type || frame->part != wanted.part || frame->ordinal != wanted.ordinal)
    return bad();
  if (frame->body_bytes > max_body_bytes || frame->body_bytes > proved.size_bytes - offset - frame_bytes)
    return bad();
  buffer.resize(frame->body_bytes);
  GARITA_TRY(proved.file->read(offset + frame_bytes, buffer));
  return Placed{*frame, buffer};
}

// Salt and value of a leaf that hashes to what its chunk carries.
base::Result<base::Bytes> check_leaf(const Proved& proved, const Placed& chunk, std::string_view path,
                                     base::Digest& hash) {
  const auto place = [&] { return proved.contents.place(chunk.frame, 0); };
  if (chunk.frame.flags != 0 || chunk.body.size() < leaf_overhead_bytes)
    return malformed(proved.path, place());
  const base::Bytes salt(chunk.body.data() + digest_bytes, salt_bytes);
  const base::Bytes value(chunk.body.data() + leaf_overhead_bytes, chunk.body.size() - leaf_overhead_bytes);
  std::memcpy(hash.data(), chunk.body.data(), digest_bytes);
  if (salted_leaf(salt, path, value) != hash) return hash_mismatch(proved.path, place());
  return value;
}

base::Result<void> read_hidden(const Proved& proved, uint32_t number, Part& part,
                               std::vector<std::byte>& buffer) {
  const uint64_t ordinal = part.withheld == Withheld::whole ? 0 : 1;
  GARITA_TRY_ASSIGN(chunk, read_chunk(proved, part.hide_offset, {ChunkType::hide, 0, number, 0, ordinal},
                                      digest_bytes, buffer));
  if (chunk.body.size() != digest_bytes) return malformed(proved.path, "index");
  std::memcpy(part.hidden_root.data(), chunk.body.data(), digest_bytes);
  return {};
}

base::Result<void> read_ends(Proved& proved, uint32_t number, std::vector<std::byte>& buffer) {
  Part& part = proved.contents.parts[number];
  if (part.withheld != Withheld::nothing) GARITA_TRY(read_hidden(proved, number, part, buffer));
  if (part.withheld == Withheld::whole) return {};
  constexpr size_t limit = leaf_overhead_bytes + max_head_bytes;
  const Frame head{ChunkType::head, 0, number, 0, 0};
  GARITA_TRY_ASSIGN(head_chunk, read_chunk(proved, part.head_offset, head, limit, buffer));
  GARITA_TRY_ASSIGN(head_value, check_leaf(proved, head_chunk, head_path(number), part.head_hash));
  part.head = parse_head(head_value);
  if (!part.head) return malformed(proved.path, proved.contents.place(head, 0));
  const Frame tail{ChunkType::tail, 0, number, 0, 0};
  GARITA_TRY_ASSIGN(tail_chunk, read_chunk(proved, part.tail_offset, tail, limit, buffer));
  GARITA_TRY_ASSIGN(tail_value, check_leaf(proved, tail_chunk, tail_path(number), part.tail_hash));
  part.tail = parse_tail(*part.head, tail_value);
  const bool counted =
      part.tail && (part.withheld == Withheld::body || part.tail->leaves == part.leaves.size());
  if (!counted || !fits(*part.head, *part.tail) || !has_source(*part.head, proved.contents)) {
    return malformed(proved.path, proved.contents.place(tail, 0));
  }
  return {};
}

base::Result<void> read_header(Proved& proved) {
  auto& bytes = proved.contents.header_bytes_read;
  GARITA_TRY(proved.file->read(0, bytes));
  if (!begins_like_package(bytes)) return not_a_package(proved.path);
  if (version_of(bytes) != 1) return other_version(proved.path, version_of(bytes));
  const auto header = parse_header(bytes);
  if (!header) return malformed(proved.path, "header");
  proved.contents.header = *header;
  return {};
}

base::Result<void> read_index(Proved& proved, const Footer& footer, std::vector<std::byte>& buffer) {
  const uint64_t footer_offset = proved.size_bytes - frame_bytes - footer_bytes;
  if (footer.file_bytes != proved.size_bytes || footer.index_offset > footer_offset) {
    return malformed(proved.path, "footer");
  }
  GARITA_TRY_ASSIGN(chunk, read_chunk(proved, footer.index_offset, {ChunkType::index, 0, no_part, 0, 0},
                                      proved.size_bytes, buffer));
  const base::Digest check = base::sha256(chunk.body);
  const bool right = std::equal(footer.index_check.begin(), footer.index_check.end(), check.begin()) &&
                     footer.index_offset + frame_bytes + chunk.body.size() == footer_offset;
  auto index = right ? parse_index(chunk.body) : std::nullopt;
  if (!index) return malformed(proved.path, "index");
  proved.contents.parts = std::move(index->parts);
  proved.contents.seal_offset = index->seal_offset;
  for (const Part& part : proved.contents.parts) proved.contents.leaf_count += part.leaves.size();
  return {};
}

base::Result<void> read_seal(Proved& proved, std::vector<std::byte>& buffer) {
  const Frame wanted{ChunkType::seal, 0, no_part, 0, 0};
  GARITA_TRY_ASSIGN(chunk,
                    read_chunk(proved, proved.contents.seal_offset, wanted, max_statement_bytes, buffer));
  const auto statement = parse_statement(chunk.body);
  if (!statement || statement->statement.kind != StatementKind::seal) return malformed(proved.path, "seal");
  proved.root = proved.contents.root();
  std::optional<base::PublicKey> key;
  GARITA_TRY_ASSIGN(signer, check_signature(*statement, proved.root, proved.path, "seal", key));
  proved.signer = std::move(signer);
  proved.sealed = true;
  return {};
}

// The footer, where the file ends in one.
base::Result<std::optional<Footer>> read_footer(const Proved& proved) {
  std::array<std::byte, frame_bytes + footer_bytes> bytes{};
  if (proved.size_bytes < header_bytes + bytes.size()) return std::optional<Footer>();
  const uint64_t offset = proved.size_bytes - bytes.size();
  GARITA_TRY(proved.file->read(offset, bytes));
  const auto frame = parse_frame(base::Bytes(bytes.data(), frame_bytes), offset);
  const bool footer = frame && frame->type == ChunkType::footer && frame->body_bytes == footer_bytes;
  if (!footer) return std::optional<Footer>();
  return std::optional(parse_footer(base::Bytes(bytes.data() + frame_bytes, footer_bytes)));
}

base::Result<void> walk(Proved& proved, bool allow_torn) {
  Scanner scanner(*proved.file, proved.path, Depth::hashes);
  const auto result = scanner.run();
  if (!result && !(allow_torn && scanner.vouched())) return result.error();
  proved.root = scanner.vouched()->root;
  proved.signer = scanner.vouched()->signer;
  proved.sealed = scanner.vouched()->sealed;
  proved.contents = scanner.take_vouched();
  return {};
}

}  // namespace

base::Result<Proved> open_proved(const std::filesystem::path& path, bool allow_torn,
                                 base::FileSystem& files) {
  Proved proved;
  proved.path = path;
  GARITA_TRY_ASSIGN(file, files.open(path));
  proved.file = std::move(file);
  GARITA_TRY_ASSIGN(size, proved.file->size_bytes());
  proved.size_bytes = size;
  GARITA_TRY_ASSIGN(footer, read_footer(proved));
  if (!footer) {
    GARITA_TRY(walk(proved, allow_torn));
    return proved;
  }
  std::vector<std::byte> buffer;
  GARITA_TRY(read_header(proved));
  GARITA_TRY(read_index(proved, *footer, buffer));
  for (uint32_t i = 0; i < proved.contents.parts.size(); ++i) GARITA_TRY(read_ends(proved, i, buffer));
  GARITA_TRY(read_seal(proved, buffer));
  return proved;
}

base::Result<base::Bytes> read_leaf(const Proved& proved, uint32_t number, uint64_t ordinal,
                                    std::string_view leaf_path, std::vector<std::byte>& buffer) {
  const Part& part = proved.contents.parts[number];
  const Frame wanted{ChunkType::data, 0, number, 0, ordinal};
  const auto place = [&] { return proved.contents.place(wanted, 0); };
  if (part.withheld != Withheld::nothing)
    return error_at(base::Outcome::no, "package.withheld", proved.path, part.place());
  if (ordinal >= part.leaves.size()) return malformed(proved.path, place());
  const StoredLeaf& leaf = part.leaves[ordinal];
  GARITA_TRY_ASSIGN(chunk,
                    read_chunk(proved, leaf.offset, wanted, leaf_overhead_bytes + max_leaf_bytes, buffer));
  if ((chunk.frame.flags & flag_withheld) != 0) {
    return error_at(base::Outcome::no, "package.withheld", proved.path, place());
  }
  base::Digest hash{};
  GARITA_TRY_ASSIGN(value, check_leaf(proved, chunk, leaf_path, hash));
  if (hash != leaf.hash) return hash_mismatch(proved.path, place());
  return value;
}

}  // namespace garita::package
