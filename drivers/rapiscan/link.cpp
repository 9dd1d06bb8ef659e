#include "drivers/rapiscan/link.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace garita::rapiscan {

Link::Link(Device& device)
    : device_(device),
      silence_ns_(static_cast<uint64_t>(device.host().config<int64_t>("silence_ms")) * 1'000'000),
      lines_port_(static_cast<uint16_t>(device.host().config<int64_t>("lines_port"))),
      control_(device, "control", {.max_need_bytes = max_frame_bytes, .read_ahead_bytes = 0}),
      lines_(device, "lines"),
      heard_ns_(device.host().now_ns()) {}

Link::Side Link::wait() {
  try {
    const size_t first = lines_over_ ? oldest(device_, {&control_}) : oldest(device_, {&control_, &lines_});
    heard_ns_ = device_.host().now_ns();
    return first == 0 ? Side::control : Side::lines;
  } catch (const Stop& stop) {
    if (stop.status == GARITA_TIMEOUT && device_.host().now_ns() > heard_ns_ + silence_ns_)
      fail(GARITA_DEVICE_LOST,
           "the gantry has sent nothing for " + std::to_string(silence_ns_ / 1'000'000) + " ms");
    throw;
  }
}

Cut Link::front() {
  try {
    Cut cut = cut_frame(control_.need(frame_header_bytes));
    while (cut.kind == Cut::Kind::need) cut = cut_frame(control_.need(cut.size_bytes));
    return cut;
  } catch (const Stop& stop) {
    if (device_.in_scan() && (stop.status == GARITA_END || stop.status == GARITA_DATA_TRUNCATED))
      fail(GARITA_DEVICE_LOST, "the gantry closed the connection in the middle of a scan");
    throw;
  }
}

uint16_t Link::missing_before(const Frame& frame) {
  return static_cast<uint16_t>(frame.count - std::exchange(count_, frame.count));
}

void Link::arm(uint32_t session) {
  session_ = session;
  send(Arm{protocol_version, lines_port_});
  arm_again();
}

void Link::arm_again() {
  if (lines_port_ != 0) return;
  const std::vector<std::byte> datagram = encode_register(session_);
  uint32_t written = 0;  // what cannot go now goes at the next STATUS
  garita_error error = empty_error();
  device_.host().try_call(&garita_host_api::stream_write, error, lines_.handle(),
                          static_cast<const void*>(datagram.data()), static_cast<uint32_t>(datagram.size()),
                          uint64_t{0}, &written);
}

std::optional<Line> Link::line(std::optional<uint32_t> scan, uint64_t until_ns) {
  if (lines_over_) return std::nullopt;
  std::span<const std::byte> datagram;
  try {
    if (until_ns < device_.deadline_ns()) {
      const uint64_t stream = lines_.handle();
      uint64_t ready = 0, since = 0;
      device_.host().call(&garita_host_api::stream_wait, &stream, uint32_t{1}, until_ns, &ready, &since);
    }
    datagram = lines_.receive();
  } catch (const Stop& stop) {
    if (stop.status == GARITA_BUFFER_TOO_SMALL) return ++damaged_, std::nullopt;
    if (stop.status != GARITA_END) throw;
    lines_over_ = true;
    return std::nullopt;
  }
  const auto line = decode_line(datagram);
  if (!line) return ++damaged_, std::nullopt;
  report(*line);
  const auto ahead = scan ? static_cast<int32_t>(line->scan - *scan) : 1;
  if (ahead == 0) return line;
  if (ahead < 0 || kept_.size() >= max_kept) return ++stray_, std::nullopt;
  kept_.emplace_back(datagram.begin(), datagram.end());
  return std::nullopt;
}

std::vector<std::vector<std::byte>> Link::kept(uint32_t scan) {
  std::vector<std::vector<std::byte>> own;
  std::deque<std::vector<std::byte>> later;
  for (auto& datagram : kept_) {
    const auto ahead = static_cast<int32_t>(decode_line(datagram)->scan - scan);
    if (ahead == 0) own.push_back(std::move(datagram));
    if (ahead > 0) later.push_back(std::move(datagram));
    if (ahead < 0) ++stray_;
  }
  kept_ = std::move(later);
  return own;
}

void Link::report(const Line& line) {
  if (++received_ % progress_every == 0) send(Progress{line.scan, line.sequence});
}

void Link::send(const Message& message) {
  std::vector<std::byte> bytes;
  encode(outgoing_, message, bytes);
  control_.send(bytes);
}

}  // namespace garita::rapiscan
