#include "tools/garita-sim/physics/test_object.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace garita::sim {
namespace test_object {
namespace {

constexpr double mm = 1e-3;

struct Range {
  double low_mm, high_mm;
};

Body box(std::string name, Material material, double density, Range x, Range y, Range z) {
  return {std::move(name), material,      Shape::box,     x.low_mm * mm, x.high_mm * mm, y.low_mm * mm,
          y.high_mm * mm,  z.low_mm * mm, z.high_mm * mm, density,       false};
}

std::string steel_name(double thickness_mm) { return "steel " + std::to_string(std::lround(thickness_mm)); }

// Two rows of five, for level rays; in the middle of the depth, as the widest is nearly all of it.
void upright_steps(std::vector<Body>& bodies) {
  constexpr std::array<double, 10> thickness_mm = {2, 5, 10, 20, 40, 80, 120, 180, 250, 340};
  for (size_t step = 0; step < thickness_mm.size(); ++step) {
    const double x = 60.0 * static_cast<double>(step % 5), y = step < 5 ? 0 : 100;
    const double half = thickness_mm[step] / 2;
    bodies.push_back(box(steel_name(thickness_mm[step]), Material::steel, steel_g_cm3, {x, x + 60},
                         {y, y + 90}, {175 - half, 175 + half}));
  }
}

// Four plates that lie on the floor, for upright rays.
void flat_steps(std::vector<Body>& bodies) {
  constexpr std::array<double, 4> thickness_mm = {2, 6, 15, 30};
  for (size_t step = 0; step < thickness_mm.size(); ++step) {
    const double x = 310 + 60.0 * static_cast<double>(step);
    bodies.push_back(box("flat " + steel_name(thickness_mm[step]), Material::steel, steel_g_cm3, {x, x + 60},
                         {0, thickness_mm[step]}, {0, 90}));
  }
}

// The turned square, cut into slices of 1 mm across; 10 mm of steel along the rays of one aspect.
void turned_plate(std::vector<Body>& bodies, Aspect aspect, double x_mm, double across_mm) {
  const double c = 1 / std::hypot(1, plate_slope), s = plate_slope * c, half = plate_side_mm / 2;
  const auto reach = static_cast<int>(std::floor(half * (c + s)));
  for (int slice = -reach; slice < reach; ++slice) {
    const double v = slice + 0.5;
    const double low = std::max((-half - v * s) / c, (v * c - half) / s);
    const double high = std::min((half - v * s) / c, (v * c + half) / s);
    if (low >= high) continue;
    const Range x{x_mm + low, x_mm + high}, across{across_mm + slice, across_mm + slice + 1};
    if (aspect == Aspect::side)
      bodies.push_back(box("plate", Material::steel, steel_g_cm3, x, across, {340, 350}));
    else
      bodies.push_back(box("flat plate", Material::steel, steel_g_cm3, x, {290, 300}, across));
  }
}

void marker(std::vector<Body>& bodies) {
  const auto cube = [&](const char* name, double x, double y, double z) {
    bodies.push_back(box(name, Material::steel, steel_g_cm3, {x, x + 25}, {y, y + 25}, {z, z + 25}));
  };
  cube("marker A", 450, 180, 220);
  cube("marker B", 515, 180, 220);
  cube("marker C", 450, 235, 275);
}

constexpr double plate_x_mm = 370, plate_y_mm = 215, plate_z_mm = 270;

Feature feature_of(const Body& body, Aspect aspect) {
  Feature feature;
  feature.name = body.name;
  feature.material = body.material;
  feature.along0_mm = body.x0 / mm;
  feature.along1_mm = body.x1 / mm;
  const bool side = aspect == Aspect::side;
  feature.across0_mm = (side ? body.y0 : body.z0) / mm;
  feature.across1_mm = (side ? body.y1 : body.z1) / mm;
  feature.thickness_mm = (side ? body.z1 - body.z0 : body.y1 - body.y0) / mm;
  if (body.name.starts_with("marker")) feature.kind = Feature::Kind::marker;
  if (body.material != Material::steel) feature.kind = Feature::Kind::block;
  return feature;
}

Feature plate_of(Aspect aspect) {
  const double reach = plate_side_mm / 2 * (1 + plate_slope) / std::hypot(1, plate_slope);
  const double across = aspect == Aspect::side ? plate_y_mm : plate_z_mm;
  return {"plate",
          Feature::Kind::plate,
          Material::steel,
          plate_x_mm - reach,
          plate_x_mm + reach,
          across - reach,
          across + reach,
          10};
}

}  // namespace

std::vector<Body> bodies() {
  std::vector<Body> bodies;
  upright_steps(bodies);
  flat_steps(bodies);
  bodies.push_back(
      box("polyethylene", Material::organic, polyethylene_g_cm3, {320, 400}, {50, 130}, {110, 190}));
  bodies.push_back(box("aluminium", Material::aluminium, aluminium_g_cm3, {430, 490}, {50, 110}, {110, 170}));
  turned_plate(bodies, Aspect::side, plate_x_mm, plate_y_mm);
  turned_plate(bodies, Aspect::below, plate_x_mm, plate_z_mm);
  marker(bodies);
  return bodies;
}

std::vector<Feature> features(Aspect aspect) {
  std::vector<Feature> features;
  for (const Body& body : bodies()) {
    const bool flat = body.name.starts_with("flat"), plate = body.name.ends_with("plate");
    const bool step = body.name.find("steel") != std::string::npos;
    if (plate || (step && flat != (aspect == Aspect::below))) continue;
    features.push_back(feature_of(body, aspect));
    if (flat) features.back().name = features.back().name.substr(5);  // as its step from the side
  }
  const auto marker = std::find_if(features.begin(), features.end(), [](const Feature& feature) {
    return feature.kind == Feature::Kind::marker;
  });
  features.insert(marker, plate_of(aspect));
  return features;
}

}  // namespace test_object

