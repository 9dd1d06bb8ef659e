// [policy] keep: what the detector delivered stays beside the canonical image, and gives it again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "core/host/plane_maker.hpp"
#include "core/normalize/correct.hpp"
#include "tests/site/site_fixture.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

template <typename Sample>
std::vector<Sample> all_of(package::Reader& reader, const package::PlaneInfo& plane) {
  std::vector<Sample> samples(plane.rows * plane.spec.columns);
  EXPECT_TRUE(reader.read_rows(plane, 0, plane.rows, std::as_writable_bytes(std::span(samples))).ok());
  return samples;
}

class KeptPlanes : public testing::RunningSite {
 protected:
  // The package of one lorry at a site that keeps `keep`.
  fs::path package_kept(const std::string& keep) {
    simulator("north", {"--count", "1"});
    write_site("[policy]\nkeep = \"" + keep + "\"\n" + lane("north"));
    run_site();
    EXPECT_TRUE(wait_until([&] { return scans("stored") == 1; })) << said();
    EXPECT_EQ(stop_site(), 0);
    for (const auto& entry : fs::directory_iterator(folder_ / "out/north"))
      if (entry.path().extension() == ".garita") return entry.path();
    return {};
  }

  static const package::PlaneInfo* find(const package::Reader& reader, package::RasterRole role,
                                        const std::string& channel) {
    for (const package::PlaneInfo& plane : reader.planes())
      if (plane.spec.role == role && plane.spec.channel == channel) return &plane;
    return nullptr;
  }

  // dark or air of a channel, in 1/256 counts.
  static std::vector<uint32_t> measured(package::Reader& reader, const std::string& channel, uint32_t role) {
    for (const package::CalibrationInfo& each : reader.calibrations()) {
      if (each.spec.channel != channel || each.spec.role != role) continue;
      const auto bytes = reader.read_calibration(each);
      EXPECT_TRUE(bytes.ok());
      std::vector<uint32_t> q8(bytes->size() / sizeof(uint32_t));
      std::memcpy(q8.data(), bytes->data(), bytes->size());
      return q8;
    }
    ADD_FAILURE() << "no calibration of " << channel;
    return {};
  }

  // The canonical plane, from the raw one by the definition.
  static std::vector<uint16_t> derived(package::Reader& reader, const std::string& channel) {
    const auto* raw = find(reader, package::RasterRole::raw, channel);
    const auto* dose = find(reader, package::RasterRole::raw, channel + "-dose");
    if (!raw) return {};
    const auto counts = all_of<uint16_t>(reader, *raw);
    const auto doses = dose ? all_of<uint32_t>(reader, *dose) : std::vector<uint32_t>();
    const auto dark = measured(reader, channel, GARITA_CALIBRATION_DARK),
               air = measured(reader, channel, GARITA_CALIBRATION_AIR);
    std::vector<float> dark32(dark.begin(), dark.end()), gain;
    for (size_t i = 0; i < dark.size(); ++i) gain.push_back(normalize::gain_of(dark[i], air[i]));
    std::vector<uint16_t> out(counts.size());
    normalize::CorrectJob job;
    job.raw = reinterpret_cast<const std::byte*>(counts.data());
    job.raw_stride_bytes = raw->spec.columns * sizeof(uint16_t);
    job.rows = static_cast<uint32_t>(raw->rows);
    job.columns = raw->spec.columns;
    job.dark = dark32.data(), job.gain = gain.data();
    job.dose_q16 = doses.empty() ? nullptr : doses.data();
    job.out = out.data(), job.out_stride = raw->spec.columns;
    (void)normalize::correct(job);
    return out;
  }

  static std::vector<uint16_t> turned(std::vector<uint16_t> pixels, uint32_t columns) {
    for (auto row = pixels.begin(); row != pixels.end(); row += columns) std::reverse(row, row + columns);
    return pixels;
  }
};

TEST_F(KeptPlanes, of_both_kinds_give_the_canonical_image_again_bit_for_bit) {
  auto package = open_package(package_kept("both"));
  ASSERT_TRUE(package.ok());
  EXPECT_EQ(package->record.provenance().keep(), v1::Provenance::KEEP_BOTH);
  for (const std::string channel : {"high", "low"}) {
    const auto* plane = find(package->reader, package::RasterRole::plane, channel);
    ASSERT_NE(plane, nullptr) << channel;
    const auto canonical = all_of<uint16_t>(package->reader, *plane);
    const auto again = derived(package->reader, channel);
    ASSERT_EQ(again.size(), canonical.size()) << channel;
    EXPECT_TRUE(again == canonical || turned(again, plane->spec.columns) == canonical) << channel;
  }
  EXPECT_NE(find(package->reader, package::RasterRole::raw, "high-dose"), nullptr);
}

TEST_F(KeptPlanes, of_the_raw_kind_are_made_again_from_what_the_detector_delivered) {
  const fs::path file = package_kept("raw");
  auto package = open_package(file);
  ASSERT_TRUE(package.ok());
  EXPECT_EQ(package->record.provenance().keep(), v1::Provenance::KEEP_RAW);
  for (const std::string channel : {"high", "low"}) {
    const auto* plane = find(package->reader, package::RasterRole::plane, channel);
    ASSERT_NE(plane, nullptr) << channel;
    EXPECT_TRUE(plane->spec.by_hash);
    const auto canonical = all_of<uint16_t>(package->reader, *plane);
    const auto again = derived(package->reader, channel);
    EXPECT_TRUE(again == canonical || turned(again, plane->spec.columns) == canonical) << channel;
  }
  package::VerifyOptions making;
  making.prepare = make_planes_readable;
  const auto report = package::verify(file, making);
  EXPECT_FALSE(report.fault);
  for (const package::PlaneReport& plane : report.planes) EXPECT_TRUE(plane.sha256) << plane.name;
}

TEST_F(KeptPlanes, of_the_canonical_kind_stand_alone) {
  auto package = open_package(package_kept("canonical"));
  ASSERT_TRUE(package.ok());
  EXPECT_EQ(package->record.provenance().keep(), v1::Provenance::KEEP_CANONICAL);
  EXPECT_EQ(find(package->reader, package::RasterRole::raw, "high"), nullptr);
}

}  // namespace
}  // namespace garita::host
