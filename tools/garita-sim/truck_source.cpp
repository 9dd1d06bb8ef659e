// Lorries: scene -> areal densities -> transmissions -> counts, one line at a time.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/papers.hpp"
#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/truck.hpp"
#include "tools/garita-sim/portal_source.hpp"
#include "tools/garita-sim/scenes.hpp"
#include "tools/garita-sim/truth.hpp"

namespace garita::sim {
namespace {

constexpr uint32_t averaged_lines = 1024;
constexpr uint64_t device_stream = 0, calibration_stream = 1, first_passage_stream = 1u << 20;

nlohmann::json describe(const Solid& solid) {
  constexpr const char* shapes[] = {"box", "disc", "tube", "ball"};
  return {{"name", solid.name},
          {"material", name(solid.material)},
          {"shape", shapes[static_cast<size_t>(solid.shape)]},
          {"x_m", {solid.x0, solid.x1}},
          {"y_m", {solid.y0, solid.y1}},
          {"areal_density_g_cm2", solid.depth_m * 100 * solid.density_g_cm3},
          {"hidden", solid.hidden}};
}

class TruckPassage final : public Passage {
 public:
  TruckPassage(const Array& array, DualBeam& beam, Random random, Geometry geometry, const std::string& scene)
      : array_(array),
        beam_(beam),
        random_(random),
        truck_(*scene_by_name(scene, random_)),
        facts_(draw_papers(random_, truck_)),
        scene_(geometry, truck_.solids) {
    for (auto& line : densities_) line.resize(geometry.columns);
    for (auto& line : transmissions_) line.resize(geometry.columns);
  }

  base::Result<void> keep_truth(const std::filesystem::path& folder, const std::string& key) {
    folder_ = folder;
    key_ = key;
    GARITA_TRY_ASSIGN(file, DensityFile::create(folder, key, lines(), scene_.geometry().columns));
    density_file_ = std::move(file);
    return {};
  }

  uint32_t lines() const override {
    return static_cast<uint32_t>(truck_.length_m / scene_.geometry().pitch_along_m);
  }
  const Facts& facts() const override { return facts_; }

  uint32_t line(uint32_t i, std::span<uint16_t> raw) override {
    const double x = (i + 0.5) * scene_.geometry().pitch_along_m;
    scene_.densities(x, spans(densities_));
    if (density_file_ && truth_) truth_ = density_file_->add(spans(densities_));
    beam_.transmit(const_spans(), transmissions_[0], transmissions_[1]);
    const float dose = 1 + 0.02f * random_.normal();                // from pulse to pulse
    const float reported = dose * (1 + 0.001f * random_.normal());  // what the monitor makes of it
    const size_t columns = raw.size() / 2;
    for (size_t energy = 0; energy < 2; ++energy)
      cut_ += expose(array_.energies[energy], transmissions_[energy], dose, random_,
                     raw.subspan(energy * columns, columns));
    return static_cast<uint32_t>(std::lround(65536 * reported));
  }

  base::Result<void> finish() override {
    GARITA_TRY(truth_);
    if (!density_file_) return {};
    GARITA_TRY(density_file_->finish());
    return write_truth(folder_, key_, json().dump(1));
  }

 private:
  using Lines = std::array<std::vector<float>, ray_materials>;

  static std::array<std::span<float>, ray_materials> spans(Lines& lines) {
    return {lines[0], lines[1], lines[2], lines[3]};
  }
  std::array<std::span<const float>, ray_materials> const_spans() const {
    return {densities_[0], densities_[1], densities_[2], densities_[3]};
  }

  nlohmann::json json() const {
    nlohmann::json truth = {{"key", key_},
                            {"goods", truck_.goods},
                            {"hides", truck_.hides},
                            {"lines", lines()},
                            {"columns", scene_.geometry().columns},
                            {"pitch_along_mm", scene_.geometry().pitch_along_m * 1000},
                            {"pitch_across_mm", scene_.geometry().pitch_across_m * 1000},
                            {"dead_columns", array_.dead},
                            {"clipped_samples", cut_},
                            {"solids", nlohmann::json::array()}};
    for (const Solid& solid : truck_.solids) truth["solids"].push_back(describe(solid));
    return truth;
  }

  const Array& array_;
  DualBeam& beam_;
  Random random_;
  Truck truck_;
  Facts facts_;
  Scene scene_;
  Lines densities_;
  std::array<std::vector<float>, 2> transmissions_;
  uint64_t cut_ = 0;
  std::filesystem::path folder_;
  std::string key_;
  std::optional<DensityFile> density_file_;
  base::Result<void> truth_;
};

class TruckSource final : public PortalSource {
 public:
  TruckSource(uint64_t seed, std::filesystem::path truth, uint32_t pitch_along_um, std::string_view scene)
      : seed_(seed), truth_(std::move(truth)), scene_(scene) {
    geometry_.pitch_along_m = pitch_along_um * 1e-6;
    Random random(seed, device_stream);
    array_ = draw_array(random, geometry_.columns);
  }

  uint32_t columns() const override { return geometry_.columns; }
  std::vector<uint32_t> energies_kev() const override { return {6000, 4000}; }
  uint32_t pitch_across_um() const override {
    return static_cast<uint32_t>(std::lround(geometry_.pitch_across_m * 1e6));
  }
  uint32_t pitch_along_um() const override {
    return static_cast<uint32_t>(std::lround(geometry_.pitch_along_m * 1e6));
  }
  const std::vector<uint32_t>& dead_columns() const override { return array_.dead; }

  portal::Calibration calibration(uint32_t id) override {
    Random random(seed_, calibration_stream + (uint64_t{id} << 32));
    portal::Calibration calibration;
    calibration.columns = columns();
    calibration.averaged = averaged_lines;
    for (const Detectors& detectors : array_.energies) {
      Measured measured = measure(detectors, random, averaged_lines);
      calibration.dark.push_back(std::move(measured.dark_q8));
      calibration.air.push_back(std::move(measured.air_q8));
    }
    return calibration;
  }

  base::Result<std::unique_ptr<Passage>> passage(uint64_t number, const std::string& key) override {
    auto passage = std::make_unique<TruckPassage>(array_, beam_, Random(seed_, first_passage_stream + passage_or(number)),
                                                  geometry_, scene_);
    if (!truth_.empty()) GARITA_TRY(passage->keep_truth(truth_, key));
    return std::unique_ptr<Passage>(std::move(passage));
  }

 private:
  uint64_t seed_;
  std::filesystem::path truth_;
  std::string scene_;
  Geometry geometry_;
  Array array_;
  DualBeam beam_{6, 4};
};

}  // namespace

std::unique_ptr<PortalSource> truck_source(uint64_t seed, std::filesystem::path truth, uint32_t pitch_along_um,
                                           std::string_view scene) {
  return std::make_unique<TruckSource>(seed, std::move(truth), pitch_along_um, scene);
}

}  // namespace garita::sim
