// Scans through the normalizer: fidelities, shapes, masks, totals.
#include <cmath>

#include "core/normalize/correct.hpp"
#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

using Ids = std::vector<std::string>;

class Scan : public Scanning {};

TEST_F(Scan, raw_counts_become_transmission) {
  calibrate(3);
  const ScanReport report = scan(view_of(3), std::vector<uint16_t>{100, 612, 1124});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 29696, 58368}));
  EXPECT_TRUE(report.complete);
  EXPECT_TRUE(report.views[0].channels[0].calibrated);
}

TEST_F(Scan, raw_counts_of_u8_become_transmission) {
  calibrate(1, std::vector<uint32_t>{0, 0}, std::vector<uint32_t>{200 * 256, 200 * 256}, 2);
  scan(view_of(2, GARITA_SAMPLE_U8), std::vector<uint8_t>{0, 100});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 29696}));
}

TEST_F(Scan, raw_counts_of_u32_are_corrected_in_binary64) {
  calibrate(1, std::vector<double>{0, 0, 5}, std::vector<double>{4e9, 1e9, 5.5}, 3);
  const ScanReport report =
      scan(view_of(3, GARITA_SAMPLE_U32), std::vector<uint32_t>{4000000000, 500000000, 9});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{58368, 29696, 1024}));
  EXPECT_EQ(report.views[0].channels[0].dead_pixels, 1U);
}

TEST_F(Scan, nan_in_f32_counts_is_marked_and_infinity_saturates) {
  calibrate(1, std::vector<double>(5, 0), std::vector<double>{1, 1, 1, 1, 0}, 5);
  const ScanReport report = scan(view_of(5, GARITA_SAMPLE_F32),
                                 std::vector<float>{std::nanf(""), 1, HUGE_VALF, -HUGE_VALF, HUGE_VALF});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 58368, 65535, 0, 1024}));
  const PlaneReport& plane = report.views[0].channels[0];
  EXPECT_EQ(plane.dead, (std::vector<DeadRun>{{0, 0, 0, 4, 1}, {0, 0, 1, 0, 1}}));
  EXPECT_EQ(plane.invalid_samples, 1U);
  EXPECT_EQ(plane.saturation.low, 1U);
  EXPECT_EQ(plane.saturation.high, 1U);
}

TEST_F(Scan, dose_scales_rows_and_a_dose_of_zero_is_a_lost_line) {
  calibrate(1);
  begin({view_of(1)});
  image::Strip strip = strip_of(std::vector<uint16_t>{612, 612, 612, 612, 612}, 1);
  strip.dose_q16 = {65536, 32768, 0, 0, 131072};
  ASSERT_TRUE(normalizer.strip(strip));
  const ScanReport report = end();
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{29696, 58368, 1024, 1024, 15360}));
  EXPECT_EQ(report.views[0].channels[0].lost_rows, (std::vector<RowRange>{{0, 2, 2}}));
  EXPECT_EQ(report.views[0].channels[0].lost_row_count, 2U);
  EXPECT_TRUE(report.complete);
}

TEST_F(Scan, lost_rows_that_meet_across_strips_are_one_range) {
  calibrate(1);
  begin({view_of(1)});
  for (uint64_t row = 0; row < 4; ++row) {
    image::Strip strip = strip_of(std::vector<uint16_t>{612}, 1, row);
    strip.dose_q16 = {row == 0 ? 65536U : 0U};
    ASSERT_TRUE(normalizer.strip(strip));
  }
  EXPECT_EQ(end().views[0].channels[0].lost_rows, (std::vector<RowRange>{{0, 1, 3}}));
}

TEST_F(Scan, lists_are_cut_at_their_limit_and_counts_go_on) {
  calibrate(1);
  begin({view_of(1)});
  uint64_t first = 0;
  for (; first < 2 * max_ranges + 16384; first += 16384) {
    image::Strip strip = strip_of(std::vector<uint16_t>(16384, 612), 1, first);
    for (uint64_t row = first; row < first + 16384; ++row) {
      strip.dose_q16.push_back(row % 2 ? 65536 : 0);
      strip.line_index.push_back(2 * row);
    }
    ASSERT_TRUE(normalizer.strip(strip));
  }
  const PlaneReport plane = end().views[0].channels[0];
  EXPECT_TRUE(plane.lists_cut);
  EXPECT_EQ(plane.lost_rows.size(), max_ranges);
  EXPECT_EQ(plane.gaps.size(), max_ranges);
  EXPECT_EQ(plane.lost_row_count, first / 2);
  EXPECT_EQ(plane.lost_line_count, first - 1);
}