namespace step_wedge {
namespace {

using Steps = std::array<double, 27>;
constexpr Steps upright_mm = {1,  3,  4,  7,  8,  12,  14,  16,  18,  22,  25,  28,  32, 36,
                              45, 50, 60, 70, 90, 105, 140, 160, 200, 220, 280, 300, 320};
constexpr Steps flat_mm = {1,  3,  4,  5,  7,  8,  10, 12, 13, 14, 16, 18, 20, 22,
                           24, 25, 26, 28, 32, 34, 36, 38, 40, 42, 45, 50, 60};

// Three rows of nine, thinnest first.
std::vector<test_object::Feature> three_rows(const Steps& steps, double x_mm, double row_mm, double high_mm) {
  std::vector<test_object::Feature> rows;
  for (size_t step = 0; step < steps.size(); ++step) {
    const double x = x_mm + 60.0 * static_cast<double>(step % 9),
                 across = row_mm * static_cast<double>(step / 9);
    rows.push_back({test_object::steel_name(steps[step]), test_object::Feature::Kind::step, Material::steel,
                    x, x + 60, across, across + high_mm, steps[step]});
  }
  return rows;
}

}  // namespace

std::vector<test_object::Feature> features(Aspect aspect) {
  return aspect == Aspect::side ? three_rows(upright_mm, 0, 100, 90) : three_rows(flat_mm, 560, 120, 110);
}

std::vector<Body> bodies() {
  std::vector<Body> bodies;
  for (const auto& step : features(Aspect::side))
    bodies.push_back(test_object::box(step.name, Material::steel, test_object::steel_g_cm3,
                                      {step.along0_mm, step.along1_mm}, {step.across0_mm, step.across1_mm},
                                      {175 - step.thickness_mm / 2, 175 + step.thickness_mm / 2}));
  for (const auto& step : features(Aspect::below))
    bodies.push_back(test_object::box("flat " + step.name, Material::steel, test_object::steel_g_cm3,
                                      {step.along0_mm, step.along1_mm}, {0, step.thickness_mm},
                                      {step.across0_mm, step.across1_mm}));
  return bodies;
}

}  // namespace step_wedge

namespace material_wedge {
namespace {

struct Row {
  const char* name;
  Material material;
  double density_g_cm3;
  std::array<double, 12> thickness_mm;
};
// Some hundred pixels a step even of a cargo scanner: 1 part in 1,000 of R is what its materials lie apart.
constexpr double step_mm = 100, height_mm = 400;
constexpr std::array<Row, 3> rows = {{
    {"polyethylene",
     Material::organic,
     test_object::polyethylene_g_cm3,
     {10, 20, 40, 80, 150, 250, 400, 600, 850, 1150, 1500, 1900}},
    {"aluminium",
     Material::aluminium,
     test_object::aluminium_g_cm3,
     {2, 5, 10, 20, 40, 80, 130, 200, 300, 420, 560, 700}},
    {"steel", Material::steel, test_object::steel_g_cm3, {0.5, 1, 2, 4, 8, 14, 25, 40, 65, 100, 150, 220}},
}};

}  // namespace

std::vector<test_object::Feature> features() {
  std::vector<test_object::Feature> features;
  for (size_t row = 0; row < rows.size(); ++row)
    for (size_t step = 0; step < rows[row].thickness_mm.size(); ++step) {
      const double x = step_mm * static_cast<double>(step), across = (height_mm + 10) * static_cast<double>(row);
      features.push_back({rows[row].name, test_object::Feature::Kind::step, rows[row].material, x, x + step_mm,
                          across, across + height_mm, rows[row].thickness_mm[step]});
    }
  return features;
}

std::vector<Body> bodies() {
  std::vector<Body> bodies;
  for (const auto& step : features()) {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Row& each) { return each.material == step.material; });
    bodies.push_back(test_object::box(step.name, step.material, row->density_g_cm3,
                                      {step.along0_mm, step.along1_mm}, {step.across0_mm, step.across1_mm},
                                      {175 - step.thickness_mm / 2, 175 + step.thickness_mm / 2}));
  }
  return bodies;
}

}  // namespace material_wedge

std::vector<Solid> seen(const std::vector<Body>& bodies, Aspect aspect, double x_m, double across_m) {
  std::vector<Solid> solids;
  for (const Body& body : bodies) {
    const bool side = aspect == Aspect::side;
    Solid solid;
    solid.name = body.name;
    solid.material = body.material;
    solid.shape = body.shape == Shape::disc && !side ? Shape::box : body.shape;
    solid.x0 = x_m + body.x0;
    solid.x1 = x_m + body.x1;
    solid.y0 = across_m + (side ? body.y0 : body.z0);
    solid.y1 = across_m + (side ? body.y1 : body.z1);
    solid.depth_m = side ? body.z1 - body.z0 : body.y1 - body.y0;
    solid.density_g_cm3 = body.density_g_cm3;
    solid.hidden = body.hidden;
    solids.push_back(std::move(solid));
  }
  return solids;
}

}  // namespace garita::sim
