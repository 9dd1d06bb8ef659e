// The cabinet's connection: frames off the stream and onto it.
#pragma once

#include <cstdint>

#include "drivers/astrophysics/wire.hpp"
#include "garita/stream.hpp"

namespace garita::astrophysics {

class Link {
 public:
  // Opens stream "scanner".
  explicit Link(Device& device);

  // A whole frame, or damage, at the front of what came; not consumed. Unwinds with TIMEOUT; END and
  // DATA_TRUNCATED as Bytes::need(), but DEVICE_LOST where the connection ends in a scan or nothing came for
  // silence_ms.
  Cut front();
  void consume(const Cut& cut) { stream_.consume(cut.size_bytes); }

  // How many frames are missing before this one. Asked again for the same frame: 0.
  uint16_t missing_before(const Frame& frame);
  void expect_next() { ++sequence_; }

  // Sends over this and the next steps; never waits.
  void send(const Message& message);

  Received received() const { return stream_.received(); }

 private:
  Device& device_;
  uint64_t silence_ns_;
  Bytes stream_;
  uint64_t heard_ns_;
  uint16_t sequence_ = 0;  // of the next frame
  FrameWriter outgoing_;
};

}  // namespace garita::astrophysics
