// The cargo portal's driver, loaded as a host loads it, against bytes as a portal sends them.
#include "drivers/nuctech/tests/fixture.hpp"

namespace garita::nuctech {
namespace {

TEST_F(Driver, a_scan_of_alternating_pulses_arrives_as_two_images_row_by_row) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  run(wire);
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_TRUE(scans[0].complete());
  EXPECT_TRUE(scans[0].is_whole());
  EXPECT_EQ(scans[0].line_index[0], (std::vector<uint64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(scans[0].line_index[1], scans[0].line_index[0]);
  EXPECT_EQ(statuses, (std::vector<garita_status>{GARITA_END}));
}

TEST_F(Driver, the_low_energy_is_declared_half_a_row_behind) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  run(wire);
  const image::View& view = scans.at(0).begin.views.at(0);
  EXPECT_EQ(view.pitch_along_um, 6000u);
  EXPECT_EQ(view.channels.at(0).row_offset_um, 0);
  EXPECT_EQ(view.channels.at(1).row_offset_um, 3000);
  EXPECT_EQ(view.column_zero, GARITA_COLUMN_ZERO_BOTTOM);
}

TEST_F(Driver, a_lorry_that_backs_in_is_rear_first_and_its_low_energy_is_nearer_to_the_front) {
  Wire wire;
  ScanBegin begin = Wire::begin_of("k1");
  begin.travel = GARITA_ROW_ZERO_REAR;
  wire.greeting(), wire.add(begin), wire.end(0);
  run(wire);
  EXPECT_EQ(scans.at(0).begin.views.at(0).row_zero, GARITA_ROW_ZERO_REAR);
  EXPECT_EQ(scans[0].begin.views[0].channels.at(1).row_offset_um, -3000);
}

TEST_F(Driver, local_time_becomes_utc_and_every_pulse_has_its_own) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  run(wire);
  const image::ScanBegin& begin = scans.at(0).begin;
  EXPECT_EQ(begin.time.utc_ns, 1'700'000'001'000'000'000);
  EXPECT_EQ(begin.time.offset_s, 28800);
  EXPECT_EQ(begin.time.source, GARITA_TIME_DEVICE);
  EXPECT_EQ(scans[0].utc_ns[0].at(1) - scans[0].utc_ns[0].at(0), 2'000'000);
  EXPECT_EQ(scans[0].utc_ns[1].at(0) - scans[0].utc_ns[0].at(0), 1'000'000);
}

TEST_F(Driver, sums_over_pulses_become_means_of_dark_and_air_for_each_energy) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  run(wire);
  ASSERT_EQ(calibrations.size(), 4u);
  const auto& channels = scans.at(0).begin.views.at(0).channels;
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(calibrations[i].role, i % 2 == 0 ? GARITA_CALIBRATION_DARK : GARITA_CALIBRATION_AIR);
    EXPECT_EQ(calibrations[i].id, channels.at(i / 2).calibration_id);
    uint32_t second_column = 0;
    std::memcpy(&second_column, calibrations[i].memory.get() + 4, 4);
    EXPECT_EQ(second_column, 1000 * (4 + i + 1) * 256 / 10);
  }
}

TEST_F(Driver, a_calibration_that_the_host_does_not_have_is_asked_for_and_one_that_it_has_is_not) {
  Wire wire;
  wire.greeting(), wire.begin("k1"), wire.calibration(), wire.end(0), wire.begin("k2"), wire.end(0);
  run(wire);
  EXPECT_EQ(count_written<Calibrate>(), 1u);
  EXPECT_EQ(count_written<Go>(), 2u);
  EXPECT_EQ(scans.size(), 2u);
}

