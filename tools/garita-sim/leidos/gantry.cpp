#include "tools/garita-sim/leidos/gantry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tools/garita-sim/scenes.hpp"

namespace garita::sim::leidos {
namespace {

constexpr double inch_m = 0.0254, view_height_m = 3.9;
constexpr uint32_t averaged_lines = 512;
constexpr uint64_t device_stream = 0, first_passage_stream = 1u << 20;

using Lines = std::array<std::vector<float>, ray_materials>;

std::array<std::span<float>, ray_materials> spans(Lines& lines) {
  return {lines[0], lines[1], lines[2], lines[3]};
}
std::array<std::span<const float>, ray_materials> const_spans(const Lines& lines) {
  return {lines[0], lines[1], lines[2], lines[3]};
}

uint16_t stored(double value) { return static_cast<uint16_t>(std::clamp(std::lround(value), 0L, 65535L)); }

// What one spot sends back, 0 … 1; densities in g/cm², attenuations at about 100 keV.
double backscatter(double organic, double aluminium, double steel, double lead) {
  constexpr double light = 0.17, iron = 0.37, plumbum = 5.5;
  const double skin = std::exp(-iron * steel - plumbum * lead);  // half of it in front, crossed twice
  return 0.03 +
         skin * ((1 - std::exp(-2 * light * organic)) * 0.9 + (1 - std::exp(-2 * light * aluminium)) * 0.4) +
         0.12 * (1 - std::exp(-2 * iron * steel));
}

// One line of a picture that is filled line by line along the travel.
class Filled {
 public:
  Filled(uint32_t width, uint32_t height, bool nose_left) : nose_left_(nose_left) {
    picture_ = {width, height, std::vector<uint16_t>(size_t{width} * height)};
  }
  void set(uint32_t line, uint32_t row, uint16_t value) {
    const uint32_t x = nose_left_ ? line : picture_.width - 1 - line;
    picture_.samples[size_t{row} * picture_.width + x] = value;
  }
  Picture take() { return std::move(picture_); }

 private:
  Picture picture_;
  bool nose_left_;
};

}  // namespace

Gantry::Gantry(uint64_t seed, double pitch_in) : seed_(seed), beam_(energy_kev / 1000.0, 3) {
  Random random(seed, device_stream);
  geometry_.pitch_across_m = geometry_.pitch_along_m = pitch_in * inch_m;
  geometry_.columns = static_cast<uint32_t>(std::lround(view_height_m / geometry_.pitch_across_m));
  geometry_.source_height_m = 1.1;
  geometry_.source_distance_m = 4.2;
  array_ = draw_array(random, geometry_.columns);
  array_.energies.resize(1);
  calibration_ = measure(array_.energies[0], random, averaged_lines);
  opaque_ = static_cast<uint16_t>(random.uniform(900, 1900));
  open_ = static_cast<uint16_t>(random.uniform(54'000, 58'500));
}

base::Result<Exposure> Gantry::pass(uint64_t number, const std::string& scene_name,
                                    const std::string& truth_folder, const std::string& key) {
  Random random(seed_, first_passage_stream + number);
  Exposure out;
  GARITA_TRY_ASSIGN(truck, scene_by_name(scene_name, random));
  out.truck = std::move(truck);
  out.geometry = geometry_;
  out.nose_left = random.chance(0.5);
  out.opaque = opaque_;
  out.open = open_;
  const uint32_t columns = geometry_.columns;
  const uint32_t lines =
      std::max<uint32_t>(2, static_cast<uint32_t>(out.truck.length_m / geometry_.pitch_along_m));
  std::optional<DensityFile> truth;
  if (!truth_folder.empty()) {
    GARITA_TRY_ASSIGN(file, DensityFile::create(truth_folder, key, lines, columns));
    truth = std::move(file);
  }
  const Scene scene(geometry_, out.truck.solids);
  Lines densities;
  for (auto& line : densities) line.resize(columns);
  std::vector<float> high(columns), low(columns), corrected(columns);
  std::vector<uint16_t> raw(columns);
  Filled transmission(lines, columns, out.nose_left), scatter(lines / 2, columns / 2, out.nose_left);
  for (uint32_t line = 0; line < lines; ++line) {
    scene.densities((line + 0.5) * geometry_.pitch_along_m, spans(densities));
    if (truth) GARITA_TRY(truth->add(spans(densities)));
    beam_.transmit(const_spans(densities), high, low);
    expose(array_.energies[0], high, 1, random, raw);
    for (uint32_t column = 0; column < columns; ++column) {
      const float dark = static_cast<float>(calibration_.dark_q8[column]) / 256,
                  air = static_cast<float>(calibration_.air_q8[column]) / 256;
      corrected[column] = air > dark ? (raw[column] - dark) / (air - dark) : 0;
    }
    for (const uint32_t dead : array_.dead) corrected[dead] = corrected[dead > 0 ? dead - 1 : dead + 1];
    for (uint32_t column = 0; column < columns; ++column)
      transmission.set(line, column, stored(opaque_ + corrected[column] * (open_ - opaque_)));
    if (line % 2 != 0 || line / 2 >= lines / 2) continue;
    for (uint32_t spot = 0; spot < columns / 2; ++spot) {
      const auto mean = [&](size_t material) {
        return (densities[material][2 * spot] + densities[material][2 * spot + 1]) / 2;
      };
      const double back = backscatter(mean(0), mean(1), mean(2), mean(3));
      scatter.set(line / 2, spot, stored(1500 + 110 * random.poisson(450 * back)));
    }
  }
  if (truth) GARITA_TRY(truth->finish());
  out.transmission = transmission.take();
  out.backscatter = scatter.take();
  return out;
}

}  // namespace garita::sim::leidos
