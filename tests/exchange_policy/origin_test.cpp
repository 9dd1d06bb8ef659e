#include "core/exchange/policy/origin.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace garita::exchange {
namespace {

bool neutral(const std::string& toml) {
  const auto keys = keys_read(toml, "site.toml");
  EXPECT_TRUE(keys.ok());
  return std::none_of(keys->begin(), keys->end(), [](const ReadKey& key) { return key.origin; });
}

TEST(Origin, admission_policy_of_a_site_reads_no_vendor_and_no_country) {
  EXPECT_TRUE(
      neutral("[policy]\ntrust = \"certified\"\nbox = \"B2\"\n[policy.certified]\nroles = [\"mx\", "
              "\"us\"]\nlevel = 2\n"
              "profiles = [\"dual_energy\"]\ngrace_hours = 72\npilot = false\n"));
}

TEST(Origin, policy_that_asks_for_a_vendor_or_anything_unknown_is_named_with_its_line) {
  const auto keys = *keys_read("[policy.certified]\nlevel = 2\nvendor = [\"x\"]\n", "site.toml");
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_TRUE(std::any_of(keys.begin(), keys.end(), [](const ReadKey& key) {
    return key.origin && key.key == "policy.certified.vendor" && key.line == 3;
  }));
  EXPECT_FALSE(neutral("[policy.certified]\nbirthplace = \"x\"\n"));
}

TEST(Origin, inbound_rules_that_name_a_vendor_are_found) {
  EXPECT_TRUE(neutral("[[rule]]\naction = \"accept\"\nfrom = [\"mx\"]\nlevel = 2\n"));
  EXPECT_FALSE(neutral("[[rule]]\naction = \"refuse\"\nvendor = [\"x\"]\n"));
  EXPECT_FALSE(neutral("[[rule]]\naction = \"refuse\"\ncountry = [\"XX\"]\n"));
}

TEST(Origin, file_without_a_policy_proves_nothing) {
  EXPECT_EQ(keys_read("[site]\nname = \"x\"\n", "site.toml").error().id, "exchange.policy_none");
  EXPECT_EQ(keys_read("[[[", "site.toml").error().id, "exchange.policy_toml");
}

}  // namespace
}  // namespace garita::exchange
