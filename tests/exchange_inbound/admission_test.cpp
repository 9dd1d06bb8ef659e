#include "core/exchange/inbound/admission.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace garita::exchange {
namespace {

constexpr int64_t hour_ns = 3600ll * 1'000'000'000, now_ns = 1'772'000'000'000'000'000;

const std::string policy_text = R"(schema = "garita.inbound/1"
[[rule]]
action = "refuse"
code = "agency_policy"
vendor = ["Forbidden Works"]
[[rule]]
action = "accept"
from = ["mx"]
certified = true
level = 2
suite = ["1.0"]
truth = ["object", "twin"]
box = 2
fidelity = ["raw_counts", "transmission"]
max_age_h = 48
complete = true
fresh = true
[[rule]]
action = "quarantine"
code = "incomplete"
from = ["mx"]
complete = false
)";

Facts good() {
  Facts facts;
  facts.authority = "mx";
  facts.certified = true;
  facts.level = 2;
  facts.suite = "1.0";
  facts.truth = "object";
  facts.box = 2;
  facts.fidelity = {"raw_counts"};
  facts.vendor = "Somebody";
  facts.ended_utc_ns = now_ns - hour_ns;
  facts.complete = true;
  facts.freshness = "fresh";
  return facts;
}

Verdict judged(const Facts& facts) {
  return judge(parse_inbound(policy_text, "in.toml").policy, facts, now_ns);
}

TEST(Inbound, policy_has_no_mistake) {
  for (const auto& p : parse_inbound(policy_text, "in.toml").problems)
    ADD_FAILURE() << base::render(p, base::Language::en);
}

TEST(Inbound, what_meets_every_condition_is_accepted_by_its_rule) {
  const Verdict verdict = judged(good());
  EXPECT_EQ(verdict.action, Action::accept);
  EXPECT_EQ(verdict.line, 6u);
  EXPECT_TRUE(verdict.code.empty());
}

TEST(Inbound, nothing_is_accepted_without_a_rule) {
  const Verdict verdict = judge({}, good(), now_ns);
  EXPECT_EQ(verdict.action, Action::refuse);
  EXPECT_EQ(verdict.code, "no_rule");
}

struct Spoiled {
  const char* name;
  void (*spoil)(Facts&);
  const char* code;
  uint32_t line;
};

class InboundSpoiled : public ::testing::TestWithParam<Spoiled> {};

TEST_P(InboundSpoiled, one_condition_less_is_refused_with_its_code_and_line) {
  Facts facts = good();
  GetParam().spoil(facts);
  const Verdict verdict = judged(facts);
  EXPECT_NE(verdict.action, Action::accept);
  EXPECT_EQ(verdict.code, GetParam().code);
  EXPECT_EQ(verdict.line, GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(
    Each, InboundSpoiled,
    ::testing::Values(
        Spoiled{"authority", [](Facts& f) { f.authority.reset(); }, "authority_unknown", 8},
        Spoiled{"authority_other", [](Facts& f) { f.authority = "xx"; }, "authority_unknown", 8},
        Spoiled{"certified", [](Facts& f) { f.certified = false; }, "not_certified", 9},
        Spoiled{"certified_hidden", [](Facts& f) { f.certified.reset(); }, "not_shown", 9},
        Spoiled{"level", [](Facts& f) { f.level = 1; }, "level_low", 10},
        Spoiled{"suite", [](Facts& f) { f.suite = "0.9"; }, "suite_other", 11},
        Spoiled{"truth", [](Facts& f) { f.truth = "none"; }, "truth_weak", 12},
        Spoiled{"box", [](Facts& f) { f.box = 1; }, "box_weak", 13},
        Spoiled{"fidelity", [](Facts& f) { f.fidelity.insert("display"); }, "fidelity_other", 14},
        Spoiled{"fidelity_hidden", [](Facts& f) { f.fidelity.clear(); }, "not_shown", 14},
        Spoiled{"age", [](Facts& f) { f.ended_utc_ns = now_ns - 49 * hour_ns; }, "too_old", 15},
        Spoiled{"future", [](Facts& f) { f.ended_utc_ns = now_ns + hour_ns; }, "too_old", 15},
        Spoiled{"least_time", [](Facts& f) { f.ended_utc_ns = INT64_MIN; }, "too_old", 15},
        Spoiled{"incomplete", [](Facts& f) { f.complete = false; }, "incomplete", 18},
        Spoiled{"replayed", [](Facts& f) { f.freshness = "replayed"; }, "replay_suspected", 17},
        Spoiled{"synthetic", [](Facts& f) { f.freshness = "synthetic"; }, "replay_suspected", 17},
        Spoiled{"recording", [](Facts& f) { f.replayed = true; }, "replay_suspected", 17},
        Spoiled{"unjudged", [](Facts& f) { f.freshness.reset(); }, "not_shown", 17},
        Spoiled{"vendor", [](Facts& f) { f.vendor = "Forbidden Works"; }, "agency_policy", 2}),
    [](const auto& test) { return test.param.name; });

TEST(Inbound, incomplete_scan_of_a_friend_is_put_aside) {
  Facts facts = good();
  facts.complete = false;
  EXPECT_EQ(judged(facts).action, Action::quarantine);
}

TEST(Inbound, age_is_taken_to_its_hour_and_no_further) {
  Facts facts = good();
  facts.ended_utc_ns = now_ns - 48 * hour_ns;
  EXPECT_EQ(judged(facts).action, Action::accept);
  facts.ended_utc_ns = now_ns - 48 * hour_ns - 1;
  EXPECT_EQ(judged(facts).action, Action::refuse);
}

TEST(Inbound, rule_that_accepts_from_anyone_is_a_mistake) {
  const auto read =
      parse_inbound("schema = \"garita.inbound/1\"\n[[rule]]\naction = \"accept\"\n", "in.toml");
  ASSERT_EQ(read.problems.size(), 1u);
  EXPECT_EQ(read.problems[0].id, "exchange.policy_from");
}

TEST(Inbound, mistakes_are_told_with_their_lines) {
  const auto read = parse_inbound(
      "schema = \"garita.inbound/1\"\n[[rule]]\naction = \"allow\"\nbox = 9\ncode = \"xyz\"\nfine = 1\n",
      "in.toml");
  ASSERT_EQ(read.problems.size(), 4u);
  for (const auto& problem : read.problems) EXPECT_GE(problem.field("line"), "3") << problem.id;
}

TEST(Inbound, every_reason_has_a_sentence_in_both_languages) {
  for (const std::string_view code : reasons())
    for (const auto language : {base::Language::en, base::Language::es})
      EXPECT_NE(base::sentence(language, "exchange.reason_" + std::string(code)), nullptr) << code;
}

}  // namespace
}  // namespace garita::exchange
