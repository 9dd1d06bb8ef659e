// Drivers that a site installs: whole or not at all, switched at once, and back again.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/file.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/host/site/driver_store.hpp"
#include "tests/site/portal_package.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

class Store : public ::testing::Test {
 protected:
  fs::path package(const std::string& version) { return testing::portal_package(folder.path(), version); }

  std::string running() const {
    const auto found =
        load::find_driver("portal", std::vector<fs::path>{installed_drivers(folder / "state")});
    return found ? found->version : "";
  }

  base::testing::TemporaryFolder folder;
  DriverStore store{folder / "state"};
};

TEST_F(Store, an_installed_driver_is_found_and_an_update_takes_its_place) {
  ASSERT_TRUE(store.install(package("1.0.1")).ok());
  EXPECT_EQ(running(), "1.0.1");
  ASSERT_TRUE(store.install(package("1.0.2"), true).ok());
  EXPECT_EQ(running(), "1.0.2");
  EXPECT_EQ(store.list().size(), 2u);
}

TEST_F(Store, rollback_goes_to_the_version_before_and_forth_again) {
  ASSERT_TRUE(store.install(package("1.0.1")) && store.install(package("1.0.2")));
  ASSERT_TRUE(store.rollback("portal").ok());
  EXPECT_EQ(running(), "1.0.1");
  ASSERT_TRUE(store.rollback("portal").ok());
  EXPECT_EQ(running(), "1.0.2");
}

TEST_F(Store, rollback_without_an_older_version_changes_nothing) {
  EXPECT_EQ(store.rollback("portal").error().id, "store.not_installed");
  EXPECT_EQ(store.rollback("../x").error().id, "store.not_installed");
  ASSERT_TRUE(store.install(package("1.0.1")).ok());
  EXPECT_EQ(store.rollback("portal").error().id, "store.no_older");
  EXPECT_EQ(running(), "1.0.1");
}

TEST_F(Store, an_update_of_what_was_never_installed_is_refused) {
  EXPECT_EQ(store.install(package("1.0.1"), true).error().id, "store.not_installed");
  EXPECT_EQ(running(), "");
}

TEST_F(Store, a_package_with_a_changed_binary_is_refused_and_the_old_one_stays) {
  ASSERT_TRUE(store.install(package("1.0.1")).ok());
  const fs::path bad = package("1.0.2");
  fs::permissions(bad / "portal.so", fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(bad / "portal.so", std::ios::app) << "x";
  EXPECT_EQ(store.install(bad).error().id, "store.digest");
  EXPECT_EQ(running(), "1.0.1");
}

TEST_F(Store, a_driver_that_does_not_load_is_refused_and_the_old_one_stays) {
  ASSERT_TRUE(store.install(package("1.0.1")).ok());
  const fs::path liar = package("1.0.2");
  std::string manifest = *base::read_text_file(liar / "portal.garita.json", 1u << 20);
  manifest.replace(manifest.find("\"1.0.2\""), 7, "\"9.9.9\"");
  std::ofstream(liar / "portal.garita.json") << manifest;
  EXPECT_EQ(store.install(liar).error().id, "load.describe_differs");
  EXPECT_EQ(running(), "1.0.1");
  EXPECT_EQ(store.list().size(), 1u);
}

TEST_F(Store, what_a_killed_installation_left_is_no_driver) {
  fs::create_directories(folder / "state/drivers/store/portal/.incoming");
  std::ofstream(folder / "state/drivers/store/portal/.incoming/portal.garita.json") << "{";
  EXPECT_TRUE(store.list().empty());
  ASSERT_TRUE(store.install(package("1.0.1")).ok());
  EXPECT_EQ(store.list().size(), 1u);
}

TEST_F(Store, a_folder_without_a_manifest_or_with_two_is_told_so) {
  EXPECT_EQ(store.install(folder.path()).error().id, "store.no_manifest");
  const fs::path two = package("1.0.1");
  fs::copy(two / "portal.garita.json", two / "other.garita.json");
  EXPECT_EQ(store.install(two).error().id, "store.many_manifests");
}

}  // namespace
}  // namespace garita::host
