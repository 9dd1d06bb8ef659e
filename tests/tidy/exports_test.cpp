// A driver exports exactly one symbol, and is hardened as the link options promise (abi rule 1).
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::string output_of(const std::string& command) {
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 4096> buffer;
  while (pipe && fgets(buffer.data(), buffer.size(), pipe.get())) text += buffer.data();
  return text;
}

std::vector<fs::path> drivers() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(GARITA_DRIVER_DIR))
    if (entry.path().extension() == ".so" && fs::exists(entry.path().parent_path() / (entry.path().stem().string() + ".garita.json")))
      found.push_back(entry.path());
  return found;
}

TEST(Exports, every_driver_exports_garita_driver_entry_alone) {
  ASSERT_FALSE(drivers().empty());
  for (const fs::path& driver : drivers())
    EXPECT_EQ(output_of("nm -D --defined-only --format=posix '" + driver.string() + "' | cut -d' ' -f1"),
              "garita_driver_entry\n")
        << driver;
}

TEST(Exports, every_driver_is_bound_at_load_with_a_stack_that_cannot_run) {
  for (const fs::path& driver : drivers()) {
    const std::string headers = output_of("readelf -lWd '" + driver.string() + "'");
    EXPECT_NE(headers.find("GNU_RELRO"), std::string::npos) << driver;
    EXPECT_NE(headers.find("NOW"), std::string::npos) << driver;
    EXPECT_EQ(headers.find("RWE"), std::string::npos) << driver;
    EXPECT_EQ(headers.find("RUNPATH"), std::string::npos) << driver;
  }
}

}  // namespace
