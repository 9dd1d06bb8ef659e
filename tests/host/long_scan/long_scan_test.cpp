// A train passes: however long the scan, the host holds a few rows of it. GARITA_LONG=1: 4 GiB of raw counts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "core/base/testing/temporary_folder.hpp"
#include "core/broker/broker.hpp"
#include "core/host/open_package.hpp"
#include "core/host/scan_recorder.hpp"
#include "core/load/manifest.hpp"
#include "core/package/verify.hpp"

namespace garita::host {
namespace {

constexpr uint32_t columns = 2048, strip_rows = 128, dark = 100, air = 40'000;

// Most memory that this process held since forget_peak, bytes; 0 where /proc does not say.
uint64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

class LongScan : public ::testing::Test {
 protected:
  LongScan() : strip_(new std::byte[size_t{columns} * strip_rows * 2], std::default_delete<std::byte[]>()) {
    std::mt19937 random(3);
    auto* const pixels = reinterpret_cast<uint16_t*>(strip_.get());
    for (size_t i = 0; i < size_t{columns} * strip_rows; ++i)
      pixels[i] = static_cast<uint16_t>(20'000 + random() % 256);
  }

  image::Event calibration(uint32_t role, uint32_t counts) const {
    std::shared_ptr<std::byte> memory(new std::byte[columns * sizeof(uint32_t)],
                                      std::default_delete<std::byte[]>());
    std::fill_n(reinterpret_cast<uint32_t*>(memory.get()), columns, counts * 256);
    image::Calibration own;
    own.role = role, own.id = 1, own.columns = columns, own.rows = own.total_rows = 1;
    own.row_stride_bytes = columns * sizeof(uint32_t);
    own.memory = memory;
    return own;
  }
  image::Event begin() const {
    image::View view;
    view.name = "side", view.columns = columns, view.bits_used = 16;
    view.channels.push_back({GARITA_CHANNEL_SINGLE, 6000, 1, 0});
    image::ScanBegin own;
    own.key = "train";
    own.views.push_back(view);
    return own;
  }
  image::Event strip(uint64_t number) const {
    image::Strip own;
    own.first_row = number * strip_rows, own.rows = strip_rows, own.row_stride_bytes = columns * 2;
    own.memory = strip_;
    return own;
  }
  static image::Event end(uint64_t rows) {
    image::ScanEnd own;
    own.totals.push_back({0, 0, rows});
    return own;
  }

  // The package of one scan of so many strips.
  std::filesystem::path record(uint64_t strips, v1::Provenance::Keep keep) {
    load::Manifest manifest;
    manifest.id = "org.garita.train", manifest.name = "train", manifest.version = "1.0.0";
    const auto broker = *broker::Broker::create({});
    const auto key = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    RecorderSetup setup{.manifest = manifest,
                        .broker = *broker,
                        .key = key,
                        .clock = base::system_clock(),
                        .out = folder_.path()};
    setup.deployment.keep = keep;
    ScanRecorder recorder(std::move(setup));
    const auto take = [&](const image::Event& event) {
      auto taken = recorder.take(event, {});
      EXPECT_TRUE(taken.ok());
      return taken && *taken ? (*taken)->path : std::filesystem::path();
    };
    take(calibration(GARITA_CALIBRATION_DARK, dark));
    take(calibration(GARITA_CALIBRATION_AIR, air));
    take(begin());
    for (uint64_t i = 0; i < strips; ++i) take(strip(i));
    return take(end(strips * strip_rows));
  }

  const base::testing::TemporaryFolder folder_;
  const std::shared_ptr<std::byte> strip_;
};

TEST_F(LongScan, is_recorded_verified_and_looked_at_in_little_memory) {
  const bool is_long = std::getenv("GARITA_LONG") != nullptr;
  const uint64_t bytes = is_long ? uint64_t{4} << 30 : uint64_t{128} << 20;
  const uint64_t strips = bytes / (uint64_t{columns} * strip_rows * 2), limit = uint64_t{256} << 20;
  forget_peak();
  const auto file = record(strips, v1::Provenance::KEEP_CANONICAL);
  const uint64_t written = peak_bytes();
  ASSERT_FALSE(file.empty());
  EXPECT_LE(written, limit);

  forget_peak();
  EXPECT_FALSE(package::verify(file).fault);
  const uint64_t verified = peak_bytes();
  EXPECT_LE(verified, limit);

  forget_peak();
  auto package = open_package(file);
  ASSERT_TRUE(package.ok());
  const package::PlaneInfo& plane = package->reader.planes()[0];
  ASSERT_EQ(plane.rows, strips * strip_rows);
  EXPECT_GE(package->reader.overviews().size(), is_long ? 6u : 3u) << "a first look at a train";
  std::vector<uint16_t> early(1024 * 1024), late(early.size());
  const auto look = [&](uint64_t row, std::vector<uint16_t>& window) {
    return package->reader.read_window(plane, row, 1024, 512, 1024, std::as_writable_bytes(std::span(window)))
        .ok();
  };
  ASSERT_TRUE(look(0, early));
  ASSERT_TRUE(look(plane.rows - 1024, late));
  EXPECT_EQ(early, late) << "each strip is the same";
  EXPECT_NEAR(early[0], 1024 + 57344 * (20'128.0 - dark) / (air - dark), 57344 * 130.0 / (air - dark));
  const uint64_t looked = peak_bytes();
  EXPECT_LE(looked, limit);
  std::cout << (bytes >> 20) << " MiB raw, package " << (std::filesystem::file_size(file) >> 20)
            << " MiB; peak of the process, MiB: written " << (written >> 20) << ", verified "
            << (verified >> 20) << ", looked at " << (looked >> 20) << '\n';
}

TEST_F(LongScan, kept_raw_needs_no_more) {
  const bool is_long = std::getenv("GARITA_LONG") != nullptr;
  const uint64_t strips = is_long ? 2048 : 64;
  forget_peak();
  const auto file = record(strips, v1::Provenance::KEEP_RAW);
  auto package = open_package(file);
  ASSERT_TRUE(package.ok());
  ASSERT_TRUE(package->reader.planes()[0].spec.by_hash);
  std::vector<uint16_t> window(1024 * 1024);
  EXPECT_TRUE(package->reader
                  .read_window(package->reader.planes()[0], strips * strip_rows / 2, 1024, 0, 1024,
                               std::as_writable_bytes(std::span(window)))
                  .ok());
  EXPECT_LE(peak_bytes(), uint64_t{256} << 20);
}

}  // namespace
}  // namespace garita::host
