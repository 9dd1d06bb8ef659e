// The whole chain as people run it: simulator, driver in its worker, package; against what the simulator says
// it sent.
#include <cmath>
#include <set>

#include "core/base/file.hpp"
#include "core/export/npy.hpp"
#include "tests/cli/program.hpp"

namespace garita::rapiscan {
namespace {

using cli_test::Outcome;
using nlohmann::json;

class RapiscanChain : public ::testing::Test {
 protected:
  Outcome run(const std::string& command) { return cli_test::run(folder_, command); }

  // Scans what a simulator of 64 columns sends; what `garita scan` said.
  Outcome scan(const std::string& options, int count = 1, const std::string& more = "") {
    const std::string n = std::to_string(count);
    return run(
        "bash -c 'garita-sim rapiscan --listen 127.0.0.1:0 --port-file port --columns 64 --truth truth "
        "--count " +
        n + " " + options +
        " >sim.txt 2>&1 & for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; "
        "garita scan --driver rapiscan --source control=tcp://127.0.0.1:$(cat port) "
        "--source lines=udp://127.0.0.1:$(cat port) --out out --state state --site Mexicali --lane 3 --json "
        "--count " +
        n + " " + more + "; code=$?; kill %1 2>/dev/null; wait; exit $code'");
  }

  std::vector<std::string> packages() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out"))
      if (entry.path().extension() == ".garita") names.insert(entry.path());
    return {names.begin(), names.end()};
  }

  json record(const std::string& package) {
    const Outcome shown = run("garita show --json " + package);
    EXPECT_EQ(shown.exit_code, 0) << shown.err;
    return json::parse(shown.out);
  }

  json truth_of(const json& record) {
    const std::string key = record["identity"]["scan_key"];
    const auto text = base::read_text_file(folder_ / ("truth/" + key + ".json"), 1u << 20);
    EXPECT_TRUE(text.ok()) << key;
    return text.ok() ? json::parse(*text) : json();
  }

  static uint64_t lines_in_gaps(const json& channel) {
    uint64_t lines = 0;
    for (const json& gap : channel.value("line_gaps", json::array())) lines += gap["lines"].get<uint64_t>();
    return lines;
  }

