#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

using RoundTripTest = PackageTest;

TEST_F(RoundTripTest, sample_verifies_with_root_and_key) {
  write_sample();
  const auto report = verified();
  ASSERT_FALSE(report.fault) << report.fault->id << " " << report.fault->field("place");
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(report.root, sealed_.root);
  EXPECT_EQ(report.signer->key_id, test_key().public_key().key_id());
  EXPECT_FALSE(report.signer->endorsed);
  EXPECT_EQ(report.proved_bytes, bytes().size());
}

TEST_F(RoundTripTest, planes_come_back_in_canonical_row_order) {
  write_sample();
  auto reader = *opened();
  ASSERT_EQ(reader.planes().size(), 3u);
  EXPECT_EQ(all_rows(reader, reader.planes()[0]), high_);
  EXPECT_EQ(all_rows(reader, reader.planes()[1]), flipped(low_, 8));
  EXPECT_EQ(all_rows(reader, reader.planes()[2]), volume_);
  EXPECT_EQ(reader.find_plane("side", "low"), 1u);
  EXPECT_FALSE(reader.find_plane("side", "middle"));
}

TEST_F(RoundTripTest, verify_hashes_the_canonical_pixels) {
  write_sample();
  const auto report = verified();
  ASSERT_EQ(report.planes.size(), 3u);
  EXPECT_EQ(report.planes[0].name, "side/high");
  EXPECT_EQ(report.planes[0].sha256, base::sha256(high_));
  EXPECT_EQ(report.planes[1].sha256, base::sha256(flipped(low_, 8)));
  EXPECT_EQ(report.planes[2].sha256, base::sha256(volume_));
}

TEST_F(RoundTripTest, record_calibration_and_attachment_come_back) {
  write_sample();
  auto reader = *opened();
  const auto fields = *reader.read_record();
  ASSERT_EQ(fields.size(), record_.size());
  EXPECT_EQ(fields[0].path, record_[0].path);
  EXPECT_EQ(fields[2].value, record_[2].value);
  EXPECT_EQ(*reader.read_calibration(reader.calibrations()[0]), noise(12, 4));
  EXPECT_EQ(base::Bytes(*reader.read_attachment(reader.attachments()[0], 100)).text(),
            "not really a photograph");
}

TEST_F(RoundTripTest, heads_come_back_as_they_were_given) {
  write_sample();
  const auto reader = *opened();
  EXPECT_EQ(reader.calibrations()[0].spec.id, 7u);
  EXPECT_EQ(reader.calibrations()[0].spec.role, GARITA_CALIBRATION_DARK);
  EXPECT_EQ(reader.attachments()[0].spec.name, "scene.jpg");
  EXPECT_TRUE(reader.planes()[1].spec.rows_rear_first);
  EXPECT_EQ(reader.planes()[2].slices, 3u);
}

TEST_F(RoundTripTest, p384_signs_as_well) {
  write_sample(base::SignatureAlgorithm::ecdsa_p384);
  const auto report = verified();
  EXPECT_FALSE(report.fault);
  EXPECT_EQ(report.signer->algorithm, base::SignatureAlgorithm::ecdsa_p384);
  EXPECT_EQ(opened()->root(), sealed_.root);
}

TEST_F(RoundTripTest, package_without_planes_is_a_package) {
  auto writer = *create();
  ASSERT_TRUE(writer.finish({}).ok());
  EXPECT_FALSE(verified().fault);
  EXPECT_TRUE(opened()->planes().empty());
}

TEST_F(RoundTripTest, plane_without_rows_has_the_hash_of_nothing) {
  auto writer = *create();
  ASSERT_TRUE(writer.add_plane({.view = "side", .channel = "high", .columns = 3}).ok());
  ASSERT_TRUE(writer.finish({}).ok());
  const auto report = verified();
  ASSERT_FALSE(report.fault);
  EXPECT_EQ(report.planes[0].sha256, base::sha256({}));
}

struct Shape {
  uint32_t sample_type, columns;
  uint64_t rows;
  uint32_t slices;
  bool rear_first;
};

class ShapesTest : public PackageTest, public ::testing::WithParamInterface<uint32_t> {
 protected:
  // Written in strips of odd heights, read in blocks of other heights.
  void expect_round_trip(const Shape& shape) {
    files_.clear();
    auto writer = *create();
    const uint64_t row_bytes = uint64_t{shape.columns} * image::sample_size_bytes(shape.sample_type);
    const uint64_t rows = shape.rows * shape.slices;
    const auto pixels = noise(rows * row_bytes, 11);
    const PlaneSpec spec{"side",        "single",   RasterRole::plane, shape.sample_type,
                         shape.columns, shape.rows, shape.slices,      shape.rear_first};
    const auto plane = writer.add_plane(spec);
    for (uint64_t row = 0, strip = 1; row < rows; row += strip, strip = strip * 3 % 301) {
      strip = std::min(strip, rows - row);
      ASSERT_TRUE(
          writer.append_rows(*plane, base::Bytes(pixels.data() + row * row_bytes, strip * row_bytes), strip)
              .ok());
    }
    ASSERT_TRUE(writer.finish({}).ok());
    expect_pixels(shape, pixels, row_bytes);
  }

