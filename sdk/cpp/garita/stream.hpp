// Streams: Bytes (tcp, serial, a file) and Datagrams (udp). They are members of a Device and opened with it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "garita/device.hpp"

namespace garita {

// One stream by the name that the manifest declares; what it really is, the site's configuration says. Closes
// itself.
class Stream : public Part {
 public:
  // Opens it. Unwinds with NOT_CONFIGURED, DEVICE_LOST, TIMEOUT, …
  Stream(Device& device, std::string name) : Part(device), name_(std::move(name)) { open(); }
  ~Stream() { close(); }

  const std::string& name() const { return name_; }
  uint64_t handle() const { return handle_; }
  const garita_stream_info& info() const { return info_; }

  // When the oldest byte arrived that is here and not taken yet; nothing where none is, or not enough.
  virtual std::optional<uint64_t> waiting_since() const { return std::nullopt; }

  // After DEVICE_LOST a driver may try by itself before the host does; what was buffered is gone.
  void reopen() {
    close();
    forget();
    open();
  }

 protected:
  virtual void forget() {}

  // One read; unwinds with whatever is not OK.
  garita_read_info read(void* data, size_t capacity_bytes) {
    garita_read_info info{};
    info.struct_size = sizeof(info);
    device_.host().call(&garita_host_api::stream_read, handle_, data, static_cast<uint32_t>(capacity_bytes),
                        device_.deadline_ns(), &info);
    if (info.size_bytes > capacity_bytes)
      fail(GARITA_HOST_FAILURE, "the host read more from stream '" + name_ + "' than there was room for");
    return info;
  }

 private:
  void open() {
    info_.struct_size = sizeof(info_);
    device_.host().call(&garita_host_api::stream_open, text(name_), device_.deadline_ns(), &info_, &handle_);
  }
  void close() {
    garita_error error = empty_error();
    if (handle_ != 0) device_.host().try_call(&garita_host_api::stream_close, error, handle_);
    handle_ = 0;
  }

  std::string name_;
  uint64_t handle_ = 0;
  garita_stream_info info_{};
};

// A stream of bytes, buffered so that nothing is lost when a step unwinds.
class Bytes : public Stream {
 public:
  static constexpr size_t max_unsent_bytes = 1 << 20;

  struct Options {
    size_t max_need_bytes =
        17 << 20;  // a need() beyond this is a PROTOCOL_ERROR: a length of the wire, out of hand
    size_t read_ahead_bytes =
        1 << 16;  // 0: read no more than needed; for a driver that takes streams by oldest()
  };
  Bytes(Device& device, std::string name) : Bytes(device, std::move(name), Options{}) {}
  Bytes(Device& device, std::string name, Options options)
      : Stream(device, std::move(name)), options_(options) {}

  // The next n bytes, all or nothing, not consumed. Valid until the next call on this stream.
  // Unwinds with TIMEOUT where they are not there yet (what came stays), END where the stream ended before
  // the first, DATA_TRUNCATED where it ended in the middle.
  std::span<const std::byte> need(size_t n) {
    if (n > options_.max_need_bytes)
      fail(GARITA_PROTOCOL_ERROR,
           "stream '" + name() + "': a frame of " + std::to_string(n) + " bytes is too long");
    wanted_ = n;
    while (buffered() < n) fetch(n - buffered());
    needed_ = n;
    return {buffer_.data() + begin_, n};
  }

  // Takes n bytes that need() gave out of the stream. Only now they are gone.
  void consume(size_t n) {
    n = std::min(n, buffered());
    if (n > 0) last_ = arrival_of(consumed_ + begin_ + n);
    begin_ += n;
    while (!arrivals_.empty() && arrivals_.front().first <= consumed_ + begin_) arrivals_.pop_front();
    needed_ = wanted_ = 0;
  }

  std::optional<uint64_t> waiting_since() const override {
    if (buffered() == 0 || buffered() < wanted_) return std::nullopt;
    return arrival_of(consumed_ + begin_ + 1).received_ns;
  }

  // When the last byte of the last need() or consume() arrived. Time stamps come from here, never from
  // now_ns.
  Received received() const { return needed_ > 0 ? arrival_of(consumed_ + begin_ + needed_) : last_; }

  size_t buffered() const { return buffer_.size() - begin_; }

  // Sends all of it, in order, if need be over the next steps: never waits for the device, never unwinds with
  // TIMEOUT.
  void send(std::span<const std::byte> data) {
    if (unsent_.size() + data.size() > max_unsent_bytes)
      fail(GARITA_DEVICE_LOST, "the device at stream '" + name() + "' takes no more data");
    unsent_.insert(unsent_.end(), data.begin(), data.end());
    send_rest();
  }
  void send(std::string_view data) { send(std::as_bytes(std::span(data))); }
  size_t unsent() const { return unsent_.size(); }

  void send_rest() override {
    if (unsent_.empty()) return;
    uint32_t written = 0;
    garita_error error = empty_error();
    const garita_status status = device_.host().try_call(
        &garita_host_api::stream_write, error, handle(), static_cast<const void*>(unsent_.data()),
        static_cast<uint32_t>(unsent_.size()), uint64_t{0}, &written);
    unsent_.erase(unsent_.begin(),
                  unsent_.begin() + static_cast<ptrdiff_t>(std::min<size_t>(written, unsent_.size())));
    if (status != GARITA_OK && status != GARITA_TIMEOUT) throw to_stop(status, error);
  }

