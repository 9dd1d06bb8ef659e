#include "tools/garita-sim/astrophysics/machine.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "garita/view.h"
#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/marks.hpp"

namespace garita::sim {
namespace {

using astrophysics::Found;
using astrophysics::Scale;
using astrophysics::ViewForm;

// Stored values of open beam and darkness leave room for noise at both ends.
constexpr double zero_counts = 128, open_counts = 3968;
constexpr double counts_per_unit = 400, unattenuated_counts = 100;  // of −ln t

ViewForm form_of(const Geometry& geometry, uint8_t source_side, uint8_t column_zero, uint16_t high_kv,
                 uint16_t low_kv, Scale scale, bool operator_channel) {
  ViewForm form;
  form.columns = static_cast<uint16_t>(geometry.columns);
  form.pitch_across_um = static_cast<uint32_t>(std::lround(geometry.pitch_across_m * 1e6));
  form.pitch_along_um = static_cast<uint32_t>(std::lround(geometry.pitch_along_m * 1e6));
  form.source_side = source_side;
  form.column_zero = column_zero;
  form.angle_deg10 = source_side == GARITA_SOURCE_BOTTOM ? 900 : 0;
  form.high_kv = high_kv;
  form.low_kv = low_kv;
  form.scale = scale;
  form.slope = scale == Scale::transmission ? 1 / (open_counts - zero_counts) : 1 / counts_per_unit;
  form.intercept = scale == Scale::transmission ? -zero_counts / (open_counts - zero_counts)
                                                : -unattenuated_counts / counts_per_unit;
  form.operator_channel = operator_channel;
  return form;
}

// scale: how much coarser than the real one.
Model cabinet(uint32_t scale) {
  const Geometry side{648 / scale, 0.00065 * scale, 0.0008 * scale, 0.15, 0.70};
  const Geometry below{832 / scale, 0.00075 * scale, 0.0008 * scale, 0.312, 0.60};
  const auto form = [](const Geometry& geometry, uint8_t source, uint8_t zero) {
    return form_of(geometry, source, zero, 160, 80, Scale::transmission, true);
  };
  Model model;
  model.name = "cabinet";
  model.views = {
      {form(side, GARITA_SOURCE_LEFT, GARITA_COLUMN_ZERO_BOTTOM), side, {Aspect::side, 0.03, 0.05}, 40000, 0},
      {form(below, GARITA_SOURCE_BOTTOM, GARITA_COLUMN_ZERO_LEFT),
       below,
       {Aspect::below, 0.03, 0.12},
       30000,
       60 / scale}};
  model.line_period_us = 4000 * scale;  // 0.2 m/s
  model.identity.model = "SC-100 cabinet";
  return model;
}

Model lane() {
  const Geometry side{704, 0.006, 0.006, 1.2, 4};
  Model model;
  model.name = "portal";
  model.views = {
      {form_of(side, GARITA_SOURCE_RIGHT, GARITA_COLUMN_ZERO_TOP, 300, 0, Scale::attenuation, false),
       side,
       {Aspect::side, 0.7, 1.05},
       60000,
       0}};
  model.line_period_us = 4000;  // 1.5 m/s
  model.identity.model = "SC-300 lane";
  return model;
}

Model identified(Model model, uint64_t serial_seed) {
  char serial[24];
  std::snprintf(serial, sizeof serial, "SC-%05u", static_cast<unsigned>(serial_seed % 100000));
  model.identity.serial = serial_or(serial);
  model.identity.firmware = "sim 1.0";
  for (const Optics& optics : model.views) model.identity.views.push_back(optics.form);
  return model;
}

std::string digits(Random& random, size_t count) {
  std::string text;
  while (text.size() < count) text += static_cast<char>('0' + random.below(10));
  return text;
}

// An air waybill's last digit is its serial number modulo 7.
std::string draw_awb(Random& random) {
  const std::string serial = digits(random, 7);
  return "139" + serial + std::to_string(std::stoul(serial) % 7);
}

std::string draw_bag_papers(Random& random) {
  std::string papers = "TAG=0" + digits(random, 9) + ";FLT=AM" + std::to_string(100 + random.below(900));
  if (random.chance(0.3)) papers += ";AWB=" + draw_awb(random);
  return papers;
}

std::string draw_plate_papers(Random& random) {
  std::string plate;
  for (int i = 0; i < 3; ++i) plate += static_cast<char>('A' + random.below(26));
  return "PLT=" + plate_or(plate + digits(random, 4));
}

constexpr uint64_t first_bag_stream = 1u << 20;

}  // namespace

base::Result<Model> model_by_name(std::string_view name, uint64_t serial_seed) {
  if (name == "cabinet") return identified(cabinet(1), serial_seed);
  if (name == "portal") return identified(lane(), serial_seed);
  return base::Error{base::Outcome::usage, "sim.unknown_model", {{"name", std::string(name)}}};
}

Model tiny_model() { return identified(cabinet(50), 1); }

BagPass::BagPass(const Model& model, std::string_view scene, uint64_t seed, uint64_t number)
    : model_(model), random_(seed, first_bag_stream + number) {
  const bool vehicle = model.name == "portal";
  for (const Optics& optics : model.views) {
    Random same(seed, first_bag_stream + number);  // all views see one bag
    content_ = *scene_by_name(scene, same, optics.placement);
    views_.push_back({Scene(optics.geometry, content_.solids), Tube(optics.form.high_kv), {}, {}, {}});
    views_.back().densities.assign(ray_materials, std::vector<float>(optics.geometry.columns));
    views_.back().high.resize(optics.geometry.columns);
    if (optics.form.low_kv != 0) views_.back().low.resize(optics.geometry.columns);
  }
  lines_ = static_cast<uint32_t>(content_.length_m / model.views[0].geometry.pitch_along_m);
  papers_ = vehicle ? draw_plate_papers(random_) : draw_bag_papers(random_);
  subject_ = vehicle ? astrophysics::Subject::conveyance : astrophysics::Subject::bag;
  if (!vehicle && lines_ > 8 && random_.chance(0.3)) reverses_after_ = lines_ / 2;
}

// Counts of quanta and of electronics, corrected by the machine, on its own scale.
std::vector<uint16_t> BagPass::measured(const Optics& optics, std::span<const float> transmission) {
  std::vector<uint16_t> stored;
  stored.reserve(transmission.size());
  for (const float t : transmission) {
    const double mean = optics.quanta * static_cast<double>(t);
    const double quanta = mean >= 50 ? mean + std::sqrt(mean) * random_.normal() : random_.poisson(mean);
    const double value = quanta / optics.quanta + 2.5e-4 * random_.normal();
    const double counts = optics.form.scale == Scale::transmission
                              ? zero_counts + (open_counts - zero_counts) * value
                              : unattenuated_counts - counts_per_unit * std::log(std::max(value, 6e-5));
    stored.push_back(static_cast<uint16_t>(std::clamp(std::lround(counts), 0L, 4095L)));
  }
  return stored;
}

Samples BagPass::line(uint32_t view, uint32_t line) {
  const Optics& optics = model_.views[view];
  View& own = views_[view];
  auto& d = own.densities;
  own.scene.densities((line + 0.5) * optics.geometry.pitch_along_m, {d[0], d[1], d[2], d[3]});
  own.tube.transmit({d[0], d[1], d[2], d[3]}, own.high, own.low);
  // A Scene's column 0 is the highest, or the left one; a machine may count from the other end.
  const bool other_end = optics.form.column_zero == GARITA_COLUMN_ZERO_BOTTOM ||
                         optics.form.column_zero == GARITA_COLUMN_ZERO_RIGHT;
  if (other_end) std::reverse(own.high.begin(), own.high.end());
  if (other_end) std::reverse(own.low.begin(), own.low.end());
  std::vector<uint16_t> all = measured(optics, own.high);
  const std::vector<uint16_t> low = measured(optics, own.low);
  all.insert(all.end(), low.begin(), low.end());
  Samples samples;
  astrophysics::pack(all, samples);
  if (optics.form.operator_channel)  // a picture for the eye: dark things are lifted
    for (const float t : own.high) samples.push_back(static_cast<std::byte>(std::lround(255 * std::sqrt(t))));
  return samples;
}

std::vector<Found> BagPass::found() const {
  std::vector<Found> all = marked();
  for (uint32_t view = 0; view < views_.size(); ++view) {
    const Geometry& geometry = model_.views[view].geometry;
    double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9;
    for (const Solid& solid : views_[view].scene.solids())
      if (solid.hidden)
        x0 = std::min(x0, solid.x0), x1 = std::max(x1, solid.x1), y0 = std::min(y0, solid.y0),
        y1 = std::max(y1, solid.y1);
    if (x0 > x1) continue;
    const bool from_below = model_.views[view].form.column_zero == GARITA_COLUMN_ZERO_BOTTOM;
    const auto column = [&](double y) {
      const double place =
          from_below ? y / geometry.pitch_across_m : geometry.columns - y / geometry.pitch_across_m;
      return static_cast<uint16_t>(std::clamp(place, 0.0, geometry.columns - 1.0));
    };
    const auto line = [&](double x) {
      return static_cast<uint32_t>(std::clamp(x / geometry.pitch_along_m, 0.0, lines_ - 1.0));
    };
    Found found;
    found.view = static_cast<uint8_t>(view);
    found.code = 0x20;
    found.confidence_percent = 87;
    found.label = "pistol";
    found.points = {
        {column(y0), line(x0)}, {column(y1), line(x0)}, {column(y1), line(x1)}, {column(y0), line(x1)}};
    all.push_back(found);
  }
  return all;
}

std::vector<Found> BagPass::marked() const {
  std::vector<Found> all;
  const auto columns = static_cast<uint16_t>(model_.views[0].geometry.columns);
  const auto low = static_cast<uint16_t>(columns / 4), high = static_cast<uint16_t>(columns / 2);
  for (size_t i = 0; i < marks_.size(); ++i) {
    const MarkPlace place = place_of_mark(i, marks_.size(), lines_);
    const uint32_t first = place.first, last = place.first + place.count - 1;
    Found found;
    found.code = marks_[i];
    found.confidence_percent = 70;
    found.label = "on demand";
    found.points = {{low, first}, {high, first}, {high, last}, {low, last}};
    all.push_back(found);
  }
  return all;
}

std::string BagPass::truth(const std::string& key) const {
  nlohmann::json truth = {{"key", key},
                          {"goods", content_.goods},
                          {"hides", content_.hides},
                          {"lines", lines_},
                          {"views", nlohmann::json::array()}};
  for (uint32_t view = 0; view < views_.size(); ++view) {
    const Geometry& geometry = model_.views[view].geometry;
    nlohmann::json own = {{"columns", geometry.columns},
                          {"pitch_along_mm", geometry.pitch_along_m * 1000},
                          {"pitch_across_mm", geometry.pitch_across_m * 1000},
                          {"solids", nlohmann::json::array()}};
    for (const Solid& solid : views_[view].scene.solids())
      own["solids"].push_back({{"name", solid.name},
                               {"material", name(solid.material)},
                               {"x_m", {solid.x0, solid.x1}},
                               {"y_m", {solid.y0, solid.y1}},
                               {"areal_density_g_cm2", solid.depth_m * 100 * solid.density_g_cm3},
                               {"hidden", solid.hidden}});
    truth["views"].push_back(std::move(own));
  }
  return truth.dump(1);
}

}  // namespace garita::sim
