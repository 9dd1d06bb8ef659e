#include "drivers/astrophysics/link.hpp"

#include <string>
#include <utility>
#include <vector>

namespace garita::astrophysics {

Link::Link(Device& device)
    : device_(device),
      silence_ns_(static_cast<uint64_t>(device.host().config<int64_t>("silence_ms")) * 1'000'000),
      stream_(device, "scanner", {.max_need_bytes = max_frame_bytes}),
      heard_ns_(device.host().now_ns()) {}

Cut Link::front() {
  try {
    Cut cut = cut_frame(stream_.need(frame_head_bytes));
    while (cut.kind == Cut::Kind::need) cut = cut_frame(stream_.need(cut.size_bytes));
    heard_ns_ = device_.host().now_ns();
    return cut;
  } catch (const Stop& stop) {
    if (device_.in_scan() && (stop.status == GARITA_END || stop.status == GARITA_DATA_TRUNCATED))
      fail(GARITA_DEVICE_LOST, "the cabinet closed the connection in the middle of a bag");
    if (stop.status == GARITA_TIMEOUT && device_.host().now_ns() > heard_ns_ + silence_ns_)
      fail(GARITA_DEVICE_LOST,
           "the cabinet has sent nothing for " + std::to_string(silence_ns_ / 1'000'000) + " ms");
    throw;
  }
}

uint16_t Link::missing_before(const Frame& frame) {
  return static_cast<uint16_t>(frame.sequence - std::exchange(sequence_, frame.sequence));
}

void Link::send(const Message& message) {
  std::vector<std::byte> bytes;
  encode(outgoing_, message, bytes);
  stream_.send(bytes);
}

}  // namespace garita::astrophysics
