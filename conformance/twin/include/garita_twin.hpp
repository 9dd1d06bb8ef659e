// A twin: encode(scene) -> the bytes that the device would have sent. One function is yours:
//
//   #include "garita_twin.hpp"
//   std::vector<std::byte> encode(const garita::twin::Scene& scene) { … }
//   GARITA_TWIN(encode, "com.example.acme-x1-twin", "0.1.0", "ACME-X1")
//
// The kit gives scenes on the stream "scene" and takes the bytes as an attachment; this header does both. A
// scene's bytes, all little-endian:
//
//   0    "GSCN"                  4   u32 rows           8   u32 columns       12  u32 channels (1 … 8)
//   16   i64 time, ns since 1970 UTC                    24  u32 sizes of: key, plate, container; then their
//   texts (UTF-8) …    f32 transmission[channels][rows][columns], 0 (nothing comes through) … 1 (nothing in
//   the beam)
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "garita/garita.hpp"

namespace garita::twin {

// rows: along the travel, the front first. columns: across it, from the top (or the left, for rays from above
// or below).
struct Scene {
  uint32_t rows = 0, columns = 0, channels = 1;
  int64_t time_utc_ns = 0;
  std::string key, plate, container;
  std::vector<float> transmission;

  // 0 … 1.
  float at(uint32_t channel, uint32_t row, uint32_t column) const {
    return transmission[(size_t{channel} * rows + row) * columns + column];
  }
};

inline constexpr uint32_t max_side = 16384, max_text_bytes = 128;

class Twin : public Device {
 public:
  using Encode = std::vector<std::byte> (*)(const Scene&);
  Twin(const Opening& opening, Encode encode) : Device(opening), encode_(encode) {}

 private:
  static constexpr size_t head_bytes = 36;

  void next() override {
    const auto head = in_.need(head_bytes);
    Scene scene;
    scene.rows = side(head, 4);
    scene.columns = side(head, 8);
    scene.channels = read_little<uint32_t>(head, 12);
    if (read_big<uint32_t>(head, 0) != 0x4753434E || scene.channels == 0 || scene.channels > 8)
      fail(GARITA_PROTOCOL_ERROR, "the stream holds no scene");
    scene.time_utc_ns = read_little<int64_t>(head, 16);
    const size_t key = text_bytes(head, 24), plate = text_bytes(head, 28), container = text_bytes(head, 32);
    const size_t texts = head_bytes + key + plate + container;
    const size_t values = size_t{scene.channels} * scene.rows * scene.columns;
    const auto all = in_.need(texts + values * sizeof(float));
    scene.key = text_at(all, head_bytes, key);
    scene.plate = text_at(all, head_bytes + key, plate);
    scene.container = text_at(all, head_bytes + key + plate, container);
    scene.transmission.resize(values);
    std::memcpy(scene.transmission.data(), all.data() + texts, values * sizeof(float));
    const Time now = host_time(in_.received());
    emit(ScanBegin{.key = scene.key, .time = now});
    emit(Attachment{.role = GARITA_ATTACHMENT_ORIGINAL,
                    .media_type = "application/octet-stream",
                    .name = "wire.bin",
                    .data = encode_(scene)});
    emit(ScanEnd{.time = now});
    in_.consume(all.size());
  }

  static uint32_t side(std::span<const std::byte> head, size_t at) {
    const auto value = read_little<uint32_t>(head, at);
    if (value == 0 || value > max_side) fail(GARITA_PROTOCOL_ERROR, "a scene of that size is none of ours");
    return value;
  }
  static size_t text_bytes(std::span<const std::byte> head, size_t at) {
    const auto value = read_little<uint32_t>(head, at);
    if (value > max_text_bytes) fail(GARITA_PROTOCOL_ERROR, "a text of that size is none of ours");
    return value;
  }
  static std::string text_at(std::span<const std::byte> bytes, size_t at, size_t size) {
    return {reinterpret_cast<const char*>(bytes.data()) + at, size};
  }

  Bytes in_{*this, "scene"};
  const Encode encode_;
};

}  // namespace garita::twin

// clang-format off
#define GARITA_TWIN(encode, id, version, model)                                                                     \
  namespace {                                                                                                       \
  struct GaritaTwin final : ::garita::twin::Twin {                                                                  \
    explicit GaritaTwin(const ::garita::Opening& opening) : Twin(opening, encode) {}                                \
  };                                                                                                                \
  }                                                                                                                 \
  GARITA_DRIVER(GaritaTwin, id, version, ::garita::models(model), "attachment.original")
// clang-format on
