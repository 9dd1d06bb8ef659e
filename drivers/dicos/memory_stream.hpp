// DCMTK's input stream over bytes in memory that outlive it. Unlike DcmInputBufferStream it can be opened again at any
// place, so that DCMTK leaves long values where they are and reads of them what is asked for: no value is ever copied,
// and no memory is taken for a length that a file only claims.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "drivers/dicos/dcmtk.hpp"

namespace garita::dicos {

class MemoryProducer final : public DcmProducer {
 public:
  MemoryProducer(std::span<const std::byte> bytes, size_t at) : bytes_(bytes), at_(at) {}

  OFBool good() const override { return OFTrue; }
  OFCondition status() const override { return EC_Normal; }
  OFBool eos() override { return at_ >= bytes_.size(); }
  offile_off_t avail() override { return static_cast<offile_off_t>(bytes_.size() - at_); }
  offile_off_t read(void* out, offile_off_t size) override;
  offile_off_t skip(offile_off_t size) override;
  void putback(offile_off_t size) override;

  size_t at() const { return at_; }

 private:
  std::span<const std::byte> bytes_;
  size_t at_;
};

// Base-from-member: the producer must be there before the stream that takes it.
struct HoldsProducer {
  MemoryProducer producer;
};

class MemoryStream final : private HoldsProducer, public DcmInputStream {
 public:
  explicit MemoryStream(std::span<const std::byte> bytes, size_t at = 0)
      : HoldsProducer{MemoryProducer(bytes, at)}, DcmInputStream(&producer), bytes_(bytes) {}

  DcmInputStreamFactory* newFactory() const override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace garita::dicos
