// A small package with one of everything, and the verbs that tests of packages use.
#pragma once

#include <gtest/gtest.h>

#include <random>

#include "core/base/testing/temporary_folder.hpp"
#include "core/image/view.hpp"
#include "core/package/reader.hpp"
#include "core/package/redact.hpp"
#include "core/package/verify.hpp"
#include "core/package/writer.hpp"
#include "tests/package/memory_files.hpp"

namespace garita::package::testing {

inline const base::SigningKey& test_key(
    base::SignatureAlgorithm algorithm = base::SignatureAlgorithm::ed25519) {
  static const base::SigningKey ed25519 = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  static const base::SigningKey p384 = *base::SigningKey::generate(base::SignatureAlgorithm::ecdsa_p384);
  return algorithm == base::SignatureAlgorithm::ecdsa_p384 ? p384 : ed25519;
}

inline std::vector<std::byte> noise(size_t size_bytes, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::byte> bytes(size_bytes);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

// A shadow with a little noise, in 16 bits: what codec 2 predicts.
inline std::vector<std::byte> shadow(size_t rows, size_t columns) {
  std::mt19937 random(7);
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < rows * columns; ++i) {
    const auto value = static_cast<uint16_t>(9000 + 40 * (i % columns) + 7 * (i / columns) + random() % 32);
    bytes.push_back(static_cast<std::byte>(value & 0xFF));
    bytes.push_back(static_cast<std::byte>(value >> 8));
  }
  return bytes;
}

// Rows in another order: what a rear-first plane becomes.
inline std::vector<std::byte> flipped(const std::vector<std::byte>& pixels, size_t row_bytes) {
  std::vector<std::byte> out;
  for (size_t at = pixels.size(); at > 0; at -= row_bytes) {
    out.insert(out.end(), pixels.begin() + static_cast<ptrdiff_t>(at - row_bytes),
               pixels.begin() + static_cast<ptrdiff_t>(at));
  }
  return out;
}

class PackageTest : public ::testing::Test {
 protected:
  base::Result<Writer> create(const WriterOptions& options = {},
                              base::SignatureAlgorithm algorithm = base::SignatureAlgorithm::ed25519) {
    return Writer::create(files_, path_, test_key(algorithm), clock_, options);
  }

  // One SCAN plane of two tiles, a rear-first one, a volume, a calibration, an attachment, a record; one
  // checkpoint.
  void write_sample(base::SignatureAlgorithm algorithm = base::SignatureAlgorithm::ed25519,
                    bool predictive = false) {
    WriterOptions options;
    options.predictive = predictive;
    auto writer = create(options, algorithm);
    ASSERT_TRUE(writer.ok());
    const uint32_t columns = predictive ? 6 : 1;
    high_ = predictive ? shadow(130, columns) : noise(130 * 2, 1);
    low_ = noise(5 * 4 * 2, 2);
    volume_ = noise(3 * 2 * 2 * 4, 3);
    const auto high = writer->add_plane({.view = "side", .channel = "high", .columns = columns});
    const auto low = writer->add_plane(
        {.view = "side", .channel = "low", .columns = 4, .rows = 5, .rows_rear_first = true});
    ASSERT_TRUE(writer->append_rows(*high, high_, 130).ok());
    ASSERT_TRUE(writer->append_rows(*low, low_, 5).ok());
    ASSERT_TRUE(writer->checkpoint().ok());
    const auto volume = writer->add_plane({.view = "ct",
                                           .channel = "single",
                                           .sample_type = GARITA_SAMPLE_F32,
                                           .columns = 2,
                                           .rows = 2,
                                           .slices = 3});
    ASSERT_TRUE(writer->append_rows(*volume, volume_, 6).ok());
    const CalibrationSpec dark{.view = "side", .channel = "high", .id = 7, .columns = 3};
    ASSERT_TRUE(writer->add_calibration(dark, noise(12, 4)).ok());
    const auto photo = writer->add_attachment({.media_type = "image/jpeg", .name = "scene.jpg"});
    ASSERT_TRUE(writer->append_attachment(*photo, base::Bytes("not really a photograph")).ok());
    sealed_ = *writer->finish(record_);
  }

  VerifyReport verified() { return verify(path_, {}, files_); }
  base::Result<Reader> opened(bool allow_torn = false) {
    return Reader::open(path_, {.allow_torn = allow_torn}, files_);
  }
  std::vector<std::byte>& bytes() { return files_.content(path_); }

  static std::vector<std::byte> all_rows(Reader& reader, const PlaneInfo& plane) {
    std::vector<std::byte> out(plane.rows * plane.spec.columns *
                               image::sample_size_bytes(plane.spec.sample_type));
    EXPECT_TRUE(reader.read_rows(plane, 0, plane.rows, out).ok());
    return out;
  }

  MemoryFiles files_;
  base::ManualClock clock_{1'772'000'000'000'000'000, 5};
  const std::filesystem::path path_ = "memory/sample.garita";
  std::vector<std::byte> high_, low_, volume_;
  const std::vector<Leaf> record_{{"conveyance.plates[0].number", "tA-123"},
                                  {"site.lane", "tlane seven of nine"},
                                  {"time.started", "i12345678"}};
  Sealed sealed_;
};

}  // namespace garita::package::testing
