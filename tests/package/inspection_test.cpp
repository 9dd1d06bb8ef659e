#include "core/package/inspection.hpp"

#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

class InspectionTest : public PackageTest {
 protected:
  void SetUp() override {
    auto writer = *create();
    inspection_.mutable_identity()->set_lane("seven");
    inspection_.mutable_site()->set_name("Sonoyta");
    ASSERT_TRUE(finish(writer, inspection_).ok());
  }

  v1::Inspection inspection_;
};

TEST_F(InspectionTest, record_comes_back_as_it_was) {
  auto reader = *opened();
  const auto stored = *read_inspection(reader);
  EXPECT_EQ(stored.inspection.SerializeAsString(), inspection_.SerializeAsString());
  EXPECT_TRUE(stored.withheld.empty() && stored.unknown.empty());
}

TEST_F(InspectionTest, record_with_a_field_withheld_comes_back_without_it) {
  const RedactPolicy policy{
      .field = [](std::string_view path) { return path == "site.name" ? Keep::name : Keep::all; }};
  ASSERT_TRUE(redact(path_, "memory/copy.garita", policy, files_).ok());
  bytes() = files_.content("memory/copy.garita");
  auto reader = *opened();
  const auto stored = *read_inspection(reader);
  EXPECT_EQ(stored.inspection.identity().lane(), "seven");
  EXPECT_TRUE(stored.inspection.site().name().empty());
  EXPECT_EQ(stored.withheld, std::vector<std::string>{"site.name"});
}

}  // namespace
}  // namespace garita::package::testing
