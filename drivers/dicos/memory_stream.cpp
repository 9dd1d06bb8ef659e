#include "drivers/dicos/memory_stream.hpp"

#include <algorithm>
#include <cstring>

namespace garita::dicos {
namespace {

class MemoryFactory final : public DcmInputStreamFactory {
 public:
  MemoryFactory(std::span<const std::byte> bytes, size_t at) : bytes_(bytes), at_(at) {}
  DcmInputStream* create() const override { return new MemoryStream(bytes_, at_); }
  DcmInputStreamFactory* clone() const override { return new MemoryFactory(*this); }
  DcmInputStreamFactoryType ident() const override { return DFT_DcmInputTempFileStreamFactory; }

 private:
  std::span<const std::byte> bytes_;
  size_t at_;
};

}  // namespace

offile_off_t MemoryProducer::skip(offile_off_t size) {
  const offile_off_t step = std::clamp<offile_off_t>(size, 0, avail());
  at_ += static_cast<size_t>(step);
  return step;
}

offile_off_t MemoryProducer::read(void* out, offile_off_t size) {
  const size_t from = at_;
  const offile_off_t step = skip(size);
  if (step != 0) std::memcpy(out, bytes_.data() + from, static_cast<size_t>(step));
  return step;
}

void MemoryProducer::putback(offile_off_t size) {
  at_ -= static_cast<size_t>(std::clamp<offile_off_t>(size, 0, static_cast<offile_off_t>(at_)));
}

DcmInputStreamFactory* MemoryStream::newFactory() const { return new MemoryFactory(bytes_, producer.at()); }

}  // namespace garita::dicos
