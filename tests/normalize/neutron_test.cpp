// Real pixels: a neutron radiograph of a step wedge with its dark and open-beam images as FRAME calibration.
#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "tests/normalize/fixture.hpp"

namespace garita::normalize {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  const char* given = std::getenv("GARITA_TEST_DATA");
  return (given ? fs::path(given) : fs::path(GARITA_SOURCE_DIR) / "../shared/data") / "radiography";
}

struct Picture {
  uint32_t rows = 0, columns = 0;
  std::vector<uint16_t> values;
};

// A 16-bit grey TIFF; libtiff gives the machine's byte order, whatever the file's.
Picture read_tiff(const fs::path& path) {
  Picture picture;
  const std::unique_ptr<TIFF, decltype(&TIFFClose)> file(TIFFOpen(path.c_str(), "r"), &TIFFClose);
  if (!file) return picture;
  uint16_t bits = 0;
  TIFFGetField(file.get(), TIFFTAG_IMAGEWIDTH, &picture.columns);
  TIFFGetField(file.get(), TIFFTAG_IMAGELENGTH, &picture.rows);
  TIFFGetField(file.get(), TIFFTAG_BITSPERSAMPLE, &bits);
  EXPECT_EQ(bits, 16);
  EXPECT_EQ(TIFFScanlineSize(file.get()), static_cast<tmsize_t>(picture.columns) * 2);
  picture.values.resize(size_t{picture.rows} * picture.columns);
  for (uint32_t row = 0; row < picture.rows; ++row)
    EXPECT_EQ(TIFFReadScanline(file.get(), picture.values.data() + size_t{row} * picture.columns, row, 0), 1);
  return picture;
}

class Neutron : public Scanning {
 protected:
  Picture dark, open;

  void SetUp() override {
    if (!fs::exists(name("dc"))) {
      std::cerr << "\n*** SKIPPED: no real radiographs in " << data_folder()
                << " (set GARITA_TEST_DATA) ***\n\n";
      GTEST_SKIP() << "no real radiographs";
    }
    dark = read_tiff(name("dc")), open = read_tiff(name("ob"));
    ASSERT_EQ(dark.values.size(), 1500U * 900);
    calibrate(1, q8(dark), q8(open), dark.columns);
  }
  static fs::path name(const std::string& part) {
    return data_folder() / ("neutron_stepwedge_exp10s_" + part + ".tif");
  }
  static std::vector<uint32_t> q8(const Picture& picture) {
    std::vector<uint32_t> values(picture.values.begin(), picture.values.end());
    for (uint32_t& value : values) value *= 256;
    return values;
  }
  ScanReport correct_picture(const Picture& picture) {
    image::View view = view_of(picture.columns);
    view.shape = GARITA_SHAPE_FRAME, view.rows = picture.rows;
    return scan(view, picture.values);
  }
  // 1024 + 57344·t without limits; dead pixels are 1024.
  double unlimited(const Picture& picture, size_t at) const {
    const double step = static_cast<double>(open.values[at]) - dark.values[at];
    if (step < 1) return 1024;
    return 1024 + 57344 * ((static_cast<double>(picture.values[at]) - dark.values[at]) / step);
  }
  double independent(const Picture& picture, size_t at) const {
    return std::clamp(unlimited(picture, at), 0.0, 65535.0);
  }
};

// Spread of pixels around the mean of their own run of 16, from the median: single gamma hits do not count.
class Spread {
 public:
  template <typename Value>
  void add(Value value) {
    double mean = 0;
    for (size_t i = 0; i < 16; ++i) mean += value(i) / 16;
    for (size_t i = 0; i < 16; ++i) distances_.push_back(std::abs(value(i) - mean) * std::sqrt(16.0 / 15));
  }
  double deviation() {
    const auto middle = distances_.begin() + static_cast<ptrdiff_t>(distances_.size() / 2);
    std::nth_element(distances_.begin(), middle, distances_.end());
    return 1.4826 * *middle;
  }

 private:
  std::vector<double> distances_;
};

TEST_F(Neutron, step_wedge_is_what_an_independent_computation_gives) {
  for (const char* part : {"empty", "h2o"}) {
    SCOPED_TRACE(part);
    sink = Collector();
    const Picture picture = read_tiff(name(part));
    ASSERT_TRUE(correct_picture(picture).complete);
    const auto values = sink.values();
    ASSERT_EQ(values.size(), picture.values.size());
    double worst = 0;
    for (size_t i = 0; i < values.size(); ++i)
      worst = std::max(worst, std::abs(values[i] - independent(picture, i)));
    EXPECT_LE(worst, 1.0);
  }
}

// The head-room: stored values of the open field spread as far as numbers without limits do.
TEST_F(Neutron, noise_of_the_open_field_is_not_cut) {
  const Picture picture = read_tiff(name("empty"));
  const PlaneReport plane = correct_picture(picture).views[0].channels[0];
  const auto saturated = static_cast<double>(plane.saturation.low + plane.saturation.high);
  EXPECT_LE(saturated / static_cast<double>(picture.values.size()), 0.03);

  const auto values = sink.values();
  Spread stored, real;
  for (size_t at = 0; at + 16 <= values.size(); at += 16) {
    double mean = 0;
    for (size_t i = 0; i < 16; ++i) mean += (unlimited(picture, at + i) - 1024) / 57344 / 16;
    if (mean < 0.95 || mean > 1.05) continue;
    stored.add([&](size_t i) { return static_cast<double>(values[at + i]); });
    real.add([&](size_t i) { return unlimited(picture, at + i); });
  }
  const double noise = real.deviation();
  std::cout << "saturated " << saturated / static_cast<double>(values.size()) << ", noise stored "
            << stored.deviation() / 57344 << " real " << noise / 57344 << " reported "
            << plane.quality.open_field_noise << "\n";
  EXPECT_NEAR(stored.deviation(), noise, 0.02 * noise);
  ASSERT_TRUE(plane.quality.open_field);
  EXPECT_NEAR(plane.quality.open_field_noise, noise / 57344, 0.1 * noise / 57344);
}

}  // namespace
}  // namespace garita::normalize
