// A scan that belongs to another and has no pictures of its own: its events, kept until the other is there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/image/event.hpp"

namespace garita::host {

inline constexpr size_t max_supplement_events = 8192;
inline constexpr uint64_t max_supplement_bytes = 64u << 20;  // of attachments

struct Supplement {
  image::ScanBegin begin;
  std::string key;
  std::vector<image::Event> events;  // between SCAN_BEGIN and SCAN_END
  image::ScanEnd end;
  uint64_t bytes = 0;
  uint64_t since_ns = 0;  // monotonic: it has waited since
};

// Pieces of attachments lie in the driver's strips, which must go back: they are copied. False: it has grown too large to
// be kept.
bool keep_event(Supplement& supplement, const image::Event& event);

// A box that names no view, put into the one view that its scan has: `view` with `rows` delivered rows. What reaches beyond
// the edges is cut off.
enum class Placed : uint8_t {
  whole,    // it is in the view as it came; or it is no box, and stays without a view
  cut,      // a part of it is
  outside,  // nothing of it is: it stays without a view
};
Placed place(image::Detection& detection, const image::View& view, uint64_t rows);

}  // namespace garita::host