TEST_F(Driver, the_portal_is_started_told_to_go_and_what_was_stored_is_acknowledged) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  connect(wire.bytes(), false);
  pump([&] { return !scans.empty() && scans[0].ended; });
  EXPECT_EQ(session->stored("k1", GARITA_STORED_DURABLE, far), GARITA_OK);
  const auto all = written();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(std::holds_alternative<Start>(all[0]));
  EXPECT_EQ(std::get<Go>(all[1]).key.bytes, "k1");
  EXPECT_EQ(std::get<Stored>(all[2]).key.bytes, "k1");
}

TEST_F(Driver, a_scan_that_is_announced_again_because_our_go_was_late_is_one_scan) {
  Wire wire;
  wire.greeting(), wire.begin("k1"), wire.begin("k1"), wire.block(0), wire.end(4);
  run(wire);
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_TRUE(scans[0].complete());
  EXPECT_EQ(count_written<Go>(), 2u);
}

TEST_F(Driver, a_finding_is_turned_from_pulses_and_detectors_into_rows_and_columns) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  run(wire);
  ASSERT_EQ(scans.at(0).detections.size(), 1u);
  const image::Detection& found = scans[0].detections[0];  // pulses 3 … 5, the topmost detector of three
  EXPECT_EQ(found.first_row, 1u);
  EXPECT_EQ(found.rows, 2u);
  EXPECT_EQ(found.first_column, 2u);
  EXPECT_EQ(found.columns, 1u);
  EXPECT_EQ(found.vendor_code, "NT-GUN-01");
  EXPECT_DOUBLE_EQ(found.confidence, 0.8);
  EXPECT_EQ(value_of(scans[0].attributes, "org.garita.nuctech.verdict"), "suspect");
}

TEST_F(Driver, a_finding_behind_lost_pulses_is_placed_among_the_rows_that_came) {
  Wire wire;
  wire.greeting(), wire.begin("k1"), wire.block(0), wire.block(100);
  Verdict verdict{2, {}};
  verdict.findings.push_back({plain("c"), plain(""), 102, 104, 1, 2, 255});
  verdict.findings.push_back({plain("c"), plain(""), 40, 60, 1, 2, 255});
  wire.add(verdict), wire.end(8);
  run(wire);
  EXPECT_TRUE(scans.at(0).complete());
  EXPECT_EQ(scans[0].line_index[0], (std::vector<uint64_t>{0, 1, 50, 51}));
  EXPECT_EQ(scans[0].detections.at(0).first_row, 3u);
  EXPECT_EQ(scans[0].detections[0].rows, 1u);
  EXPECT_EQ(scans[0].detections.at(1).view, GARITA_NO_VIEW);
}

TEST_F(Driver, a_finding_outside_the_picture_is_kept_without_a_place) {
  Wire wire;
  wire.greeting(), wire.begin("k1"), wire.block(0);
  Verdict verdict{2, {}};
  for (const auto& [x0, x1, y0, y1] :
       {std::array<uint16_t, 4>{8, 9, 0, 1}, {2, 2, 0, 1}, {3, 1, 0, 1}, {0, 4, 3, 9}})
    verdict.findings.push_back({plain("c"), plain(""), x0, x1, y0, y1, 255});
  wire.add(verdict), wire.end(4);
  run(wire);
  ASSERT_EQ(scans.at(0).detections.size(), 4u);
  for (const image::Detection& found : scans[0].detections) EXPECT_EQ(found.view, GARITA_NO_VIEW);
}

TEST_F(Driver, text_that_the_host_cannot_read_goes_as_the_bytes_that_came) {
  Wire wire;
  wire.greeting(), wire.scan("k1");
  run(wire);  // these services know no GB18030
  const image::Attribute* name = find(scans.at(0).begin.attributes, "org.garita.nuctech.operator");
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name->value.type, GARITA_VALUE_BYTES);
  EXPECT_EQ(name->value.text, "\xCD\xF5");
  EXPECT_EQ(value_of(scans[0].begin.attributes, "conveyance.containers[0].number"), "CSQU3054383");
  EXPECT_EQ(value_of(attributes, "device.serial"), "S1");
}

