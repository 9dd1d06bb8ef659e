// The examples, as they stand, run: the host loads each driver, and what it prints is what the format's page
// says.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

class Examples : public ::testing::TestWithParam<const char*> {
 protected:
  struct Run {
    std::string out;
    int exit_code;
  };
  static Run host(const std::string& arguments) {
    const std::string driver = std::string(GARITA_DRIVER_DIR) + "/" + GetParam() + "/" + GetParam() + ".so";
    FILE* pipe =
        popen((std::string(GARITA_BIN_DIR) + "/minimal_host " + driver + " " + arguments).c_str(), "r");
    Run run{};
    std::array<char, 4096> buffer;
    for (size_t got; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
      run.out.append(buffer.data(), got);
    run.exit_code = WEXITSTATUS(pclose(pipe));
    return run;
  }
  static std::string file_of(const std::string& bytes) {
    const std::string path =
        ::testing::TempDir() + "garita_" + GetParam() + "_" + std::to_string(getpid()) + ".gmin";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static std::string words(std::initializer_list<uint16_t> numbers) {
    std::string bytes;
    for (uint16_t n : numbers) bytes += {static_cast<char>(n & 0xFF), static_cast<char>(n >> 8)};
    return bytes;
  }
  // Two columns, dark 100, air 1000, and the rows given.
  static std::string scan(std::initializer_list<uint16_t> samples) {
    return "GMIN" + words({2, static_cast<uint16_t>(samples.size() / 2), 100, 100, 1000, 1000}) +
           words(samples);
  }
  static constexpr const char* calibrated =
      "calibration 1, dark, 2 columns, first 100.00 counts\n"
      "calibration 1, air, 2 columns, first 1000.00 counts\n"
      "scan begins, 1 view\n"
      "  side: 2 columns, 1 channel, pitch 4000 um\n";
  static std::string about() {
    return "driver org.garita." +
           std::string(GetParam() == std::string("minimal_c") ? "minimal-c" : "minimal-cpp") +
           " 1.0.0, ABI 1.0\n";
  }
};

TEST_P(Examples, deliver_two_scans_one_after_another) {
  const Run run = host(file_of(scan({1, 2, 3, 4}) + scan({60000, 65535})));
  EXPECT_EQ(run.out, about() + calibrated + "row 0: 1 2\nrow 1: 3 4\nscan ends, outcome 1, code 0 \n" +
                         calibrated + "row 0: 60000 65535\nscan ends, outcome 1, code 0 \nclosed\n");
  EXPECT_EQ(run.exit_code, 0);
}

TEST_P(Examples, keep_the_whole_rows_of_a_scan_cut_at_any_byte_and_say_that_it_was_cut) {
  const std::string whole = scan({1, 2, 3, 4});
  for (size_t size = whole.size() - 7; size < whole.size(); ++size) {
    const Run run = host(file_of(whole.substr(0, size)));
    const std::string rows = size >= whole.size() - 4 ? "row 0: 1 2\n" : "";
    EXPECT_EQ(run.out.find(about() + calibrated + rows + "scan ends, outcome 3, code 401 "), 0u) << run.out;
    EXPECT_EQ(run.exit_code, 0);
  }
}

TEST_P(Examples, refuse_a_stream_of_another_format_with_a_sentence) {
  for (const std::string& bad : {std::string("NOPE\1\0\1\0", 8), "GMIN" + words({0, 1}),
                                 "GMIN" + words({4097, 1}), "GMIN" + words({1, 0})}) {
    const Run run = host(file_of(bad));
    EXPECT_NE(run.out.find("status 304: the stream does not hold GMIN scans"), std::string::npos) << run.out;
    EXPECT_EQ(run.exit_code, 1);
  }
}

TEST_P(Examples, end_at_once_where_the_stream_is_empty) {
  EXPECT_EQ(host(file_of("")).out, about() + "closed\n");
}

INSTANTIATE_TEST_SUITE_P(Each, Examples, ::testing::Values("minimal_c", "minimal_cpp"),
                         [](const auto& each) { return std::string(each.param); });

class SimulatedExample : public Examples {};
TEST_P(SimulatedExample, needs_no_stream) {
  const Run run = host("");
  EXPECT_NE(run.out.find("row 1: 1000 550 550 1000\n"), std::string::npos) << run.out;
  EXPECT_EQ(run.exit_code, 0);
}
INSTANTIATE_TEST_SUITE_P(Each, SimulatedExample, ::testing::Values("minimal_c"));

TEST(MinimalCpp, fits_on_a_page_of_sixty_lines) {
  std::ifstream file(std::string(GARITA_SOURCE_DIR) + "/examples/minimal_cpp/driver.cpp");
  int lines = 0;
  for (std::string line; std::getline(file, line);) {
    ++lines;
    EXPECT_LE(line.size(), 120u) << line;
  }
  EXPECT_GT(lines, 20);
  EXPECT_LE(lines, 60);
}

// The sample of sdk/README.md is the example with lines left out: what is shown is what was compiled and run.
TEST(SdkReadme, shows_lines_of_the_example_in_their_order) {
  std::ifstream readme(std::string(GARITA_SOURCE_DIR) + "/sdk/README.md");
  std::ifstream example(std::string(GARITA_SOURCE_DIR) + "/examples/minimal_cpp/driver.cpp");
  std::string shown, line;
  while (std::getline(readme, shown) && shown != "```cpp") continue;
  int lines = 0;
  for (; std::getline(readme, shown) && shown != "```"; ++lines) {
    while (std::getline(example, line) && line != shown) continue;
    EXPECT_EQ(line, shown);
  }
  EXPECT_GT(lines, 10);
}

}  // namespace