TEST_F(Scan, missing_lines_are_noted_between_rows_and_never_invented) {
  calibrate(1);
  begin({view_of(1)});
  image::Strip first = strip_of(std::vector<uint16_t>{612, 612, 612}, 1);
  first.line_index = {1000, 1001, 1005};
  image::Strip second = strip_of(std::vector<uint16_t>{612}, 1, 3);
  second.line_index = {UINT64_MAX};
  ASSERT_TRUE(normalizer.strip(first));
  ASSERT_TRUE(normalizer.strip(second));
  const ScanReport report = end();
  EXPECT_EQ(report.views[0].channels[0].gaps, (std::vector<LineGap>{{0, 2, 3}, {0, 3, UINT64_MAX - 1006}}));
  EXPECT_EQ(report.views[0].channels[0].lost_line_count, UINT64_MAX - 1003);
  EXPECT_EQ(sink.values().size(), 4U);
}

TEST_F(Scan, line_numbers_that_fall_are_refused_and_make_the_scan_incomplete) {
  calibrate(1);
  begin({view_of(1)});
  image::Strip strip = strip_of(std::vector<uint16_t>{612, 612}, 1);
  strip.line_index = {5, 5};
  EXPECT_EQ(normalizer.strip(strip).error().id, "normalize.lines_out_of_order");
  EXPECT_TRUE(sink.values().empty());
  EXPECT_FALSE(end().complete);
}

TEST_F(Scan, dead_columns_are_marked_once_for_all_rows) {
  calibrate(1, std::vector<uint32_t>{0, 0, 0, 0}, std::vector<uint32_t>{256000, 255, 0, 256000}, 4);
  const ScanReport report = scan(view_of(4), std::vector<uint16_t>(8, 1000));
  EXPECT_EQ(report.views[0].channels[0].dead, (std::vector<DeadRun>{{0, 0, 0, 1, 2}}));
  EXPECT_EQ(sink.values()[1], canonical_unmeasured);
}

TEST_F(Scan, saturation_is_counted_at_both_ends) {
  calibrate(3);
  const ScanReport report = scan(view_of(3), std::vector<uint16_t>{0, 65535, 612, 0, 0, 1124});
  EXPECT_EQ(report.views[0].channels[0].saturation.low, 3U);
  EXPECT_EQ(report.views[0].channels[0].saturation.high, 1U);
}

TEST_F(Scan, calibration_may_come_after_the_scan_began_but_before_its_rows) {
  begin({view_of(2)});
  calibrate(2);
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{1124, 100}, 2)));
  EXPECT_TRUE(end().complete);
  EXPECT_TRUE(sink.formats.at({0, 0}).canonical);
}

TEST_F(Scan, without_calibration_values_are_kept_as_delivered_and_the_scan_is_incomplete) {
  const ScanReport report = scan(view_of(3), std::vector<uint16_t>{7, 8, 65535});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{7, 8, 65535}));
  EXPECT_EQ(ids(report), (Ids{"normalize.calibration_missing"}));
  const PlaneReport& plane = report.views[0].channels[0];
  EXPECT_TRUE(plane.uncorrected);
  EXPECT_FALSE(plane.canonical);
  EXPECT_FALSE(plane.quality.measured);
}

TEST_F(Scan, calibration_of_another_width_does_not_fit) {
  calibrate(4);
  EXPECT_EQ(ids(scan(view_of(3), std::vector<uint16_t>(3))), (Ids{"normalize.calibration_misfit"}));
}

TEST_F(Scan, calibration_of_the_wrong_type_does_not_fit) {
  calibrate(1, std::vector<double>{0}, std::vector<double>{9}, 1);
  EXPECT_EQ(ids(scan(view_of(1), std::vector<uint16_t>(1))), (Ids{"normalize.calibration_misfit"}));
}

