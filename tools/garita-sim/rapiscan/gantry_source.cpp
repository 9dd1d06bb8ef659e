#include "tools/garita-sim/rapiscan/gantry_source.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "garita/view.h"
#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/marks.hpp"
#include "tools/garita-sim/papers.hpp"

namespace garita::sim {
namespace {

constexpr uint64_t device_stream = 0, calibration_stream = 1, first_passage_stream = 1u << 20;
constexpr double pitch_across_m = 0.0060, fan_height_m = 682 * pitch_across_m;
constexpr double dose_spread = 0.005, monitor_spread = 0.0005;

Detectors draw_energy(Random& random, uint32_t columns, double quanta) {
  Detectors detectors;
  for (uint32_t column = 0; column < columns; ++column) {
    const bool hot = random.chance(0.02);  // beyond what 16 bits hold, once in a while
    const double dark = random.uniform(0.5, 4);
    const double open = hot ? random.uniform(62800, 63600) : random.uniform(55000, 57000);
    detectors.dark_q8.push_back(static_cast<uint32_t>(dark * 256));
    detectors.air_q8.push_back(static_cast<uint32_t>(open * 256));
    detectors.open_quanta.push_back(static_cast<float>(quanta * random.uniform(0.95, 1.05)));
  }
  return detectors;
}

Array draw_gantry_array(Random& random, uint32_t columns) {
  Array array;
  for (uint32_t column = 0; column < columns; ++column)
    if (random.chance(0.022)) array.dead.push_back(column);
  for (const double quanta : {4700.0, 4300.0}) {
    array.energies.push_back(draw_energy(random, columns, quanta));
    for (const uint32_t column : array.dead)
      array.energies.back().dark_q8[column] = array.energies.back().air_q8[column] = 0;
  }
  return array;
}

Geometry geometry_of(uint32_t columns) {
  Geometry geometry;
  geometry.columns = columns;
  geometry.pitch_across_m = fan_height_m / columns;
  geometry.source_height_m = 1.1;
  geometry.source_distance_m = 6.5;
  return geometry;
}

std::string digits(Random& random, int count) {
  std::string text;
  while (count-- > 0) text += static_cast<char>('0' + random.below(10));
  return text;
}

// The portal's papers in this gantry's tags.
std::optional<rapiscan::Fact> fact_of(uint8_t portal_tag) {
  using portal::Fact;
  switch (static_cast<Fact>(portal_tag)) {
    case Fact::plate:
      return rapiscan::Fact::plate;
    case Fact::plate_country:
      return rapiscan::Fact::plate_country;
    case Fact::plate_state:
      return rapiscan::Fact::plate_state;
    case Fact::container:
      return rapiscan::Fact::container;
    case Fact::pedimento:
      return rapiscan::Fact::pedimento;
    case Fact::carrier:
      return rapiscan::Fact::carrier;
    case Fact::hs_code:
      return rapiscan::Fact::hs_code;
    case Fact::goods:
      return rapiscan::Fact::goods;
    default:
      return std::nullopt;
  }
}

template <typename Lines>
std::array<std::span<float>, ray_materials> spans(Lines& lines) {
  return {lines[0], lines[1], lines[2], lines[3]};
}

}  // namespace

GantryPassage::GantryPassage(GantrySource& source, uint64_t number, Truck conveyance, Random random)
    : source_(source),
      random_(random),
      line_pitch_m_(std::round(random_.uniform(3.6, 4.4) * 100) / 1e5),
      scene_(source.geometry_, conveyance.solids),
      lines_(static_cast<uint32_t>(conveyance.length_m / line_pitch_m_)) {
  for (auto& line : densities_) line.resize(source.geometry_.columns);
  for (auto& line : transmissions_) line.resize(source.geometry_.columns);
  start_.mode = source.options_.in_turn ? 2 : 1;
  start_.columns = static_cast<uint16_t>(source.geometry_.columns);
  start_.high_kev = GantrySource::high_kev;
  start_.low_kev = GantrySource::low_kev;
  start_.pitch_across_um = static_cast<uint32_t>(std::lround(source.geometry_.pitch_across_m * 1e6));
  start_.line_pitch_um = static_cast<uint32_t>(std::lround(line_pitch_m_ * 1e6));
  start_.pulse_rate_mhz = GantrySource::pulse_rate_mhz;
  start_.direction = GARITA_ROW_ZERO_FRONT;
  start_.source_side = GARITA_SOURCE_RIGHT;
  start_.column_zero = GARITA_COLUMN_ZERO_BOTTOM;
  draw_facts(number, conveyance);
  look_for_things(conveyance);
}

// Lines from the first on, detectors from the bottom up.
void GantryPassage::look_for_things(const Truck& conveyance) {
  const Geometry& geometry = source_.geometry_;
  const auto line_of = [&](double x_m) {
    return static_cast<uint32_t>(std::clamp(x_m / line_pitch_m_, 0.0, double(lines_)));
  };
  const auto column_of = [&](double y_m) {
    return static_cast<uint16_t>(std::clamp(y_m / geometry.pitch_across_m, 0.0, double(geometry.columns)));
  };
  for (const Solid& solid : conveyance.solids) {
    if (!solid.hidden || found_.size() == rapiscan::max_found) continue;
    const char* code = solid.material == Material::organic ? "R42"
                       : solid.material == Material::steel ? "R21"
                                                           : "R90";
    const uint32_t first = line_of(solid.x0);
    const uint16_t bottom = column_of(solid.y0);
    found_.push_back({0, 80, code, solid.name, first, line_of(solid.x1) - first, bottom,
                      static_cast<uint16_t>(column_of(solid.y1) - bottom)});
  }
  const auto& marks = source_.options_.marks;
  for (size_t i = 0; i < marks.size() && found_.size() < rapiscan::max_found; ++i) {
    const MarkPlace place = place_of_mark(i, marks.size(), lines_);
    found_.push_back({0, 70, marks[i], "on demand", place.first, place.count,
                      static_cast<uint16_t>(geometry.columns / 4),
                      static_cast<uint16_t>(geometry.columns / 8)});
  }
}

void GantryPassage::draw_facts(uint64_t number, const Truck& conveyance) {
  const auto add = [&](rapiscan::Fact fact, std::string text) {
    start_.facts.emplace_back(static_cast<uint8_t>(fact), std::move(text));
  };
  const bool rail = source_.options_.rail;
  for (const auto& [tag, text] : draw_papers(random_, conveyance))
    if (const auto fact = fact_of(tag); fact && !(rail && *fact >= rapiscan::Fact::plate)) add(*fact, text);
  if (!rail) return;
  add(rapiscan::Fact::train, "FXE " + digits(random_, 4));
  add(rapiscan::Fact::rail_car, "SIMX" + digits(random_, 6));
  add(rapiscan::Fact::place_in_train, std::to_string(number % 120 + 1));
  // Four axles between two wheel sensors, counted in pulses: the gantry knows the speed no better than that.
  start_.sensor_gap_um = 3'000'000;
  const double um_a_pulse = start_.line_pitch_um / static_cast<double>(start_.mode);
  const auto gap = static_cast<uint32_t>(std::lround(start_.sensor_gap_um / um_a_pulse));
  for (const double at_m : {1.0, 2.8, 10.5, 12.3}) {
    const auto pulse = static_cast<uint32_t>(std::lround(at_m * 1e6 / um_a_pulse));
    start_.axles.push_back({pulse - gap, pulse});
  }
}

void GantryPassage::transmit(double x_m) {
  scene_.densities(x_m, spans(densities_));
  source_.beam_.transmit({densities_[0], densities_[1], densities_[2], densities_[3]}, transmissions_[0],
                         transmissions_[1]);
}

// The fan is simulated from the top; this gantry counts its detectors from the bottom.
uint32_t GantryPassage::line(uint32_t i, std::span<uint16_t> high, std::span<uint16_t> low) {
  transmit((i + 0.5) * line_pitch_m_);
  if (!source_.options_.truth.empty()) kept_.push_back(densities_);
  const float dose = 1 + static_cast<float>(dose_spread) * random_.normal();
  const float reported = dose * (1 + static_cast<float>(monitor_spread) * random_.normal());
  (void)expose(source_.array_.energies[0], transmissions_[0], dose, random_, high);
  if (source_.options_.in_turn) transmit((i + 1.0) * line_pitch_m_);  // half a line further on
  (void)expose(source_.array_.energies[1], transmissions_[1], dose, random_, low);
  for (const std::span<uint16_t> samples : {high, low}) {
    for (const uint32_t column : source_.array_.dead) samples[column] = 0;
    std::reverse(samples.begin(), samples.end());
  }
  return static_cast<uint32_t>(std::lround(65536 * reported));
}

base::Result<void> GantryPassage::keep_truth(const std::string& key, const std::vector<uint32_t>& lost) {
  const std::filesystem::path& folder = source_.options_.truth;
  if (folder.empty()) return {};
  GARITA_TRY_ASSIGN(file, DensityFile::create(folder, key, lines_, source_.geometry_.columns));
  for (auto& line : kept_) GARITA_TRY(file.add(spans(line)));
  GARITA_TRY(file.finish());
  const nlohmann::json truth = {{"key", key},
                                {"lines", lines_},
                                {"columns", source_.geometry_.columns},
                                {"pitch_along_mm", line_pitch_m_ * 1000},
                                {"pitch_across_mm", source_.geometry_.pitch_across_m * 1000},
                                {"dead_columns", source_.array_.dead},
                                {"lost_lines", lost}};
  return write_truth(folder, key, truth.dump(1));
}

GantrySource::GantrySource(GantryOptions options)
    : options_(std::move(options)), geometry_(geometry_of(options_.columns)) {
  Random random(options_.seed, device_stream);
  array_ = draw_gantry_array(random, options_.columns);
}

rapiscan::Calibration GantrySource::calibration(uint32_t id) const {
  Random random(options_.seed, calibration_stream + (uint64_t{id} << 32));
  rapiscan::Calibration calibration;
  calibration.id = id;
  calibration.columns = static_cast<uint16_t>(options_.columns);
  calibration.averaged = averaged_lines;
  for (const Detectors& detectors : array_.energies) {
    Measured measured = measure(detectors, random, averaged_lines);
    for (const uint32_t column : array_.dead) measured.dark_q8[column] = measured.air_q8[column] = 0;
    std::reverse(measured.dark_q8.begin(), measured.dark_q8.end());
    std::reverse(measured.air_q8.begin(), measured.air_q8.end());
    calibration.dark.push_back(std::move(measured.dark_q8));
    calibration.air.push_back(std::move(measured.air_q8));
  }
  return calibration;
}

base::Result<GantryPassage> GantrySource::passage(uint64_t number) {
  number = passage_or(number);
  Random random(options_.seed, first_passage_stream + number);
  GARITA_TRY_ASSIGN(conveyance, scene_by_name(options_.scene, random));
  return GantryPassage(*this, number, std::move(conveyance), random);
}

}  // namespace garita::sim
