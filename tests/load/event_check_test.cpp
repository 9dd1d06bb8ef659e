// The state of a device, event by event, on values: the checker behind a session and behind a worker.
#include "core/load/event_check.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace garita::load {
namespace {

image::View side_view() {
  image::View view;
  view.name = "side";
  view.columns = 100;
  view.channels = {{GARITA_CHANNEL_HIGH, 6000, 1, 0}, {GARITA_CHANNEL_LOW, 4000, 2, 0}};
  return view;
}

image::View volume_view(uint64_t rows, uint32_t slices) {
  image::View view = side_view();
  view.name = "volume";
  view.shape = GARITA_SHAPE_VOLUME;
  view.fidelity = GARITA_FIDELITY_RECONSTRUCTED;
  view.channels.resize(1);
  view.rows = rows;
  view.slices = slices;
  return view;
}

class Check : public ::testing::Test {
 protected:
  // The fault's id without "load.", or "".
  std::string give(image::Event event) {
    last_ = std::move(event);
    const base::Result<void> verdict = check_.check(last_, counts_);
    if (verdict) return "";
    EXPECT_EQ(verdict.error().field("driver"), "portal");
    return verdict.error().id.substr(5);
  }

  std::string begin(std::vector<image::View> views = {side_view()}) {
    image::ScanBegin begin;
    begin.views = std::move(views);
    return give(begin);
  }
  std::string strip(uint32_t channel, uint64_t first_row, uint32_t rows, uint32_t slice = 0) {
    image::Strip strip;
    strip.channel = channel;
    strip.slice = slice;
    strip.first_row = first_row;
    strip.rows = rows;
    strip.row_stride_bytes = 200;
    return give(strip);
  }
  std::string end(std::vector<image::Total> totals, uint32_t outcome = GARITA_SCAN_COMPLETE) {
    image::ScanEnd end;
    end.outcome = outcome;
    end.totals = std::move(totals);
    return give(end);
  }
  std::string calibrate(uint32_t first_row, uint32_t rows, uint32_t total_rows, uint64_t id = 1) {
    image::Calibration calibration;
    calibration.id = id;
    calibration.columns = 100;
    calibration.first_row = first_row;
    calibration.rows = rows;
    calibration.total_rows = total_rows;
    calibration.row_stride_bytes = 400;
    return give(calibration);
  }

