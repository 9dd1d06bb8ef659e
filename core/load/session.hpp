// A Session: one driver, opened on one device. The same face in-process (load) and through a worker
// (isolate).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "garita/status.h"

namespace garita::load {

// What a call of next gave. status OK: event is set. Flow (TIMEOUT, CANCELLED, END, WORKING): go on. Else
// error says, in one sentence and with its status class, what went wrong.
struct Next {
  garita_status status = GARITA_OK;
  image::Event event;
  base::Error error;
};

// What was passed over rather than refused. Counts only grow.
struct Counts {
  uint64_t unknown_events = 0;      // kinds, and roles that mean nothing here
  uint64_t unknown_values = 0;      // attributes whose type this host does not know
  uint64_t dropped_attributes = 0;  // beyond GARITA_MAX_ATTRIBUTES a scan or GARITA_MAX_EVENT_BYTES an event
  uint64_t cut_texts = 0;           // longer than their limit
};

class Session {
 public:
  virtual ~Session() = default;

  // Thread: that of next.
  virtual Counts counts() const { return {}; }

  // Waits for the next event, checked: sizes, state, geometry. A driver that lies gets DRIVER_FAULT here.
  // Thread: one at a time.
  virtual Next next(uint64_t deadline_ns) = 0;

  // Waits until nothing is read ahead any more. Before that, services may be in use on another thread, and the clock of a
  // replay may move; nothing else than a strip is read ahead of. Thread: that of next.
  virtual void catch_up() {}

  // Ends what is under way; next then answers CANCELLED once. Thread: any.
  virtual void cancel() = 0;

  // Idempotent; the destructor calls it with its own deadline. Thread: that of next.
  virtual base::Result<void> close(uint64_t deadline_ns) = 0;

  // garita.stored/1 and garita.message/1; NOT_SUPPORTED where the driver has none. Thread: that of next.
  virtual garita_status stored(std::string_view scan_key, uint32_t outcome, uint64_t deadline_ns) = 0;
  virtual base::Result<std::string> message(std::string_view id, std::string_view data,
                                            uint64_t deadline_ns) = 0;
};

}  // namespace garita::load
