// The whole chain as people run it: simulator, driver in its worker, packages; against what the simulator
// counted.
#include <map>

#include "core/base/file.hpp"
#include "tests/cli/program.hpp"

namespace garita::vm250 {
namespace {

using nlohmann::json;

class Vm250Chain : public ::testing::Test {
 protected:
  cli_test::Outcome run(const std::string& command) { return cli_test::run(folder_, command); }

  // Records of all packages by the number of their occupancy.
  std::map<int64_t, json> records() {
    std::map<int64_t, json> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out")) {
      if (entry.path().extension() != ".garita") continue;
      json record = json::parse(run("garita show --json " + entry.path().string()).out);
      int64_t number = -1;
      for (const json& each : record.value("vendor_attributes", json::array()))
        if (each["key"] == "org.garita.vm250.occupancy") number = each["value"].begin().value();
      all[number] = std::move(record);
    }
    return all;
  }

  json truth_of(int64_t number) {
    const auto text =
        base::read_text_file(folder_ / ("truth/occupancy-" + std::to_string(number) + ".json"), 1u << 20);
    EXPECT_TRUE(text.ok());
    return text.ok() ? json::parse(*text) : json();
  }

  void expect_counted(const json& record, const json& truth) {
    double gamma = 0, neutron = 0;
    bool gamma_alarm = false;
    for (const json& reading : record["readings"]) {
      if (!reading.value("occupied", false)) continue;
      const bool is_neutron = reading["kind"] == "neutron";
      for (const double value : reading["values"]) (is_neutron ? neutron : gamma) += value;
      gamma_alarm = gamma_alarm || (!is_neutron && reading.value("alarm", false));
    }
    EXPECT_EQ(gamma, truth["gamma_sum"].get<double>());
    EXPECT_EQ(neutron, truth["neutron_sum"].get<double>());
    EXPECT_TRUE(gamma_alarm || !truth["gamma_alarm"].get<bool>());
    EXPECT_NEAR(record["conveyance"]["speed_mps"].get<double>(), 0.3048 / truth["s_per_ft"].get<double>(),
                1e-6);
  }

  base::testing::TemporaryFolder folder_;
};

TEST_F(Vm250Chain, every_vehicle_of_a_live_panel_becomes_a_package_of_its_counts) {
  const auto scanned =
      run("bash -c 'garita-sim vm250 --listen 127.0.0.1:0 --port-file port --truth truth --count 4 --seed 11 "
          ">sim.txt 2>&1 & "
          "for i in $(seq 200); do [ -s port ] && break; sleep 0.05; done; "
          "garita scan --driver vm250 --source panel=tcp://127.0.0.1:$(cat port) --out out --state state "
          "--json --count 4; "
          "code=$?; kill %1 2>/dev/null; wait; exit $code'");
  ASSERT_EQ(scanned.exit_code, 0) << scanned.err;
  const auto seen = records();
  ASSERT_EQ(seen.size(), 4u);
  for (const auto& [number, record] : seen) expect_counted(record, truth_of(number));
}

TEST_F(Vm250Chain, daily_files_become_the_same_packages_over_midnight) {
  ASSERT_EQ(run("garita-sim vm250 --dir days --truth truth --count 3 --seed 12 --start 1795417125").exit_code,
            0);
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "days"))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 2u);
  const auto scanned =
      run("garita scan --driver vm250 --source 'days=dir:days?settle_ms=0' --until-empty --out out --state "
          "state --json");
  ASSERT_EQ(scanned.exit_code, 0) << scanned.err;
  const auto seen = records();
  ASSERT_EQ(seen.size(), 3u);
  for (const auto& [number, record] : seen) expect_counted(record, truth_of(number));
}

TEST_F(Vm250Chain, malformed_lines_lose_no_vehicle) {
  ASSERT_EQ(
      run("garita-sim vm250 --dir days --count 5 --seed 13 --malformed 0.05 --start 1795370000").exit_code,
      0);
  const auto scanned =
      run("garita scan --driver vm250 --source 'days=dir:days?settle_ms=0' --until-empty --out out --state "
          "state --json");
  size_t packages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "out"))
    packages += entry.path().extension() == ".garita";
  EXPECT_GE(packages, 5u) << scanned.out << scanned.err;
}

}  // namespace
}  // namespace garita::vm250
