#include "core/package/contents.hpp"

#include <algorithm>
#include <cstring>

#include "core/package/little_endian.hpp"

namespace garita::package {
namespace {

constexpr size_t index_part_bytes = 4 + 4 * 8;
constexpr size_t index_leaf_bytes = 8 + digest_bytes;

std::string body_place(const Part& part, uint64_t ordinal) {
  if (!part.head) return part.place();
  const std::string number = std::to_string(ordinal);
  if (std::holds_alternative<RasterHead>(*part.head)) return part.place() + ", tile " + number;
  if (std::holds_alternative<AttachmentSpec>(*part.head)) return part.place() + ", block " + number;
  if (!std::holds_alternative<RecordHead>(*part.head)) return part.place() + ", leaf " + number;
  return part.place() + (ordinal % 2 == 0 ? ", name of field " : ", field ") + std::to_string(ordinal / 2);
}

std::optional<Part> parse_index_part(Take& take, uint64_t leaves_before) {
  Part part;
  const auto withheld = take.number<uint32_t>();
  part.withheld = static_cast<Withheld>(withheld);
  part.head_offset = take.number<uint64_t>();
  part.hide_offset = take.number<uint64_t>();
  part.tail_offset = take.number<uint64_t>();
  const auto count = take.number<uint64_t>();
  if (!take.ok() || withheld > 2 || count > take.left() / index_leaf_bytes) return std::nullopt;
  if (count > max_leaves - leaves_before || (withheld != 0 && count != 0)) return std::nullopt;
  part.leaves.resize(count);
  for (StoredLeaf& leaf : part.leaves) {
    leaf.offset = take.number<uint64_t>();
    const base::Bytes hash = take.bytes(digest_bytes);
    std::memcpy(leaf.hash.data(), hash.data(), digest_bytes);
    part.body.append(leaf.hash);
  }
  return part;
}

}  // namespace

base::Digest salted_leaf(base::Bytes salt, std::string_view path, base::Bytes value) {
  std::vector<std::byte> prefix;
  Put(prefix).number(uint8_t{0}).bytes(salt).number(static_cast<uint32_t>(path.size())).bytes(path);
  thread_local base::Sha256 hash;
  return hash.update(prefix).update(value).finish();
}

std::string head_path(uint32_t part) { return "part/" + std::to_string(part); }
std::string tail_path(uint32_t part) { return head_path(part) + "/end"; }
std::string leaf_path(uint32_t part, uint64_t ordinal) {
  return head_path(part) + "/" + std::to_string(ordinal);
}

void Part::add(const StoredLeaf& leaf) {
  leaves.push_back(leaf);
  body.append(leaf.hash);
}

base::Digest Part::root() const {
  if (withheld == Withheld::whole) return hidden_root;
  const base::Digest body_root = withheld == Withheld::body ? hidden_root : body.root();
  return base::node_hash(head_hash, base::node_hash(body_root, tail_hash));
}

std::string Part::place() const { return head ? place_of(*head) : "part"; }

base::Digest Contents::root() const {
  std::vector<base::Digest> roots(parts.size());
  std::transform(parts.begin(), parts.end(), roots.begin(), [](const Part& part) { return part.root(); });
  std::vector<std::byte> value(header_bytes_read.begin(), header_bytes_read.end());
  Put(value).number(static_cast<uint32_t>(parts.size()));
  return base::node_hash(salted_leaf(header.nonce, "package", value), base::merkle_root(roots));
}

std::string Contents::place(const Frame& frame, uint64_t offset) const {
  const bool known = frame.part < parts.size();
  const std::string name = known ? parts[frame.part].place() : "part " + std::to_string(frame.part);
  switch (frame.type) {
    case ChunkType::head:
      return name + ", head";
    case ChunkType::tail:
      return name + ", end";
    case ChunkType::hide:
      return name + ", withheld";
    case ChunkType::data:
      return known ? body_place(parts[frame.part], frame.ordinal) : name;
    case ChunkType::checkpoint:
      return "checkpoint " + std::to_string(frame.ordinal);
    case ChunkType::seal:
      return "seal";
    case ChunkType::index:
      return "index";
    case ChunkType::footer:
      return "footer";
  }
  return "chunk at byte " + std::to_string(offset);
}

std::vector<std::byte> encode_index(const Contents& contents) {
  std::vector<std::byte> out;
  out.reserve(12 + contents.parts.size() * index_part_bytes + contents.leaf_count * index_leaf_bytes);
  Put put(out);
  put.number(contents.seal_offset).number(static_cast<uint32_t>(contents.parts.size()));
  for (const Part& part : contents.parts) {
    put.number(static_cast<uint32_t>(part.withheld)).number(part.head_offset).number(part.hide_offset);
    put.number(part.tail_offset).number(uint64_t{part.leaves.size()});
    for (const StoredLeaf& leaf : part.leaves) put.number(leaf.offset).bytes(leaf.hash);
  }
  return out;
}

std::optional<Index> parse_index(base::Bytes body) {
  Take take(body);
  Index index{take.number<uint64_t>(), {}};
  const auto count = take.number<uint32_t>();
  if (!take.ok() || count > max_parts || count > take.left() / index_part_bytes) return std::nullopt;
  uint64_t leaves = 0;
  for (uint32_t i = 0; i < count; ++i) {
    std::optional<Part> part = parse_index_part(take, leaves);
    if (!part) return std::nullopt;
    leaves += part->leaves.size();
    index.parts.push_back(std::move(*part));
  }
  return take.at_end() ? std::optional(std::move(index)) : std::nullopt;
}

}  // namespace garita::package
