#include "core/exchange/audit/at_rest.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "core/base/testing/temporary_folder.hpp"

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;

// What the system says of block devices, made by hand.
class AtRestTest : public ::testing::Test {
 protected:
  void device(const std::string& name, const std::string& uuid, const std::vector<std::string>& slaves = {}) {
    fs::create_directories(blocks_ / name / "dm");
    std::ofstream(blocks_ / name / "dev") << name << '\n';
    if (!uuid.empty()) std::ofstream(blocks_ / name / "dm" / "uuid") << uuid << '\n';
    for (const std::string& slave : slaves) {
      fs::create_directories(blocks_ / name / "slaves" / slave);
      std::ofstream(blocks_ / name / "slaves" / slave / "dev") << slave << '\n';
    }
  }
  base::testing::TemporaryFolder folder_;
  const fs::path blocks_ = folder_.path() / "block";
};

TEST_F(AtRestTest, luks_volume_is_encrypted_and_a_plain_disk_is_not) {
  device("254:0", "CRYPT-LUKS2-0123-state");
  device("8:1", "");
  EXPECT_TRUE(is_encrypted_device(blocks_, "254:0"));
  EXPECT_FALSE(is_encrypted_device(blocks_, "8:1"));
  EXPECT_FALSE(is_encrypted_device(blocks_, "9:9"));
}

TEST_F(AtRestTest, logical_volume_is_encrypted_where_all_that_it_lies_on_is) {
  device("254:0", "CRYPT-LUKS2-0123-a");
  device("8:1", "");
  device("254:1", "LVM-abc", {"254:0"});
  device("254:2", "LVM-abc", {"254:0", "8:1"});
  EXPECT_TRUE(is_encrypted_device(blocks_, "254:1"));
  EXPECT_FALSE(is_encrypted_device(blocks_, "254:2"));
}

TEST_F(AtRestTest, devices_that_lie_on_each_other_end) {
  device("254:1", "LVM-a", {"254:2"});
  device("254:2", "LVM-b", {"254:1"});
  EXPECT_FALSE(is_encrypted_device(blocks_, "254:1"));
}

TEST_F(AtRestTest, folder_of_which_nothing_is_known_is_refused_by_name) {
  const auto refused = require_at_rest(folder_.path() / "nowhere", blocks_);
  EXPECT_EQ(refused.error().id, "exchange.at_rest");
  EXPECT_NE(refused.error().field("path").find("nowhere"), std::string_view::npos);
}

TEST_F(AtRestTest, folder_on_its_volume_is_taken) {
  const AtRest found = at_rest_of(folder_.path(), blocks_);  // no device is known here
  EXPECT_TRUE(found == AtRest::unknown || found == AtRest::memory || found == AtRest::folder);
}

}  // namespace
}  // namespace garita::exchange
