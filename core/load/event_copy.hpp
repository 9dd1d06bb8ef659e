// From a driver's event to a value of our own: the one place that reads a driver's memory.
//
// Copies min(own size, given size) bytes of each struct and element and takes the rest as zero; every count
// and size is checked before it is used. Whether the event is legal, and true to the scan, is event_check's
// question.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "core/load/services.hpp"
#include "core/load/session.hpp"

namespace garita::load {

// A driver grows its structs with newer minor versions; more than this is no struct but a wrong number.
inline constexpr uint32_t max_struct_bytes = 4096;
inline constexpr uint32_t max_text_bytes = 4096;      // of reasons, messages, labels and the like: cut there
inline constexpr uint32_t max_polygon_values = 4096;  // x and y of 2048 corners
inline constexpr uint32_t max_energy_values = 16;     // powers of a spectrum's energy calibration
inline constexpr uint32_t max_scan_objects = 256;     // inbox objects that one scan came from

// What the handles in an event stand for.
class Handles {
 public:
  enum class Fate : uint8_t { held, unknown, delivered, given_back };

  virtual ~Handles() = default;

  // Takes a strip out of the driver's hands; what says why not.
  virtual Fate take_strip(uint64_t handle, StripMemory& out) = 0;

  // The services' own handle of an inbox object that the driver holds; nullopt where it holds no such.
  virtual std::optional<uint64_t> object(uint64_t handle) = 0;
};

// Copies `event`, or says what is wrong with it; monostate for a kind that this host does not know. Bounds
// memory only: texts may hold any bytes, numbers may mean nothing.
base::Result<image::Event> copy_event(const garita_event& event, const std::string& driver, Handles& handles,
                                      Counts& counts);

}  // namespace garita::load
