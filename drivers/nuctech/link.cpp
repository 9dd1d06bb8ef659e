#include "drivers/nuctech/link.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace garita::nuctech {

Link::Link(Device& device)
    : device_(device),
      silence_ns_(static_cast<uint64_t>(device.host().config<int64_t>("silence_ms")) * 1'000'000),
      stream_(device, "portal", {.max_need_bytes = max_frame_bytes}),
      heard_ns_(device.host().now_ns()) {}

// All that is buffered is looked at, so that a place to go on from is found in one go.
Cut Link::front() {
  try {
    Cut cut;
    for (cut.size_bytes = frame_head_bytes; cut.kind == Cut::Kind::need;)
      cut = cut_frame(stream_.need(std::max(cut.size_bytes, std::min(stream_.buffered(), max_frame_bytes))));
    if (cut.kind == Cut::Kind::frame) heard_ns_ = device_.host().now_ns();
    return cut;
  } catch (const Stop& stop) {
    if (device_.in_scan() && (stop.status == GARITA_END || stop.status == GARITA_DATA_TRUNCATED))
      fail(GARITA_DEVICE_LOST, "the portal closed the connection in the middle of a scan");
    if (stop.status == GARITA_TIMEOUT && device_.host().now_ns() > heard_ns_ + silence_ns_)
      fail(GARITA_DEVICE_LOST, "the portal has sent nothing that can be read for " +
                                   std::to_string(silence_ns_ / 1'000'000) + " ms");
    throw;
  }
}

uint32_t Link::missing_before(const Frame& frame) {
  return frame.sequence - std::exchange(sequence_, frame.sequence);
}

void Link::send(const Message& message) {
  std::vector<std::byte> bytes;
  encode(outgoing_, message, bytes);
  stream_.send(bytes);
}

}  // namespace garita::nuctech
