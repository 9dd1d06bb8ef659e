#include "core/exchange/policy/sharing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace garita::exchange {
namespace {

const std::string head = "schema = \"garita.sharing/1\"\n[[rule]]\nto = [\"b\"]\npurpose = [\"p\"]\n";

// "id line" of each problem.
std::vector<std::string> problems(const std::string& toml) {
  std::vector<std::string> out;
  for (const base::Error& error : parse_sharing(toml, "p.toml").problems)
    out.push_back(error.id.substr(std::string("exchange.").size()) + " " + std::string(error.field("line")));
  return out;
}

using Texts = std::vector<std::string>;

TEST(Sharing, rule_without_content_gives_nothing) {
  const auto read = parse_sharing(head, "p.toml");
  ASSERT_TRUE(read.problems.empty());
  const SharingRule& rule = *read.policy.find("b", "p");
  EXPECT_FALSE(rule.field("identity.id").goes);
  EXPECT_FALSE(rule.plane(0).goes || rule.plane(3).goes || rule.raw_plane().goes || rule.calibration().goes);
  EXPECT_FALSE(rule.attachment(1).goes || rule.attachment(256).goes || rule.attachment(77).goes);
}

TEST(Sharing, unknown_recipient_or_purpose_has_no_rule) {
  const auto read = parse_sharing(head, "p.toml");
  EXPECT_EQ(read.policy.find("c", "p"), nullptr);
  EXPECT_EQ(read.policy.find("b", "q"), nullptr);
}

TEST(Sharing, class_of_a_field_decides_by_the_line_that_lists_it) {
  const auto read = parse_sharing(head + "classes = [\"technical\",\n \"cargo\"]\n", "p.toml");
  const Decision decision = read.policy.rules[0].field("conveyance.containers[3].number");
  EXPECT_TRUE(decision.goes);
  EXPECT_EQ(decision.line, 6u);
  EXPECT_EQ(read.policy.rules[0].field("conveyance.plates[0].number").why, Why::class_missing);
}

TEST(Sharing, withheld_field_stays_though_its_class_and_a_give_name_it) {
  const auto read = parse_sharing(head +
                                      "classes = [\"cargo\"]\ngive = [\"conveyance.containers\"]\nwithhold = "
                                      "[\"conveyance.containers[].number\"]\n",
                                  "p.toml");
  ASSERT_TRUE(read.problems.empty());
  const Decision decision = read.policy.rules[0].field("conveyance.containers[0].number");
  EXPECT_FALSE(decision.goes);
  EXPECT_EQ(decision.line, 7u);
}

TEST(Sharing, field_of_a_newer_record_goes_to_nobody) {
  const auto read = parse_sharing(head + "classes = [\"technical\"]\n", "p.toml");
  EXPECT_EQ(read.policy.rules[0].field("views[0].colour_of_tomorrow").why, Why::unknown_field);
}

TEST(Sharing, pattern_covers_whole_names_only) {
  EXPECT_TRUE(covers("conveyance.plates", "conveyance.plates[1].number"));
  EXPECT_TRUE(covers("conveyance.plates[].number", "conveyance.plates[9].number"));
  EXPECT_FALSE(covers("conveyance.plate", "conveyance.plates[1].number"));
  EXPECT_FALSE(covers("conveyance.plates[].number", "conveyance.plates[9]"));
}

TEST(Sharing, reduced_plane_shows_no_finer_overview_than_its_factor) {
  const auto read = parse_sharing(head + "planes = \"reduced\"\nfactor = 16\n", "p.toml");
  ASSERT_TRUE(read.problems.empty());
  const SharingRule& rule = read.policy.rules[0];
  EXPECT_FALSE(rule.plane(0).goes);
  EXPECT_FALSE(rule.plane(1).goes);
  EXPECT_TRUE(rule.plane(2).goes);
  EXPECT_TRUE(rule.plane(3).goes);
}

TEST(Sharing, mistakes_are_all_told_with_their_lines) {
  Texts found = problems(
      "schema = \"other\"\ncolour = 1\n[[rule]]\nto = [\"b\", \"B!\"]\nclasses = [\"cargos\"]\nnames = 3\n");
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Texts{"policy_key 2", "policy_missing 3", "policy_schema 1", "policy_value 6",
                          "policy_word 4", "policy_word 5"}));
}

TEST(Sharing, text_that_is_no_toml_is_told_with_its_line) {
  EXPECT_EQ(problems(head + "classes = [\n"), Texts{"policy_toml 5"});
  EXPECT_EQ(problems("[[[\n"), Texts{"policy_toml 1"});
}

TEST(Sharing, pair_that_two_rules_speak_of_is_refused) {
  EXPECT_EQ(problems(head + "[[rule]]\nto = [\"a\", \"b\"]\npurpose = [\"p\"]\n"), Texts{"policy_pair 6"});
}

TEST(Sharing, raw_planes_without_whole_planes_are_refused) {
  EXPECT_EQ(problems(head + "planes = \"reduced\"\nfactor = 4\nraw = true\n"), Texts{"policy_raw 7"});
}

TEST(Sharing, what_may_hold_anything_is_refused_where_anything_is_withheld) {
  EXPECT_EQ(problems(head + "classes = [\"unverified\"]\n"), Texts{"policy_needs_all 5"});
  EXPECT_EQ(problems(head + "recordings = true\n"), Texts{"policy_needs_all 5"});
  EXPECT_EQ(problems(head + "attachments = [\"original\"]\n"), Texts{"policy_needs_all 5"});
  EXPECT_EQ(problems(head + "give = [\"suspect\"]\n"), Texts{"policy_needs_all 5"});
}

TEST(Sharing, photograph_goes_only_where_plates_and_persons_go) {
  EXPECT_EQ(problems(head + "attachments = [\"scene\"]\n"), Texts{"policy_needs_sight 5"});
  EXPECT_TRUE(problems(head + "classes = [\"conveyance\", \"person\"]\nattachments = [\"scene\"]\n").empty());
  EXPECT_EQ(problems(head + "classes = [\"conveyance\", \"person\"]\nattachments = [\"plate\"]\nwithhold = "
                            "[\"conveyance.plates\"]\n"),
            Texts{"policy_needs_sight 6"});
}

TEST(Sharing, reduced_needs_a_factor_that_an_overview_has) {
  EXPECT_EQ(problems(head + "planes = \"reduced\"\n"), Texts{"policy_factor 5"});
  EXPECT_EQ(problems(head + "planes = \"reduced\"\nfactor = 10\n"), Texts{"policy_factor 5"});
  EXPECT_EQ(problems(head + "planes = \"whole\"\nfactor = 4\n"), Texts{"policy_factor 5"});
}

}  // namespace
}  // namespace garita::exchange
