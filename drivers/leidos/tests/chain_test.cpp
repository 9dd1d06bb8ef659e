// Simulator, folder, driver in its worker, package: the whole way, as a person would start it.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "tests/cli/program.hpp"

namespace garita {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class Chain : public ::testing::Test {
 protected:
  cli_test::Outcome run(const std::string& words) { return cli_test::run(folder_, words); }

  void simulate(const std::string& words) {
    const auto said = run("garita-sim leidos --dir in --pitch-in 2 --part-ms 0 --truth truth " + words);
    ASSERT_EQ(said.exit_code, 0) << said.err;
  }

  // Scans the folder until it is empty; the packages' records stand in records_, by scan key.
  cli_test::Outcome scan(const std::string& driver = "leidos", const std::string& in = "in") {
    const auto said = run("garita scan --driver " + driver + " --source 'exports=dir:" + in +
                          "?settle_ms=100' --out out --state state --until-empty --json");
    std::istringstream lines(said.out);
    for (std::string line; std::getline(lines, line);) {
      const json event = json::parse(line);
      if (event.value("event", "") == "refused") refused_[event["file"]] = event["reason"];
      if (event.value("fate", "") == "stored") stored(event["package"]);
    }
    return said;
  }
  void stored(const std::string& package) {
    EXPECT_EQ(run("garita verify '" + package + "'").exit_code, 0) << package;
    const json record = json::parse(run("garita show --json '" + package + "'").out);
    records_[record["identity"]["scan_key"]] = record;
  }

  // What the simulator knows of the passage that a scan key names.
  json truth(const std::string& key) {
    std::ifstream in(folder_ / "truth" / (key.substr(0, key.find('/')) + ".json"));
    return json::parse(in);
  }

  base::testing::TemporaryFolder folder_;
  std::map<std::string, json> records_;
  std::map<std::string, std::string> refused_;
};

TEST_F(Chain, each_passage_is_a_package_of_two_views_its_photograph_and_its_readings) {
  simulate("--count 3 --seed 11 --start 1793520000");
  const auto said = scan();
  EXPECT_EQ(said.exit_code, 0) << said.err;
  ASSERT_EQ(records_.size(), 3u);
  for (const auto& [key, record] : records_) {
    const json facts = truth(key);
    ASSERT_EQ(record["views"].size(), 2u);
    EXPECT_EQ(record["views"][0]["fidelity"], "transmission");
    EXPECT_EQ(record["views"][0]["rows"], facts["lines"]);
    EXPECT_EQ(record["views"][0]["columns"], facts["columns"]);
    EXPECT_EQ(record["views"][0]["geometry"]["pitch_along_um"], 50'800);
    EXPECT_EQ(record["views"][1]["quantity"], "backscatter");
    EXPECT_EQ(record["attachments"].size(), 2u);
    EXPECT_EQ(record["identity"]["passage_key"], facts["passage_key"]);
    EXPECT_EQ(record["completeness"]["state"], "complete");
    EXPECT_FALSE(record.contains("suspect")) << record["suspect"];
    EXPECT_FALSE(record.contains("unrecognized")) << record["unrecognized"];
    EXPECT_EQ(record["time"]["started"]["utc_ns"], facts["start_utc_ns"]) << record["time"];
    EXPECT_NEAR(record["conveyance"]["length_mm"].get<double>(), facts["length_m"].get<double>() * 1000, 0.2);
  }
}

TEST_F(Chain, passages_on_both_sides_of_the_clocks_return_keep_their_order) {
  simulate("--count 2 --seed 3 --start 1793523570");  // 2026-11-01 01:59:30 PDT; a minute later 01:00:30 PST
  scan();
  ASSERT_EQ(records_.size(), 2u);
  for (const auto& [key, record] : records_) {
    const json started = record["time"]["started"];
    EXPECT_EQ(started["utc_ns"], truth(key)["start_utc_ns"]);
    EXPECT_EQ(started.value("uncertainty_ns", 0), 0);
  }
}

TEST_F(Chain, files_that_grow_while_the_folder_is_watched_are_taken_whole) {
  const auto said =
      run("bash -c 'mkdir in; garita-sim leidos --dir in --pitch-in 2 --part-ms 40 --count 4 --seed 5 "
          ">sim.txt 2>&1 & "
          "garita scan --driver leidos --source exports=dir:in?settle_ms=300 --out out --state state --count "
          "4 --json; "
          "code=$?; wait; exit $code'");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  size_t complete = 0;
  std::istringstream lines(said.out);
  for (std::string line; std::getline(lines, line);) {
    const json event = json::parse(line);
    if (event.value("fate", "") != "stored") continue;
    const json record =
        json::parse(run("garita show --json '" + event["package"].get<std::string>() + "'").out);
    complete += record["completeness"]["state"] == "complete" && record["views"].size() == 2;
  }
  EXPECT_EQ(complete, 4u) << said.out;
}

TEST_F(Chain, sidecar_without_its_image_is_refused_by_name_and_the_next_passage_is_stored) {
  simulate("--count 2 --seed 8");
  fs::remove(folder_ / "in" / "SG6B-00008-000001_tx.tif");
  EXPECT_EQ(scan().exit_code, 4);
  EXPECT_EQ(records_.size(), 1u);
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_NE(refused_.begin()->second.find("_tx.tif"), std::string::npos) << refused_.begin()->second;
}

TEST_F(Chain, portal_beside_the_gantry_gives_inspections_with_the_same_passage_keys) {
  simulate("--count 2 --seed 21 --radiation-dir rpm");
  scan();
  scan("n42", "rpm");
  ASSERT_EQ(records_.size(), 4u);
  std::multiset<std::string> keys;
  for (const auto& [key, record] : records_) keys.insert(record["identity"].value("passage_key", ""));
  for (const std::string& key : keys) EXPECT_EQ(keys.count(key), 2u) << key;
}

TEST_F(Chain, each_category_of_contraband_arrives_as_the_records_own) {
  const std::map<std::string, std::string> codes = {{"LX.PRECURSOR", "precursor_chemical"},
                                                    {"LX.NARC.FEN", "fentanyl"},
                                                    {"LX.NARC.MET", "methamphetamine"},
                                                    {"LX.CURRENCY", "cash"},
                                                    {"LX.FIREARM", "firearm"},
                                                    {"LX.AMMO", "ammunition"},
                                                    {"LX.EXPLOSIVE", "explosive"}};
  uint64_t number = 1;
  for (const auto& [code, category] : codes)
    simulate("--scene object --count 1 --first " + std::to_string(number++) + " --mark " + code);
  scan();
  ASSERT_EQ(records_.size(), codes.size());
  for (const auto& [key, record] : records_) {
    const json found = record["detections"].at(0);
    EXPECT_EQ(found["category"], codes.at(found["vendor_code"])) << found;
  }
}

}  // namespace
}  // namespace garita
