// The kept files are those that were kept: one that changed would prove nothing.
#include <sstream>

#include "core/base/digest.hpp"
#include "tests/frozen/frozen.hpp"

namespace garita::frozen {
namespace {

constexpr uint64_t max_version_bytes = 2u << 20;

std::vector<fs::path> all_files(const fs::path& version) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(version))
    if (entry.is_regular_file() && entry.path().filename() != "SHA256SUMS") found.push_back(entry.path());
  return found;
}

using Files = Version;

TEST_P(Files, are_as_they_were_kept_and_none_is_missing) {
  std::istringstream sums(kept_text(kept("SHA256SUMS")));
  size_t listed = 0;
  for (std::string digest, name; sums >> digest >> name; ++listed) {
    const auto bytes = base::read_text_file(kept(name), max_kept_bytes);
    ASSERT_TRUE(bytes) << said(bytes.error());
    EXPECT_EQ(base::to_text(base::sha256(*bytes)), digest)
        << kept(name)
        << " was changed: what was kept is never made again; a new version gets a folder of its own";
  }
  EXPECT_EQ(listed, all_files(GetParam()).size()) << "SHA256SUMS does not list every file of " << GetParam();
}

TEST_P(Files, are_small) {
  uint64_t total = 0;
  for (const fs::path& file : all_files(GetParam())) {
    EXPECT_LE(fs::file_size(file), max_kept_bytes) << file;
    total += fs::file_size(file);
  }
  EXPECT_LE(total, max_version_bytes);
}

INSTANTIATE_TEST_SUITE_P(Of, Files, ::testing::ValuesIn(versions()), name_of);

TEST(Frozen, has_the_first_version) { EXPECT_TRUE(fs::exists(home() / "1.0/SHA256SUMS")); }

}  // namespace
}  // namespace garita::frozen
