// Emit many, deliver one: what the steps of a driver emitted, waiting for the host to call next.
//
// Calibrations and attachments wait in the driver's own memory and take strips piece by piece at delivery. So
// emitting never waits, and a pool that is empty costs a TIMEOUT and no data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "garita/packed_event.hpp"

namespace garita {

class EventQueue {
 public:
  static constexpr size_t max_events = 4096;
  static constexpr uint64_t piece_bytes =
      1 << 20;  // of calibrations and attachments, where the host allows as much

  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }

  // in_scan: belongs to the scan that was begun last, and goes with it when it is cancelled.
  void push(Event event, bool in_scan, uint32_t attachment_index = 0) {
    if (waiting_.size() >= max_events)
      fail(GARITA_DRIVER_FAULT, "the driver emitted " + std::to_string(max_events) + " events in one step");
    waiting_.push_back(std::make_shared<Waiting>(Waiting{std::move(event), in_scan, attachment_index, 0}));
  }
  void push_first(Event event) {
    waiting_.push_front(std::make_shared<Waiting>(Waiting{std::move(event), true, 0, 0}));
  }

  // Forgets what belongs to a scan; calibrations and health are worth keeping beyond it.
  void drop_scan() {
    std::erase_if(waiting_, [](const auto& waiting) {
      return waiting->in_scan && !std::holds_alternative<Calibration>(waiting->event) &&
             !std::holds_alternative<Health>(waiting->event);
    });
  }

  // Gives the first event, or a piece of it, to the host. It stays valid until the next deliver().
  // Unwinds with TIMEOUT where a piece needs a strip and the pool is empty; the event stays.
  const Event& deliver(Host& host, uint64_t deadline_ns, std::span<const garita_total> totals,
                       garita_event& out) {
    const std::shared_ptr<Waiting> first = waiting_.front();
    const bool whole =
        std::visit([&](auto& event) { return pack(*first, event, host, deadline_ns, totals); }, first->event);
    if (whole) waiting_.pop_front();
    delivered_ = first;
    packed_.show(out);
    return first->event;
  }

 private:
  struct Waiting {
    Event event;
    bool in_scan;
    uint32_t attachment_index;
    uint64_t given_bytes;  // of a calibration's or attachment's data
  };

  template <typename Simple>
  bool pack(Waiting&, const Simple& event, Host&, uint64_t, std::span<const garita_total>) {
    packed_.pack(event);
    return true;
  }
  bool pack(Waiting&, Strip& event, Host&, uint64_t, std::span<const garita_total>) {
    packed_.pack(event, event.strip.deliver());
    return true;
  }
  bool pack(Waiting&, const ScanEnd& event, Host&, uint64_t, std::span<const garita_total> totals) {
    packed_.pack(event, totals);
    return true;
  }
  bool pack(Waiting& waiting, const Calibration& event, Host& host, uint64_t deadline_ns,
            std::span<const garita_total>) {
    const uint64_t stride = uint64_t{event.columns} * sample_size_bytes(event.sample_type);
    const uint64_t most =
        std::max<uint64_t>(1, std::min(piece_bytes, host.limits().max_strip_bytes) / stride);
    const uint64_t first_row = waiting.given_bytes / stride;
    const uint64_t rows =
        std::min({most, uint64_t{GARITA_MAX_STRIP_ROWS}, event.data.size() / stride - first_row});
    const uint64_t strip = give_piece(waiting, event.data, rows * stride, host, deadline_ns);
    packed_.pack(event, static_cast<uint32_t>(first_row), static_cast<uint32_t>(rows), strip);
    return waiting.given_bytes == event.data.size();
  }
  bool pack(Waiting& waiting, const Attachment& event, Host& host, uint64_t deadline_ns,
            std::span<const garita_total>) {
    if (event.object != 0) {
      packed_.pack(event, waiting.attachment_index, 0, 0, 0);
      return true;
    }
    const uint64_t offset = waiting.given_bytes;
    const uint64_t size = std::min({piece_bytes, host.limits().max_strip_bytes, event.data.size() - offset});
    const uint64_t strip = give_piece(waiting, event.data, size, host, deadline_ns);
    packed_.pack(event, waiting.attachment_index, offset, size, strip);
    return waiting.given_bytes == event.data.size();
  }

  static uint64_t give_piece(Waiting& waiting, const std::vector<std::byte>& data, uint64_t size_bytes,
                             Host& host, uint64_t deadline_ns) {
    HeldStrip strip = std::move(take_strips(host, size_bytes, 1, deadline_ns).front());
    std::memcpy(strip.bytes().data(), data.data() + waiting.given_bytes, size_bytes);
    waiting.given_bytes += size_bytes;
    return strip.deliver();
  }

  std::deque<std::shared_ptr<Waiting>> waiting_;
  std::shared_ptr<Waiting> delivered_;
  PackedEvent packed_;
};

}  // namespace garita
