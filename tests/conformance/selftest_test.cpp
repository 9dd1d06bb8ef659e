// The kit on drivers with one known fault: the rule of that requirement must fail, and no other may blame the
// driver.
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

struct Row {
  const char* id;
  const char* requirement;
  const char* verdict;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.id << " (" << row.requirement << ")"; }

const Row rows[] = {
#define MUTANT(id, requirement, verdict) {#id, requirement, #verdict},
#include "conformance/mutants/kit.def"
#undef MUTANT
};

class Selftest : public Kit, public ::testing::WithParamInterface<Row> {};

INSTANTIATE_TEST_SUITE_P(Mutants, Selftest, ::testing::ValuesIn(rows),
                         [](const auto& each) { return std::string(each.param.id); });

bool proves(const nlohmann::json& rule, const std::string& requirement) {
  for (const auto& id : rule["requirements"])
    if (id == requirement) return true;
  return false;
}

TEST_P(Selftest, the_named_rule_fails_and_no_other) {
  const Row& row = GetParam();
  const Answer answer = kit("run --json " + mutant(row.id) + leave());
  const bool good = std::string(row.verdict) == "PASS";
  EXPECT_EQ(answer.exit_code, good ? 0 : 1) << answer.err;
  for (const auto& [rule, ended] : verdicts(answer)) {
    const std::string verdict = ended["verdict"];
    if (proves(ended, row.requirement))
      EXPECT_EQ(verdict, row.verdict) << rule << ' ' << ended;
    else
      EXPECT_TRUE(verdict == "PASS" || verdict == "SKIPPED") << rule << ' ' << ended;
  }
}

TEST_P(Selftest, a_failure_says_what_was_seen_and_how_to_see_it_again) {
  const Row& row = GetParam();
  if (std::string(row.verdict) == "PASS") GTEST_SKIP() << "nothing fails";
  const Answer answer =
      kit("run --lang es --filter " + std::string(row.requirement) + " " + mutant(row.id) + leave());
  for (const char* label : {"requisito ", "visto ", "consejo ", "otra vez garita-conform run --driver "})
    EXPECT_NE(answer.out.find(label), std::string::npos) << label << " in " << answer.out;
  EXPECT_EQ(answer.out.find('{'), std::string::npos) << "a field was not filled: " << answer.out;
  EXPECT_TRUE(answer.last_line().starts_with("FAIL kit_")) << answer.out;
}

}  // namespace
}  // namespace garita::conformance
