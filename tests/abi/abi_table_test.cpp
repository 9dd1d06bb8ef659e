// Frozen: sizes, offsets, numbers and texts of every released version, compared with today's headers.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "garita/abi.h"

namespace {

namespace fs = std::filesystem;

std::string today() {
  FILE* pipe = popen(GARITA_BIN_DIR "/abi_table", "r");
  std::string text;
  std::array<char, 4096> buffer;
  for (size_t got; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) text.append(buffer.data(), got);
  EXPECT_EQ(pclose(pipe), 0);
  return text;
}

std::string read(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// "garita_text 16" and the fields below it as "garita_text.size_bytes 8 4"; sizes of structs that carry
// struct_size may grow, so those stand without it.
std::set<std::string> facts_of(const std::string& table) {
  std::set<std::string> facts;
  std::string type, size;
  bool sized = false;
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string offset, bytes, field;
    if (line.rfind("  ", 0) == 0) {
      words >> offset >> bytes >> field;
      sized = sized || field == "struct_size";
      facts.insert(type + "." + field + " " + offset + " " + bytes);
      continue;
    }
    if (!type.empty() && !sized) facts.insert(type + " " + size);
    words >> type >> size;
    sized = false;
  }
  return facts;
}

std::vector<fs::path> frozen_tables() {
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(GARITA_SOURCE_DIR "/tests/abi"))
    if (entry.path().filename().string().rfind("abi-", 0) == 0) tables.push_back(entry.path());
  return tables;
}

TEST(AbiTable, of_the_latest_version_is_frozen_to_the_byte) {
  const std::string name = "abi-" + std::to_string(GARITA_ABI_LATEST >> 16) + "." +
                           std::to_string(GARITA_ABI_LATEST & 0xFFFF) + ".txt";
  EXPECT_EQ(today(), read(fs::path(GARITA_SOURCE_DIR "/tests/abi") / name));
}

TEST(AbiTable, keeps_every_fact_of_every_released_version) {
  const std::set<std::string> now = facts_of(today());
  ASSERT_FALSE(frozen_tables().empty());
  for (const fs::path& table : frozen_tables())
    for (const std::string& fact : facts_of(read(table)))
      EXPECT_EQ(now.count(fact), 1u) << table << ": " << fact;
}

// The table lists what somebody wrote down: nothing of the headers may be missing from it.
TEST(AbiTable, names_every_struct_and_every_number_of_the_headers) {
  const std::string table = "\n" + today();
  size_t names = 0;
  for (const auto& entry : fs::recursive_directory_iterator(GARITA_SOURCE_DIR "/sdk/include/garita")) {
    if (!entry.is_regular_file()) continue;
    std::istringstream lines(read(entry.path()));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string first, second, third;
      words >> first >> second >> third;
      const bool is_struct = first == "typedef" && second == "struct";
      const bool is_number = first == "#define" && second.find('(') == std::string::npos && !third.empty() &&
                             third.find("__") == std::string::npos && third.rfind("/*", 0) != 0 &&
                             third != "extern" && third != "}" && second != "GARITA_ABI_MIN" &&
                             second != "GARITA_ABI_LATEST";
      if (!is_struct && !is_number) continue;
      const std::string name = is_struct ? third : second;
      EXPECT_NE(table.find("\n" + name + " "), std::string::npos) << entry.path() << ": " << name;
      ++names;
    }
  }
  EXPECT_GT(names, 100u);
}

}  // namespace
