// A device that was calibrated once: its next scans carry the curve, and its pictures say millimetres.
#include "core/host/open_package.hpp"
#include "core/host/steel_store.hpp"
#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

class SteelChain : public Cli {
 protected:
  // The serial number comes of the seed: the same seed is the same device.
  v1::Inspection scanned(const std::string& options = "--seed 5") {
    std::filesystem::remove_all(folder / "out");
    std::filesystem::remove(folder / "port");
    const Outcome outcome = scan(options);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    auto package = host::open_package(this->package());
    return package ? package->record : v1::Inspection();
  }

  void calibrate(const v1::Inspection& device) {
    auto curve = normalize::SteelCurve::from_points({{1, 0, 0}, {0.5, 10, 0.1}, {0.1, 40, 0.2}});
    ASSERT_TRUE(curve);
    ASSERT_TRUE(host::SteelStore(folder / "state").keep(device, {"side", "high", "", 0, std::move(*curve)}));
  }
};

TEST_F(SteelChain, the_next_scan_of_a_calibrated_device_carries_its_curve) {
  const v1::Inspection first = scanned();
  ASSERT_GT(first.views_size(), 0);
  EXPECT_FALSE(host::steel_of(first.views(0).channels(0)));
  EXPECT_EQ(run("garita view " + package() + " --steel --out x.png").exit_code, 1);
  calibrate(first);
  const v1::Inspection second = scanned();
  ASSERT_GT(second.views_size(), 0);
  const auto curve = host::steel_of(second.views(0).channels(0));
  ASSERT_TRUE(curve);
  EXPECT_EQ(curve->thickest_mm(), 40);
  EXPECT_EQ(run("garita view " + package() + " --steel --out x.png").exit_code, 0);
  EXPECT_EQ(run("garita verify " + package()).exit_code, 0);
}

TEST_F(SteelChain, a_scan_of_another_device_has_no_curve) {
  calibrate(scanned());
  const v1::Inspection other = scanned("--seed 6");
  ASSERT_GT(other.views_size(), 0);
  EXPECT_FALSE(host::steel_of(other.views(0).channels(0)));
}

TEST_F(SteelChain, calibrate_says_what_is_missing) {
  EXPECT_EQ(run("garita calibrate").exit_code, 2);
  EXPECT_EQ(run("garita calibrate steel x.garita --view side").exit_code, 2);
  ASSERT_TRUE(base::write_file(folder / "steps.csv", base::Bytes("20;1;2;3;4\n")));
  const Outcome outcome = run("garita calibrate steel x.garita --view side --steps steps.csv --state state");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("Line 1"), std::string::npos);
}

}  // namespace
}  // namespace garita::cli_test
