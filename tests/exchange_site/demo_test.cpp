// The joint demo comes to its end by its own checks: everything arrived over the line that broke, and whoever
// listened in found nothing of what was certainly there.
#include "tests/cli/program.hpp"

namespace garita::joint_test {
namespace {

TEST(JointDemo, comes_to_its_end) {
  const base::testing::TemporaryFolder folder;
  const auto ran = cli_test::run(folder, "garita-demo --joint");
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("joint.png"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("side/high (1:16)"), std::string::npos) << "what the other side saw at first";
}

}  // namespace
}  // namespace garita::joint_test
