// The gantry's two connections: control frames in their order, and line datagrams of the scan that is wanted.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "drivers/rapiscan/wire.hpp"
#include "garita/stream.hpp"

namespace garita::rapiscan {

class Link {
 public:
  enum class Side : uint8_t { control, lines };

  // Opens streams "control" and "lines".
  explicit Link(Device& device);

  // Waits until one of them has something, and says which came first. Unwinds with TIMEOUT; with DEVICE_LOST
  // where neither said anything for silence_ms.
  Side wait();

  // ---- Control
  // A whole frame, or damage, at the front; not consumed. Unwinds as Bytes::need(), with DEVICE_LOST for END
  // in a scan.
  Cut front();
  void consume(const Cut& cut) { control_.consume(cut.size_bytes); }
  // How many frames are missing before this one. Asked again for the same frame: 0.
  uint16_t missing_before(const Frame& frame);
  void expect_next() { ++count_; }
  Received control_received() const { return control_.received(); }

  // ARM and REGISTER. The datagram may be lost: again where the gantry says that it knows nobody.
  void arm(uint32_t session);
  void arm_again();

  // ---- Lines
  // The next line of the scan, if there is one; what belongs to a later one is kept for it, to a bounded
  // number, the rest dropped. Nothing: what came was no such line, or the lines are over. Valid until the
  // next call. Unwinds with TIMEOUT, also at until_ns where that is earlier.
  std::optional<Line> line(std::optional<uint32_t> scan, uint64_t until_ns = UINT64_MAX);
  bool lines_over() const { return lines_over_; }  // a replay has ended: no datagram will come
  // What was kept of a scan that begins; older ones are forgotten.
  std::vector<std::vector<std::byte>> kept(uint32_t scan);
  size_t kept_count() const { return kept_.size(); }
  Received lines_received() const { return lines_.received(); }
  uint64_t damaged() const { return damaged_; }  // datagrams that were no line
  uint64_t stray() const { return stray_; }      // of scans that are over, or too early by too much

 private:
  static constexpr size_t max_kept = 2048;
  static constexpr uint64_t progress_every = 16;

  void send(const Message& message);
  void report(const Line& line);

  Device& device_;
  uint64_t silence_ns_;
  uint16_t lines_port_;
  Bytes control_;
  Datagrams lines_;
  uint64_t heard_ns_;
  uint16_t count_ = 0;  // of the next frame
  uint32_t session_ = 0;
  uint64_t received_ = 0, damaged_ = 0, stray_ = 0;
  bool lines_over_ = false;
  std::deque<std::vector<std::byte>> kept_;
  FrameWriter outgoing_;
};

}  // namespace garita::rapiscan
