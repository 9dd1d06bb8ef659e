// Which events are legal when, and true to the scan they belong to: the state of one device, event by event.
//
// Works on values, not on a driver's memory, so that the same checker stands behind a worker. Every fault is the
// driver's (WRONG_STATE or DRIVER_FAULT) and names driver, event and field. Metadata is no fault: bad values pass, and
// the record flags them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "core/load/session.hpp"

namespace garita::load {

class EventCheck {
 public:
  // `driver` names it in errors; max_scan_rows is the manifest's limit, of one channel.
  EventCheck(std::string driver, uint64_t max_scan_rows);

  // Looks at the next event. It may be changed: unknown numbers that have a harmless meaning get it (a column_zero that
  // this host does not know is unknown). An event that can mean nothing here becomes monostate and is counted.
  base::Result<void> check(image::Event& event, Counts& counts);

  // next answered a data status: the scan under way can only end, or give way to a new one.
  void data_failed() { data_failed_ = true; }

  bool in_scan() const { return in_scan_; }
  const std::vector<uint64_t>& scan_objects() const { return objects_; }  // as SCAN_BEGIN named them

 private:
  struct Lane {  // one (view, channel, slice)
    uint64_t rows = 0;
    bool has_line_index = false;
    uint64_t last_line_index = 0;
  };
  struct ViewState {
    image::View view;
    std::vector<std::vector<Lane>> lanes;  // [channel][slice]
    uint64_t detected_rows = 0;            // the farthest row that a detection's box names
  };
  struct AttachmentState {
    image::Attachment first;  // without memory
    uint64_t received_bytes = 0;
  };

  base::Result<void> on(image::ScanBegin& begin, Counts& counts);
  base::Result<void> on(image::Calibration& calibration, Counts& counts);
  base::Result<void> on(image::Strip& strip, Counts& counts);
  base::Result<void> on(image::Reading& reading, Counts& counts);
  base::Result<void> on(image::Detection& detection, Counts& counts);
  base::Result<void> on(image::Attributes& attributes, Counts& counts);
  base::Result<void> on(image::Attachment& attachment, Counts& counts);
  base::Result<void> on(image::ScanEnd& end, Counts& counts);
  base::Result<void> on(image::Health&, Counts&) { return {}; }
  base::Result<void> on(std::monostate&, Counts&) { return {}; }

  const std::string driver_;
  const uint64_t max_scan_rows_;
  bool in_scan_ = false;
  bool data_failed_ = false;
  uint32_t attributes_ = 0;  // of this scan, or standing
  std::vector<ViewState> views_;
  std::vector<uint64_t> objects_;
  std::vector<AttachmentState> attachments_;
  std::map<std::pair<uint64_t, uint32_t>, uint32_t> calibration_rows_;  // (id, role) -> rows so far, of one in pieces
};

}  // namespace garita::load
