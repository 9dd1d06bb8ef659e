// Where the lines come from: the panel's live stream, or daily files in an inbox.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/vm250/wire.hpp"
#include "garita/inbox.hpp"

namespace garita::vm250 {

// One line without its end, and when it was said as far as anybody knows.
struct Heard {
  Parsed line;
  Time time;
  std::string key;      // of an occupancy that begins here; empty: the host makes one
  uint64_t object = 0;  // the daily file it stands in
  bool breaks = false;  // what was before it does not go on here: days are missing between two files
};

class Lines {
 public:
  virtual ~Lines() = default;

  // The next line, taken. Unwinds with TIMEOUT; END, DEVICE_LOST, … behind the last whole line, again at each
  // call.
  virtual Heard next() = 0;

  // Every scan of the files read so far has begun.
  virtual void let_go() {}
};

// Stream "panel" where the site grants it, else inbox "days": never both, for each occupancy would come
// twice. Unwinds with NOT_CONFIGURED where it grants neither.
std::unique_ptr<Lines> open_lines(Device& device);

// "rpm_2026-11-22.csv": the day's midnight as if it were UTC, ns since 1970; nothing where the name has no
// date.
std::optional<int64_t> day_of(std::string_view file_name);

// Times of day of one file as moments. The clock is local; the second stamp, UTC, tells its zone.
class DayClock {
 public:
  // zone_s: where no line has a UTC stamp; nothing: such times stay unknown.
  DayClock(int64_t day_ns, std::optional<int32_t> zone_s) : day_ns_(day_ns), zone_s_(zone_s) {}

  // Stamps of the next line. A fall by more than twelve hours is midnight.
  Time operator()(const Stamps& stamps);

 private:
  int64_t day_ns_;
  std::optional<int32_t> zone_s_;
  std::optional<uint32_t> last_ms_;
};

}  // namespace garita::vm250