TEST_F(Scan, frame_calibration_does_not_fit_a_line_scan) {
  calibrate(1, std::vector<uint32_t>{0, 0}, std::vector<uint32_t>{900, 900}, 1);
  EXPECT_EQ(ids(scan(view_of(1), std::vector<uint16_t>(2))), (Ids{"normalize.calibration_misfit"}));
}

TEST_F(Scan, transmission_of_u16_follows_its_scale) {
  image::View view = view_of(4);
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  view.slope = 1.0 / 65535;
  const ScanReport report = scan(view, std::vector<uint16_t>{0, 32768, 65535, 1});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 29696, 58368, 1025}));
  EXPECT_TRUE(report.complete);
}

TEST_F(Scan, transmission_of_u8_u32_and_f32_follows_its_scale) {
  image::View view = view_of(2, GARITA_SAMPLE_U8);
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  view.slope = 0.01, view.intercept = -0.5;
  scan(view, std::vector<uint8_t>{50, 200});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 65535}));
  view.sample_type = GARITA_SAMPLE_U32;
  scan(view, std::vector<uint32_t>{100, 4000000000});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{29696, 65535}));
  view.sample_type = GARITA_SAMPLE_F32;
  scan(view, std::vector<float>{75.0F, 45.0F});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{15360, 0}));
}

TEST_F(Scan, nan_in_a_transmission_view_is_marked) {
  image::View view = view_of(2, GARITA_SAMPLE_F32);
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  const ScanReport report = scan(view, std::vector<float>{1.0F, std::nanf("")});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{58368, 1024}));
  EXPECT_EQ(report.views[0].channels[0].dead, (std::vector<DeadRun>{{0, 0, 1, 1, 1}}));
}

TEST_F(Scan, attenuation_is_turned_into_transmission) {
  for (const uint32_t type : {GARITA_SAMPLE_U16, GARITA_SAMPLE_F32, GARITA_SAMPLE_U32, GARITA_SAMPLE_U8}) {
    SCOPED_TRACE(type);
    image::View view = view_of(3, type);
    view.fidelity = GARITA_FIDELITY_ATTENUATION;
    view.slope = 0.01;
    if (type == GARITA_SAMPLE_U8) scan(view, std::vector<uint8_t>{0, 100, 200});
    if (type == GARITA_SAMPLE_U16) scan(view, std::vector<uint16_t>{0, 100, 200});
    if (type == GARITA_SAMPLE_U32) scan(view, std::vector<uint32_t>{0, 100, 200});
    if (type == GARITA_SAMPLE_F32) scan(view, std::vector<float>{0, 100, 200});
    const auto stored = [](double v) {
      return static_cast<uint16_t>(std::lround(1024 + 57344 * std::exp(-v)));
    };
    EXPECT_EQ(sink.values(), (std::vector<uint16_t>{58368, stored(1), stored(2)}));
  }
}

TEST_F(Scan, infinite_attenuation_is_opaque) {
  image::View view = view_of(2, GARITA_SAMPLE_F32);
  view.fidelity = GARITA_FIDELITY_ATTENUATION;
  const ScanReport report = scan(view, std::vector<float>{HUGE_VALF, -HUGE_VALF});
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 65535}));
  EXPECT_EQ(report.views[0].channels[0].invalid_samples, 0U);
}

TEST_F(Scan, lost_line_of_a_transmission_view_holds_no_measurement) {
  image::View view = view_of(1);
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  begin({view});
  image::Strip strip = strip_of(std::vector<uint16_t>{1, 1}, 1);
  strip.dose_q16 = {0, 1};
  ASSERT_TRUE(normalizer.strip(strip));
  end();
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{1024, 58368}));
}

