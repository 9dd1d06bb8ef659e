// The arrows between the rooms go one way: the table of ARCHITECTURE.md, held against every #include line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Rooms = std::set<std::string>;

// Room -> the rooms it may include. Every room may include itself; tests, programs and the kit's runner
// anything.
const std::map<std::string, Rooms>& allowed() {
  static const std::map<std::string, Rooms> table = {
      {"sdk", {}},
      {"drivers", {"sdk"}},
      {"core/base", {}},
      {"core/image", {"sdk", "core/base"}},
      {"core/database", {"core/base"}},
      {"core/freshness", {"core/base"}},
      {"core/codec", {"sdk", "core/base"}},
      {"core/record", {"sdk", "core/base", "core/image"}},
      {"core/load", {"sdk", "core/base", "core/image"}},
      {"core/broker", {"sdk", "core/base"}},
      {"core/normalize", {"sdk", "core/base", "core/image", "core/record"}},
      {"core/picture", {"sdk", "core/base", "core/image"}},
      {"core/package", {"sdk", "core/base", "core/image", "core/codec", "core/record"}},
      {"core/trust", {"sdk", "core/base"}},
      {"core/export", {"sdk", "core/base", "core/image", "core/record", "core/picture", "core/package"}},
      {"core/isolate", {"sdk", "core/base", "core/image", "core/load", "core/broker"}},
      {"core/catalog", {"sdk", "core/base", "core/database", "core/record", "core/package"}},
      {"core/exchange", {"sdk", "core/base", "core/database", "core/record", "core/package", "core/trust"}},
      {"conformance/requirements", {"core/base"}},
      {"conformance/evidence", {"core/base"}},
      {"conformance/canary", {"sdk"}},
      {"conformance/mutants", {"sdk", "core/base"}},
      {"conformance/twin", {"sdk", "core/base"}},
      {"conformance/report", {"core/base", "conformance/requirements"}},
      {"conformance/input", {"sdk", "core/base", "core/load", "core/isolate", "core/host"}},
      {"conformance/quality", {"core/base", "core/export", "core/package", "core/picture"}},
      {"conformance/rules",
       {"sdk", "core/base", "core/image", "core/record", "core/load", "core/isolate", "core/normalize",
        "core/picture", "core/host", "conformance/requirements", "conformance/input", "conformance/twin"}},
  };
  return table;
}

// "core/base/text.cpp" -> "core/base"; "drivers/portal/wire.cpp" -> "drivers"; "garita/abi.h" -> "sdk".
std::string room_of(const std::string& path) {
  std::smatch match;
  if (std::regex_search(path, match, std::regex("^(core|conformance)/[a-z]+"))) return match.str();
  if (path.rfind("garita/", 0) == 0 || path.rfind("sdk/", 0) == 0) return "sdk";
  for (const char* top : {"drivers", "tools", "examples", "tests"})
    if (path.rfind(std::string(top) + "/", 0) == 0) return top;
  return "";  // the system's
}

std::vector<fs::path> sources(const fs::path& root) {
  std::vector<fs::path> found;
  for (const char* top : {"sdk", "core", "drivers", "conformance"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension == ".h" || extension == ".hpp" || extension == ".cpp" || extension == ".c")
        found.push_back(entry.path());
    }
  return found;
}

std::vector<std::string> upward_arrows(const std::string& file, std::istream& text) {
  static const std::regex include("^\\s*#\\s*include\\s*[\"<]([^\">]+)[\">]");
  const std::string room = room_of(file);
  std::vector<std::string> wrong;
  std::smatch match;
  for (std::string line; std::getline(text, line);) {
    if (!std::regex_search(line, match, include)) continue;
    const std::string target = room_of(match[1].str());
    if (target.empty() || target == room) continue;
    const auto rooms = allowed().find(room);
    if (room == "core/host") {
      if (target.rfind("core/", 0) == 0 || target == "sdk") continue;
    } else if (rooms != allowed().end() && rooms->second.contains(target)) {
      continue;
    }
    wrong.push_back(file + " includes " + match[1].str() + ": " + room + " must not know " + target);
  }
  return wrong;
}

TEST(Layers, every_include_points_downward) {
  const fs::path root = GARITA_SOURCE_DIR;
  size_t files = 0;
  for (const fs::path& path : sources(root)) {
    std::ifstream text(path);
    const std::string file = fs::relative(path, root).generic_string();
    if (file.find("/tests/") != std::string::npos || room_of(file) == "conformance/runner") continue;
    for (const std::string& arrow : upward_arrows(file, text)) ADD_FAILURE() << arrow;
    ++files;
  }
  EXPECT_GT(files, 50u);
}

TEST(Layers, a_driver_that_includes_core_is_found) {
  std::istringstream text("#include \"core/base/result.hpp\"\n");
  EXPECT_EQ(upward_arrows("drivers/acme/driver.cpp", text).size(), 1u);
}

TEST(Layers, load_that_includes_broker_is_found) {
  std::istringstream text("#include \"core/broker/broker.hpp\"\n");
  EXPECT_EQ(upward_arrows("core/load/session.cpp", text).size(), 1u);
}

TEST(Layers, a_part_of_the_kit_that_includes_its_runner_is_found) {
  std::istringstream text("#include \"conformance/runner/terminal.hpp\"\n");
  EXPECT_EQ(upward_arrows("conformance/mutants/mechanical/x.cpp", text).size(), 1u);
}

TEST(Layers, a_room_that_the_table_does_not_name_is_found) {
  std::istringstream text("#include \"core/base/result.hpp\"\n");
  EXPECT_EQ(upward_arrows("core/cellar/x.cpp", text).size(), 1u);
}

}  // namespace
