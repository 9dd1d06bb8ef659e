#include "core/base/state.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::base {
namespace {

class StateTest : public ::testing::Test {
 protected:
  static mode_t mode_of(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0;
  }
  const testing::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "parent/state";
};

TEST_F(StateTest, folder_is_made_for_its_owner_alone) {
  auto state = StateFolder::open(path_);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(mode_of(path_), 0700u);
  EXPECT_EQ(*state->folder("audit"), path_ / "audit");
  EXPECT_EQ(mode_of(path_ / "audit"), 0700u);
}

TEST_F(StateTest, second_writer_is_refused_until_the_first_ends) {
  {
    const auto state = StateFolder::open(path_);
    ASSERT_TRUE(state.ok());
    const auto second = StateFolder::open(path_);
    EXPECT_EQ(second.error().id, "base.state_locked");
    EXPECT_EQ(second.error().field("path"), path_.string());
  }
  EXPECT_TRUE(StateFolder::open(path_).ok());
}

TEST_F(StateTest, site_key_is_made_once) {
  const auto first = StateFolder::open(path_)->site_key();
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(mode_of(path_ / "keys/site.pem"), 0600u);
  EXPECT_EQ(first->algorithm(), SignatureAlgorithm::ed25519);
  const auto again = StateFolder::open(path_)->site_key();
  EXPECT_EQ(again->public_key(), first->public_key());
}

TEST_F(StateTest, exposed_site_key_is_refused_and_not_replaced) {
  ASSERT_TRUE(StateFolder::open(path_)->site_key().ok());
  ::chmod((path_ / "keys/site.pem").c_str(), 0644);
  EXPECT_EQ(StateFolder::open(path_)->site_key().error().id, "base.key_exposed");
}

TEST_F(StateTest, full_disk_leaves_no_half_key_in_the_way) {
  testing::FaultyFileSystem files;
  auto state = StateFolder::open(path_, files).value();
  files.fail({.call = testing::FileCall::append, .partial_bytes = 10});
  EXPECT_EQ(state.site_key().error().id, "base.disk_full");
  EXPECT_TRUE(state.site_key().ok());
}

TEST_F(StateTest, folder_that_everyone_may_write_is_refused) {
  std::filesystem::create_directories(path_);
  ::chmod(path_.c_str(), 0777);
  EXPECT_EQ(StateFolder::open(path_).error().id, "base.state_exposed");
}

TEST_F(StateTest, file_in_its_place_is_refused) {
  std::filesystem::create_directories(path_.parent_path());
  ASSERT_TRUE(write_file(path_, "").ok());
  EXPECT_FALSE(StateFolder::open(path_).ok());
}

class StatePlace : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const char* home = ::getenv("HOME")) home_ = home;
    ::unsetenv("XDG_STATE_HOME");
    ::setenv("HOME", "/home/someone", 1);
  }
  void TearDown() override {
    ::unsetenv("XDG_STATE_HOME");
    home_.empty() ? ::unsetenv("HOME") : ::setenv("HOME", home_.c_str(), 1);
  }
  std::string home_;
};

TEST_F(StatePlace, given_folder_wins) {
  ::setenv("XDG_STATE_HOME", "/xdg", 1);
  EXPECT_EQ(*find_state_folder("here"), "here");
}

TEST_F(StatePlace, xdg_comes_before_home) {
  EXPECT_EQ(*find_state_folder({}), "/home/someone/.local/state/garita");
  ::setenv("XDG_STATE_HOME", "/xdg", 1);
  EXPECT_EQ(*find_state_folder({}), "/xdg/garita");
}

TEST_F(StatePlace, relative_or_empty_variables_are_passed_over) {
  ::setenv("XDG_STATE_HOME", "relative", 1);
  EXPECT_EQ(*find_state_folder({}), "/home/someone/.local/state/garita");
  ::setenv("HOME", "", 1);
  EXPECT_EQ(find_state_folder({}).error().id, "base.state_homeless");
}

}  // namespace
}  // namespace garita::base
