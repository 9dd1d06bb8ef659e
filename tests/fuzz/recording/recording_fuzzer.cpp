// A recording that somebody hands in: read to its end, or refused; never out of its bounds, and twice the same.
//
// Most inputs would fail at the first check sum, so an input that is no recording is also taken as the plain records of one.
#include <zstd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "core/broker/recording.hpp"
#include "core/broker/recording_form.hpp"

namespace {

using namespace garita;

class Memory final : public base::RandomAccessFile {
 public:
  explicit Memory(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  base::Result<void> read(uint64_t, std::span<std::byte>) const override { return {}; }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= bytes_.size()) return size_t{0};
    const size_t size = std::min<uint64_t>(out.size(), bytes_.size() - offset);
    std::memcpy(out.data(), bytes_.data() + offset, size);
    return size;
  }
  base::Result<uint64_t> size_bytes() const override { return uint64_t{bytes_.size()}; }

 private:
  const std::vector<std::byte> bytes_;
};

struct Told {
  bool whole = false;
  uint64_t records = 0;
  base::Digest digest{};
};

Told read(const std::vector<std::byte>& bytes) {
  Told told;
  auto reader = broker::RecordingReader::open(std::make_unique<Memory>(bytes), "fuzz");
  if (!reader) return told;
  uint64_t at_ns = 0;
  for (;;) {
    const auto record = reader->next();
    if (!record) break;
    if (!*record) {
      told.whole = true;
      break;
    }
    if ((*record)->at_ns < at_ns || (*record)->body.size() > broker::max_record_bytes) std::abort();
    at_ns = (*record)->at_ns;
  }
  told.records = reader->records();
  told.digest = reader->digest();
  return told;
}

void twice(const std::vector<std::byte>& bytes) {
  const Told first = read(bytes), second = read(bytes);
  if (first.whole != second.whole || first.records != second.records || first.digest != second.digest) std::abort();
}

std::vector<std::byte> packed(std::span<const std::byte> plain) {
  const broker::RecordingHeader header = broker::recording_header();
  std::vector<std::byte> bytes(sizeof header + ZSTD_compressBound(plain.size()));
  std::memcpy(bytes.data(), &header, sizeof header);
  const size_t size = ZSTD_compress(bytes.data() + sizeof header, bytes.size() - sizeof header, plain.data(), plain.size(), 1);
  if (ZSTD_isError(size)) std::abort();
  bytes.resize(sizeof header + size);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  twice({bytes.begin(), bytes.end()});
  twice(packed(bytes));
  return 0;
}
