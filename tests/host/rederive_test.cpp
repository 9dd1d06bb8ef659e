// Packages that say of themselves how their planes came about, true and false.
#include "core/host/rederive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "core/base/testing/temporary_folder.hpp"
#include "core/normalize/canonical.hpp"
#include "core/host/plane_maker.hpp"
#include "core/package/inspection.hpp"
#include "core/package/verify.hpp"

namespace garita::host {
namespace {

constexpr uint32_t columns = 37;
constexpr uint64_t rows = 300, calibration_id = 9;
constexpr uint32_t dark = 100, counts_of_air = 1024;  // 56 steps of the canonical scale a count

class Rederived : public ::testing::Test {
 protected:
  Rederived() {
    view.set_name("side");
    view.set_shape(v1::View::SHAPE_SCAN);
    view.set_quantity(v1::View::QUANTITY_TRANSMISSION);
    view.set_fidelity(v1::View::FIDELITY_RAW_COUNTS);
    view.set_rows(rows);
    view.set_columns(columns);
    view.set_delivered_sample_type(v1::View::SAMPLE_TYPE_U16);
    view.set_sample_type(v1::View::SAMPLE_TYPE_U16);
    view.set_transmission_offset(normalize::canonical_opaque);
    view.set_transmission_scale(normalize::canonical_span);
    v1::Channel& channel = *view.add_channels();
    channel.set_kind(v1::Channel::KIND_SINGLE);
    channel.mutable_calibration()->set_id(calibration_id);
    raw.resize(rows * columns);
    for (size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<uint16_t>(dark + i * 7919 % 1150);
  }

  static base::Bytes bytes(const auto& values) {
    return base::Bytes(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  }

  // In the order of the scan. The definition, where it is exact.
  std::vector<uint16_t> canonical() const {
    std::vector<uint16_t> made(raw.size());
    for (uint64_t row = 0; row < rows; ++row)
      for (uint32_t column = 0; column < columns; ++column) {
        const uint32_t from = flipped ? columns - 1 - column : column;
        const uint32_t dose = doses.empty() ? 1 : doses[row] / 65536;
        made[row * columns + column] =
            static_cast<uint16_t>(1024 + (raw[row * columns + from] - dark) * 56 / dose);
      }
    return made;
  }

  void add_plane(package::Writer& writer, package::PlaneSpec spec, base::Bytes pixels) const {
    spec.view = "side";
    spec.rows_rear_first = rear_first;
    const auto part = writer.add_plane(spec);
    ASSERT_TRUE(part);
    ASSERT_TRUE(writer.append_rows(*part, pixels, rows));
  }
  void add_calibration(package::Writer& writer, uint32_t role, uint32_t counts) const {
    const std::vector<uint32_t> q8(columns, counts * 256);
    ASSERT_TRUE(writer.add_calibration(
        {"side", "single", role, calibration_id, GARITA_SAMPLE_U32, columns, 1, 0, 0}, bytes(q8)));
  }

  OpenPackage package() {
    const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    const auto path = folder / (std::to_string(++packages) + ".garita");
    package::WriterOptions options;
    options.planes_by_hash = true;
    auto writer = package::Writer::create(base::real_file_system(), path, *key, base::system_clock(), options);
    EXPECT_TRUE(writer);
    std::vector<uint16_t> stored = canonical();
    if (lie) lie(stored);
    add_plane(*writer, {.channel = "single", .columns = columns, .by_hash = by_hash}, bytes(stored));
    add_plane(*writer, {.channel = "single", .role = package::RasterRole::raw, .columns = columns},
              bytes(raw));
    if (!doses.empty())
      add_plane(*writer,
                {.channel = "single-dose",
                 .role = package::RasterRole::raw,
                 .sample_type = GARITA_SAMPLE_U32,
                 .columns = dose_columns},
                bytes(doses));
    add_calibration(*writer, GARITA_CALIBRATION_DARK, dark);
    if (air_kept) add_calibration(*writer, GARITA_CALIBRATION_AIR, dark + counts_of_air);
    v1::Inspection record;
    *record.add_views() = view;
    EXPECT_TRUE(package::finish(*writer, record));
    auto opened = open_package(path);
    EXPECT_TRUE(opened);
    return std::move(*opened);
  }

  RederivedPlane result() {
    OpenPackage opened = package();
    const auto planes = rederive(opened);
    EXPECT_TRUE(planes);
    EXPECT_EQ(planes->size(), 1u);
    return planes->at(0);
  }
  // What the second reader prints of the last package.
  std::string second_reader() const {
    const std::string out = folder / "lines";
    const std::string command = "python3 '" GARITA_SOURCE_DIR "/examples/read_package.py' '" +
                                (folder / (std::to_string(packages) + ".garita")).string() + "' >'" + out + "'";
    (void)std::system(command.c_str());
    return *base::read_text_file(out, 1 << 20);
  }
  void look_from_the_rear() {
    rear_first = true;
    view.mutable_geometry()->set_delivered_row_zero(v1::Geometry::ROW_ZERO_REAR);
  }

  base::testing::TemporaryFolder folder;
  v1::View view;
  std::vector<uint16_t> raw;
  std::vector<uint32_t> doses;
  uint32_t dose_columns = 1;
  int packages = 0;
  bool flipped = false, rear_first = false, air_kept = true, by_hash = false;
  std::function<void(std::vector<uint16_t>&)> lie;
};

TEST_F(Rederived, true_plane_is_the_same) {
  const RederivedPlane plane = result();
  EXPECT_EQ(plane.name, "side/single");
  EXPECT_EQ(plane.derivation, Derivation::same);
}

TEST_F(Rederived, every_pixel_counts_and_its_row_is_named) {
  lie = [](auto& stored) { stored[217 * columns + 36] ^= 1; };
  const RederivedPlane plane = result();
  EXPECT_EQ(plane.derivation, Derivation::differs);
  EXPECT_EQ(plane.first_row, 217u);
}

TEST_F(Rederived, columns_from_the_bottom_are_turned) {
  view.mutable_geometry()->set_delivered_column_zero(v1::Geometry::COLUMN_ZERO_BOTTOM);
  EXPECT_EQ(result().derivation, Derivation::differs) << "stored as if they were from the top";
  flipped = true;
  EXPECT_EQ(result().derivation, Derivation::same);
}

TEST_F(Rederived, rows_from_the_rear_are_read_in_the_order_of_the_scan) {
  look_from_the_rear();
  doses.assign(rows, 65536);
  std::fill(doses.begin() + 150, doses.end(), 131072);
  EXPECT_EQ(result().derivation, Derivation::same);
  lie = [](auto& stored) { stored[10 * columns] ^= 1; };
  EXPECT_EQ(result().first_row, rows - 1 - 10);
}

TEST_F(Rederived, doses_count) {
  doses.assign(rows, 131072);
  EXPECT_EQ(result().derivation, Derivation::same);
  lie = [this](auto& stored) {
    for (size_t i = 0; i < stored.size(); ++i) stored[i] = static_cast<uint16_t>(1024 + (raw[i] - dark) * 56);
  };
  EXPECT_EQ(result().derivation, Derivation::differs);
}

TEST_F(Rederived, doses_of_another_shape_are_none_and_nothing_is_written_beyond_them) {
  doses.assign(rows, 65536);
  dose_columns = 64;
  doses.resize(rows * dose_columns, 65536);
  EXPECT_EQ(result().derivation, Derivation::differs);
}

TEST_F(Rederived, without_its_calibration_nothing_can_be_said) {
  air_kept = false;
  EXPECT_EQ(result().derivation, Derivation::not_kept);
}

TEST_F(Rederived, delivered_pixels_are_nobodys_derivation) {
  view.clear_transmission_scale();
  EXPECT_EQ(result().derivation, Derivation::as_delivered);
}

// With the hashes of its tiles alone in the file.
TEST_F(Rederived, plane_kept_by_its_hashes_is_read_as_its_definition_has_it) {
  by_hash = true;
  doses.assign(rows, 131072);
  for (const bool turned : {false, true}) {
    if (turned) {
      look_from_the_rear();
      view.mutable_geometry()->set_delivered_column_zero(v1::Geometry::COLUMN_ZERO_RIGHT);
      flipped = true;
    }
    OpenPackage opened = package();
    std::vector<uint16_t> read(rows * columns), expected = canonical();
    ASSERT_TRUE(opened.reader.read_rows(opened.reader.planes()[0], 0, rows, std::as_writable_bytes(std::span(read))));
    if (turned)
      for (uint64_t row = 0; row < rows / 2; ++row)
        std::swap_ranges(expected.begin() + static_cast<ptrdiff_t>(row * columns),
                         expected.begin() + static_cast<ptrdiff_t>((row + 1) * columns),
                         expected.begin() + static_cast<ptrdiff_t>((rows - 1 - row) * columns));
    EXPECT_EQ(read, expected) << (turned ? "turned" : "as it is");
    EXPECT_EQ(rederive(opened)->at(0).derivation, Derivation::same);
  }
}

// examples/read_package.py makes it again by FORMAT.md alone.
TEST_F(Rederived, second_reader_makes_the_same_plane_again) {
  if (std::system("python3 -c 1 2>/dev/null && zstd --version >/dev/null 2>&1") != 0) {
    std::cerr << "\n*** python3 or zstd is missing: examples/read_package.py is NOT tested ***\n\n";
    GTEST_SKIP();
  }
  by_hash = true;
  doses.assign(rows, 65536);
  doses[7] = 131072;
  look_from_the_rear();
  view.mutable_geometry()->set_delivered_column_zero(v1::Geometry::COLUMN_ZERO_BOTTOM);
  flipped = true;
  (void)package();
  const auto lines = [&] {
    package::VerifyOptions making;
    making.prepare = make_planes_readable;
    const auto report = package::verify(folder / (std::to_string(packages) + ".garita"), making);
    EXPECT_FALSE(report.fault);
    std::string text;
    for (const package::PlaneReport& plane : report.planes)
      if (plane.sha256) text += plane.name + " " + base::to_text(*plane.sha256) + "\n";
    return text;
  }();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3) << lines;
  EXPECT_EQ(second_reader(), lines);
  lie = [](auto& stored) { stored[217 * columns + 36] ^= 1; };
  (void)package();
  EXPECT_EQ(second_reader().find("side/single "), std::string::npos) << "what it made is not what was signed";
}

TEST_F(Rederived, plane_kept_by_the_hashes_of_another_differs_from_its_first_tile_on) {
  by_hash = true;
  lie = [](auto& stored) { stored[217 * columns + 36] ^= 1; };
  const RederivedPlane plane = result();
  EXPECT_EQ(plane.derivation, Derivation::differs);
  EXPECT_EQ(plane.first_row, 128u);
}

TEST_F(Rederived, plane_kept_by_its_hashes_is_not_shown_without_its_calibration) {
  by_hash = true, air_kept = false;
  OpenPackage opened = package();
  std::vector<std::byte> row(columns * 2);
  EXPECT_EQ(opened.reader.read_rows(opened.reader.planes()[0], 0, 1, row).error().id, "package.not_derivable");
  EXPECT_EQ(rederive(opened)->at(0).derivation, Derivation::not_kept);
}

TEST_F(Rederived, record_that_names_other_samples_makes_it_differ_and_nothing_worse) {
  view.set_delivered_sample_type(v1::View::SAMPLE_TYPE_F64);
  EXPECT_EQ(result().derivation, Derivation::differs);
}

}  // namespace
}  // namespace garita::host
