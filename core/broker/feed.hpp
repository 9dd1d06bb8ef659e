// What one stream has delivered and the driver has not read: stamped chunks, bounded, with how it ended
// behind them.
//
// The I/O thread fills it, the driver's thread empties it; both hold the broker's lock around every call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "garita/status.h"

namespace garita::broker {

struct Moment {
  uint64_t ns = 0;     // monotonic
  int64_t utc_ns = 0;  // the same moment on the wall clock
};

class Feed {
 public:
  Feed(size_t max_bytes, size_t max_chunks) : max_bytes_(max_bytes), max_chunks_(max_chunks) {}

  // True while the wire is to be left alone; false again when half of it is read (so that it does not
  // flutter).
  bool full() const { return full_; }
  size_t queued_bytes() const { return queued_bytes_; }

  void push(std::vector<std::byte> bytes, Moment arrived);

  // Nothing comes any more. status: END or DEVICE_LOST. The first end counts.
  void end(garita_status status, base::Error error, Moment at);

  bool ready() const { return !chunks_.empty() || ended(); }
  bool ended() const { return end_status_ != GARITA_OK; }
  garita_status end_status() const { return end_status_; }
  const base::Error& end_error() const { return end_error_; }

  uint64_t oldest_ns() const;  // of the first unread byte, else of the end; 0 where not ready()

  // Copies up to out.size() bytes over chunk borders; last: arrival of the last byte copied. 0 where nothing
  // is queued.
  size_t take(std::span<std::byte> out, Moment& last);

  // The oldest chunk whole, a datagram: its full size, of which out.size() bytes are copied; what does not fit is gone.
  // 0 where nothing is queued.
  size_t take_datagram(std::span<std::byte> out, Moment& last);
  void count_dropped(uint64_t datagrams) { dropped_ += datagrams; }
  uint64_t take_dropped() { return std::exchange(dropped_, 0); }  // since the last call

 private:
  struct Chunk {
    std::vector<std::byte> bytes;
    size_t taken = 0;
    Moment arrived;
  };

  const size_t max_bytes_, max_chunks_;
  std::deque<Chunk> chunks_;
  size_t queued_bytes_ = 0;
  bool full_ = false;
  uint64_t dropped_ = 0;
  garita_status end_status_ = GARITA_OK;
  base::Error end_error_;
  Moment end_at_;
};

}  // namespace garita::broker
