#include "core/exchange/audit/roles.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/base/testing/temporary_folder.hpp"

namespace garita::exchange {
namespace {

class RolesTest : public ::testing::Test {
 protected:
  void roles(const std::string& role, const std::string& user) {
    std::ofstream(state_.path() / "roles.toml")
        << "schema = \"garita.roles/1\"\n[[rule]]\nrole = \"" << role << "\"\nusers = [\"" << user << "\"]\n";
  }
  std::string log() {
    std::ifstream file(state_.path() / "audit" / "audit.log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  base::testing::TemporaryFolder state_;
};

TEST_F(RolesTest, each_role_may_what_its_work_asks_for) {
  EXPECT_TRUE(may(Role::viewer, Act::show) && may(Role::viewer, Act::view));
  EXPECT_FALSE(may(Role::viewer, Act::export_) || may(Role::viewer, Act::govern) ||
               may(Role::viewer, Act::audit));
  EXPECT_TRUE(may(Role::analyst, Act::export_));
  EXPECT_FALSE(may(Role::analyst, Act::govern));
  EXPECT_TRUE(may(Role::supervisor, Act::govern));
  EXPECT_TRUE(may(Role::auditor, Act::audit));
  EXPECT_FALSE(may(Role::auditor, Act::show) || may(Role::auditor, Act::view) ||
               may(Role::auditor, Act::export_));
}

TEST_F(RolesTest, site_without_roles_lets_all_look_and_says_so) {
  EXPECT_TRUE(look(state_.path(), Act::view, "abc", "page").ok());
  EXPECT_NE(log().find(R"("role":"open")"), std::string::npos);
}

TEST_F(RolesTest, look_of_a_viewer_is_a_line) {
  roles("viewer", user_name());
  EXPECT_TRUE(look(state_.path(), Act::show, "abc", "record").ok());
  EXPECT_NE(log().find("look.show"), std::string::npos);
  EXPECT_NE(log().find(user_name()), std::string::npos);
}

TEST_F(RolesTest, look_without_a_role_is_refused_and_is_a_line_too) {
  roles("viewer", "somebody-else");
  EXPECT_EQ(look(state_.path(), Act::show, "abc", "record").error().id, "exchange.role_missing");
  EXPECT_NE(log().find("look.refused"), std::string::npos);
  roles("viewer", user_name());
  EXPECT_EQ(look(state_.path(), Act::export_, "abc", "tiff").error().id, "exchange.role_missing");
}

TEST_F(RolesTest, roles_that_are_not_understood_let_nobody_look) {
  std::ofstream(state_.path() / "roles.toml")
      << "schema = \"garita.roles/1\"\n[[rule]]\nrole = \"king\"\nusers = [\"x\"]\n";
  EXPECT_EQ(look(state_.path(), Act::show, "abc", "record").error().id, "exchange.policy_word");
}

TEST_F(RolesTest, what_cannot_be_written_down_is_not_shown) {
  std::ofstream(state_.path() / "audit") << "a file where the folder should be";
  EXPECT_FALSE(look(state_.path(), Act::show, "abc", "record").ok());
}

}  // namespace
}  // namespace garita::exchange