template <typename T>
void expect_untouched(uint32_t sample_type) {
  GARITA_SCOPED_SEED();
  std::mt19937 engine(seed());
  std::vector<T> values(7 * 13);
  for (T& value : values) {
    const uint64_t bits = uint64_t{engine()} << 32 | engine();
    std::memcpy(&value, &bits, sizeof value);
  }
  for (const uint32_t fidelity :
       {GARITA_FIDELITY_RECONSTRUCTED, GARITA_FIDELITY_DISPLAY, GARITA_FIDELITY_RAW_COUNTS}) {
    CalibrationStore store;
    Collector sink;
    ScanNormalizer normalizer(store, sink);
    image::ScanBegin begin;
    begin.views = {view_of(13, sample_type)};
    begin.views[0].fidelity = fidelity;
    if (fidelity == GARITA_FIDELITY_RAW_COUNTS) begin.views[0].quantity = GARITA_QUANTITY_BACKSCATTER;
    ASSERT_TRUE(normalizer.begin(begin));
    ASSERT_TRUE(normalizer.strip(strip_of(values, 13, 0, 13 * sizeof(T) + 3)));
    image::ScanEnd end;
    end.totals = {{0, 0, 7}};
    EXPECT_TRUE(normalizer.end(end).complete);
    const auto given = sink.values<T>();
    ASSERT_EQ(given.size(), values.size());
    EXPECT_EQ(std::memcmp(given.data(), values.data(), values.size() * sizeof(T)), 0);
    EXPECT_EQ(sink.formats.at({0, 0}).sample_type, sample_type);
  }
}

TEST(Delivered, values_of_every_sample_type_stay_bit_for_bit) {
  expect_untouched<uint8_t>(GARITA_SAMPLE_U8);
  expect_untouched<uint16_t>(GARITA_SAMPLE_U16);
  expect_untouched<int16_t>(GARITA_SAMPLE_I16);
  expect_untouched<uint32_t>(GARITA_SAMPLE_U32);
  expect_untouched<int32_t>(GARITA_SAMPLE_I32);
  expect_untouched<uint64_t>(GARITA_SAMPLE_U64);
  expect_untouched<float>(GARITA_SAMPLE_F32);
  expect_untouched<double>(GARITA_SAMPLE_F64);
}

TEST_F(Scan, frame_is_corrected_by_the_rows_of_its_own_calibration) {
  image::View view = view_of(2);
  view.shape = GARITA_SHAPE_FRAME, view.rows = 3, view.slices = 1;
  calibrate(1, std::vector<uint32_t>(6, 0), std::vector<uint32_t>{25600, 25600, 51200, 51200, 102400, 255},
            2);
  begin({view});
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{100, 100}, 2)));
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{100, 100, 100, 100}, 2, 1)));
  const ScanReport report = end();
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{58368, 58368, 29696, 29696, 15360, 1024}));
  EXPECT_EQ(report.views[0].channels[0].dead, (std::vector<DeadRun>{{0, 2, 1, 1, 1}}));
  EXPECT_TRUE(report.complete);
}

TEST_F(Scan, frame_with_a_missing_row_is_incomplete_and_says_the_last_good_one) {
  image::View view = view_of(1);
  view.shape = GARITA_SHAPE_FRAME, view.rows = 3;
  calibrate(1);
  const ScanReport report = scan(view, std::vector<uint16_t>{100, 100});
  EXPECT_EQ(ids(report), (Ids{"normalize.rows_missing"}));
  EXPECT_EQ(report.views[0].whole_rows, 2U);
}

TEST_F(Scan, frame_takes_no_row_too_many) {
  image::View view = view_of(1);
  view.shape = GARITA_SHAPE_FRAME, view.rows = 1;
  begin({view});
  EXPECT_EQ(normalizer.strip(strip_of(std::vector<uint16_t>{1, 2}, 1)).error().id, "normalize.bad_strip");
}

TEST_F(Scan, volume_counts_its_rows_slice_by_slice) {
  image::View view = view_of(2, GARITA_SAMPLE_I16);
  view.shape = GARITA_SHAPE_VOLUME, view.rows = 2, view.slices = 3,
  view.fidelity = GARITA_FIDELITY_RECONSTRUCTED;
  begin({view});
  for (uint32_t slice : {2U, 0U, 1U})
    for (uint64_t row : {0U, 1U}) {
      image::Strip strip = strip_of(
          std::vector<int16_t>{static_cast<int16_t>(-100 * slice), static_cast<int16_t>(row)}, 2, row);
      strip.slice = slice;
      ASSERT_TRUE(normalizer.strip(strip));
    }
  const ScanReport report = end();
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.views[0].channels[0].rows, 6U);
  EXPECT_EQ(sink.values<int16_t>(0, 0, 2), (std::vector<int16_t>{-200, 0, -200, 1}));
}

