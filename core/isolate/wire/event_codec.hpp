// An event between worker and host as flat bytes. The decoder takes outside data: it checks every length and
// count before it is used, allocates nothing from an unchecked one, and gives only memory that the host says
// the driver holds.
//
// Form (version 1): u8 version, u8 kind (place in image::Event), then the fields of that struct in their
// order; texts and arrays as u32 length and content, times as u8 bits of the fields that are not zero and
// those. Pixels do not travel: a strip is u64, its offset in the pool plus 1, or 0 for none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/image/event.hpp"
#include "core/isolate/wire/bytes.hpp"
#include "core/load/services.hpp"

namespace garita::isolate {

inline constexpr uint8_t event_version = 1;

// Worker's side: where a strip lies.
class StripPlaces {
 public:
  virtual ~StripPlaces() = default;
  // The offset in the pool of memory that is on its way to the host; from now on the host's.
  virtual uint64_t deliver(const std::byte* memory) = 0;
};

// Host's side: what the driver holds, by the host's own book.
class Held {
 public:
  virtual ~Held() = default;
  virtual std::optional<load::StripMemory> take_strip(uint64_t offset) = 0;  // out of the driver's hands
  virtual bool holds_object(uint64_t object) const = 0;
};

void encode_event(Writer& out, image::Event& event, StripPlaces& places);

// nullopt: no event of this form; what then names what was wrong, for a sentence. What its fields mean is still
// outside data: load's EventCheck takes it out.
std::optional<Untrusted<image::Event>> decode_event(OutsideReader& in, Held& held, std::string& what);

}  // namespace garita::isolate
