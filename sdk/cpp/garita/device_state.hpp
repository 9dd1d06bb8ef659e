// How a Device keeps its events legal and its scans whole. Part of device.hpp; include that.
#pragma once

#include "garita/device.hpp"

namespace garita {

inline garita_status Device::deliver(garita_event& event) {
  const Event& delivered = queue_.deliver(host_, deadline_ns_, totals_, event);
  if (const auto* begin = std::get_if<ScanBegin>(&delivered)) {
    begun_ = true;
    start_totals(*begin);
  }
  if (const auto* strip = std::get_if<Strip>(&delivered)) count(*strip);
  if (std::holds_alternative<ScanEnd>(delivered)) {
    begun_ = false;
    host_.strips_taken_back();
  }
  return GARITA_OK;
}

inline void Device::start_totals(const ScanBegin& begin) {
  totals_.clear();
  for (uint32_t view = 0; view < begin.views.size(); ++view)
    for (uint32_t channel = 0; channel < begin.views[view].channels.size(); ++channel)
      totals_.push_back({view, channel, 0});
}

inline void Device::count(const Strip& strip) {
  for (garita_total& total : totals_)
    if (total.view == strip.view && total.channel == strip.channel) total.rows += strip.rows;
}

// cancel ends the scan, not the device: what was begun ends as aborted in the call after this one.
inline garita_status Device::acknowledge_cancel() {
  cancelled_.store(false);
  host_.strips_taken_back();
  queue_.drop_scan();
  for (Part* part : parts_) part->drop_rows();
  resync_due_ = resync_due_ || in_scan_;
  in_scan_ = false;
  if (begun_) queue_.push_first(ScanEnd{GARITA_SCAN_ABORTED, "the scan was cancelled"});
  return GARITA_CANCELLED;
}

// A step could not go on: what was good is delivered first, then the scan's end, then the status.
inline void Device::stopped(Stop stop) {
  if (stop.status == GARITA_END) {
    ended_ = true;
    if (in_scan_) end_broken({GARITA_DATA_TRUNCATED, "the input ended in the middle of the scan"});
    return;
  }
  if (in_scan_ && is_data(stop.status) && !from_objects_) return end_broken(stop);
  if (in_scan_ && is_device(stop.status)) end_broken(stop);
  if (in_scan_ && is_data(stop.status)) {  // the status itself ends the scan, and rejects its objects
    for (Part* part : parts_) part->drop_rows();
    in_scan_ = false;
    resync_due_ = true;
  }
  pending_ = std::move(stop);
}

inline Stop Device::answer_pending() {
  Stop stop = *std::exchange(pending_, std::nullopt);
  if (is_data(stop.status)) begun_ = false;
  return stop;
}

inline void Device::end_broken(const Stop& why) {
  emit(ScanEnd{GARITA_SCAN_FAULT, why.message, {}, why.status});
  resync_due_ = true;
}

inline void Device::begin_scan(const ScanBegin& begin) {
  if (in_scan_) fail(GARITA_WRONG_STATE, "the driver began a scan inside a scan");
  in_scan_ = true;
  from_objects_ = !begin.objects.empty();
  attachments_ = 0;
}

inline void Device::end_scan() {
  need_scan();
  for (Part* part : parts_) part->flush_rows();
  in_scan_ = false;
}

inline void Device::check(const Calibration& calibration) const {
  const uint64_t stride = uint64_t{calibration.columns} * sample_size_bytes(calibration.sample_type);
  if (stride == 0 || stride > host_.limits().max_strip_bytes || calibration.data.empty() ||
      calibration.data.size() % stride != 0)
    fail(GARITA_INVALID_ARGUMENT, "the driver emitted a calibration that does not consist of whole rows");
}

inline void Device::check(const Attachment& attachment) const {
  need_scan();
  if ((attachment.object == 0) == attachment.data.empty())
    fail(GARITA_INVALID_ARGUMENT, "the driver emitted attachment '" + attachment.name + "' without content");
  if (attachment.data.size() > host_.limits().max_attachment_bytes || attachments_ >= GARITA_MAX_ATTACHMENTS)
    fail(GARITA_HOST_LIMIT, "attachment '" + attachment.name + "' is more than the host takes in one scan");
}

}  // namespace garita
