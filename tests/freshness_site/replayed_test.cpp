// A site whose device plays one scan again and again, under a new key each time; and one whose device does
// not.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/site/site_fixture.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;
using testing::Json;
using testing::wait_for;

class SiteOfDoubt : public testing::RunningSite {
 protected:
  // The simulator of fleets plays one tape again and again, each time with a key and a time of its own.
  void start_replaying_device(int scans) {
    children_.push_back(testing::start_program(
        {GARITA_BIN_DIR "/garita-sim", "fleet", "--lanes", "1", "--rate", "7200", "--count",
         std::to_string(scans), "--columns", "256", "--lines", "300", "--site", folder_ / "site.toml"},
        folder_ / "fleet.out", folder_ / "fleet.err"));
    ASSERT_TRUE(wait_until([&] { return fs::exists(folder_ / "site.toml"); }))
        << testing::text_of(folder_ / "fleet.err");
  }

  // What the records say, in the order of the scans.
  std::vector<v1::Freshness> found() const {
    std::vector<std::pair<int64_t, v1::Freshness>> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out")) {
      if (entry.path().extension() != ".garita") continue;
      const auto package = open_package(entry.path());
      EXPECT_TRUE(package.ok()) << entry.path();
      if (package) all.emplace_back(package->record.time().received().utc_ns(), package->record.freshness());
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<v1::Freshness> own;
    for (auto& each : all) own.push_back(each.second);
    return own;
  }

  fs::path suspect_package() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out")) {
      if (entry.path().extension() != ".garita") continue;
      const auto package = open_package(entry.path());
      if (package && package->record.freshness().verdict() == v1::Freshness::VERDICT_REPLAYED)
        return entry.path();
    }
    return {};
  }

  std::string garita(std::vector<std::string> words) {
    words.insert(words.begin(), GARITA_BIN_DIR "/garita");
    (void)wait_for(testing::start_program(words, folder_ / "said.out", folder_ / "said.err"));
    return testing::text_of(folder_ / "said.out");
  }
};

TEST_F(SiteOfDoubt, a_scan_that_a_device_plays_again_is_marked_said_shown_and_found) {
  start_replaying_device(2);
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored") == 2; })) << said();
  EXPECT_EQ(stop_site(), 0);

  const auto verdicts = found();
  ASSERT_EQ(verdicts.size(), 2u);
  EXPECT_EQ(verdicts[0].verdict(), v1::Freshness::VERDICT_NOT_JUDGED);
  EXPECT_EQ(verdicts[0].reason(), v1::Freshness::REASON_NO_EARLIER_SCAN);
  EXPECT_EQ(verdicts[1].verdict(), v1::Freshness::VERDICT_REPLAYED);
  EXPECT_EQ(verdicts[1].reason(), v1::Freshness::REASON_EQUAL_PLANES);
  EXPECT_EQ(verdicts[1].earlier_root().size(), 32u);

  size_t told = 0;
  for (const Json& each : lines_of(folder_ / "events")) told += each.contains("suspect");
  EXPECT_EQ(told, 1u) << said();
  const std::string package = suspect_package(), sentence = "is suspect: replayed";
  EXPECT_NE(garita({"show", package}).find(sentence), std::string::npos);
  EXPECT_NE(garita({"verify", package}).find(sentence), std::string::npos);
  const Json all =
      Json::parse(garita({"find", "--suspect", "--json", "--state", folder_ / "state"}), nullptr, false);
  ASSERT_TRUE(all.is_object() && all["found"].size() == 1) << all;
  EXPECT_EQ(all["found"][0]["package"], package);
}

TEST_F(SiteOfDoubt, new_exposures_of_one_lorry_after_another_are_fresh_also_after_a_restart) {
  simulator("north", {"--count", "2"});
  write_site(lane("north"));
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored") == 2; })) << said();
  EXPECT_EQ(stop_site(), 0);
  simulator("south", {"--count", "1", "--seed", "7"}, port("north"));
  fs::remove(folder_ / "events");
  run_site();
  ASSERT_TRUE(wait_until([&] { return scans("stored") == 1; })) << said();
  EXPECT_EQ(stop_site(), 0);

  const auto verdicts = found();
  ASSERT_EQ(verdicts.size(), 3u);
  EXPECT_EQ(verdicts[0].verdict(), v1::Freshness::VERDICT_NOT_JUDGED);
  EXPECT_EQ(verdicts[1].verdict(), v1::Freshness::VERDICT_FRESH);
  EXPECT_EQ(verdicts[2].verdict(), v1::Freshness::VERDICT_FRESH);
  EXPECT_EQ(verdicts[2].compared(), 2u);
}

}  // namespace
}  // namespace garita::host