  base::testing::TemporaryFolder folder_;
};

TEST_F(RapiscanChain, a_scan_becomes_a_package_with_all_its_lines) {
  const Outcome scanned = scan("--scene object --seed 5");
  ASSERT_EQ(scanned.exit_code, 0) << scanned.err;
  ASSERT_EQ(packages().size(), 1u);
  const json seen = record(packages()[0]), truth = truth_of(seen);
  EXPECT_EQ(seen["views"][0]["rows"], truth["lines"]);
  EXPECT_EQ(seen["views"][0]["channels"].size(), 2u);
  for (const json& channel : seen["views"][0]["channels"]) {
    EXPECT_EQ(channel["quality"].value("lost_lines", 0), 0);
    EXPECT_NEAR(channel["quality"]["open_field_level"].get<double>(), 1, 0.01);
  }
  EXPECT_EQ(seen["device"]["model"], "RG-6/4");
}

TEST_F(RapiscanChain, the_picture_is_what_was_there_the_right_way_up) {
  ASSERT_EQ(scan("--scene object --seed 6").exit_code, 0);
  const json truth = truth_of(record(packages()[0]));
  ASSERT_EQ(run("garita export " + packages()[0] + " --to npy --out planes").exit_code, 0);
  const auto plane = exporter::read_npy_u16(folder_ / "planes/side_high.npy");
  ASSERT_TRUE(plane.ok());
  auto densities = exporter::NpyReader::open(folder_ / ("truth/" + truth["key"].get<std::string>() + ".npy"));
  ASSERT_TRUE(densities.ok());
  std::vector<float> ray(plane->rows * plane->columns * 4);
  ASSERT_TRUE(densities->read(0, std::as_writable_bytes(std::span(ray))).ok());
  const std::set<uint32_t> dead(truth["dead_columns"].begin(), truth["dead_columns"].end());
  size_t wrong = 0, checked = 0;
  for (size_t row = 0; row < plane->rows; ++row)
    for (uint32_t column = 0; column < plane->columns; ++column) {
      if (dead.contains(column)) continue;
      const size_t at = row * plane->columns + column;
      const double t = (plane->samples[at] - 1024.0) / 57344;
      const bool empty = ray[at * 4] + ray[at * 4 + 1] + ray[at * 4 + 2] + ray[at * 4 + 3] == 0;
      const bool thick = ray[at * 4 + 2] > 100;  // g/cm² of steel
      wrong += (empty && t < 0.9) || (thick && t > 0.3);
      ++checked;
    }
  EXPECT_GT(checked, 10000u);
  EXPECT_EQ(wrong, 0u);
}

TEST_F(RapiscanChain, lost_doubled_and_overtaken_lines_are_where_the_record_says) {
  ASSERT_EQ(scan("--scene object --seed 7 --fault lose:0.03,twice:0.03,order:0.1,flip:0.01").exit_code, 0);
  const json seen = record(packages()[0]), truth = truth_of(seen);
  const uint64_t sent = truth["lines"], lost = truth["lost_lines"].size();
  ASSERT_GT(lost, 3u);
  for (const json& channel : seen["views"][0]["channels"]) {
    uint64_t marked = 0;
    for (const json& range : channel.value("lost_lines", json::array()))
      marked += range["rows"].get<uint64_t>();
    EXPECT_EQ(lines_in_gaps(channel) + marked, lost);
    EXPECT_EQ(seen["views"][0]["rows"].get<uint64_t>() + lines_in_gaps(channel), sent);
    // Each gap's place, counted in lines, is one that the simulator left out.
    const std::set<uint64_t> left_out(truth["lost_lines"].begin(), truth["lost_lines"].end());
    uint64_t before = 0;
    for (const json& gap : channel.value("line_gaps", json::array())) {
      EXPECT_TRUE(left_out.contains(gap["before_row"].get<uint64_t>() + before)) << gap;
      before += gap["lines"].get<uint64_t>();
    }
  }
}

TEST_F(RapiscanChain, energies_in_turn_and_rail_cars_arrive_whole) {
  ASSERT_EQ(scan("--rail --in-turn --seed 8").exit_code, 0);
  const json seen = record(packages()[0]), truth = truth_of(seen);
  EXPECT_EQ(seen["views"][0]["rows"], truth["lines"]);
  EXPECT_EQ(seen["conveyance"]["kind"], "rail_car");
  EXPECT_EQ(seen["conveyance"]["axles"], 4);
  EXPECT_NEAR(seen["conveyance"]["speed_mps"].get<double>(),
              truth["pitch_along_mm"].get<double>() / 1000 * 150, 0.01);  // 300 pulses a second, two a line
  EXPECT_GT(seen["views"][0]["channels"][1]["row_offset_um"].get<int64_t>(), 0);
}

TEST_F(RapiscanChain, a_connection_that_breaks_costs_one_scan_its_end_and_the_next_comes) {
  ASSERT_EQ(scan("--scene object --seed 9 --fault drop:200", 2).exit_code, 4);  // one is not whole
  ASSERT_EQ(packages().size(), 2u);
  size_t whole = 0;
  for (const std::string& package : packages()) {
    const json seen = record(package);
    const bool complete = seen["completeness"]["state"] == "complete";
    whole += complete;
    if (!complete) {
      EXPECT_LT(seen["views"][0]["rows"].get<uint64_t>(), 200u);
    }
  }
  EXPECT_EQ(whole, 1u);
}

TEST_F(RapiscanChain, a_recorded_session_gives_the_same_picture_again) {
  ASSERT_EQ(scan("--scene object --seed 10 --fault order:0.1", 1, "--record session.rec").exit_code, 0);
  const Outcome again =
      run("garita scan --driver rapiscan --replay session.rec --out again --state state2 --json --count 1");
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const auto planes = [&](const std::string& out) {
    return run("garita verify --planes " + out + "/*.garita").out;
  };
  EXPECT_EQ(planes("out"), planes("again"));
  EXPECT_FALSE(planes("out").empty());
}

}  // namespace
}  // namespace garita::rapiscan
