// A package of the planes that a test adds, and its way into other formats.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/base/testing/temporary_folder.hpp"
#include "core/export/export.hpp"
#include "core/export/npy.hpp"
#include "core/package/writer.hpp"
#include "core/record/leaf.hpp"

namespace garita::exporter {

// Closed by the first export.
class Export : public ::testing::Test {
 protected:
  void SetUp() override {
    auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    ASSERT_TRUE(key);
    auto made = package::Writer::create(base::real_file_system(), folder.path() / "x.garita", *key);
    ASSERT_TRUE(made);
    writer.emplace(std::move(made).value());
  }

  // Noise of that spec, which is also what the files must hold.
  std::vector<std::byte> add(const package::PlaneSpec& spec, uint64_t rows, size_t sample_bytes) {
    std::mt19937 random(7);
    std::vector<std::byte> pixels(rows * spec.columns * sample_bytes);
    for (std::byte& byte : pixels) byte = static_cast<std::byte>(random());
    const auto plane = writer->add_plane(spec);
    EXPECT_TRUE(plane);
    EXPECT_TRUE(writer->append_rows(*plane, pixels, rows));
    return pixels;
  }

  base::Result<ExportReport> export_to(Format format, const std::string& out, const Selection& selection = {},
                                       base::FileSystem& files = base::real_file_system()) {
    if (writer) {
      std::vector<package::Leaf> leaves;
      for (record::Leaf& leaf : record::leaves(inspection)) leaves.push_back({leaf.path, leaf.value});
      EXPECT_TRUE(writer->finish(leaves));
      writer.reset();
    }
    auto reader = package::Reader::open(folder.path() / "x.garita");
    EXPECT_TRUE(reader);
    return export_package(*reader, format, folder.path() / out, selection, files);
  }

  static std::vector<std::string> ids(const ExportReport& report) {
    std::vector<std::string> ids;
    for (const Lost& lost : report.lost) ids.push_back(lost.id.substr(sizeof("export.lost_") - 1));
    return ids;
  }

  static std::vector<std::byte> npy_samples(const std::filesystem::path& path) {
    const auto reader = NpyReader::open(path);
    EXPECT_TRUE(reader) << path;
    std::vector<std::byte> samples(reader->header().data_bytes());
    EXPECT_TRUE(reader->read(0, samples));
    return samples;
  }

  base::testing::TemporaryFolder folder;
  std::optional<package::Writer> writer;
  v1::Inspection inspection;
};

}  // namespace garita::exporter
