// One DICOM or DICOS file: what it says, as the SDK's values, and its pixels row by row. Pure: bytes in, values out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "garita/events.hpp"

namespace garita::dicos {

inline constexpr uint64_t max_frame_bytes = 256 << 20;  // of a compressed frame, unpacked
inline constexpr uint64_t max_frames = 65536;
inline constexpr size_t max_reported = 1024;  // detections of one report

// The uncertainty of a time whose zone is not known.
inline constexpr int64_t unknown_zone_ns = int64_t{14} * 3600 * 1'000'000'000;

struct Content {
  bool report = false;       // a TDR: detections, no view
  std::string instance_uid;  // as it stands there, even where DICOM would not allow it; empty: none that can be a key
  std::string related_uid;   // of a report: the image it speaks of; empty: it names none
  std::string charset;       // IANA name of the texts in attributes and detections; empty: ASCII or unknown
  Time time;
  std::vector<Attribute> attributes;
  std::vector<View> views;            // one, of an image
  std::vector<Detection> detections;  // boxes and polygons in pixels of the image that they speak of
};

// Thread: one at a time.
class File {
 public:
  // Parses and checks all but the compressed pixels. `bytes` must outlive it.
  // Unwinds with DATA_UNSUPPORTED (not DICOM; a class, transfer syntax or sample type that is not read), DATA_CORRUPT
  // or DATA_TRUNCATED, each with a sentence about "it".
  explicit File(std::span<const std::byte> bytes);
  ~File();

  const Content& content() const { return content_; }

  // Rows of one slice as the view describes them, little endian, without gaps. Unpacks a frame at its first row and
  // keeps it. Unwinds with DATA_CORRUPT or DATA_TRUNCATED where its pixels are damaged.
  void read_rows(uint32_t slice, uint64_t first_row, uint64_t rows, std::span<std::byte> out);

 private:
  struct Pixels;

  Content content_;
  std::vector<std::byte> inflated_;  // of a deflated file; everything else lies in the caller's bytes
  std::unique_ptr<Pixels> pixels_;
};

}  // namespace garita::dicos
