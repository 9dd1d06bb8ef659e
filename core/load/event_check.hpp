// Which events are legal when, and true to the scan they belong to: the state of one device, event by event.
//
// Works on values, not on a driver's memory, so that the same checker stands behind a worker. Every fault is
// the driver's (WRONG_STATE or DRIVER_FAULT) and names driver, event and field. Metadata is no fault: bad
// values pass, and the record flags them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/image/event.hpp"
#include "core/load/session.hpp"

namespace garita::load {

class EventCheck {
 public:
  // `driver` names it in errors; max_scan_rows is the manifest's limit, of one channel.
  EventCheck(std::string driver, uint64_t max_scan_rows);

  // Looks at the next event. It may be changed: unknown numbers that have a harmless meaning get it (a
  // column_zero that this host does not know is unknown). An event that can mean nothing here becomes
  // monostate and is counted.
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
    std::map<std::pair<uint32_t, uint32_t>, Lane> lanes;  // by channel and slice, from their first strip on
    uint64_t detected_rows = 0;                           // the farthest row that a detection's box names

    uint64_t rows(uint32_t channel, uint32_t slice) const;  // delivered
    uint64_t all_rows(uint32_t channel) const;              // of all slices together
  };
  struct AttachmentState {
    image::Attachment first;  // without memory
    uint64_t received_bytes = 0;
    bool done = false;
  };

  base::Result<void> on(image::ScanBegin& begin, Counts& counts);
  base::Result<void> on(image::Calibration& calibration, Counts& counts);
  base::Result<void> on(image::Strip& strip, Counts& counts);
  base::Result<void> on(image::Reading& reading, Counts& counts);
  base::Result<void> on(image::Detection& detection, Counts& counts);
  base::Result<void> on(image::Attributes& attributes, Counts& counts);
  base::Result<void> on(image::Attachment& attachment, Counts& counts);
  base::Result<void> on(image::ScanEnd& end, Counts& counts);
  base::Result<void> on(image::Health& health, Counts& counts);
  base::Result<void> on(std::monostate&, Counts&) { return {}; }

  base::Error wrong_state(std::string_view event, std::string_view id) const;
  base::Result<void> check_place(const image::Strip& strip) const;
  base::Result<void> check_order(const image::Strip& strip, const ViewState& state) const;
  base::Result<void> check_line_index(const image::Strip& strip, const Lane& lane) const;
  base::Result<void> check_totals(const image::ScanEnd& end) const;
  base::Result<void> check_whole() const;
  void limit_attributes(std::vector<image::Attribute>& attributes, Counts& counts);

  const std::string driver_;
  const uint64_t max_scan_rows_;
  bool in_scan_ = false;
  bool data_failed_ = false;
  bool dropped_ = false;  // the event at hand means nothing here
  size_t scan_attributes_ = 0;
  size_t standing_attributes_ = 0;
  std::vector<ViewState> views_;
  std::vector<uint64_t> objects_;
  std::vector<AttachmentState> attachments_;
  std::map<std::pair<uint64_t, uint32_t>, uint32_t>
      calibration_rows_;  // (id, role) -> rows so far, of one in pieces
};

}  // namespace garita::load
