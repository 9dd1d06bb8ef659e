// The kept sets, a folder a version, and what every test of them says when one does not read any more.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/file.hpp"
#include "core/base/ids.hpp"
#include "core/base/signature.hpp"
#include "core/base/text.hpp"
#include "tests/cli/program.hpp"
#include "tests/frozen/description.hpp"

namespace garita::frozen {

namespace fs = std::filesystem;

inline constexpr uint64_t max_kept_bytes = 300u << 10;  // of a file

inline fs::path home() { return GARITA_SOURCE_DIR "/tests/frozen"; }

inline std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

inline std::vector<fs::path> versions() {
  auto found = files_in(home());
  std::erase_if(found, [](const fs::path& path) { return !fs::exists(path / "SHA256SUMS"); });
  return found;
}

// "tests/frozen/1.0/packages/portal.garita no longer reads: "
inline std::string no_longer(const fs::path& path, const std::string& does = "reads") {
  return path.lexically_relative(GARITA_SOURCE_DIR).string() + " no longer " + does + ": ";
}

inline std::string kept_text(const fs::path& path) {
  const auto text = base::read_text_file(path, max_kept_bytes);
  EXPECT_TRUE(text) << path << " is not there";
  return text ? *text : "";
}

inline std::string said(const base::Error& error) { return base::render(error, base::Language::en); }

inline std::string test_name(const fs::path& path) {
  std::string name = path.lexically_relative(home()).string();
  std::ranges::replace_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
}
inline std::string name_of(const ::testing::TestParamInfo<fs::path>& info) { return test_name(info.param); }

// A test for each version that was kept.
class Version : public ::testing::TestWithParam<fs::path> {
 protected:
  fs::path kept(const std::string& name) const { return GetParam() / name; }
  base::PublicKey lab() const {
    std::string text = kept_text(kept("evidence/lab.pub"));
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return *base::PublicKey::from_der(*base::from_base64(text));
  }
  cli_test::Outcome run(const std::string& command) { return cli_test::run(folder, command); }

  base::testing::TemporaryFolder folder;
};

}  // namespace garita::frozen
