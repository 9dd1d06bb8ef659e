// A given image as a portal would have measured it: exactly, so that what comes out can be held against what
// went in.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/export/npy.hpp"
#include "garita/scan.h"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/portal_source.hpp"
#include "tools/garita-sim/truth.hpp"

namespace garita::sim {
namespace {

constexpr uint64_t max_image_bytes = uint64_t{2} << 30;
constexpr double head_room = 1.1;  // above t = 1.125 the canonical image saturates

struct Image {
  uint32_t rows = 0, columns = 0, channels = 1;  // rows: detector elements; columns: travel
  std::vector<uint16_t> samples;                 // [row][column][channel]
};

base::Result<Image> read_image(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(reader, exporter::NpyReader::open(path));
  const auto& [type, shape] = reader.header();
  const bool fits = type == GARITA_SAMPLE_U16 &&
                    (shape.size() == 2 || (shape.size() == 3 && shape[2] <= portal::max_channels)) &&
                    shape[0] <= portal::max_columns && shape[1] < UINT32_MAX &&
                    reader.header().data_bytes() <= max_image_bytes;
  if (!fits) return base::Error{base::Outcome::usage, "sim.image_shape", {{"path", path.string()}}};
  Image image{static_cast<uint32_t>(shape[0]),
              static_cast<uint32_t>(shape[1]),
              shape.size() == 3 ? static_cast<uint32_t>(shape[2]) : 1,
              {}};
  image.samples.resize(reader.header().data_bytes() / sizeof(uint16_t));
  GARITA_TRY(reader.read(0, std::as_writable_bytes(std::span(image.samples))));
  return image;
}

// Dark 300 … 1100 counts and 0.7 … 0.9 counts a value, both on the grid of 1/256 counts that the calibration
// is sent in.
Array draw_image_array(Random& random, const Image& image, double air) {
  Array array;
  for (uint32_t i = 0, count = std::min(image.rows / 8, 2 + random.below(4)); i < count; ++i)
    array.dead.push_back(random.below(image.rows));
  std::sort(array.dead.begin(), array.dead.end());
  array.dead.erase(std::unique(array.dead.begin(), array.dead.end()), array.dead.end());
  for (uint32_t channel = 0; channel < image.channels; ++channel) {
    Detectors detectors;
    for (uint32_t row = 0; row < image.rows; ++row) {
      detectors.dark_q8.push_back(static_cast<uint32_t>(random.uniform(300, 1100) * 256));
      detectors.air_q8.push_back(detectors.dark_q8.back() +
                                 static_cast<uint32_t>(std::lround(random.uniform(0.7, 0.9) * air * 256)));
    }
    for (const uint32_t row : array.dead) detectors.air_q8[row] = detectors.dark_q8[row];
    array.energies.push_back(std::move(detectors));
  }
  return array;
}

class ImageSource final : public PortalSource {
 public:
  ImageSource(const ImageOptions& options, Image image, uint64_t seed, std::filesystem::path truth)
      : options_(options), truth_(std::move(truth)), image_(std::move(image)) {
    Random random(seed);
    array_ = draw_image_array(random, image_, options.air);
  }

  uint32_t columns() const override { return image_.rows; }
  std::vector<uint32_t> energies_kev() const override {
    return image_.channels == 2 ? std::vector<uint32_t>{6000, 4000} : std::vector<uint32_t>{6000};
  }
  uint32_t pitch_across_um() const override { return options_.pitch_across_um; }
  uint32_t pitch_along_um() const override { return options_.pitch_along_um; }
  const std::vector<uint32_t>& dead_columns() const override { return array_.dead; }

  portal::Calibration calibration(uint32_t) override {
    portal::Calibration calibration;
    calibration.columns = columns();
    for (const Detectors& detectors : array_.energies) {
      calibration.dark.push_back(detectors.dark_q8);
      calibration.air.push_back(detectors.air_q8);
    }
    return calibration;
  }

  base::Result<std::unique_ptr<Passage>> passage(uint64_t, const std::string& key) override;

  void line(uint32_t i, std::span<uint16_t> raw) const {
    for (uint32_t channel = 0; channel < image_.channels; ++channel) {
      const Detectors& detectors = array_.energies[channel];
      for (uint32_t row = 0; row < image_.rows; ++row) {
        const uint16_t value = image_.samples[(size_t{row} * image_.columns + i) * image_.channels + channel];
        const double dark = detectors.dark_q8[row] / 256.0,
                     gain = (detectors.air_q8[row] / 256.0 - dark) / options_.air;
        raw[size_t{channel} * image_.rows + row] = static_cast<uint16_t>(std::lround(dark + gain * value));
      }
    }
  }

  base::Result<void> keep_truth(const std::string& key) const {
    if (truth_.empty()) return {};
    const nlohmann::json truth = {{"key", key},
                                  {"image", options_.image.string()},
                                  {"air", options_.air},
                                  {"lines", lines()},
                                  {"columns", columns()},
                                  {"channels", image_.channels},
                                  {"dead_columns", array_.dead}};
    return write_truth(truth_, key, truth.dump(1));
  }

  uint32_t lines() const { return image_.columns; }
  const Facts& facts() const { return options_.facts; }

 private:
  ImageOptions options_;
  std::filesystem::path truth_;
  Image image_;
  Array array_;
};

class ImagePassage final : public Passage {
 public:
  ImagePassage(const ImageSource& source, std::string key) : source_(source), key_(std::move(key)) {}

  uint32_t lines() const override { return source_.lines(); }
  const Facts& facts() const override { return source_.facts(); }
  uint32_t line(uint32_t i, std::span<uint16_t> raw) override {
    source_.line(i, raw);
    return GARITA_DOSE_ONE;
  }
  base::Result<void> finish() override { return source_.keep_truth(key_); }

 private:
  const ImageSource& source_;
  std::string key_;
};

base::Result<std::unique_ptr<Passage>> ImageSource::passage(uint64_t, const std::string& key) {
  return std::unique_ptr<Passage>(std::make_unique<ImagePassage>(*this, key));
}

}  // namespace

base::Result<std::unique_ptr<PortalSource>> image_source(const ImageOptions& options, uint64_t seed,
                                                         std::filesystem::path truth) {
  GARITA_TRY_ASSIGN(image, read_image(options.image));
  const uint16_t brightest = *std::max_element(image.samples.begin(), image.samples.end());
  if (brightest > head_room * options.air)
    return base::Error{base::Outcome::usage,
                       "sim.image_above_air",
                       {{"path", options.image.string()},
                        {"value", std::to_string(brightest)},
                        {"air", std::to_string(std::lround(options.air))}}};
  return std::unique_ptr<PortalSource>(
      std::make_unique<ImageSource>(options, std::move(image), seed, std::move(truth)));
}

}  // namespace garita::sim
