// garita::Device: derive from it, override next(), and one GARITA_DRIVER line makes a driver (driver.hpp).
//
// The base owns the conversation with the host: it loops until the deadline, queues what the steps emit and
// delivers one event a call, counts rows, keeps the order of events legal, turns what unwinds into statuses,
// and handles cancel.
//
// A step may unwind at every call that waits (need(), row(), …) and is run again from its start by a later
// call. So a step looks like this: wait for all it needs, take the strips it needs, and only then consume and
// emit.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "garita/event_queue.hpp"
#include "garita/host.hpp"

namespace garita {

class Device;
struct Facts;

// What a device is constructed with. Valid during construction.
struct Opening {
  const garita_open& open;
};

// A member of a device that takes part in its life: a stream with bytes still to send, a line scan that holds
// rows.
class Part {
 public:
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  virtual void send_rest() {}   // before each step
  virtual void flush_rows() {}  // the scan ends: emit what is held. Must not wait
  virtual void drop_rows() {}   // the scan was cancelled, and the strips are gone
 protected:
  explicit Part(Device& device);
  ~Part();
  Device& device_;
};

// Thread: the host makes one call at a time; only cancel may come from another thread.
class Device {
 public:
  explicit Device(const Opening& opening) : host_(opening.open), deadline_ns_(opening.open.deadline_ns) {}
  virtual ~Device() = default;
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Host& host() { return host_; }

  // The moment until which this call may wait. In the past as soon as an event is there to be delivered.
  uint64_t deadline_ns() const { return queue_.empty() ? deadline_ns_ : 0; }

  // Queues an event. Never waits. Unwinds with WRONG_STATE where the event is not legal now.
  template <typename Kind>
  void emit(Kind event) {
    if constexpr (std::is_same_v<Kind, ScanBegin>) begin_scan(event);
    if constexpr (std::is_same_v<Kind, ScanEnd>) end_scan();
    if constexpr (std::is_same_v<Kind, Strip> || std::is_same_v<Kind, Detection>) need_scan();
    if constexpr (std::is_same_v<Kind, Calibration>) check(event);
    if constexpr (std::is_same_v<Kind, Attachment>) check(event);
    const uint32_t index = std::is_same_v<Kind, Attachment> ? attachments_++ : 0;
    queue_.push(std::move(event), in_scan_ || std::is_same_v<Kind, ScanEnd>, index);
  }

  // A SCAN_BEGIN was emitted and no SCAN_END since.
  bool in_scan() const { return in_scan_; }

  // Takes strips for pixels, all or nothing; see take_strips(). Unwinds at once while events wait to be
  // delivered, for those may hold the very strips, or take back new ones (SCAN_END).
  std::vector<HeldStrip> strips(uint64_t size_bytes, uint32_t count) {
    if (!queue_.empty()) throw Stop{GARITA_WORKING};
    return take_strips(host_, size_bytes, count, deadline_ns_);
  }

  // For steps that compute long: unwinds with WORKING when the deadline has come, CANCELLED when cancel has.
  void checkpoint() {
    if (cancelled_.load()) throw Stop{GARITA_CANCELLED};
    if (host_.now_ns() >= deadline_ns_) throw Stop{GARITA_WORKING};
  }

 protected:
  // One step: wait for input, take strips, consume, emit. Called again until something was emitted or the
  // deadline came.
  virtual void next() = 0;

  // The base ended the scan in hand (cancel, fault): forget it and skip the input to the next scan's start.
  // May unwind like a step; then it is called again before the next one.
  virtual void resync() {}

  // The host closes the device: say good-bye on the wire. Streams, strips and objects need no hand.
  virtual void close() {}

 private:
  template <typename Driver, const Facts& facts>
  friend struct Trampolines;
  friend class Part;

  static constexpr int max_steps =
      4096;  // of one call, so that a step that never waits cannot keep it for ever

  garita_status call_next(uint64_t deadline_ns, garita_event& event);
  void run_step();
  void stopped(Stop stop);
  Stop answer_pending();
  garita_status deliver(garita_event& event);
  garita_status acknowledge_cancel();
  void end_broken(const Stop& why);
  void start_totals(const ScanBegin& begin);
  void count(const Strip& strip);

  void begin_scan(const ScanBegin& begin);
  void end_scan();
  void need_scan() const {
    if (!in_scan_) fail(GARITA_WRONG_STATE, "the driver emitted an event of a scan while it was in none");
  }
  void check(const Calibration& calibration) const;
  void check(const Attachment& attachment) const;

  void cancel() { cancelled_.store(true); }
  garita_status close_until(uint64_t deadline_ns, garita_error* error) {
    deadline_ns_ = deadline_ns;
    const garita_status status = guarded(error, [this] { return close(), GARITA_OK; });
    host_.closed();
    return status;
  }
  void set_deadline(uint64_t deadline_ns) { deadline_ns_ = deadline_ns; }  // of a call other than next

  Host host_;  // first: all that follows may hold strips of it
  uint64_t deadline_ns_;
  EventQueue queue_;
  std::vector<Part*> parts_;
  std::vector<garita_total> totals_;  // of the scan being delivered
  std::optional<Stop> pending_;       // answered once the queue is empty
  std::atomic<bool> cancelled_ = false;
  bool in_scan_ = false;       // by what was emitted
  bool begun_ = false;         // by what was delivered
  bool from_objects_ = false;  // the scan in hand came from inbox objects
  bool resync_due_ = false;
  bool ended_ = false;  // END is final
  uint32_t attachments_ = 0;
};

inline Part::Part(Device& device) : device_(device) { device_.parts_.push_back(this); }
inline Part::~Part() { std::erase(device_.parts_, this); }

// The answer of `next`: an event where there is one, else the reason why not.
inline garita_status Device::call_next(uint64_t deadline_ns, garita_event& event) {
  deadline_ns_ = deadline_ns;
  for (int step = 0; step < max_steps; ++step) {
    if (cancelled_.load()) return acknowledge_cancel();
    const bool delivering = !queue_.empty();
    if (!delivering && pending_) throw answer_pending();
    if (!delivering && ended_) return GARITA_END;
    try {
      if (delivering) return deliver(event);
      run_step();
    } catch (Stop& stop) {
      if (stop.status == GARITA_CANCELLED) return acknowledge_cancel();
      const bool waited_in_vain = stop.status == GARITA_TIMEOUT || stop.status == GARITA_WORKING;
      if (waited_in_vain && (delivering || queue_.empty())) return stop.status;
      if (delivering) throw;
      if (!waited_in_vain) stopped(std::move(stop));
      continue;
    }
    // The step came to its end without an event, so it did something: TIMEOUT would say that nothing came.
    if (queue_.empty() && host_.now_ns() >= deadline_ns_) return GARITA_WORKING;
  }
  return GARITA_WORKING;
}

inline void Device::run_step() {
  for (Part* part : parts_) part->send_rest();
  if (resync_due_) resync();
  resync_due_ = false;
  next();
}

}  // namespace garita

#include "garita/device_state.hpp"
