#include "core/exchange/sealing/seal.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/random.hpp"
#include "core/exchange/sealing/cms.hpp"

namespace garita::exchange {
namespace {

constexpr std::string_view magic = "garita.sealed/1\n";
using ContentId = std::array<uint8_t, 16>;

struct SegmentHead {
  ContentId id{};
  uint64_t number = 0;
  bool last = false;
};

void put(uint64_t value, size_t size_bytes, uint8_t* out) {
  for (size_t i = 0; i < size_bytes; ++i) out[i] = static_cast<uint8_t>(value >> 8 * i);
}

uint64_t get(const uint8_t* in, size_t size_bytes) {
  uint64_t value = 0;
  for (size_t i = size_bytes; i > 0; --i) value = value << 8 | in[i - 1];
  return value;
}

void write_head(const SegmentHead& head, uint8_t* out) {
  std::memcpy(out, head.id.data(), head.id.size());
  put(head.number, 8, out + 16);
  put(head.last ? 1 : 0, 4, out + 24);
  put(0, 4, out + 28);
}

// Memory that is wiped before it is given back.
struct Wiped : std::vector<uint8_t> {
  using std::vector<uint8_t>::vector;
  ~Wiped() { OPENSSL_cleanse(data(), size()); }
};

base::Error broken(uint64_t segment, const char* id = "exchange.seal_broken") {
  return {base::Outcome::no, id, {{"segment", std::to_string(segment)}}, 0};
}

class MemoryFile final : public base::RandomAccessFile {
 public:
  explicit MemoryFile(base::Bytes bytes) : bytes_(bytes) {}
  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    GARITA_TRY_ASSIGN(got, read_some(offset, out));
    if (got == out.size()) return {};
    return base::Error{base::Outcome::not_loaded, "base.file_short", {{"path", "memory"}}, 0};
  }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= bytes_.size()) return size_t{0};
    const size_t size = std::min(out.size(), bytes_.size() - static_cast<size_t>(offset));
    std::memcpy(out.data(), bytes_.data() + offset, size);
    return size;
  }
  base::Result<uint64_t> size_bytes() const override { return uint64_t{bytes_.size()}; }

 private:
  base::Bytes bytes_;
};

// The segments of a sealed file, in their order, each proved.
class Opener {
 public:
  Opener(const base::RandomAccessFile& sealed, std::span<const OpeningKey> keys)
      : sealed_(sealed), keys_(keys) {}

  base::Result<void> run(const Sink& out) {
    GARITA_TRY_ASSIGN(size, sealed_.size_bytes());
    std::array<std::byte, magic.size()> begin{};
    if (size < begin.size()) return broken(0, "exchange.not_sealed");
    GARITA_TRY(sealed_.read(0, begin));
    if (base::Bytes(begin).text() != magic) return broken(0, "exchange.not_sealed");
    uint64_t at = magic.size(), total_bytes = 0;
    for (uint64_t number = 0;; ++number) {
      Wiped plain;
      GARITA_TRY_ASSIGN(next, segment(at, size, number, plain));
      at = next;
      const size_t content_bytes = plain.size() - segment_head_bytes;
      if ((total_bytes += content_bytes) > max_sealed_bytes) return broken(number);
      GARITA_TRY(out(base::Bytes(plain.data() + segment_head_bytes, content_bytes)));
      if (!last_) continue;
      if (at != size) return broken(number + 1);
      return {};
    }
  }

 private:
  // Returns where the next one begins.
  base::Result<uint64_t> segment(uint64_t at, uint64_t size, uint64_t number, Wiped& plain) {
    std::array<std::byte, 4> length{};
    if (size - at < length.size()) return broken(number);
    GARITA_TRY(sealed_.read(at, length));
    const uint64_t message_bytes = get(base::Bytes(length).bytes(), 4);
    at += length.size();
    if (message_bytes == 0 || message_bytes > max_segment_message_bytes || message_bytes > size - at)
      return broken(number);
    std::vector<std::byte> message(message_bytes);
    GARITA_TRY(sealed_.read(at, message));
    if (auto done = decrypt_message(message, keys_, plain); !done)
      return broken(number, done.error().id.c_str());
    if (!in_place(plain, number)) return broken(number);
    return at + message_bytes;
  }

  bool in_place(const Wiped& plain, uint64_t number) {
    if (plain.size() < segment_head_bytes || plain.size() > segment_head_bytes + segment_bytes) return false;
    if (number == 0) std::memcpy(id_.data(), plain.data(), id_.size());
    const uint64_t flags = get(plain.data() + 24, 8);
    last_ = flags == 1;
    const size_t content_bytes = plain.size() - segment_head_bytes;
    const bool sized = last_ ? content_bytes > 0 || number == 0 : content_bytes == segment_bytes;
    return flags <= 1 && sized && get(plain.data() + 16, 8) == number &&
           std::memcmp(id_.data(), plain.data(), id_.size()) == 0;
  }

  const base::RandomAccessFile& sealed_;
  const std::span<const OpeningKey> keys_;
  ContentId id_{};
  bool last_ = false;
};

}  // namespace

base::Result<void> seal(const base::RandomAccessFile& content, std::span<const SealingCertificate> recipients,
                        const Sink& out) {
  GARITA_TRY_ASSIGN(size, content.size_bytes());
  if (size > max_sealed_bytes) return base::Error{base::Outcome::no, "exchange.seal_failed", {}, 0};
  SegmentHead head;
  GARITA_TRY(base::system_random().fill(head.id));
  GARITA_TRY(out(base::Bytes(magic)));
  Wiped segment(segment_head_bytes + segment_bytes);
  for (uint64_t at = 0; !head.last; ++head.number) {
    const size_t part_bytes = static_cast<size_t>(std::min<uint64_t>(segment_bytes, size - at));
    head.last = at + part_bytes == size;
    write_head(head, segment.data());
    GARITA_TRY(
        content.read(at, std::as_writable_bytes(std::span(segment)).subspan(segment_head_bytes, part_bytes)));
    GARITA_TRY_ASSIGN(
        message, encrypt_message(base::Bytes(segment.data(), segment_head_bytes + part_bytes), recipients));
    std::array<uint8_t, 4> length{};
    put(message.size(), length.size(), length.data());
    GARITA_TRY(out(length));
    GARITA_TRY(out(message));
    at += part_bytes;
  }
  return {};
}

base::Result<std::vector<std::byte>> seal(base::Bytes content,
                                          std::span<const SealingCertificate> recipients) {
  std::vector<std::byte> out;
  GARITA_TRY(seal(MemoryFile(content), recipients, [&out](base::Bytes piece) -> base::Result<void> {
    out.insert(out.end(), piece.begin(), piece.end());
    return {};
  }));
  return out;
}

base::Result<Plain> unseal(const base::RandomAccessFile& sealed, std::span<const OpeningKey> keys,
                           Plain plain) {
  GARITA_TRY(Opener(sealed, keys).run([&plain](base::Bytes piece) { return plain.append(piece); }));
  return plain;
}

base::Result<std::vector<std::byte>> unseal(base::Bytes sealed, std::span<const OpeningKey> keys) {
  std::vector<std::byte> out;
  GARITA_TRY(Opener(MemoryFile(sealed), keys).run([&out](base::Bytes piece) -> base::Result<void> {
    out.insert(out.end(), piece.begin(), piece.end());
    return {};
  }));
  return out;
}

}  // namespace garita::exchange