 protected:
  void forget() override {
    buffer_.clear();
    unsent_.clear();
    arrivals_.clear();
    begin_ = needed_ = wanted_ = 0;
    consumed_ = 0;
  }

 private:
  // Grows by what may arrive in one read, never by what a length on the wire claims.
  void fetch(size_t missing_bytes) {
    drop_consumed();
    const size_t old_size = buffer_.size();
    const size_t room = std::max<size_t>(options_.read_ahead_bytes, std::min<size_t>(missing_bytes, 1 << 16));
    buffer_.resize(old_size + room);
    try {
      const garita_read_info info = read(buffer_.data() + old_size, room);
      buffer_.resize(old_size + info.size_bytes);
      arrivals_.emplace_back(consumed_ + buffer_.size(), Received{info.received_ns, info.received_utc_ns});
    } catch (const Stop& stop) {
      buffer_.resize(old_size);
      if (stop.status == GARITA_END && buffered() > 0) cut_short(missing_bytes);
      throw;
    }
  }

  [[noreturn]] void cut_short(size_t missing_bytes) {
    const std::string have = std::to_string(buffered());
    buffer_.resize(begin_);
    fail(GARITA_DATA_TRUNCATED, "stream '" + name() + "' ended in the middle of a frame: " + have +
                                    " bytes are there, " + std::to_string(missing_bytes) + " are missing");
  }

  // Of the chunk that brought the byte before position `end` of the stream.
  Received arrival_of(uint64_t end) const {
    for (const auto& [chunk_end, arrival] : arrivals_)
      if (chunk_end >= end) return arrival;
    return last_;
  }

  void drop_consumed() {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(begin_));
    consumed_ += begin_;
    begin_ = 0;
  }

  Options options_;
  std::vector<std::byte> buffer_;
  size_t begin_ = 0;                                    // of what is not consumed, in buffer_
  size_t needed_ = 0;                                   // by the last need()
  size_t wanted_ = 0;                                   // by a need() that was not met, or not consumed yet
  uint64_t consumed_ = 0;                               // bytes of the stream before buffer_
  std::deque<std::pair<uint64_t, Received>> arrivals_;  // end of each chunk in the stream, and when it came
  Received last_;
  std::vector<std::byte> unsent_;
};

// One datagram a call.
class Datagrams : public Stream {
 public:
  Datagrams(Device& device, std::string name) : Stream(device, std::move(name)) {
    buffer_.resize(info().max_datagram_bytes != 0 ? std::min(info().max_datagram_bytes, 65536u) : 65536u);
  }

  // Waits for a datagram; valid until the next call. Unlike Bytes it is consumed: take strips before.
  std::span<const std::byte> receive() {
    const garita_read_info info = read(buffer_.data(), buffer_.size());
    received_ = {info.received_ns, info.received_utc_ns};
    dropped_ += info.dropped;
    return {buffer_.data(), info.size_bytes};
  }

  Received received() const { return received_; }
  uint64_t dropped() const { return dropped_; }  // datagrams that the host lost since the stream was opened

  // Sends one datagram, whole or not at all. Unwinds with TIMEOUT.
  void send(std::span<const std::byte> data) {
    uint32_t written = 0;
    device_.host().call(&garita_host_api::stream_write, handle(), static_cast<const void*>(data.data()),
                        static_cast<uint32_t>(data.size()), device_.deadline_ns(), &written);
  }

 private:
  std::vector<std::byte> buffer_;
  Received received_;
  uint64_t dropped_ = 0;
};

// Waits until one of several streams has something, and answers the place of the one whose oldest byte,
// datagram or object arrived first: taken in this order, nothing that belongs together is torn, and a replay
// goes the same way. Bytes among them are to be opened with read_ahead_bytes = 0. Unwinds with TIMEOUT.
inline size_t oldest(Device& device, std::initializer_list<const Stream*> streams) {
  std::vector<uint64_t> handles, arrivals(streams.size());
  bool waits = true;
  for (const Stream* stream : streams) {
    handles.push_back(stream->handle());
    waits = waits && !stream->waiting_since();
  }
  uint64_t ready = 0;
  garita_error error = empty_error();
  const garita_status status = device.host().try_call(
      &garita_host_api::stream_wait, error, static_cast<const uint64_t*>(handles.data()),
      static_cast<uint32_t>(handles.size()), waits ? device.deadline_ns() : 0, &ready, arrivals.data());
  if (status != GARITA_OK && (waits || status != GARITA_TIMEOUT)) throw to_stop(status, error);

  std::optional<size_t> first;
  uint64_t earliest = UINT64_MAX;
  size_t place = 0;
  for (const Stream* stream : streams) {
    const std::optional<uint64_t> here = stream->waiting_since();
    const bool there = status == GARITA_OK && (ready >> place & 1) != 0;
    const uint64_t since = here ? *here : arrivals[place];
    if ((here || there) && (!first || since < earliest)) first = place, earliest = since;
    ++place;
  }
  if (!first) throw Stop{GARITA_TIMEOUT};
  return *first;
}

}  // namespace garita
