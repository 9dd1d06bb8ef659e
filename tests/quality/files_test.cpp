// Files of pictures, right and wrong, and the real ones.
#include <gtest/gtest.h>
#include <tiffio.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "conformance/quality/measure.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/export/npy.hpp"

namespace garita::quality {
namespace {

namespace fs = std::filesystem;

std::vector<uint16_t> ramp(uint32_t count) {
  std::vector<uint16_t> own(count);
  for (uint32_t i = 0; i < count; ++i) own[i] = static_cast<uint16_t>(i * 257 + 3);
  return own;
}

struct Form {
  const char* mode = "wl";  // w: write; l, b: byte order; 8: BigTIFF
  uint16_t packing = COMPRESSION_NONE, bits = 16, channels = 1, photometric = PHOTOMETRIC_MINISBLACK;
};

class Files : public ::testing::Test {
 protected:
  // 40 rows of 30 samples.
  std::string tiff(const Form& form) {
    const std::string path = folder / "image.tif";
    TIFF* file = TIFFOpen(path.c_str(), form.mode);
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, 30u), TIFFSetField(file, TIFFTAG_IMAGELENGTH, 40u);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, form.bits),
        TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, form.channels);
    TIFFSetField(file, TIFFTAG_COMPRESSION, form.packing),
        TIFFSetField(file, TIFFTAG_PHOTOMETRIC, form.photometric);
    TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG),
        TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, 7u);
    for (uint32_t row = 0; row < 40; ++row) {
      std::vector<uint16_t> line(samples.begin() + row * 30, samples.begin() + (row + 1) * 30);
      line.resize(30 * 4);
      TIFFWriteScanline(file, line.data(), row, 0);
    }
    TIFFClose(file);
    return path;
  }

  std::string write(const std::string& name, std::string_view text) {
    const std::string path = folder / name;
    EXPECT_TRUE(base::write_file(path, base::Bytes(text)));
    return path;
  }

  static std::string fault_of(const fs::path& path, const Choice& choice = {}) {
    const auto own = read_planes(path, choice);
    return own ? "" : own.error().id;
  }

  const std::vector<uint16_t> samples = ramp(1200);
  base::testing::TemporaryFolder folder;
};

