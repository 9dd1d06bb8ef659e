// The host's side of a driver's host calls: takes what a worker asks, checks it as outside data, calls Services, answers.
// Keeps the book of what the driver holds: streams, objects, strips. Thread: that of the session's calls.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "core/isolate/call_trail.hpp"
#include "core/isolate/shared_pool.hpp"
#include "core/isolate/wire/event_codec.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/wire/region.hpp"
#include "core/load/services.hpp"

namespace garita::isolate {

// A moment of the driver's clock on the machine's: as far ahead as it is there, and not in the past.
inline uint64_t machine_time(uint64_t moment_ns, load::Services& services) {
  constexpr uint64_t most_ns = 3'600'000'000'000;
  const uint64_t now_ns = services.now_ns();
  return monotonic_ns() + std::min(moment_ns - std::min(moment_ns, now_ns), most_ns);
}

class CallServer final : public Held {
 public:
  // services outlives it.
  CallServer(load::Services& services, std::shared_ptr<SharedPool> pool);

  const garita_limits& limits() const { return limits_; }

  // Serves one call: the result goes into `area`, its size is returned. A call that waits does so until latest_ns at
  // most. nullopt: the message is none that a worker of ours sends.
  std::optional<uint32_t> serve(uint32_t call, OutsideReader& in, std::span<std::byte> area, uint64_t latest_ns);

  // The strips that a message begins with. False: it names strips that the driver does not hold.
  bool take_released(OutsideReader& in);

  // Strips like the last one that the driver asked for, to go with a command; `left` is how many the worker still has.
  void grant_ahead(Writer& out, uint32_t left);

  uint64_t reads() const { return reads_; }  // of streams and objects, so far: also those that only waited

  CallTrail& trail() { return trail_; }
  const CallTrail& trail() const { return trail_; }

  void take_back_strips() { strips_.clear(); }
  void close();  // streams are closed, all else forgotten

  std::optional<load::StripMemory> take_strip(uint64_t offset) override;
  bool holds_object(uint64_t object) const override { return objects_.contains(object); }

 private:
  using Area = std::span<std::byte>;
  bool stream_call(HostCall call, OutsideReader& in, Area area, Writer& out);
  bool object_call(HostCall call, OutsideReader& in, Area area, Writer& out);
  bool text_call(HostCall call, OutsideReader& in, Area area, Writer& out);
  void stream_open(OutsideReader& in, Writer& out);
  void stream_read(OutsideReader& in, Area area, Writer& out);
  void stream_write(OutsideReader& in, Writer& out);
  void stream_wait(OutsideReader& in, Writer& out);
  void object_info(const load::Answer& answer, const load::ObjectInfo& info, uint64_t parent, Writer& out);
  void object_read_at(OutsideReader& in, Area area, Writer& out);
  void strip_alloc(OutsideReader& in, Writer& out);
  void config_get(OutsideReader& in, Writer& out);
  void put(Writer& out, const load::Answer& answer);
  uint64_t deadline(OutsideReader& in) const;
  std::optional<uint32_t> own_stream(OutsideReader& in) const;
  std::optional<uint64_t> own_object(OutsideReader& in) const;

  load::Services& services_;
  const std::shared_ptr<SharedPool> pool_;
  garita_limits limits_{};
  uint64_t latest_ns_ = 0;
  std::map<uint32_t, std::string> streams_;       // their names
  std::map<uint64_t, uint64_t> objects_;          // -> the object that it is a sibling of, or 0
  std::map<uint64_t, load::StripMemory> strips_;  // by offset
  uint64_t usual_bytes_ = 0;                      // capacity of the last strip that was asked for alone
  CallTrail trail_;
  uint64_t reads_ = 0;
  garita_status status_ = 0;  // that was put last
  std::string text_, converted_;                  // of one conversion
};

}  // namespace garita::isolate