TEST_F(Scan, volume_without_one_slice_is_incomplete) {
  image::View view = view_of(1, GARITA_SAMPLE_F64);
  view.shape = GARITA_SHAPE_VOLUME, view.rows = 1, view.slices = 2,
  view.fidelity = GARITA_FIDELITY_RECONSTRUCTED;
  EXPECT_EQ(ids(scan(view, std::vector<double>{1})), (Ids{"normalize.rows_missing"}));
}

TEST_F(Scan, rows_must_follow_each_other) {
  calibrate(1);
  begin({view_of(1)});
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{1, 2}, 1)));
  EXPECT_EQ(normalizer.strip(strip_of(std::vector<uint16_t>{1}, 1, 3)).error().id,
            "normalize.rows_out_of_order");
  EXPECT_EQ(normalizer.strip(strip_of(std::vector<uint16_t>{1}, 1, 1)).error().id,
            "normalize.rows_out_of_order");
  EXPECT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{3}, 1, 2)));
  const ScanReport report = end();
  EXPECT_EQ(report.views[0].channels[0].rows, 3U);
  EXPECT_EQ(report.reasons.size(), 2U);
}

TEST_F(Scan, strips_that_do_not_fit_their_view_are_refused) {
  begin({view_of(4)});
  const auto good = strip_of(std::vector<uint16_t>(8), 4);
  const auto refused = [&](auto change) {
    image::Strip bad = good;
    change(bad);
    const auto result = normalizer.strip(bad);
    return !result && result.error().id == "normalize.bad_strip";
  };
  EXPECT_TRUE(refused([](auto& s) { s.view = 1; }));
  EXPECT_TRUE(refused([](auto& s) { s.channel = 1; }));
  EXPECT_TRUE(refused([](auto& s) { s.slice = 1; }));
  EXPECT_TRUE(refused([](auto& s) { s.rows = 0; }));
  EXPECT_TRUE(refused([](auto& s) { s.rows = GARITA_MAX_STRIP_ROWS + 1; }));
  EXPECT_TRUE(refused([](auto& s) { s.row_stride_bytes = 7; }));
  EXPECT_TRUE(refused([](auto& s) { s.row_stride_bytes = UINT64_MAX; }));
  EXPECT_TRUE(refused([](auto& s) { s.rows = 16384, s.row_stride_bytes = 1 << 20; }));
  EXPECT_TRUE(refused([](auto& s) { s.line_index = {1}; }));
  EXPECT_TRUE(refused([](auto& s) { s.dose_q16 = {1, 2, 3}; }));
  EXPECT_TRUE(refused([](auto& s) { s.memory = nullptr; }));
  EXPECT_EQ(sink.calls, 0U);
}

TEST_F(Scan, impossible_views_are_refused) {
  const auto refused = [&](auto change) {
    image::ScanBegin scan;
    scan.views = {view_of(4)};
    change(scan.views[0]);
    const auto result = normalizer.begin(scan);
    return !result && result.error().id == "normalize.bad_view";
  };
  EXPECT_TRUE(refused([](auto& v) { v.columns = 0; }));
  EXPECT_TRUE(refused([](auto& v) { v.columns = GARITA_MAX_COLUMNS + 1; }));
  EXPECT_TRUE(refused([](auto& v) { v.sample_type = 99; }));
  EXPECT_TRUE(refused([](auto& v) { v.sample_type = GARITA_SAMPLE_I16; }));
  EXPECT_TRUE(refused([](auto& v) { v.channels.clear(); }));
  EXPECT_TRUE(refused([](auto& v) { v.channels.resize(17); }));
  EXPECT_TRUE(refused([](auto& v) { v.shape = 0; }));
  EXPECT_TRUE(refused([](auto& v) { v.shape = GARITA_SHAPE_FRAME; }));
  EXPECT_TRUE(refused([](auto& v) { v.shape = GARITA_SHAPE_VOLUME, v.rows = 1, v.slices = UINT32_MAX; }));
  EXPECT_TRUE(refused([](auto& v) { v.fidelity = GARITA_FIDELITY_TRANSMISSION, v.slope = HUGE_VAL; }));
  EXPECT_FALSE(refused([](auto&) {}));
}

