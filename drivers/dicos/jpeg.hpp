// Is a compressed frame one that a decoder may be given? Pure.
//
// The decoders behind DCMTK trust much of what a frame's head says. So the head is held against the data set
// before any of them sees a byte: markers and their order, sizes, one component, precision, tables that are
// there and make sense, restarts, and an end.
//
//   SOI · (APPn COM DQT DHT DRI LSE)* · SOF · (…)* · SOS · entropy-coded bytes, RST0 … RST7 in turn · EOI
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace garita::dicos {

enum class JpegKind : uint8_t { baseline, extended, lossless, jpeg_ls };

// What the data set says of the frame.
struct JpegFrame {
  JpegKind kind = JpegKind::lossless;
  uint32_t columns = 0, rows = 0;
  uint32_t sample_bytes = 2;  // 1 or 2: which precisions fit
};

// Unwinds with DATA_CORRUPT, DATA_TRUNCATED or DATA_UNSUPPORTED and a sentence about "its compressed pixels".
// bytes: one whole frame; zeros behind its end are allowed, and one byte of any kind.
void check_jpeg(std::span<const std::byte> bytes, const JpegFrame& frame);

}  // namespace garita::dicos
