#include "core/broker/feed.hpp"

#include <algorithm>
#include <cstring>

namespace garita::broker {

void Feed::push(std::vector<std::byte> bytes, Moment arrived) {
  if (bytes.empty() || ended()) return;
  queued_bytes_ += bytes.size();
  chunks_.push_back({std::move(bytes), 0, arrived});
  full_ = queued_bytes_ >= max_bytes_ || chunks_.size() >= max_chunks_;
}

void Feed::end(garita_status status, base::Error error, Moment at) {
  if (ended()) return;
  end_status_ = status;
  end_error_ = std::move(error);
  end_at_ = at;
}

uint64_t Feed::oldest_ns() const {
  if (!chunks_.empty()) return chunks_.front().arrived.ns;
  return ended() ? end_at_.ns : 0;
}

size_t Feed::take(std::span<std::byte> out, Moment& last) {
  size_t copied = 0;
  while (copied < out.size() && !chunks_.empty()) {
    Chunk& chunk = chunks_.front();
    const size_t size = std::min(out.size() - copied, chunk.bytes.size() - chunk.taken);
    std::memcpy(out.data() + copied, chunk.bytes.data() + chunk.taken, size);
    copied += size;
    chunk.taken += size;
    last = chunk.arrived;
    if (chunk.taken == chunk.bytes.size()) chunks_.pop_front();
  }
  queued_bytes_ -= copied;
  if (queued_bytes_ <= max_bytes_ / 2 && chunks_.size() <= max_chunks_ / 2) full_ = false;
  return copied;
}

size_t Feed::take_datagram(std::span<std::byte> out, Moment& last) {
  if (chunks_.empty()) return 0;
  const Chunk datagram = std::move(chunks_.front());
  chunks_.pop_front();
  std::memcpy(out.data(), datagram.bytes.data(), std::min(out.size(), datagram.bytes.size()));
  last = datagram.arrived;
  queued_bytes_ -= datagram.bytes.size();
  if (queued_bytes_ <= max_bytes_ / 2 && chunks_.size() <= max_chunks_ / 2) full_ = false;
  return datagram.bytes.size();
}

}  // namespace garita::broker