TEST_F(Scan, totals_that_differ_make_the_scan_incomplete) {
  calibrate(1);
  begin({view_of(1)});
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{1, 2}, 1)));
  image::ScanEnd scan_end;
  scan_end.totals = {{0, 0, 3}};
  EXPECT_EQ(ids(normalizer.end(scan_end)), (Ids{"normalize.totals_differ"}));
}

TEST_F(Scan, total_that_is_not_given_makes_the_scan_incomplete) {
  calibrate(1);
  begin({view_of(1)});
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{1, 2}, 1)));
  EXPECT_EQ(ids(normalizer.end({})), (Ids{"normalize.totals_differ"}));
}

TEST_F(Scan, view_without_a_row_is_not_complete) {
  begin({view_of(1)});
  image::ScanEnd scan_end;
  scan_end.totals = {{0, 0, 0}};
  EXPECT_EQ(ids(normalizer.end(scan_end)), (Ids{"normalize.rows_missing"}));
}

TEST_F(Scan, scan_without_views_is_complete) {
  begin({});
  EXPECT_TRUE(normalizer.end({}).complete);
}

class Channels : public Scanning {
 protected:
  image::View dual = view_of(1);
  void SetUp() override {
    calibrate(1);
    dual.channels.resize(2);
    dual.channels[1] = dual.channels[0];
  }
  base::Result<void> rows(uint32_t channel, uint64_t first, uint32_t count) {
    image::Strip strip = strip_of(std::vector<uint16_t>(count, 612), 1, first);
    strip.channel = channel;
    return normalizer.strip(strip);
  }
};

TEST_F(Channels, may_run_apart_by_1024_rows) {
  begin({dual});
  ASSERT_TRUE(rows(0, 0, 1024));
  ASSERT_TRUE(rows(1, 0, 1024));
  EXPECT_TRUE(end().complete);
}

TEST_F(Channels, that_run_further_apart_make_the_scan_incomplete) {
  begin({dual});
  ASSERT_TRUE(rows(0, 0, 1025));
  ASSERT_TRUE(rows(1, 0, 1025));
  EXPECT_EQ(ids(end()), (Ids{"normalize.channels_apart"}));
}

TEST_F(Channels, of_different_length_make_the_scan_incomplete) {
  begin({dual});
  ASSERT_TRUE(rows(0, 0, 5));
  ASSERT_TRUE(rows(1, 0, 3));
  const ScanReport report = end();
  EXPECT_EQ(ids(report), (Ids{"normalize.channels_differ"}));
  EXPECT_EQ(report.views[0].whole_rows, 3U);
}

TEST_F(Scan, aborted_and_faulty_scans_say_so) {
  calibrate(1);
  for (const auto& [outcome, id] :
       {std::pair(GARITA_SCAN_ABORTED, "normalize.scan_aborted"),
        std::pair(GARITA_SCAN_FAULT, "normalize.scan_fault"), std::pair(99U, "normalize.scan_fault")}) {
    sink = Collector();
    begin({view_of(1)});
    ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{1}, 1)));
    image::ScanEnd scan_end;
    scan_end.outcome = outcome;
    scan_end.totals = {{0, 0, 1}};
    EXPECT_EQ(ids(normalizer.end(scan_end)), (Ids{id}));
  }
}

TEST_F(Scan, cut_scan_gives_its_reason_and_what_there_is) {
  calibrate(1);
  begin({view_of(1)});
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<uint16_t>{1, 2}, 1)));
  const ScanReport report = normalizer.cut({base::Outcome::incomplete, "test.lost", {}, 0});
  EXPECT_EQ(ids(report), (Ids{"test.lost"}));
  EXPECT_EQ(report.views[0].whole_rows, 2U);
}

