// A recorded session of two scans (README.md's format, written by another program than ours) against the
// driver: whole, cut at every byte, damaged anywhere.
//
//   1  a lorry, front first: 32 pairs of pulses, shift 1, remarks in GB18030
//   2  a lorry that backs in: shift 2, six pulses lost behind the first block, remarks in UTF-8
#include <fstream>
#include <sstream>

#include "drivers/nuctech/tests/fixture.hpp"

namespace garita::nuctech {
namespace {

class Recorded : public Driver {
 protected:
  void SetUp() override {
    Driver::SetUp();
    std::ifstream in(GARITA_SOURCE_DIR "/drivers/nuctech/tests/sessions/two_scans.bin", std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    session_bytes = out.str();
    ASSERT_EQ(session_bytes.size(), 7329u);
    run(session_bytes);
    whole = std::move(scans);
    ASSERT_EQ(whole.size(), 2u);
  }

  // What ends COMPLETE is one of the two scans, exactly.
  bool nothing_is_wrong() const {
    return std::all_of(scans.begin(), scans.end(), [this](const Scan& scan) {
      if (!scan.ended) return false;
      if (!scan.complete()) return true;
      return std::any_of(whole.begin(), whole.end(), [&](const Scan& good) {
        return scan.begin.key == good.begin.key && scan.samples[0] == good.samples[0] &&
               scan.samples[1] == good.samples[1] && scan.line_index[0] == good.line_index[0];
      });
    });
  }
  size_t complete() const {
    return static_cast<size_t>(
        std::count_if(scans.begin(), scans.end(), [](const Scan& scan) { return scan.complete(); }));
  }

  std::string session_bytes;
  std::vector<Scan> whole;
};

TEST_F(Recorded, both_scans_arrive_whole_with_their_calibrations) {
  EXPECT_TRUE(whole[0].complete());
  EXPECT_TRUE(whole[1].complete());
  EXPECT_EQ(calibrations.size(), 8u);
  EXPECT_EQ(statuses, (std::vector<garita_status>{GARITA_END}));
  EXPECT_EQ(count_written<Calibrate>(), 0u);
}

TEST_F(Recorded, lost_pulses_are_a_gap_of_both_energies_and_findings_lie_on_what_came) {
  ASSERT_EQ(whole[1].line_index[0].size(), 24u);
  EXPECT_EQ(whole[1].line_index[0].at(7), 7u);
  EXPECT_EQ(whole[1].line_index[0].at(8), 11u);
  EXPECT_EQ(whole[1].line_index[1], whole[1].line_index[0]);
  const image::Detection& found = whole[1].detections.at(0);  // pulses 20 … 25, of which 20 and 21 never came
  EXPECT_EQ(found.first_row, 8u);
  EXPECT_EQ(found.rows, 2u);
  EXPECT_EQ(whole[0].detections.at(0).first_row, 10u);
  EXPECT_EQ(whole[0].detections[0].rows, 3u);
  EXPECT_EQ(whole[0].detections[0].first_column, 6u);
  EXPECT_EQ(whole[0].detections[0].columns, 3u);
}

TEST_F(Recorded, cut_at_any_byte_only_what_came_whole_is_complete) {
  for (size_t size = 0; size < session_bytes.size(); ++size) {
    run(session_bytes.substr(0, size));
    ASSERT_TRUE(nothing_is_wrong()) << size;
    ASSERT_LE(complete(), 1u) << size;
    ASSERT_TRUE(saw(GARITA_END) || saw(GARITA_DEVICE_LOST)) << size;
  }
}

TEST_F(Recorded, damage_anywhere_costs_one_scan_at_most) {
  const size_t greeting_bytes =
      16 + 20 + 13 + 4 + 63;  // more or less: an unread greeting costs the connection
  for (size_t at = 0; at < session_bytes.size(); at += 3) {  // every byte of a smaller one: damage_test.cpp
    std::string bad = session_bytes;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at * 5 % 8)));
    run(bad);
    ASSERT_TRUE(nothing_is_wrong()) << at;
    if (at > greeting_bytes) {
      ASSERT_GE(complete(), 1u) << at;
    }
  }
}

}  // namespace
}  // namespace garita::nuctech
