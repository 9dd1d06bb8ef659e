// Codec 1: byte planes, each one zstd frame.
//
//   size   u32 × sample_bytes       of each frame, bytes; the plane of the lowest byte first
//   frame  bytes                    the frames behind one another, to the end of the code
//
// Plane b holds byte b of every sample (little-endian), row by row: rows × columns bytes. Each is exactly one
// zstd frame (RFC 8878) that states its content size and needs no dictionary. The high bytes of neighbouring
// samples hardly differ, so they shrink to little; the low bytes are noise and stay as they are.
#include "core/codec/byte_planes.hpp"

#include <zstd.h>

#include <array>
#include <cstring>

namespace garita::codec {
namespace {

constexpr int level = 1;  // higher ones win a percent on noise and cost half the speed

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

base::Error encoder_failed() { return {base::Outcome::no, "codec.encoder", {}}; }
base::Error damaged() { return {base::Outcome::no, "codec.damaged", {}}; }

template <size_t width>
void take_plane(const std::byte* pixels, size_t samples, size_t plane, std::byte* out) {
  for (size_t i = 0; i < samples; ++i) out[i] = pixels[i * width + plane];
}

template <size_t width>
void put_plane(const std::byte* in, size_t samples, size_t plane, std::byte* pixels) {
  for (size_t i = 0; i < samples; ++i) pixels[i * width + plane] = in[i];
}

void take_plane(const std::byte* pixels, size_t samples, size_t width, size_t plane, std::byte* out) {
  switch (width) {
    case 2:
      return take_plane<2>(pixels, samples, plane, out);
    case 4:
      return take_plane<4>(pixels, samples, plane, out);
    default:
      return take_plane<8>(pixels, samples, plane, out);
  }
}

void put_plane(const std::byte* in, size_t samples, size_t width, size_t plane, std::byte* pixels) {
  switch (width) {
    case 2:
      return put_plane<2>(in, samples, plane, pixels);
    case 4:
      return put_plane<4>(in, samples, plane, pixels);
    default:
      return put_plane<8>(in, samples, plane, pixels);
  }
}

void put_u32(std::byte* out, uint32_t value) {
  for (int i = 0; i < 4; ++i) out[i] = static_cast<std::byte>(value >> (8 * i));
}

uint32_t get_u32(const std::byte* in) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= std::to_integer<uint32_t>(in[i]) << (8 * i);
  return value;
}

class BytePlaneEncoder final : public Encoder {
 public:
  explicit BytePlaneEncoder(std::unique_ptr<ZSTD_CCtx, Free> context) : context_(std::move(context)) {}

  Id id() const override { return Id::zstd_planes; }

  base::Result<void> encode(base::Bytes pixels, const Shape& shape, std::vector<std::byte>& out) override {
    if (!is_valid(shape) || pixels.size() != size_bytes(shape)) {
      return base::Error{base::Outcome::no, "codec.shape", {}};
    }
    const size_t width = shape.sample_bytes;
    const size_t samples = pixels.size() / width;
    const size_t bound = ZSTD_compressBound(samples);
    const size_t start = out.size();
    size_t end = start + 4 * width;
    out.resize(end + width * bound);
    if (width > 1) plane_.resize(samples);
    for (size_t plane = 0; plane < width; ++plane) {
      const std::byte* source = pixels.data();
      if (width > 1) take_plane(pixels.data(), samples, width, plane, plane_.data()), source = plane_.data();
      const size_t size = ZSTD_compressCCtx(context_.get(), out.data() + end, bound, source, samples, level);
      if (ZSTD_isError(size)) return out.resize(start), encoder_failed();
      put_u32(out.data() + start + 4 * plane, static_cast<uint32_t>(size));
      end += size;
    }
    out.resize(end);
    return {};
  }

 private:
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::vector<std::byte> plane_;
};

class BytePlaneDecoder final : public Decoder {
 public:
  explicit BytePlaneDecoder(std::unique_ptr<ZSTD_DCtx, Free> context) : context_(std::move(context)) {}

  base::Result<void> decode(base::Bytes code, const Shape& shape, std::span<std::byte> out) override {
    if (!is_valid(shape) || out.size() != size_bytes(shape)) {
      return base::Error{base::Outcome::no, "codec.shape", {}};
    }
    const size_t width = shape.sample_bytes;
    const size_t samples = out.size() / width;
    if (code.size() < 4 * width) return damaged();
    if (width > 1) plane_.resize(samples);
    size_t at = 4 * width;
    for (size_t plane = 0; plane < width; ++plane) {
      const size_t size = get_u32(code.data() + 4 * plane);
      if (size > code.size() - at) return damaged();
      std::byte* target = width > 1 ? plane_.data() : out.data();
      if (!decode_frame(code.data() + at, size, target, samples)) return damaged();
      if (width > 1) put_plane(plane_.data(), samples, width, plane, out.data());
      at += size;
    }
    if (at != code.size()) return damaged();
    return {};
  }

 private:
  // One frame and nothing behind it, of exactly `samples` bytes.
  bool decode_frame(const std::byte* frame, size_t size, std::byte* target, size_t samples) {
    if (ZSTD_getFrameContentSize(frame, size) != samples)
      return false;  // unknown and error are no size either
    const size_t frame_size = ZSTD_findFrameCompressedSize(frame, size);
    if (ZSTD_isError(frame_size) || frame_size != size) return false;
    if (ZSTD_getDictID_fromFrame(frame, size) != 0) return false;
    return ZSTD_decompressDCtx(context_.get(), target, samples, frame, size) == samples;
  }

  std::unique_ptr<ZSTD_DCtx, Free> context_;
  std::vector<std::byte> plane_;
};

}  // namespace

base::Result<std::unique_ptr<Encoder>> make_byte_plane_encoder() {
  std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  if (!context) return encoder_failed();
  return std::unique_ptr<Encoder>(std::make_unique<BytePlaneEncoder>(std::move(context)));
}

base::Result<std::unique_ptr<Decoder>> make_byte_plane_decoder() {
  std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  if (!context) return encoder_failed();
  return std::unique_ptr<Decoder>(std::make_unique<BytePlaneDecoder>(std::move(context)));
}

}  // namespace garita::codec