TEST_F(Scan, error_of_the_sink_closes_the_plane_at_its_last_good_row) {
  Settings small;
  small.block_bytes = 2;
  ScanNormalizer rows_by_one(store, sink, small);
  calibrate(1);
  image::ScanBegin scan;
  scan.views = {view_of(1)};
  ASSERT_TRUE(rows_by_one.begin(scan));
  sink.fail_at_call = 2;
  EXPECT_EQ(rows_by_one.strip(strip_of(std::vector<uint16_t>{1, 2, 3, 4}, 1)).error().id, "test.disk_full");
  EXPECT_EQ(rows_by_one.strip(strip_of(std::vector<uint16_t>{1}, 1, 2)).error().id, "test.disk_full");
  EXPECT_EQ(sink.calls, 3U);
  const ScanReport report = rows_by_one.cut({base::Outcome::incomplete, "test.disk_full", {}, 0});
  EXPECT_EQ(report.views[0].whole_rows, 2U);
  EXPECT_EQ(ids(report), (Ids{"test.disk_full"}));
}

TEST_F(Scan, strip_outside_a_scan_is_refused) {
  EXPECT_EQ(normalizer.strip(strip_of(std::vector<uint16_t>{1}, 1)).error().id, "normalize.no_scan");
}

TEST_F(Scan, raw_is_given_beside_canonical_where_it_is_kept) {
  Settings keep;
  keep.keep_raw = true;
  ScanNormalizer keeping(store, sink, keep);
  calibrate(2);
  image::ScanBegin scan;
  scan.views = {view_of(2)};
  scan.views[0].column_zero = GARITA_COLUMN_ZERO_BOTTOM;
  ASSERT_TRUE(keeping.begin(scan));
  ASSERT_TRUE(keeping.strip(strip_of(std::vector<uint16_t>{100, 1124, 612, 612}, 2, 0, 10)));
  EXPECT_EQ(sink.raw_values(), (std::vector<uint16_t>{100, 1124, 612, 612}));
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{58368, 1024, 29696, 29696}));
  EXPECT_EQ(sink.formats.at({0, 0}).correction->air->q8[0], 1124U * 256);
}

// Random geometry: however strips are cut and rows are padded, the plane is the same.
TEST_F(Scan, strips_may_be_cut_anywhere) {
  GARITA_SCOPED_SEED();
  std::mt19937 engine(seed());
  const auto below = [&](uint32_t limit) {
    return std::uniform_int_distribution<uint32_t>(0, limit - 1)(engine);
  };
  for (int round = 0; round < 60; ++round) {
    const uint32_t columns = 1 + below(300), total = 1 + below(200);
    std::vector<uint32_t> dark(columns), air(columns);
    for (uint32_t i = 0; i < columns; ++i)
      dark[i] = below(256 * 1000), air[i] = below(10) ? 256 * (2000 + below(60000)) : 0;
    calibrate(1, dark, air, columns);
    std::vector<uint16_t> values(size_t{total} * columns);
    for (uint16_t& value : values) value = static_cast<uint16_t>(below(65536));
    std::vector<uint32_t> dose(total);
    for (uint32_t& d : dose) d = below(20) ? 50000 + below(30000) : 0;

    sink = Collector();
    Settings settings;
    settings.block_bytes = 1 + below(5000);
    ScanNormalizer random_blocks(store, sink, settings);
    image::ScanBegin scan;
    scan.views = {view_of(columns)};
    ASSERT_TRUE(random_blocks.begin(scan));
    for (uint32_t row = 0; row < total;) {
      const uint32_t rows = std::min(total - row, 1 + below(40));
      const auto* from = values.data() + size_t{row} * columns;
      image::Strip strip = strip_of(std::vector<uint16_t>(from, from + size_t{rows} * columns), columns, row,
                                    columns * 2 + below(9));
      strip.dose_q16.assign(dose.begin() + row, dose.begin() + row + rows);
      ASSERT_TRUE(random_blocks.strip(strip));
      row += rows;
    }
    std::vector<uint16_t> wanted(values.size());
    const auto correction = *store.find(1);
    correct(
        {reinterpret_cast<const std::byte*>(values.data()), columns * 2, GARITA_SAMPLE_U16, total, columns,
         correction->dark32.data(), correction->gain32.data(), 0, dose.data(), wanted.data(), columns},
        Kernel::scalar);
    ASSERT_EQ(sink.values(), wanted);
  }
}

}  // namespace
}  // namespace garita::normalize
