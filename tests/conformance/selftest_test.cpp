// The kit on drivers with one known fault: the rule of that requirement must fail, and no other may blame the
// driver; and on right ones that do what few do. `garita-conform selftest` does it; here a fixed tenth of it,
// all of it with GARITA_LONG.
#include "conformance/runner/selftest.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "conformance/requirements/requirement.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

class Selftest : public Kit {
 protected:
  nlohmann::json selftest(const std::string& options) {
    answer = kit("selftest --json " + options, 3600);
    return answer.out.empty() ? nlohmann::json() : nlohmann::json::parse(answer.out);
  }
  Answer answer;
};

TEST_F(Selftest, of_a_fixed_tenth_finds_each_by_the_named_rule_and_blames_no_right_one) {
  const auto found = selftest("--part 10");
  ASSERT_TRUE(found.is_object()) << answer.err;
  EXPECT_EQ(answer.exit_code, 0) << found;
  EXPECT_GE(found["mutants"], 15);
  EXPECT_EQ(found["by_named_rule"], found["mutants"]);
  EXPECT_EQ(found["false_alarms"], 0);
}

TEST_F(Selftest, of_all_finds_each_by_the_named_rule_and_blames_no_right_one) {
  if (!std::getenv("GARITA_LONG")) GTEST_SKIP() << "takes minutes: set GARITA_LONG, or ./dev test --all";
  const auto found = selftest("");
  ASSERT_TRUE(found.is_object()) << answer.err;
  EXPECT_EQ(answer.exit_code, 0) << found;
  EXPECT_GE(found["mutants"], 80);
  EXPECT_GE(found["unusual"], 10);
  EXPECT_EQ(found["by_named_rule"], found["mutants"]);
  EXPECT_EQ(found["false_alarms"], 0);
}

// A driver may be broken in a way that the kit must see: where it is not, the self-test says so.
TEST_F(Selftest, tells_which_row_was_missed) {
  std::filesystem::create_directories(folder / "mutants");
  std::filesystem::copy(GARITA_BINARY_DIR "/lib/garita/kit-mutants/source", folder / "mutants/source");
  const std::filesystem::path from = GARITA_BINARY_DIR "/lib/garita/kit-mutants/kit_good",
                              to = folder / "mutants/kit_strip_gap";
  std::filesystem::copy(from, folder / "mutants/kit_good");
  std::filesystem::create_directories(to);
  std::filesystem::copy(from / "kit_good.so", to / "kit_good.so");
  std::ifstream manifest(from / "kit_good.garita.json");
  auto json = nlohmann::json::parse(manifest);
  json["name"] = "kit_strip_gap";
  std::ofstream(to / "kit_strip_gap.garita.json") << json;
  ::setenv("GARITA_KIT_MUTANTS", (folder / "mutants").c_str(), 1);
  const auto found = selftest("--filter strip_gap");
  ::unsetenv("GARITA_KIT_MUTANTS");
  EXPECT_EQ(answer.exit_code, 1);
  ASSERT_EQ(found["wrong"].size(), 1u) << found;
  EXPECT_EQ(found["wrong"][0]["row"], "strip_gap");
  EXPECT_EQ(found["by_named_rule"], 0);
}

TEST_F(Selftest, every_requirement_that_the_tool_can_break_has_a_mutant) {
  // What no driver in a box can break, or what its own tests break: residue (process_test).
  const std::set<std::string> without = {"GAR-RES-001"};
  std::set<std::string> broken;
  for (const MutantRow& row : mutant_rows())
    if (!row.right()) broken.insert(row.requirement);
  for (const Requirement& each : Catalogue::built_in().requirements()) {
    if (each.verified_by == "lab" || each.id.starts_with("GAR-TRU") || without.contains(each.id)) continue;
    EXPECT_TRUE(broken.contains(each.id))
        << each.id << " has no mutant: nothing shows that its rule can fail";
  }
}

// ---- a few rows as a person runs them: each rule in a process of its own ----

class OneRow : public Kit, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Mutants, OneRow,
                         ::testing::Values("strip_gap", "crash_in_scan", "dials_out", "blank_for_plate"),
                         [](const auto& each) { return std::string(each.param); });

const MutantRow& row_of(const std::string& id) {
  return *std::find_if(mutant_rows().begin(), mutant_rows().end(),
                       [&](const MutantRow& row) { return row.id == id; });
}

TEST_P(OneRow, a_failure_says_what_was_seen_and_how_to_see_it_again) {
  const MutantRow& row = row_of(GetParam());
  const Answer answer = kit("run --lang es --filter " + std::string(row.requirement) + " " + mutant(row.id) +
                            " --input " + GARITA_SOURCE_DIR "/conformance/mutants/selftest.toml");
  EXPECT_EQ(answer.exit_code, 1) << answer.err;
  for (const char* label : {"requisito ", "visto ", "consejo ", "otra vez garita-conform run --driver "})
    EXPECT_NE(answer.out.find(label), std::string::npos) << label << " in " << answer.out;
  EXPECT_NE(answer.out.find(std::string(row.verdict) + " "), std::string::npos) << answer.out;
}

TEST_F(Kit, who_dials_out_is_told_with_the_address) {
  const Answer answer = kit("run --filter GAR-BOX-006 " + mutant("dials_out") + leave());
  EXPECT_NE(answer.out.find("EGRESS"), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("203.0.113.9:443"), std::string::npos) << answer.out;
}

}  // namespace
}  // namespace garita::conformance
