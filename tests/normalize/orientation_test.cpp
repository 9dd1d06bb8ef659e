// An asymmetric marker, an F, tells every turn from every other.
#include "core/normalize/orientation.hpp"

#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

// Rows along the travel, columns from top or left.
const std::vector<uint16_t> marker = {1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0};
constexpr uint32_t columns = 5;

std::vector<uint16_t> columns_turned(std::vector<uint16_t> values) {
  for (auto row = values.begin(); row != values.end(); row += columns) std::reverse(row, row + columns);
  return values;
}

class Orient : public Scanning {
 protected:
  // Delivers the marker as a detector would that counts from the given end.
  std::vector<uint16_t> seen(uint32_t column_zero, uint32_t row_zero, ScanReport& report) {
    image::View view = view_of(columns);
    view.fidelity = GARITA_FIDELITY_TRANSMISSION;
    view.column_zero = column_zero;
    view.row_zero = row_zero;
    const bool turned = column_zero == GARITA_COLUMN_ZERO_BOTTOM || column_zero == GARITA_COLUMN_ZERO_RIGHT;
    report = scan(view, turned ? columns_turned(marker) : marker);
    std::vector<uint16_t> values = sink.values();
    for (uint16_t& value : values) value = value == canonical_open;
    return values;
  }
};

TEST_F(Orient, columns_come_out_from_top_or_left_wherever_the_device_begins) {
  for (const uint32_t zero : {GARITA_COLUMN_ZERO_TOP, GARITA_COLUMN_ZERO_BOTTOM, GARITA_COLUMN_ZERO_LEFT,
                              GARITA_COLUMN_ZERO_RIGHT}) {
    SCOPED_TRACE(zero);
    sink = Collector();
    ScanReport report;
    EXPECT_EQ(seen(zero, GARITA_ROW_ZERO_FRONT, report), marker);
    EXPECT_TRUE(report.views[0].orientation.columns_known);
  }
}

TEST_F(Orient, unknown_columns_stay_and_are_said_to_be_unknown) {
  ScanReport report;
  EXPECT_EQ(seen(GARITA_COLUMN_ZERO_UNKNOWN, GARITA_ROW_ZERO_FRONT, report), marker);
  EXPECT_FALSE(report.views[0].orientation.columns_known);
}

TEST_F(Orient, rows_stay_in_scan_order_and_rear_first_is_said) {
  ScanReport report;
  EXPECT_EQ(seen(GARITA_COLUMN_ZERO_TOP, GARITA_ROW_ZERO_REAR, report), marker);
  EXPECT_TRUE(report.views[0].orientation.rows_rear_first);
  EXPECT_TRUE(report.views[0].orientation.front_known);
}

TEST_F(Orient, unknown_front_is_said_to_be_unknown) {
  ScanReport report;
  EXPECT_EQ(seen(GARITA_COLUMN_ZERO_TOP, GARITA_ROW_ZERO_UNKNOWN, report), marker);
  EXPECT_FALSE(report.views[0].orientation.front_known);
  EXPECT_FALSE(report.views[0].orientation.rows_rear_first);
}

TEST_F(Orient, dead_columns_are_turned_with_their_pixels) {
  calibrate(1, std::vector<uint32_t>(4, 0), std::vector<uint32_t>{0, 0, 25600, 25600}, 4);
  image::View view = view_of(4);
  view.column_zero = GARITA_COLUMN_ZERO_BOTTOM;
  const ScanReport report = scan(view, std::vector<uint16_t>(4, 100));
  EXPECT_EQ(report.views[0].channels[0].dead, (std::vector<DeadRun>{{0, 0, 0, 2, 2}}));
  EXPECT_EQ(sink.values(), (std::vector<uint16_t>{58368, 58368, 1024, 1024}));
}

TEST_F(Orient, invalid_samples_are_turned_with_their_pixels) {
  image::View view = view_of(4, GARITA_SAMPLE_F32);
  view.fidelity = GARITA_FIDELITY_TRANSMISSION;
  view.column_zero = GARITA_COLUMN_ZERO_RIGHT;
  const ScanReport report = scan(view, std::vector<float>{std::nanf(""), 1, 1, 1});
  EXPECT_EQ(report.views[0].channels[0].dead, (std::vector<DeadRun>{{0, 0, 1, 3, 1}}));
}

template <typename T>
void expect_turned(Collector& sink, ScanNormalizer& normalizer, uint32_t sample_type) {
  sink = Collector();
  image::ScanBegin begin;
  begin.views = {view_of(3, sample_type)};
  begin.views[0].fidelity = GARITA_FIDELITY_RECONSTRUCTED;
  begin.views[0].column_zero = GARITA_COLUMN_ZERO_BOTTOM;
  ASSERT_TRUE(normalizer.begin(begin));
  ASSERT_TRUE(normalizer.strip(strip_of(std::vector<T>{1, 2, 3, 4, 5, 6}, 3)));
  EXPECT_EQ(sink.values<T>(), (std::vector<T>{3, 2, 1, 6, 5, 4}));
}

TEST_F(Orient, samples_of_every_size_are_turned_whole) {
  expect_turned<uint8_t>(sink, normalizer, GARITA_SAMPLE_U8);
  expect_turned<int16_t>(sink, normalizer, GARITA_SAMPLE_I16);
  expect_turned<float>(sink, normalizer, GARITA_SAMPLE_F32);
  expect_turned<double>(sink, normalizer, GARITA_SAMPLE_F64);
}

TEST(Column, boxes_turn_with_the_columns) {
  Orientation flipped;
  flipped.columns_flipped = true;
  EXPECT_EQ(canonical_column(flipped, 100, 0, 10), 90U);
  EXPECT_EQ(canonical_column({}, 100, 7, 10), 7U);
}

}  // namespace
}  // namespace garita::normalize
