// A real rail-cargo radiograph through the wire, the driver, the correction, the file and back: every pixel.
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <set>

#include "core/export/npy.hpp"
#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

using nlohmann::json;

// Columns that are dead in every row of a channel.
std::set<uint32_t> dead_columns(const json& channel) {
  std::set<uint32_t> dead;
  for (const json& run : channel.value("dead_pixels", json::array()))
    for (uint32_t i = 0; i < run["columns"].get<uint32_t>(); ++i) dead.insert(run.value("first_column", 0u) + i);
  return dead;
}

std::vector<uint16_t> original_of(const std::filesystem::path& path, uint64_t& rows, uint64_t& columns) {
  auto reader = exporter::NpyReader::open(path);
  EXPECT_TRUE(reader);
  rows = reader->header().shape[0];
  columns = reader->header().shape[1];
  std::vector<uint16_t> samples(reader->header().data_bytes() / sizeof(uint16_t));
  EXPECT_TRUE(reader->read(0, std::as_writable_bytes(std::span(samples))));
  return samples;
}

TEST_F(Cli, a_real_scan_comes_out_of_the_file_as_it_went_into_the_wire) {
  const char* data = std::getenv("GARITA_TEST_DATA");
  const std::filesystem::path file = std::filesystem::path(data ? data : "") / "cargo/zcon_5.npy";
  if (!data || !std::filesystem::exists(file)) {
    std::cout << "SKIPPED LOUDLY: no real scan; set GARITA_TEST_DATA to the folder that holds cargo/zcon_5.npy\n";
    GTEST_SKIP() << "no real data";
  }
  ASSERT_EQ(scan("--seed 50 --image " + file.string()).exit_code, 0);
  ASSERT_EQ(run("garita export " + package() + " --to npy --out planes").exit_code, 0);
  const json record = json::parse(run("garita show --json " + package()).out);

  uint64_t detectors = 0, lines = 0;
  const std::vector<uint16_t> original = original_of(file, detectors, lines);
  const char* const channels[] = {"high", "low"};
  for (size_t c = 0; c < 2; ++c) {
    auto plane = exporter::read_npy_u16(folder / (std::string("planes/side_") + channels[c] + ".npy"));
    ASSERT_TRUE(plane);
    ASSERT_EQ(plane->rows, lines);
    ASSERT_EQ(plane->columns, detectors);
    const std::set<uint32_t> dead = dead_columns(record["views"][0]["channels"][c]);
    EXPECT_LT(dead.size(), 10u);
    double worst = 0;
    for (uint64_t line = 0; line < lines; ++line)
      for (uint32_t detector = 0; detector < detectors; ++detector) {
        if (dead.contains(detector)) continue;
        const double t = (plane->samples[line * detectors + detector] - 1024.0) / 57344.0;
        worst = std::max(worst, std::abs(t * 65535 - original[(detector * lines + line) * 2 + c]));
      }
    EXPECT_LE(worst, 2.0) << channels[c];
    std::cout << channels[c] << ": largest difference " << worst << " image values, " << dead.size() << " dead detectors\n";
  }
}

}  // namespace
}  // namespace garita::cli_test