TEST_F(Driver, a_pulse_without_dose_is_a_lost_line_and_doses_go_to_their_energy) {
  Wire wire;
  const std::vector<uint16_t> raw(2 * columns);
  Block block{0, 2, 1, 1, {0, 32768}, std::as_bytes(std::span(raw))};
  wire.greeting(), wire.begin("k1"), wire.add(block), wire.end(2);
  run(wire);
  EXPECT_EQ(scans.at(0).dose[0], std::vector<uint32_t>{0});
  EXPECT_EQ(scans[0].dose[1], std::vector<uint32_t>{65536});
}

TEST_F(Driver, a_clock_that_is_not_set_is_unknown_and_one_that_steps_back_does_no_harm) {
  Wire wire;
  const std::vector<uint16_t> raw(2 * columns);
  Block block{0, 2, 0, 1, {1, 1}, std::as_bytes(std::span(raw))};
  wire.greeting(), wire.begin("k1"), wire.add(block);
  block.first_pulse = 2, block.clock_ms = 5'000'000'000, wire.add(block);
  block.first_pulse = 4, block.clock_ms = 4'000'000'000, wire.add(block);
  wire.end(6);
  run(wire);
  EXPECT_TRUE(scans.at(0).complete());
  EXPECT_EQ(scans[0].utc_ns[0].at(0), GARITA_UTC_UNKNOWN);
  EXPECT_LT(scans[0].utc_ns[0].at(2), scans[0].utc_ns[0].at(1));
}

TEST_F(Driver, status_is_health_with_the_devices_time) {
  Wire wire;
  wire.greeting(), wire.add(Status{GARITA_HEALTH_INTERLOCK_OPEN, 7, 28'800'001, plain("door 2")});
  run(wire);
  ASSERT_EQ(health.size(), 1u);
  EXPECT_EQ(health[0].state, GARITA_HEALTH_INTERLOCK_OPEN);
  EXPECT_EQ(health[0].device_time.utc_ns, 1'000'000);
  EXPECT_EQ(health[0].message, "door 2");
}

TEST_F(Driver, what_the_portal_aborts_is_aborted_and_what_it_calls_a_fault_is_one) {
  Wire wire;
  wire.greeting(), wire.begin("k1"), wire.end(0, GARITA_SCAN_ABORTED);
  wire.begin("k2"), wire.end(0, GARITA_SCAN_FAULT);
  run(wire);
  EXPECT_EQ(scans.at(0).end.outcome, GARITA_SCAN_ABORTED);
  EXPECT_EQ(scans.at(1).end.outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(scans.at(1).end.code, GARITA_DEVICE_FAULT);
}

TEST_F(Driver, cancel_aborts_the_scan_skips_its_rest_and_takes_the_next) {
  Wire wire;
  wire.greeting(), wire.begin("k1"), wire.block(0);
  connect(wire.bytes(), false);
  pump([&] { return !scans.empty(); });
  session->cancel();
  pump([&] { return scans[0].ended; });
  EXPECT_TRUE(saw(GARITA_CANCELLED));
  EXPECT_EQ(scans[0].end.outcome, GARITA_SCAN_ABORTED);
  Wire rest = wire;
  rest.frames.clear();
  rest.block(4), rest.verdict(), rest.end(8), rest.scan("k2");
  services->push("portal", rest.bytes());
  pump([&] { return scans.size() == 2 && scans[1].ended; });
  EXPECT_TRUE(scans.at(1).complete());
  EXPECT_TRUE(scans[1].is_whole());
}

TEST_F(Driver, a_portal_that_falls_silent_is_lost) {
  silence_ms = 1;
  Wire wire;
  wire.greeting();
  connect(wire.bytes(), false);
  for (int i = 0; i < 1000 && !saw(GARITA_DEVICE_LOST); ++i)
    pump([&] { return false; }, services->now_ns() + 1'000'000);
  EXPECT_TRUE(saw(GARITA_DEVICE_LOST));
}

}  // namespace
}  // namespace garita::nuctech
