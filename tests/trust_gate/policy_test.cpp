// What a site.toml may ask of drivers, and what is no demand at all.
#include "core/host/site/site_config.hpp"
#include "tests/trust_gate/gate_fixture.hpp"

namespace garita::trust_test {
namespace {

class Policy : public Gate {
 protected:
  base::Result<host::SitePlan> read_with(const std::string& lines) {
    write("p.toml", "schema = \"garita.site/1\"\n[policy]\n" + lines);
    return host::read_policy(folder / "p.toml");
  }
  std::string refusal(const std::string& lines) {
    const auto plan = read_with(lines);
    return plan ? "right" : plan.error().id;
  }
};

TEST_F(Policy, is_open_where_nothing_is_said) {
  const auto plan = read_with("box = \"B2\"\n");
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->trust.open);
  EXPECT_EQ(plan->box, isolate::Box::B2);
}

TEST_F(Policy, says_what_a_certificate_must) {
  const auto plan = read_with(
      "box = \"B2\"\ntrust = \"certified\"\n[policy.certified]\nroles = [\"mx\", \"us\"]\nlevel = 3\n"
      "profiles = [\"dual_energy\", \"transmission\"]\ngrace_hours = 5\n");
  ASSERT_TRUE(plan) << base::render(plan.error(), base::Language::en);
  EXPECT_FALSE(plan->trust.open);
  EXPECT_EQ(plan->trust.roles, (std::vector<std::string>{"mx", "us"}));
  EXPECT_EQ(plan->trust.level, 3u);
  EXPECT_EQ(plan->trust.profiles.size(), 2u);
  EXPECT_EQ(plan->trust.box, 2u);
  EXPECT_EQ(plan->trust.status_grace_ns, 5ll * 3600 * 1'000'000'000);
  EXPECT_FALSE(plan->trust.pilot);
}

TEST_F(Policy, that_protects_nothing_is_refused) {
  EXPECT_EQ(refusal("trust = \"certified\"\n"), "config.trust_roles");
  EXPECT_EQ(refusal("trust = \"open\"\n[policy.certified]\nroles = [\"mx\"]\n"), "config.trust_open");
  EXPECT_EQ(refusal("trust = \"certified\"\n[policy.certified]\nroles = [\"M X\"]\n"), "config.trust_role");
}

TEST_F(Policy, with_a_word_nobody_knows_is_refused) {
  EXPECT_EQ(refusal("trust = \"maybe\"\n"), "config.unknown_word");
  EXPECT_EQ(refusal("trust = \"certified\"\n[policy.certified]\nroles = \"mx\"\n"), "config.wrong_type");
  EXPECT_EQ(refusal("trust = \"certified\"\n[policy.certified]\nroles = [1]\n"), "config.wrong_type");
  EXPECT_EQ(refusal("trust = \"certified\"\n[policy.certified]\nroles = [\"mx\"]\nvendor = \"Acme\"\n"),
            "config.unknown_key");
  EXPECT_EQ(refusal("trust = \"certified\"\n[policy.certified]\nroles = [\"mx\"]\nlevel = 4\n"),
            "config.out_of_range");
}

}  // namespace
}  // namespace garita::trust_test