TEST_F(Files, tiff_of_either_byte_order_and_any_usual_packing_is_the_same_image) {
  for (const char* mode : {"wl", "wb", "wl8", "wb8"})
    for (const uint16_t packing :
         {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
      const auto own = read_planes(tiff({mode, packing}));
      ASSERT_TRUE(own) << mode << packing << own.error().id;
      EXPECT_EQ(own->image.columns, 30u);
      EXPECT_EQ(own->image.samples, samples) << mode << packing;
    }
}

TEST_F(Files, tiff_of_another_kind_is_refused_by_what_it_is) {
  EXPECT_EQ(fault_of(tiff({.bits = 8})), "quality.tiff_kind");
  EXPECT_EQ(fault_of(tiff({.channels = 3})), "quality.tiff_kind");
  EXPECT_EQ(fault_of(tiff({.photometric = PHOTOMETRIC_MINISWHITE})), "quality.tiff_kind");
}

TEST_F(Files, tiff_that_is_cut_anywhere_is_refused) {
  const auto whole = base::read_file(tiff({"wb", COMPRESSION_LZW}), 1u << 20);
  for (size_t cut = 0; cut < whole->size(); cut += 7)
    EXPECT_FALSE(parse_tiff(base::Bytes(whole->data(), cut), "cut.tif")) << cut;
}

TEST_F(Files, tiff_that_claims_more_than_it_can_hold_is_not_allocated) {
  auto bytes = *base::read_file(tiff({"wl"}), 1u << 20);
  // The entry of the length of the image: tag 0x0101, then its value.
  for (size_t i = 8; i + 12 <= bytes.size(); ++i)
    if (bytes[i] == std::byte{1} && bytes[i + 1] == std::byte{1} && bytes[i + 8] == std::byte{40})
      bytes[i + 2] = std::byte{TIFF_LONG}, bytes[i + 10] = std::byte{0x7f};
  const auto own = parse_tiff(bytes, "large.tif");
  ASSERT_FALSE(own);
  EXPECT_TRUE(own.error().id == "quality.image_size" || own.error().id == "quality.tiff_bad")
      << own.error().id;
}

TEST_F(Files, numpy_is_read_and_another_type_is_refused) {
  const fs::path path = folder / "image.npy";
  auto writer = exporter::NpyWriter::create(path, {GARITA_SAMPLE_U16, {40, 30}});
  ASSERT_TRUE(writer && writer->write(base::Bytes(samples.data(), samples.size() * 2)) && writer->finish());
  EXPECT_EQ(read_planes(path)->image.samples, samples);
  const fs::path other = folder / "real.npy";
  auto real = exporter::NpyWriter::create(other, {GARITA_SAMPLE_F32, {10, 30}});
  ASSERT_TRUE(real && real->write(base::Bytes(samples.data(), 1200)) && real->finish());
  EXPECT_EQ(fault_of(other), "export.npy_not_u16");
}

TEST_F(Files, a_second_image_of_the_same_size_is_the_low_energy) {
  const std::string path = tiff({});
  EXPECT_EQ(read_planes(path, {"", path})->low->samples, samples);
  const fs::path small = folder / "small.npy";
  auto writer = exporter::NpyWriter::create(small, {GARITA_SAMPLE_U16, {20, 30}});
  ASSERT_TRUE(writer && writer->write(base::Bytes(samples.data(), 1200)) && writer->finish());
  EXPECT_EQ(fault_of(path, {"", small.string()}), "quality.planes_differ");
}

TEST_F(Files, that_are_no_pictures_are_refused) {
  EXPECT_EQ(fault_of(write("a.txt", "hello there")), "quality.image_unknown");
  EXPECT_EQ(fault_of(write("b.tif", "")), "quality.image_unknown");
  EXPECT_EQ(fault_of(write("c.tif", std::string_view("II*\0", 4))), "quality.tiff_bad");
  EXPECT_FALSE(fault_of(write("d.garita", "no package")).empty());
  EXPECT_EQ(fault_of(folder / "none.tif"), "base.file_missing");
  EXPECT_EQ(fault_of(tiff({}), {"side/high", ""}), "quality.no_plane");
}

// Real neutron radiographs of a step wedge: what can be measured of them is, and in the other byte order it
// is the same to the last bit.
TEST_F(Files, real_radiographs_measure_the_same_in_either_byte_order) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const fs::path data = fs::path(given ? given : GARITA_SOURCE_DIR "/../shared/data") /
                        "radiography/neutron_stepwedge_exp10s_ob.tif";
  if (!fs::exists(data)) GTEST_SKIP() << "NO REAL DATA: set GARITA_TEST_DATA";
  const auto object = parse_object(
      "open = [500, 300, 900, 600]\n[[anchor]]\nmm = [0, 0]\npixel = [0, 0]\n[[anchor]]\nmm = [100, 100]\n"
      "pixel = [100, 100]\n[[edge]]\nname = \"x\"\nplace = [500, 300, 560, 400]\n",
      "o.toml");
  ASSERT_TRUE(object) << object.error().field("what");
  const auto real = read_planes(data);
  ASSERT_TRUE(real) << real.error().id;
  EXPECT_EQ(real->image.columns, 1500u);
  const fs::path turned = folder / "turned.tif";
  TIFF* file = TIFFOpen(turned.c_str(), "wb");
  TIFFSetField(file, TIFFTAG_IMAGEWIDTH, real->image.columns),
      TIFFSetField(file, TIFFTAG_IMAGELENGTH, real->image.rows);
  TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 16),
      TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  for (uint32_t row = 0; row < real->image.rows; ++row) {
    std::vector<uint16_t> line(
        real->image.samples.begin() + static_cast<std::ptrdiff_t>(row) * real->image.columns,
        real->image.samples.begin() + static_cast<std::ptrdiff_t>(row + 1) * real->image.columns);
    TIFFWriteScanline(file, line.data(), row, 0);
  }
  TIFFClose(file);
  const auto a = measure(real->image, nullptr, *object),
             b = measure(read_planes(turned)->image, nullptr, *object);
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->figures.size(), b->figures.size());
  for (size_t i = 0; i < a->figures.size(); ++i) {
    EXPECT_EQ(a->figures[i].value, b->figures[i].value) << a->figures[i].id;
    EXPECT_EQ(a->figures[i].u, b->figures[i].u) << a->figures[i].id;
  }
  EXPECT_FALSE(a->figures.empty());
}

TEST_F(Files, every_real_radiograph_is_read) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const fs::path data = fs::path(given ? given : GARITA_SOURCE_DIR "/../shared/data") / "radiography";
  if (!fs::exists(data)) GTEST_SKIP() << "NO REAL DATA: set GARITA_TEST_DATA";
  size_t read = 0;
  for (const auto& entry : fs::directory_iterator(data)) read += read_planes(entry.path()).ok();
  EXPECT_EQ(read, 4u);
}

// Some of them begin as a TIFF does, on purpose.
TEST_F(Files, real_files_of_other_formats_are_refused) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const fs::path data = given ? given : GARITA_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / "dicos")) GTEST_SKIP() << "NO REAL DATA: set GARITA_TEST_DATA";
  for (const char* kind : {"dicos", "dicom", "n42"})
    for (const auto& entry : fs::directory_iterator(data / kind)) {
      const std::string fault = fault_of(entry.path());
      EXPECT_TRUE(fault == "quality.image_unknown" || fault.starts_with("quality.tiff_")) << entry.path();
    }
}

}  // namespace
}  // namespace garita::quality
