// Lines: what is good is read, what is not has a name, and what was written reads as it was.
#include "drivers/vm250/wire.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace garita::vm250 {
namespace {

template <typename T>
T good(std::string_view line) {
  const Parsed parsed = parse(line);
  EXPECT_EQ(parsed.refusal, Refusal::none) << line << ": " << parsed.detail;
  EXPECT_TRUE(std::holds_alternative<T>(parsed.message)) << line;
  return std::holds_alternative<T>(parsed.message) ? std::get<T>(parsed.message) : T{};
}

Refusal refusal(std::string_view line) { return parse(line).refusal; }

TEST(Vm250Line, counts_of_each_code_say_what_they_are) {
  const auto scan = good<Counts>("GS,000052,000053,000054,000055");
  EXPECT_FALSE(scan.neutron);
  EXPECT_TRUE(scan.occupied());
  EXPECT_EQ(scan.counts, (Four{52, 53, 54, 55}));
  EXPECT_EQ(good<Counts>("GA,000052,000053,000054,000055").state, Counts::State::alarm);
  EXPECT_EQ(good<Counts>("GB,000052,000053,000054,000055").state, Counts::State::background);
  EXPECT_EQ(good<Counts>("GH,000052,000053,000054,000055").state, Counts::State::high_fault);
  EXPECT_EQ(good<Counts>("GL,000052,000053,000054,000055").state, Counts::State::low_fault);
  EXPECT_TRUE(good<Counts>("NA,000001,000000,000002,000000").neutron);
}

TEST(Vm250Line, the_end_of_an_occupancy_has_its_number_and_background) {
  const auto end = good<OccupancyEnd>("GX,000017,002250,000000,000000");
  EXPECT_EQ(end.number, 17u);
  EXPECT_DOUBLE_EQ(end.neutron_background.value_or(-1), 2.25);
}

TEST(Vm250Line, a_short_gx_is_refused_by_name_and_still_an_end) {
  const Parsed parsed = parse("GX,000001");
  EXPECT_EQ(parsed.refusal, Refusal::field_count);
  EXPECT_EQ(parsed.detail, "GX with 1 field where 4 belong");
  ASSERT_TRUE(std::holds_alternative<OccupancyEnd>(parsed.message));
  EXPECT_EQ(std::get<OccupancyEnd>(parsed.message).number, 1u);
}

TEST(Vm250Line, speed_is_three_decimals) {
  const auto speed = good<Speed>("SP,0.2249,03.032,004.88,000000");
  EXPECT_DOUBLE_EQ(speed.s_per_ft, 0.2249);
  EXPECT_NEAR(0.3048 / speed.s_per_ft * 3.6, speed.kph, 0.01);
}

TEST(Vm250Line, setup_gives_what_the_formula_needs) {
  vm250::Setup setup;
  setup.take(good<SetupLine>("SG1,000450,000068,06,08,14.0,P"));
  EXPECT_FALSE(setup.known());
  setup.take(good<SetupLine>("SG2,1101,0.069,0.455,01,1010,A"));
  EXPECT_TRUE(setup.known());
  EXPECT_EQ(setup.intervals, 6u);
  EXPECT_DOUBLE_EQ(setup.sigmas, 14);
  EXPECT_TRUE(setup.sum && !setup.horizontal && setup.vertical && !setup.single);
  EXPECT_FALSE(setup.detectors[2]);
}

TEST(Vm250Line, stamps_behind_the_fields_are_times_of_day) {
  const Parsed both = parse("GB,000188,000206,000262,000243,12-00-00.961,16-00-00.961");
  EXPECT_EQ(both.stamps.local_ms, 43'200'961u);
  EXPECT_EQ(both.stamps.utc_ms, 57'600'961u);
  const Parsed one = parse("NB,000002,000002,000002,000002,00-00-04.841");
  EXPECT_EQ(one.stamps.local_ms, 4841u);
  EXPECT_FALSE(one.stamps.utc_ms);
  EXPECT_EQ(refusal("NB,000002,000002,000002,000002,24-00-04.841"), Refusal::field_count);
}

TEST(Vm250Line, what_is_no_line_has_a_name) {
  EXPECT_EQ(refusal(""), Refusal::blank);
  EXPECT_EQ(refusal(" \r"), Refusal::blank);
  EXPECT_EQ(refusal("GB,\"000188,000206,000262,000243"), Refusal::quote);
  EXPECT_EQ(refusal("XX,000001"), Refusal::unknown_code);
  EXPECT_EQ(refusal("GB,000001,000002,000003"), Refusal::field_count);
  EXPECT_EQ(refusal("GB,000001,000002,000003,00004"), Refusal::field_form);
  EXPECT_EQ(refusal("GB,000001,000002,000003,-00004"), Refusal::field_form);
  EXPECT_EQ(refusal("GB,000001,000002,000003,00000\x01"), Refusal::not_text);
  EXPECT_EQ(refusal("SP,6666666660,000000,0001,000000"), Refusal::field_form) << "nobody drives like that";
  EXPECT_EQ(refusal(std::string(max_line_bytes + 1, 'G')), Refusal::too_long);
  for (int i = 0; i <= static_cast<int>(Refusal::field_form); ++i)
    EXPECT_FALSE(name(static_cast<Refusal>(i)).empty());
}

TEST(Vm250Line, quoted_fields_are_read_without_their_marks) {
  EXPECT_EQ(good<Counts>("\"GS\",\"000001\",000002,\"000003\",000004").counts, (Four{1, 2, 3, 4}));
}

TEST(Vm250Line, a_count_that_was_cut_is_never_a_smaller_count) {
  const std::string line = "GS,000052,000052,000052,000052";
  for (size_t size = 0; size < line.size(); ++size)
    EXPECT_NE(refusal(line.substr(0, size)), Refusal::none) << line.substr(0, size);
}

TEST(Vm250Line, what_is_written_reads_as_it_was) {
  for (const char* line :
       {"GA,000052,000053,000054,000055", "NH,000001,000000,000002,000000", "GX,000017,002250,000000,000000",
        "SP,0.2249,03.032,004.88,000000", "TT,111111,111111,111111,111111", "SG3,0.069,0.455,020,000,1.10.1",
        "GB,000188,000206,000262,000243,23-59-59.999,03-59-59.999", "GX,000001"}) {
    const Parsed parsed = parse(line);
    EXPECT_EQ(format(parsed.message, parsed.stamps), line);
  }
}

TEST(Vm250Line, lines_of_a_spectroscopic_portal_are_told_apart) {
  EXPECT_TRUE(is_spectroscopic("S1,NaI,SPM,512,1.0"));
  EXPECT_TRUE(is_spectroscopic("GX,Red,17,2026-11-22T12:00:00.000Z-07:00"));
  EXPECT_FALSE(is_spectroscopic("GX,000017,002250,000000,000000"));
}

TEST(Vm250Line, every_real_line_is_read_or_refused_by_name) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const std::filesystem::path data = given ? given : GARITA_SOURCE_DIR "/../shared/data";
  size_t good_lines = 0, refused_lines = 0;
  for (const char* file : {"rpm/vm250_sample_stream.txt", "rpm/dailyfile_lines_with_timestamps.csv"}) {
    std::ifstream in(data / file, std::ios::binary);
    if (!in) {
      std::cout << "SKIPPED LOUDLY: no real lines; set GARITA_TEST_DATA to the folder that holds " << file
                << '\n';
      GTEST_SKIP() << "no real data";
    }
    for (std::string line; std::getline(in, line);) {
      const Parsed parsed = parse(line);
      EXPECT_FALSE(std::holds_alternative<std::monostate>(parsed.message)) << line;
      EXPECT_TRUE(parsed.refusal == Refusal::none || !parsed.detail.empty()) << line;
      parsed.refusal == Refusal::none ? ++good_lines : ++refused_lines;
    }
  }
  EXPECT_EQ(good_lines, 28u);
  EXPECT_EQ(refused_lines, 1u);  // the short GX
}

}  // namespace
}  // namespace garita::vm250
