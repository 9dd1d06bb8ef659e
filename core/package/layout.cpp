#include "core/package/layout.hpp"

#include <algorithm>
#include <cstring>

#include "core/package/little_endian.hpp"

namespace garita::package {
namespace {

constexpr std::array<uint8_t, 8> magic{0x89, 'G', 'A', 'R', 'I', 'T', 'A', '\n'};
constexpr uint16_t version = 1;
constexpr std::string_view statement_name = "garita.package/1";

template <size_t size>
std::array<std::byte, size> to_array(const std::vector<std::byte>& bytes) {
  std::array<std::byte, size> result{};
  std::copy_n(bytes.begin(), size, result.begin());
  return result;
}

bool known(ChunkType type) {
  switch (type) {
    case ChunkType::head:
    case ChunkType::data:
    case ChunkType::tail:
    case ChunkType::hide:
    case ChunkType::checkpoint:
    case ChunkType::seal:
    case ChunkType::index:
    case ChunkType::footer:
      return true;
  }
  return false;
}

}  // namespace

std::array<std::byte, header_bytes> encode(const Header& header) {
  std::vector<std::byte> out;
  Put(out).bytes(magic).number(version).number(header.minor).number(uint32_t{header_bytes});
  Put(out).bytes(header.nonce).number(header.utc_ns);
  out.resize(header_bytes);
  return to_array<header_bytes>(out);
}

bool begins_like_package(base::Bytes bytes) {
  const size_t size = std::min(bytes.size(), magic.size());
  return size > 0 && std::memcmp(bytes.data(), magic.data(), size) == 0;
}

uint16_t version_of(base::Bytes header) {
  return Take(header.size() < 8 ? header : base::Bytes(header.data() + 8, header.size() - 8))
      .number<uint16_t>();
}

std::optional<Header> parse_header(base::Bytes bytes) {
  if (bytes.size() != header_bytes || !begins_like_package(bytes) || version_of(bytes) != version)
    return std::nullopt;
  Header header;
  Take take(bytes);
  take.bytes(magic.size() + sizeof(version));
  header.minor = take.number<uint16_t>();
  const auto size = take.number<uint32_t>();
  const base::Bytes nonce = take.bytes(salt_bytes);
  std::memcpy(header.nonce.data(), nonce.data(), salt_bytes);
  header.utc_ns = take.number<int64_t>();
  const base::Bytes rest = take.bytes(take.left());
  const bool zero = std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
  if (size != header_bytes || !zero) return std::nullopt;
  return header;
}

std::array<std::byte, frame_bytes> encode(const Frame& frame, uint64_t offset) {
  std::vector<std::byte> out;
  Put(out)
      .number(offset)
      .number(static_cast<uint32_t>(frame.type))
      .number(uint32_t{0})
      .number(frame.body_bytes);
  Put(out).number(frame.part).number(frame.flags).number(frame.ordinal);
  const base::Digest check = base::sha256(out);
  std::memcpy(out.data() + 12, check.data(), 4);
  out.erase(out.begin(), out.begin() + 8);
  return to_array<frame_bytes>(out);
}

std::optional<Frame> parse_frame(base::Bytes bytes, uint64_t offset) {
  Take take(bytes);
  Frame frame;
  frame.type = static_cast<ChunkType>(take.number<uint32_t>());
  take.number<uint32_t>();
  frame.body_bytes = take.number<uint64_t>();
  frame.part = take.number<uint32_t>();
  frame.flags = take.number<uint32_t>();
  frame.ordinal = take.number<uint64_t>();
  if (!take.at_end() || !known(frame.type) || (frame.flags & ~flag_withheld) != 0) return std::nullopt;
  const auto right = encode(frame, offset);
  if (std::memcmp(right.data(), bytes.data(), frame_bytes) != 0) return std::nullopt;
  return frame;
}

std::vector<std::byte> encode(const Statement& statement) {
  std::vector<std::byte> out;
  Put put(out);
  put.bytes(base::Bytes(statement_name.data(), statement_name.size()));
  put.number(static_cast<uint16_t>(statement.kind)).number(static_cast<uint16_t>(statement.algorithm));
  put.number(statement.sequence).number(statement.utc_ns).bytes(statement.root);
  put.number(static_cast<uint16_t>(statement.public_key_der.size())).bytes(statement.public_key_der);
  return out;
}

std::optional<SignedStatement> parse_statement(base::Bytes body) {
  SignedStatement result;
  Statement& statement = result.statement;
  Take take(body);
  if (take.text(statement_name.size()) != statement_name) return std::nullopt;
  const auto kind = take.number<uint16_t>();
  statement.kind = static_cast<StatementKind>(kind);
  statement.algorithm = static_cast<base::SignatureAlgorithm>(take.number<uint16_t>());
  statement.sequence = take.number<uint32_t>();
  statement.utc_ns = take.number<int64_t>();
  const base::Bytes root = take.bytes(digest_bytes);
  const base::Bytes key = take.bytes(take.number<uint16_t>());
  if (!take.ok() || (kind != 1 && kind != 2)) return std::nullopt;
  std::memcpy(statement.root.data(), root.data(), digest_bytes);
  statement.public_key_der.assign(key.bytes(), key.bytes() + key.size());
  result.message = base::Bytes(body.data(), body.size() - take.left());
  result.signature = take.bytes(take.left());
  return result;
}

std::array<std::byte, footer_bytes> encode(const Footer& footer) {
  std::vector<std::byte> out;
  Put(out).number(footer.index_offset).number(footer.file_bytes).bytes(footer.index_check);
  return to_array<footer_bytes>(out);
}

Footer parse_footer(base::Bytes body) {
  Footer footer;
  Take take(body);
  footer.index_offset = take.number<uint64_t>();
  footer.file_bytes = take.number<uint64_t>();
  const base::Bytes check = take.bytes(footer.index_check.size());
  if (take.ok()) std::memcpy(footer.index_check.data(), check.data(), check.size());
  return footer;
}

}  // namespace garita::package
