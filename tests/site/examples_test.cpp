// Every example site is right, and none of them names a driver or a stream that is not there.
#include <gtest/gtest.h>

#include <set>

#include "core/base/text.hpp"
#include "core/host/site/site_config.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> sites() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(GARITA_SOURCE_DIR "/examples/sites"))
    if (entry.path().extension() == ".toml") found.push_back(entry.path());
  return found;
}

TEST(ExampleSites, are_all_right) {
  for (const fs::path& site : sites()) {
    const auto checked = check_site(site, {"", {GARITA_DRIVER_DIR}});
    ASSERT_TRUE(checked.ok()) << site;
    for (const ConfigProblem& problem : checked->problems)
      EXPECT_TRUE(problem.warning) << render_problem(site, problem, base::Language::en);
  }
}

TEST(ExampleSites, show_both_countries_every_kind_of_subject_and_at_least_four_vendors) {
  std::set<std::string> countries, drivers;
  std::set<int> subjects, kinds;
  for (const fs::path& site : sites()) {
    const auto checked = check_site(site, {"", {GARITA_DRIVER_DIR}});
    ASSERT_TRUE(checked.ok());
    countries.insert(checked->plan.site.country());
    kinds.insert(checked->plan.site.kind());
    for (const LanePlan& lane : checked->plan.lanes) {
      subjects.insert(lane.subject);
      for (const DevicePlan& device : lane.devices) drivers.insert(device.manifest.name);
    }
  }
  EXPECT_EQ(countries, (std::set<std::string>{"MX", "US"}));
  EXPECT_TRUE(subjects.contains(v1::Identity::SUBJECT_CONVEYANCE) &&
              subjects.contains(v1::Identity::SUBJECT_CARGO) && subjects.contains(v1::Identity::SUBJECT_BAG));
  EXPECT_GE(kinds.size(), 4u);
  for (const char* vendor : {"nuctech", "rapiscan", "leidos", "astrophysics"})
    EXPECT_TRUE(drivers.contains(vendor)) << vendor;
}

}  // namespace
}  // namespace garita::host
