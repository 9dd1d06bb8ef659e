// A header of core stands alone: its own .cpp includes it before anything else, so that it cannot lean on what came before.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

namespace fs = std::filesystem;

std::string first_include(const fs::path& source) {
  std::ifstream text(source);
  for (std::string line; std::getline(text, line);)
    if (line.rfind("#include", 0) == 0) return line;
  return "";
}

TEST(Headers, every_source_includes_its_own_header_first) {
  const fs::path root = GARITA_SOURCE_DIR;
  size_t pairs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(root / "core")) {
    fs::path header = entry.path();
    if (header.extension() != ".cpp" || !fs::exists(header.replace_extension(".hpp"))) continue;
    const std::string expected = "#include \"" + fs::relative(header, root).generic_string() + "\"";
    EXPECT_EQ(first_include(entry.path()), expected) << entry.path();
    ++pairs;
  }
  EXPECT_GT(pairs, 50u);
}

}  // namespace
