#include "tools/garita-sim/nuctech/cargo_source.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/marks.hpp"
#include "tools/garita-sim/nuctech/gb18030.hpp"
#include "tools/garita-sim/papers.hpp"

namespace garita::sim {
namespace {

constexpr uint64_t device_stream = 0, calibration_stream = 1, first_passage_stream = 1u << 20;
constexpr uint32_t board_columns = 16;
constexpr float electronic_counts = 4;

// Boards differ by some per cent, the detectors of one by less. Fewer quanta at the ends of the fan.
Detectors draw_cargo_detectors(Random& random, uint32_t columns, double counts, double quanta) {
  Detectors detectors;
  detectors.electronic_counts = electronic_counts;
  double board_gain = 1, board_dark = 0;
  for (uint32_t column = 0; column < columns; ++column) {
    if (column % board_columns == 0)
      board_gain = random.uniform(0.92, 1.04), board_dark = random.uniform(900, 2500);
    const double place = 2.0 * column / columns - 1, fan = 1 - 0.15 * place * place;
    const double dark = board_dark + random.uniform(-60, 60);
    const double open = counts * fan * board_gain * random.uniform(0.985, 1.015);
    detectors.dark_q8.push_back(static_cast<uint32_t>(dark * 256));
    detectors.air_q8.push_back(static_cast<uint32_t>((dark + open) * 256));
    detectors.open_quanta.push_back(static_cast<float>(quanta * fan * random.uniform(0.96, 1.04)));
  }
  return detectors;
}

Array draw_cargo_array(Random& random, uint32_t columns) {
  Array array;
  array.energies = {draw_cargo_detectors(random, columns, 43000, 7000),
                    draw_cargo_detectors(random, columns, 36000, 5200)};
  for (uint32_t i = 0, count = 1 + random.below(4); i < count; ++i)
    array.dead.push_back(random.below(columns));
  std::sort(array.dead.begin(), array.dead.end());
  array.dead.erase(std::unique(array.dead.begin(), array.dead.end()), array.dead.end());
  for (Detectors& detectors : array.energies)
    for (const uint32_t column : array.dead) detectors.air_q8[column] = detectors.dark_q8[column];
  return array;
}

constexpr const char* operators[] = {"王伟", "李娜", "张敏", "刘洋"};
constexpr const char* remarks[] = {"集装箱封条完好", "货物与申报相符", "请复查后部", "司机已确认"};

struct Hidden {
  std::string_view name;
  const char *code, *label;
};
constexpr Hidden known_things[] = {{"organic bricks", "NT-DRG-03", "疑似冰毒"},
                                   {"steel barrels", "NT-GUN-01", "疑似枪支"},
                                   {"lead pot", "NT-ANO-01", "铅屏蔽物"}};

}  // namespace

Geometry CargoSource::rows_geometry() {
  Geometry geometry;
  geometry.columns = 704;
  geometry.pitch_across_m = pitch_across_um * 1e-6;
  geometry.pitch_along_m = 2 * pulse_pitch_um * 1e-6;
  geometry.source_height_m = 1.9;
  geometry.source_distance_m = 4.4;
  return geometry;
}

CargoSource::CargoSource(CargoOptions options) : options_(std::move(options)), geometry_(rows_geometry()) {
  geometry_.pitch_along_m = pulse_pitch_um * 1e-6;
  Random random(options_.seed, device_stream);
  array_ = draw_cargo_array(random, geometry_.columns);
}

nuctech::Calibration CargoSource::calibration(uint32_t id) const {
  Random random(options_.seed, calibration_stream + (uint64_t{id} << 32));
  nuctech::Calibration calibration;
  calibration.id = id;
  calibration.columns = columns();
  calibration.averaged = averaged_pulses;
  calibration.sums.resize(size_t{columns()} * 4);
  for (size_t energy = 0; energy < 2; ++energy) {
    const Measured measured = measure(array_.energies[energy], random, averaged_pulses);
    for (size_t column = 0; column < columns(); ++column) {
      uint32_t* const sums = &calibration.sums[(columns() - 1 - column) * 4 + energy * 2];
      sums[0] = measured.dark_q8[column] * (averaged_pulses / 256);
      sums[1] = measured.air_q8[column] * (averaged_pulses / 256);
    }
  }
  return calibration;
}

base::Result<std::unique_ptr<CargoPassage>> CargoSource::passage(uint64_t number, const std::string& key) {
  number = passage_or(number);
  Random random(options_.seed, first_passage_stream + number);
  GARITA_TRY_ASSIGN(conveyance, scene_by_name(options_.scene, random));
  auto passage = std::make_unique<CargoPassage>(*this, number, key, std::move(conveyance), random);
  if (!options_.truth.empty()) GARITA_TRY(passage->keep_truth());
  return passage;
}

CargoPassage::CargoPassage(CargoSource& source, uint64_t number, std::string key, Truck conveyance,
                           Random random)
    : source_(source), key_(std::move(key)), random_(random), scene_(source.geometry_, conveyance.solids) {
  const auto pairs = static_cast<uint32_t>(conveyance.length_m / (2 * source.geometry_.pitch_along_m));
  pulses_ = 2 * pairs;
  for (auto& line : densities_) line.resize(source.columns());
  for (auto& line : transmissions_) line.resize(source.columns());
  line_.resize(source.columns());
  draw_papers(number, conveyance);
  look_for_things(conveyance);
}

void CargoPassage::draw_papers(uint64_t number, const Truck& conveyance) {
  for (const auto& [tag, text] : sim::draw_papers(random_, conveyance)) {
    if (tag == static_cast<uint8_t>(portal::Fact::plate)) papers_.plate.bytes = text;
    if (tag == static_cast<uint8_t>(portal::Fact::container)) papers_.container.bytes = text;
  }
  operator_name_ = operators[random_.below(std::size(operators))];
  remarks_ = remarks[random_.below(std::size(remarks))];
  papers_.operator_name = gb18030(operator_name_);
  // Typed at a newer console every other time.
  papers_.remarks = number % 2 == 0 ? gb18030(remarks_) : nuctech::Text{nuctech::Charset::utf8, remarks_};
  papers_.direction = static_cast<uint8_t>(1 + random_.below(2));
}

// What is hidden is found, and the densest place is always marked: a machine that would rather ask twice.
void CargoPassage::look_for_things(const Truck& conveyance) {
  const Solid* densest = nullptr;
  for (const Solid& solid : conveyance.solids) {
    for (const Hidden& thing : known_things)
      if (solid.hidden && solid.name == thing.name)
        verdict_.findings.push_back(
            finding(solid, thing.code, thing.label, static_cast<uint8_t>(60 + random_.below(40))));
    const auto areal = [](const Solid& of) { return of.depth_m * of.density_g_cm3; };
    if (densest == nullptr || areal(solid) > areal(*densest)) densest = &solid;
  }
  verdict_.verdict = verdict_.findings.empty() ? 1 : 2;
  if (densest != nullptr) verdict_.findings.push_back(finding(*densest, "NT-ANO-01", "高密度区域", 40));
  const auto& marks = source_.options_.marks;
  const auto columns = static_cast<uint16_t>(source_.columns());
  for (size_t i = 0; i < marks.size(); ++i) {
    const MarkPlace place = place_of_mark(i, marks.size(), pulses_);
    verdict_.findings.push_back({{nuctech::Charset::utf8, marks[i]},
                                 gb18030("按需标记"),
                                 place.first,
                                 place.first + place.count,
                                 static_cast<uint16_t>(columns / 4),
                                 static_cast<uint16_t>(columns / 2),
                                 70});
  }
}

nuctech::Finding CargoPassage::finding(const Solid& solid, const char* code, const char* label,
                                       uint8_t percent) const {
  const Geometry& geometry = source_.geometry_;
  const auto pulse_of = [&](double x_m) {
    return static_cast<uint32_t>(std::clamp(std::round(x_m / geometry.pitch_along_m - 0.5), 0.0, double(pulses_)));
  };
  const auto detector_of = [&](double y_m) {  // from the top
    const double place = geometry.columns - y_m / geometry.pitch_across_m;
    return static_cast<uint16_t>(std::clamp(std::round(place), 0.0, double(geometry.columns)));
  };
  return {{nuctech::Charset::utf8, code},
          gb18030(label),
          pulse_of(solid.x0),
          pulse_of(solid.x1),
          detector_of(solid.y1),
          detector_of(solid.y0),
          percent};
}

uint16_t CargoPassage::pulse(uint32_t p, std::span<uint16_t> raw) {
  const double x_m = (p + 1) * source_.geometry_.pitch_along_m;  // in the middle of its row, if it is high
  scene_.densities(x_m, {densities_[0], densities_[1], densities_[2], densities_[3]});
  if (density_file_ && truth_)
    truth_ = density_file_->add({densities_[0], densities_[1], densities_[2], densities_[3]});
  source_.beam_.transmit({densities_[0], densities_[1], densities_[2], densities_[3]}, transmissions_[0],
                         transmissions_[1]);
  const size_t energy = p % 2;
  const bool misfire = random_.chance(source_.options_.misfires);
  const float dose = misfire ? 0.0f : 1 + 0.03f * random_.normal();
  if (misfire) misfires_.push_back(p);
  expose(source_.array_.energies[energy], transmissions_[energy], dose, random_, line_);
  std::reverse_copy(line_.begin(), line_.end(), raw.begin());
  const float reported = dose * (1 + 0.001f * random_.normal());
  return static_cast<uint16_t>(std::lround(std::clamp(32768 * reported, 0.0f, 65535.0f)));
}

base::Result<void> CargoPassage::keep_truth() {
  GARITA_TRY_ASSIGN(file, DensityFile::create(source_.options_.truth, key_, pulses_, source_.columns()));
  density_file_ = std::move(file);
  return {};
}

base::Result<void> CargoPassage::finish() {
  GARITA_TRY(truth_);
  if (!density_file_) return {};
  GARITA_TRY(density_file_->finish());
  return write_truth(source_.options_.truth, key_, json());
}

// Lines of KEY.npy are pulses: even ones high, odd ones low.
std::string CargoPassage::json() const {
  nlohmann::json truth = {{"key", key_},
                          {"pulses", pulses_},
                          {"columns", source_.columns()},
                          {"pulse_pitch_mm", CargoSource::pulse_pitch_um / 1000.0},
                          {"pitch_across_mm", CargoSource::pitch_across_um / 1000.0},
                          {"plate", papers_.plate.bytes},
                          {"container", papers_.container.bytes},
                          {"operator", operator_name_},
                          {"remarks", remarks_},
                          {"dead_columns", source_.array_.dead},
                          {"misfires", misfires_},
                          {"findings", nlohmann::json::array()}};
  for (const nuctech::Finding& found : verdict_.findings)
    truth["findings"].push_back({{"code", found.code.bytes},
                                 {"pulses", {found.x0, found.x1}},
                                 {"columns", {found.y0, found.y1}},
                                 {"percent", found.percent}});
  return truth.dump(1);
}

}  // namespace garita::sim