  EventCheck check_{"portal", 100000};
  Counts counts_;
  image::Event last_;
};

TEST_F(Check, a_scan_of_two_channels_passes) {
  EXPECT_EQ(begin(), "");
  for (uint64_t row = 0; row < 3000; row += 1000) {
    EXPECT_EQ(strip(0, row, 1000), "");
    EXPECT_EQ(strip(1, row, 1000), "");
  }
  EXPECT_EQ(end({{0, 0, 3000}, {0, 1, 3000}}), "");
  EXPECT_FALSE(check_.in_scan());
}

TEST_F(Check, a_scan_without_views_passes) {
  EXPECT_EQ(begin({}), "");
  EXPECT_EQ(give(image::Reading{}), "");
  EXPECT_EQ(end({}), "");
}

TEST_F(Check, channels_may_run_1024_rows_apart_and_no_more) {
  begin();
  EXPECT_EQ(strip(0, 0, 1024), "");
  EXPECT_EQ(strip(0, 1024, 1), "channel_skew");
  EXPECT_EQ(strip(1, 0, 1), "");
  EXPECT_EQ(strip(0, 1024, 1), "");
}

TEST_F(Check, rows_of_each_slice_count_from_zero) {
  begin({volume_view(10, 2)});
  EXPECT_EQ(strip(0, 0, 10, 0), "");
  EXPECT_EQ(strip(0, 0, 10, 1), "");
  EXPECT_EQ(strip(0, 0, 1, 2), "index_unknown");
  EXPECT_EQ(strip(0, 10, 1, 1), "too_many_rows");
  EXPECT_EQ(end({{0, 0, 20}}), "");
}

TEST_F(Check, a_volume_that_lacks_a_slice_is_torn) {
  begin({volume_view(10, 2)});
  strip(0, 0, 10, 0);
  EXPECT_EQ(end({{0, 0, 10}}), "view_torn");
}

TEST_F(Check, a_scan_that_was_aborted_may_lack_anything) {
  begin({volume_view(10, 2)});
  EXPECT_EQ(end({}, GARITA_SCAN_ABORTED), "");
}

TEST_F(Check, the_longest_scan_is_the_manifests) {
  image::View view = side_view();
  view.channels.resize(1);
  begin({view});
  for (uint64_t row = 0; row < 100000; row += 10000) EXPECT_EQ(strip(0, row, 10000), "");
  EXPECT_EQ(strip(0, 100000, 1), "too_many_rows");
}

TEST_F(Check, line_indices_rise_across_strips_of_one_channel) {
  begin();
  image::Strip strip;
  strip.rows = 2;
  strip.row_stride_bytes = 200;
  strip.line_index = {5, 6};
  EXPECT_EQ(give(strip), "");
  strip.channel = 1;
  EXPECT_EQ(give(strip), "") << "another channel counts alike";
  strip.first_row = 2;
  strip.line_index = {6, 7};
  EXPECT_EQ(give(strip), "line_index");
  strip.line_index = {UINT64_MAX - 1, UINT64_MAX};
  EXPECT_EQ(give(strip), "");
}

TEST_F(Check, arrays_of_another_length_than_the_rows_are_refused) {
  begin();
  image::Strip strip;
  strip.rows = 2;
  strip.row_stride_bytes = 200;
  strip.dose_q16 = {1};
  EXPECT_EQ(give(strip), "row_arrays");
}

TEST_F(Check, after_a_data_status_a_new_scan_may_begin_or_the_old_one_end) {
  begin();
  EXPECT_EQ(begin(), "scan_twice");
  check_.data_failed();
  EXPECT_EQ(begin(), "");
  EXPECT_EQ(begin(), "scan_twice");
  check_.data_failed();
  EXPECT_EQ(end({}, GARITA_SCAN_FAULT), "");
}

TEST_F(Check, a_calibration_comes_in_pieces_in_order) {
  EXPECT_EQ(calibrate(0, 5, 12), "");
  EXPECT_EQ(calibrate(6, 5, 12), "calibration_order");
  EXPECT_EQ(calibrate(5, 5, 12), "");
  EXPECT_EQ(calibrate(10, 2, 12), "");
  EXPECT_EQ(calibrate(10, 2, 12), "calibration_order") << "it was whole";
  EXPECT_EQ(calibrate(0, 5, 12), "") << "it is sent again";
  EXPECT_EQ(calibrate(0, 1, 12), "") << "and again from the start";
}

TEST_F(Check, calibrations_that_never_end_do_not_pile_up) {
  for (uint64_t id = 1; id < 10000; ++id) EXPECT_EQ(calibrate(0, 1, 2, id), "");
}

TEST_F(Check, an_attachment_is_whole_when_its_last_byte_came) {
  begin({});
  image::Attachment piece;
  piece.total_bytes = 10;
  piece.size_bytes = 6;
  EXPECT_EQ(give(piece), "");
  EXPECT_EQ(end({}), "attachment_torn");
  piece.offset = 6;
  EXPECT_EQ(give(piece), "attachment_size") << "beyond its end";
  piece.size_bytes = 4;
  EXPECT_EQ(give(piece), "");
  EXPECT_EQ(end({}), "");
}

TEST_F(Check, an_attachment_that_is_an_object_is_whole_at_once) {
  begin({});
  image::Attachment original;
  original.object = 3;
  EXPECT_EQ(give(original), "");
  EXPECT_EQ(give(original), "attachment_order");
  EXPECT_EQ(end({}), "");
}

TEST_F(Check, a_detection_may_name_rows_that_come_later_but_not_rows_that_never_come) {
  begin();
  image::Detection detection;
  detection.view = 0;
  detection.rows = 10;
  detection.columns = 100;
  detection.slices = 1;
  EXPECT_EQ(give(detection), "");
  strip(0, 0, 9);
  strip(1, 0, 9);
  EXPECT_EQ(end({{0, 0, 9}, {0, 1, 9}}), "box_outside");
  strip(0, 9, 1);
  strip(1, 9, 1);
  EXPECT_EQ(end({{0, 0, 10}, {0, 1, 10}}), "");
}

TEST_F(Check, a_detection_without_a_view_has_no_box_to_check) {
  begin();
  image::Detection detection;
  detection.first_row = UINT64_MAX;
  detection.confidence = NAN;
  EXPECT_EQ(give(detection), "");
}

TEST_F(Check, attributes_are_counted_over_the_whole_scan_and_apart_from_standing_ones) {
  const image::Attributes many{std::vector<image::Attribute>(3000, {"com.x.y", {}})};
  EXPECT_EQ(give(many), "");
  begin();
  EXPECT_EQ(give(many), "");
  EXPECT_EQ(give(many), "");
  EXPECT_EQ(std::get<image::Attributes>(last_).attributes.size(), 1096u);
  EXPECT_EQ(counts_.dropped_attributes, 1904u);
  end({{0, 0, 0}, {0, 1, 0}});
  begin();
  EXPECT_EQ(give(many), "");
  EXPECT_EQ(counts_.dropped_attributes, 1904u) << "a new scan has its own";
}

TEST_F(Check, view_sizes_are_refused_where_their_product_overflows) {
  image::View view = volume_view(100000, 65536);
  view.columns = 65536;
  view.sample_type = GARITA_SAMPLE_F64;
  EXPECT_EQ(begin({view}), "view_size");
  view.rows = 16;
  view.slices = 16;
  EXPECT_EQ(begin({view}), "");
}

TEST_F(Check, float_samples_have_all_of_their_bits) {
  image::View view = side_view();
  view.sample_type = GARITA_SAMPLE_F32;
  view.bits_used = 32;
  EXPECT_EQ(begin({view}), "");
  check_.data_failed();
  view.bits_used = 24;
  EXPECT_EQ(begin({view}), "bits_used");
}

TEST_F(Check, raw_counts_have_no_slope_whatever_the_driver_says) {
  image::View view = side_view();
  view.slope = NAN;
  EXPECT_EQ(begin({view}), "");
  EXPECT_EQ(std::get<image::ScanBegin>(last_).views[0].slope, 1);
}

TEST_F(Check, what_is_refused_leaves_no_scan_behind) {
  image::ScanBegin begin;
  begin.key = "\xFF";
  EXPECT_EQ(give(begin), "text_not_utf8");
  EXPECT_FALSE(check_.in_scan());
  EXPECT_EQ(strip(0, 0, 1), "outside_scan");
}

}  // namespace
}  // namespace garita::load
