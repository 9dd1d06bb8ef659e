// What may go to whom, who may look, and what is written down of it: by the program, as a person types it.
#include <fstream>

#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

class PolicyCli : public Cli {
 protected:
  void SetUp() override {
    std::ofstream(folder / "sharing.toml") << "schema = \"garita.sharing/1\"\n"
                                              "[[rule]]\n"
                                              "to = [\"us.cbp\"]\n"
                                              "purpose = [\"risk\"]\n"
                                              "classes = [\"technical\", \"time\", \"identity\"]\n"
                                              "planes = \"whole\"\n"
                                              "calibrations = true\n";
    ASSERT_EQ(scan("--seed 3").exit_code, 0);
  }
  std::string plate() {
    const auto record = nlohmann::json::parse(run("garita show " + package() + " --json").out);
    return record["conveyance"]["plates"][0]["number"];
  }
  void say_roles(const std::string& rule) {
    std::ofstream(folder / "state/roles.toml") << "schema = \"garita.roles/1\"\n" << rule;
  }
};

TEST_F(PolicyCli, mistake_of_a_policy_is_told_with_its_line) {
  EXPECT_EQ(run("garita policy check sharing.toml").exit_code, 0);
  std::ofstream(folder / "sharing.toml", std::ios::app) << "plates = true\n";
  const Outcome wrong = run("garita policy check sharing.toml");
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_NE(wrong.err.find("line 8"), std::string::npos) << wrong.err;
}

TEST_F(PolicyCli, explain_names_for_each_field_the_line_that_decides) {
  const Outcome said = run("garita policy explain sharing.toml " + package() + " --to us.cbp --purpose risk");
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_NE(said.out.find("goes      5     identity.id"), std::string::npos) << said.out;
  EXPECT_EQ(said.out.find("goes      5     conveyance.plates"), std::string::npos) << said.out;
  EXPECT_NE(run("garita policy explain sharing.toml " + package() + " --to carrier --purpose risk").exit_code,
            2);
}

TEST_F(PolicyCli, redacted_copy_verifies_and_holds_no_plate) {
  const std::string plate = this->plate();
  ASSERT_FALSE(plate.empty());
  ASSERT_EQ(
      run("garita policy redact sharing.toml " + package() + " --to us.cbp --purpose risk --out copy.garita")
          .exit_code,
      0);
  EXPECT_EQ(run("garita verify copy.garita").exit_code, 0);
  EXPECT_EQ(run("garita show copy.garita").out.find(plate), std::string::npos);
  EXPECT_NE(run("garita show " + package()).out.find(plate), std::string::npos)
      << "the search finds what is there";
}

TEST_F(PolicyCli, policy_that_asks_for_a_vendor_is_not_neutral) {
  std::ofstream(folder / "site.toml") << "[policy]\nbox = \"B2\"\ntrust = \"open\"\n";
  EXPECT_EQ(run("garita policy check site.toml --origin-neutral").exit_code, 0);
  std::ofstream(folder / "inbound.toml") << "schema = \"garita.inbound/1\"\n[[rule]]\nvendor = [\"ACME\"]\n";
  EXPECT_EQ(run("garita policy check inbound.toml --origin-neutral").exit_code, 1);
}

TEST_F(PolicyCli, every_look_is_a_line_of_the_log_which_notices_a_change) {
  ASSERT_EQ(run("garita show " + package() + " --state state").exit_code, 0);
  ASSERT_EQ(run("garita view " + package() + " --out x.png --state state").exit_code, 0);
  const Outcome looks = run("garita audit export --folder state/audit --kind look.");
  EXPECT_NE(looks.out.find("look.show"), std::string::npos) << looks.out << looks.err;
  EXPECT_NE(looks.out.find("look.view"), std::string::npos) << looks.out;
  EXPECT_EQ(run("garita audit verify --folder state/audit").exit_code, 0);
  ASSERT_EQ(run("sed -i 's/look.view/look.vieW/' state/audit/audit.log").exit_code, 0);
  EXPECT_EQ(run("garita audit verify --folder state/audit").exit_code, 1);
}

