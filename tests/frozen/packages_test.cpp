// Packages that were kept say today what they said then: every plane, field and addendum.
#include "tests/frozen/frozen.hpp"

namespace garita::frozen {
namespace {

std::vector<fs::path> packages() {
  std::vector<fs::path> found;
  for (const fs::path& version : versions())
    for (const fs::path& file : files_in(version / "packages"))
      if (fs::exists(file.string() + ".txt")) found.push_back(file);
  return found;
}

class Packages : public ::testing::TestWithParam<fs::path> {};

TEST_P(Packages, say_what_they_said_when_they_were_kept) {
  const std::string difference =
      first_difference(kept_text(GetParam().string() + ".txt"), describe_package(GetParam()));
  EXPECT_EQ(difference, "") << no_longer(GetParam(), "reads as it did") << difference;
}

INSTANTIATE_TEST_SUITE_P(Of, Packages, ::testing::ValuesIn(packages()), name_of);

using Whole = Version;

TEST_P(Whole, packages_are_verified_by_the_program) {
  for (const char* name : {"portal", "portal_redacted", "every_kind", "predictive"}) {
    const fs::path package = kept("packages/" + std::string(name) + ".garita");
    const cli_test::Outcome answer = run("garita verify " + package.string());
    EXPECT_EQ(answer.exit_code, 0) << no_longer(package, "verifies") << answer.out << answer.err;
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Whole, ::testing::ValuesIn(versions()), name_of);

TEST(FirstDifference, names_the_line_in_both) {
  EXPECT_EQ(first_difference("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(first_difference("a\nbc\nd\n", "a\nbx\nd\n"), "kept: 'bc', now: 'bx'");
  EXPECT_EQ(first_difference("a\nb\n", "a\n"), "kept: 'b', now: ''");
  EXPECT_EQ(first_difference("a\n", "a\nb\n"), "kept: '', now: 'b'");
  EXPECT_EQ(first_difference("", "b\n"), "kept: '', now: 'b'");
}

}  // namespace
}  // namespace garita::frozen