  void expect_pixels(const Shape& shape, const std::vector<std::byte>& pixels, uint64_t row_bytes) {
    std::vector<std::byte> canonical;
    for (uint64_t slice = 0; slice < shape.slices; ++slice) {
      const uint64_t size = shape.rows * row_bytes;
      const auto first = pixels.begin() + static_cast<ptrdiff_t>(slice * size);
      std::vector<std::byte> one(first, first + static_cast<ptrdiff_t>(size));
      if (shape.rear_first) one = flipped(one, row_bytes);
      canonical.insert(canonical.end(), one.begin(), one.end());
    }
    const auto report = verified();
    ASSERT_FALSE(report.fault) << report.fault->id << " " << report.fault->field("place");
    EXPECT_EQ(report.planes[0].sha256, base::sha256(canonical));
    auto reader = *opened();
    EXPECT_TRUE(reader.planes()[0].complete);
    EXPECT_EQ(all_rows(reader, reader.planes()[0]), canonical);
  }
};

TEST_P(ShapesTest, scans_frames_and_volumes_come_back) {
  for (const bool rear_first : {false, true}) {
    for (const uint64_t rows : {1u, 127u, 128u, 129u, 300u}) {
      expect_round_trip({GetParam(), 5, rows, 1, rear_first});
      expect_round_trip({GetParam(), 2, rows, 3, rear_first});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(sample_types, ShapesTest, ::testing::Range(1u, 9u),
                         [](const auto& type) { return image::sample_type_name(type.param); });

TEST_F(RoundTripTest, parts_of_a_plane_are_read_at_any_place) {
  auto writer = *create();
  const auto pixels = noise(1000 * 6, 12);
  const auto plane =
      writer.add_plane({.view = "top", .channel = "high", .columns = 3, .rows_rear_first = true});
  ASSERT_TRUE(writer.append_rows(*plane, pixels, 1000).ok());
  ASSERT_TRUE(writer.finish({}).ok());
  auto reader = *opened();
  const auto canonical = flipped(pixels, 6);
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    const uint64_t first = random() % 1000, rows = random() % (1000 - first + 1);
    std::vector<std::byte> out(rows * 6);
    ASSERT_TRUE(reader.read_rows(reader.planes()[0], first, rows, out).ok());
    ASSERT_TRUE(std::equal(out.begin(), out.end(), canonical.begin() + static_cast<ptrdiff_t>(first * 6)));
  }
}

TEST_F(RoundTripTest, volume_cut_in_a_slice_is_told_from_a_whole_one) {
  auto writer = *create();
  const auto pixels = noise(7 * 4, 13);
  const auto plane = writer.add_plane(
      {.view = "ct", .channel = "single", .columns = 2, .rows = 5, .slices = 3, .rows_rear_first = true});
  ASSERT_TRUE(writer.append_rows(*plane, pixels, 7).ok());
  ASSERT_TRUE(writer.finish({}).ok());
  auto reader = *opened();
  EXPECT_FALSE(reader.planes()[0].complete);
  EXPECT_EQ(reader.planes()[0].slices, 2u);
  auto canonical = flipped({pixels.begin(), pixels.begin() + 20}, 4);
  const auto rest = flipped({pixels.begin() + 20, pixels.end()}, 4);
  canonical.insert(canonical.end(), rest.begin(), rest.end());
  EXPECT_EQ(all_rows(reader, reader.planes()[0]), canonical);
  EXPECT_FALSE(verified().fault);
}

TEST_F(RoundTripTest, attachments_written_at_the_same_time_stay_apart) {
  auto writer = *create();
  const auto first_bytes = noise(3 << 20, 14), second_bytes = noise((1 << 20) + 1, 15);
  const auto first = writer.add_attachment({.index = 0}), second = writer.add_attachment({.index = 1});
  for (size_t at = 0; at < first_bytes.size(); at += 1 << 18) {
    ASSERT_TRUE(writer.append_attachment(*first, base::Bytes(first_bytes.data() + at, 1 << 18)).ok());
  }
  ASSERT_TRUE(writer.append_attachment(*second, second_bytes).ok());
  ASSERT_TRUE(writer.finish({}).ok());
  auto reader = *opened();
  EXPECT_EQ(*reader.read_attachment(reader.attachments()[0], 4 << 20), first_bytes);
  EXPECT_EQ(*reader.read_attachment(reader.attachments()[1], 4 << 20), second_bytes);
  EXPECT_EQ(reader.read_attachment(reader.attachments()[0], 1 << 20).error().id, "package.larger_than_asked");
  EXPECT_FALSE(verified().fault);
}

}  // namespace
}  // namespace garita::package::testing