TEST_F(PolicyCli, who_has_no_role_sees_nothing_and_that_is_written_down) {
  say_roles("[[rule]]\nrole = \"viewer\"\nusers = [\"nobody-of-this-machine\"]\n");
  const Outcome refused = run("garita show " + package() + " --state state");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.out.empty()) << refused.out;
  EXPECT_NE(run("garita audit export --folder state/audit --kind look.refused").out.find("look.refused"),
            std::string::npos);
}

TEST_F(PolicyCli, viewer_may_look_and_not_export) {
  const std::string user = run("id -un").out;
  say_roles("[[rule]]\nrole = \"viewer\"\nusers = [\"" + user.substr(0, user.find('\n')) + "\"]\n");
  EXPECT_EQ(run("garita show " + package() + " --state state").exit_code, 0);
  EXPECT_EQ(run("garita export " + package() + " --to npy --out e --state state").exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(folder / "e"));
}

// out/ is no part of state/: the package is moved to where a site would have it.
class SiteLook : public PolicyCli {
 protected:
  void SetUp() override {
    PolicyCli::SetUp();
    std::filesystem::create_directories(folder / "state/packages/lane");
    std::filesystem::rename(package(), folder / own);
    say_roles("[[rule]]\nrole = \"viewer\"\nusers = [\"nobody-of-this-machine\"]\n");
  }
  // Every look at it, with any other state or none.
  void expect_refused(const std::string& how) {
    for (const std::string look : {"show ", "view --out x.png ", "export --to npy --out e "}) {
      const Outcome refused = run("env XDG_STATE_HOME=$PWD/nothing garita " + look + how);
      EXPECT_EQ(refused.exit_code, 1) << look << how << refused.err;
      EXPECT_EQ(refused.out, "") << look << how;
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "x.png") || std::filesystem::exists(folder / "e"));
  }
  size_t looks(const std::string& kind) {
    const std::string log = run("garita audit export --folder state/audit --kind look." + kind).out;
    return static_cast<size_t>(std::count(log.begin(), log.end(), '\n'));
  }
  const std::string own = "state/packages/lane/own.garita";
};

TEST_F(SiteLook, site_of_the_package_is_asked_whatever_state_is_given) {
  expect_refused(own);
  expect_refused(own + " --state elsewhere");
  EXPECT_EQ(looks("refused"), 6u);
}

TEST_F(SiteLook, link_from_elsewhere_leads_to_the_same_site) {
  std::filesystem::create_symlink(folder / own, folder / "link.garita");
  std::filesystem::create_directory_symlink(folder / "state/packages", folder / "shelf");
  expect_refused("link.garita --state elsewhere");
  expect_refused("shelf/lane/own.garita --state elsewhere");
}

TEST_F(SiteLook, both_sites_must_allow_and_both_write_it_down) {
  const std::string user = run("id -un").out;
  say_roles("[[rule]]\nrole = \"viewer\"\nusers = [\"" + user.substr(0, user.find('\n')) + "\"]\n");
  EXPECT_EQ(run("garita show " + own + " --state elsewhere").exit_code, 0);
  EXPECT_EQ(looks("show"), 1u);
  EXPECT_NE(run("garita audit export --folder elsewhere/audit --kind look.show").out, "");
  EXPECT_EQ(run("garita show " + own + " --state state").exit_code, 0);
  EXPECT_EQ(looks("show"), 2u) << "one line where both are one";
  std::ofstream(folder / "elsewhere/roles.toml")
      << "schema = \"garita.roles/1\"\n[[rule]]\nrole = \"viewer\"\nusers = [\"nobody-of-this-machine\"]\n";
  EXPECT_EQ(run("garita show " + own + " --state elsewhere").exit_code, 1);
}

}  // namespace
}  // namespace garita::cli_test
