// One course: the driver opened on an input, run as the rule plans, closed; and all that was seen of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "conformance/rules/figures.hpp"
#include "conformance/rules/stand.hpp"
#include "core/base/digest.hpp"
#include "core/image/event.hpp"
#include "core/load/session.hpp"

namespace garita::conformance {

struct Plan {
  Play play;
  uint32_t next_ms = 50;        // deadline of each next, from its call
  uint32_t longest_ms = 30000;  // of the whole course, on the real clock
  uint32_t quiet_ms = 400;      // so long nothing although the input is used up: the course is over
  uint32_t cancel_after_strips =
      0;  // cancel behind the n-th strip of a scan (of its begin, where it has no views)
  bool cancel_waiting = false;      // cancel while next waits for input that does not come
  uint32_t close_after_events = 0;  // close behind the n-th event
  uint64_t close_after_scans = 0;   // close behind the n-th SCAN_END
  bool watch_strips = false;        // look again at strips that were delivered
  bool look_at_pixels = false;      // SeenScan::figures
  bool keep_pixels = false;         // SeenScan::planes
  uint32_t calls_after_end = 0;     // next is called so often again after END
  uint32_t close_ms = 1000;         // deadline of close, from its call
  std::string instance = "conformance";  // what the site calls the instrument

  bool operator==(const Plan&) const = default;
};

// Rows of one (view, channel, slice), as delivered.
struct PlanePixels {
  uint32_t columns = 0, sample_bytes = 0;
  std::vector<std::byte> bytes;  // rows side by side, without padding
  size_t row_bytes() const { return size_t{columns} * sample_bytes; }
  size_t rows() const { return row_bytes() == 0 ? 0 : bytes.size() / row_bytes(); }

  bool operator==(const PlanePixels&) const = default;
};
using PlaneKey = std::tuple<uint32_t, uint32_t, uint32_t>;  // view, channel, slice

// What a scan gave, without its pixels.
struct SeenScan {
  image::ScanBegin begin;
  std::vector<image::Attribute> attributes;  // with those that came later
  std::vector<image::Strip> strips;          // memory dropped, per-row arrays kept
  std::vector<image::Detection> detections;
  std::vector<image::Reading> readings;
  std::vector<image::Attachment> attachments;  // memory dropped
  std::optional<image::ScanEnd> end;
  std::vector<std::string> attachment_heads;    // the first bytes of each attachment that comes in pieces
  std::vector<PlaneFigures> figures;            // where the plan asks
  std::map<PlaneKey, PlanePixels> planes;       // where the plan asks
  base::Digest pixels{};                        // of all rows of all planes, as delivered
  std::vector<base::Error> calibration_faults;  // channels of raw counts without a usable calibration

  bool complete() const { return end && end->outcome == GARITA_SCAN_COMPLETE; }
};

struct Course {
  enum class Stage : uint8_t { opening, running, closing, done };

  Stage stage = Stage::done;  // where `fault` was
  std::optional<base::Error>
      fault;  // of the driver class, or what open or close answered: nothing goes on from there
  std::vector<base::Error> errors;  // device and data errors of next
  bool ended = false;               // next answered END
  bool told_end = false;            // the driver was told that its input has ended, or is lost
  bool stalled = false;             // longest_ms were over
  std::vector<SeenScan> scans;
  std::vector<image::Reading> background;
  std::vector<image::Attribute> standing;
  std::vector<CalibrationFigures> calibrations;
  std::vector<image::Health> healths;
  uint64_t events = 0, timeouts = 0;
  uint64_t early_timeouts = 0;       // TIMEOUT long before the deadline
  garita_status after_end = GARITA_END;  // the first answer behind END that was another
  WorkerFigures early, late;         // of the worker: when a tenth of the input's scans had ended; at the end
  double quiet_share = 0;            // of a processor, that its busiest thread took while nothing came
  double cancel_answer_ms = 0;       // from cancel to CANCELLED, where next was waiting
  LogFigures log;
  std::vector<std::string> strange_streams, misused_streams;
  load::Counts counts;
  double late_ms = 0;  // the latest return of next, beyond its deadline or the last host call
  bool cancel_sent = false;
  uint32_t cancelled = 0;                // how often next answered CANCELLED
  uint32_t events_before_cancelled = 0;  // between cancel and CANCELLED
  bool scan_open_at_cancelled = false;
  std::optional<uint32_t> outcome_after_cancel;  // of the scan that was under way
  double close_late_ms = 0;
  bool strips_changed = false;
  bool stored_supported = false;
  uint32_t openings = 0, objects_given = 0;
  std::vector<Stand::Refusal> refusals;
  std::vector<std::string>
      worker_opens;  // descriptors of the worker that no host gave it: "socket:[…]", "/dev/shm/x"

  bool whole_scan() const;
};

bool same_scan(const SeenScan& a, const SeenScan& b);
// The same views and pixels, whatever else is said.
bool same_pixels(const SeenScan& a, const SeenScan& b);
// Scan for scan. `different`: the number of the first that is not the same, 0: their counts differ.
bool same_scans(const Course& a, const Course& b, size_t& different);

Course run(const load::Manifest& manifest, const Input& input, const host::Configuration& configuration,
           const Plan& plan);

}  // namespace garita::conformance
