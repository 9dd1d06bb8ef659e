#include "conformance/quality/measure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "conformance/quality/regions.hpp"

namespace garita::quality {
namespace {

using RegionKind = Region::Kind;
constexpr size_t max_part_pixels = size_t{1} << 24;

std::string numbered(const char* what, double millimetres) {
  char id[60];
  std::snprintf(id, sizeof id, "%s.%g", what, millimetres);
  return id;
}

std::vector<Rectangle> quarters(const Rectangle& all) {
  const double x = (all.x0 + all.x1) / 2, y = (all.y0 + all.y1) / 2;
  return {{all.x0, all.y0, x, y}, {x, all.y0, all.x1, y}, {all.x0, y, x, all.y1}, {x, y, all.x1, all.y1}};
}

bool resolves_along_x(const Patch& patch) {
  double along_x = 0, along_y = 0;
  for (size_t row = 0; row < patch.rows; ++row)
    along_x += patch.at(row, patch.columns - 1) - patch.at(row, 0);
  for (size_t column = 0; column < patch.columns; ++column)
    along_y += patch.at(patch.rows - 1, column) - patch.at(0, column);
  return std::abs(along_x) / static_cast<double>(patch.rows) >=
         std::abs(along_y) / static_cast<double>(patch.columns);
}

class Measuring {
 public:
  Measuring(const Image& image, const Image* low, const Object& object, const Registration& registration)
      : image_(image), low_(low), object_(object), registration_(registration), frame_(registration.frame) {}

  base::Result<Measured> all(const Thresholds& thresholds) {
    own_.bsnr_threshold = thresholds.bsnr;
    placement();
    GARITA_TRY(edges());
    GARITA_TRY(open_field());
    GARITA_TRY(wedge(thresholds.bsnr));
    GARITA_TRY(dark());
    GARITA_TRY(rectangle());
    GARITA_TRY(wires(thresholds.wire));
    GARITA_TRY(materials());
    return std::move(own_);
  }

 private:
  base::Result<Patch> patch(const Rectangle& place, RegionKind kind, const std::string& part) {
    const auto pixels = frame_.pixels(place);
    if (!pixels || !pixels->within(image_))
      return base::Error{base::Outcome::usage, "quality.off_image", {{"part", part}}};
    if (pixels->count() > max_part_pixels)
      return base::Error{base::Outcome::usage, "quality.part_too_large", {{"part", part}}};
    own_.regions.push_back({kind, *pixels});
    return cut(image_, *pixels);
  }
  // Of the low energy, where patch() found it to be within.
  Patch low_patch(const Rectangle& place) const { return cut(*low_, *frame_.pixels(place)); }

  void take(const std::string& id, const std::optional<Value>& value, const char* unit, Method method) {
    if (value && std::isfinite(value->value) && std::isfinite(value->u))
      own_.figures.push_back({id, value->value, value->u, unit, method, value->at_least});
    else
      own_.not_measured.push_back(id);
  }

  void placement() {
    const bool by_marker = object_.anchors.empty();
    own_.placement = {by_marker, frame_.pitch_x_mm(), frame_.pitch_y_mm(), registration_.x_mirrored,
                      registration_.y_mirrored};
    take("mirrored", Value{registration_.mirrored() ? 1.0 : 0.0, 0}, "1", Method::placement);
    if (!by_marker) return;
    take("pitch.x", Value{frame_.pitch_x_mm(), registration_.u_pitch_x_mm}, "mm", Method::placement);
    take("pitch.y", Value{frame_.pitch_y_mm(), registration_.u_pitch_y_mm}, "mm", Method::placement);
    for (const Rectangle& square : *object_.marker)
      if (const auto pixels = frame_.pixels(square); pixels && pixels->within(image_))
        own_.regions.push_back({RegionKind::marker, *pixels});
  }

  // An edge that crosses every row resolves along x; else it is turned and resolves along y.
  base::Result<void> edges() {
    for (const EdgePart& each : object_.edges) {
      GARITA_TRY_ASSIGN(patch_of, patch(each.place, RegionKind::edge, "edge " + each.name));
      const bool along_x = resolves_along_x(patch_of);
      const auto transfer = slanted_edge(along_x ? patch_of : patch_of.turned());
      const double pitch = along_x ? frame_.pitch_x_mm() : frame_.pitch_y_mm();
      const std::string id = "mtf20." + each.name;
      if (!transfer) {
        own_.not_measured.push_back(id);
        continue;
      }
      take(id, Value{transfer->f20 / pitch, transfer->u_f20 / pitch, transfer->at_least}, "lp/mm",
           Method::bootstrap);
      own_.curves.push_back({each.name, along_x ? 'x' : 'y', *transfer, pitch});
    }
    return {};
  }

  // The first of the places of the open field that lies in the image; they are the same field, more or less
  // of it.
  base::Result<void> open_field() {
    if (object_.open.empty()) return {};
    for (const Rectangle& place : object_.open)
      if (const auto pixels = frame_.pixels(place); pixels && pixels->within(image_) && !open_) open_ = place;
    if (!open_) open_ = object_.open.back();  // of which patch() says that it is off the image
    GARITA_TRY_ASSIGN(open, patch(*open_, RegionKind::open, "open"));
    take("flatness", flatness(open), "1", Method::bootstrap);
    noise('x', open, frame_.pitch_x_mm());
    noise('y', open.turned(), frame_.pitch_y_mm());
    open_patch_ = std::move(open);
    return {};
  }

  void noise(char axis, const Patch& open, double pitch_mm) {
    const double frequency = object_.noise_lp_mm > 0 ? object_.noise_lp_mm * pitch_mm : 0.25;
    const auto nps = noise_power(open, frequency, pitch_mm);
    take(std::string("nps.") + axis, nps, "signal^2 mm", Method::subregions);
    if (!nps) return;
    NoiseCurve curve{axis, {}, {}};
    for (int i = 1; i < 20; ++i)
      if (const auto power = noise_power(open, i * 0.025, pitch_mm)) {
        curve.lp_mm.push_back(i * 0.025 / pitch_mm);
        curve.power.push_back(*power);
      }
    own_.noise.push_back(std::move(curve));
    const auto edge = std::find_if(own_.curves.begin(), own_.curves.end(),
                                   [&](const Curve& each) { return each.axis == axis; });
    if (edge == own_.curves.end()) return;
    const Value mtf{edge->transfer.at(frequency), edge->transfer.u_at(frequency)};
    take(std::string("neq.") + axis, noise_equivalent_quanta(open, mtf, *nps), "1/mm", Method::propagation);
  }

  base::Result<void> wedge(double threshold) {
    for (size_t i = 0; i < object_.steps.size(); ++i) {
      GARITA_TRY_ASSIGN(pairs, boundaries(i));
      const auto bsnr = boundary_signal_to_noise(pairs);
      own_.steps.push_back({object_.steps[i].thickness_mm, bsnr.value_or(Value{})});
      take(numbered("bsnr", object_.steps[i].thickness_mm), bsnr, "1", Method::subregions);
    }
    if (!own_.steps.empty())
      take("penetration", penetration(own_.steps, threshold), "mm", Method::propagation);
    return {};
  }

  // The indicator's pairs; or the step's four parts against those of the thinner step, or of the open field.
  base::Result<std::vector<Boundary>> boundaries(size_t step) {
    const StepPart& own = object_.steps[step];
    std::vector<Rectangle> low = own.low, high = own.high;
    if (low.empty()) {
      if (step == 0 && !open_) return std::vector<Boundary>{};
      low = quarters(own.place);
      high = quarters(step == 0 ? *open_ : object_.steps[step - 1].place);
    }
    const std::string part = numbered("step", own.thickness_mm);
    std::vector<Boundary> pairs;
    for (size_t i = 0; i < low.size(); ++i) {
      GARITA_TRY_ASSIGN(dark, patch(low[i], RegionKind::step, part));
      GARITA_TRY_ASSIGN(bright, patch(high[i], RegionKind::step, part));
      pairs.push_back({std::move(dark), std::move(bright)});
    }
    return pairs;
  }

  // What stands against the noise behind the darkest step.
  base::Result<void> dark() {
    if (object_.steps.empty()) return {};
    GARITA_TRY_ASSIGN(darkest, patch(object_.steps.back().place, RegionKind::step, "step"));
    if (open_) take("dynamic_range", dynamic_range(open_patch_, darkest), "1", Method::propagation);
    if (!object_.extent) return {};
    std::vector<Border> borders;
    for (const double distance : object_.extent->distances_mm) {
      Border border{distance, {}};
      for (const Side side : object_.extent->sides) border.strips.push_back(strip(side, distance));
      borders.push_back(std::move(border));
    }
    take("extent", extent(borders, darkest, object_.extent->dynamic_range), "mm", Method::propagation);
    return {};
  }

  // 13 pixels along the whole side, that far inside; empty where the image ends first.
  Patch strip(Side side, double distance_mm) const {
    const bool upright = side == Side::left || side == Side::right;
    const double pitch = upright ? frame_.pitch_x_mm() : frame_.pitch_y_mm();
    const size_t room = upright ? image_.columns : image_.rows;
    const auto first = static_cast<size_t>(std::min(std::ceil(distance_mm / pitch), 1e9)),
               behind = first + blur;
    if (behind > room) return {};
    const bool near = side == Side::left || side == Side::top;
    const size_t from = near ? first : room - behind, to = near ? behind : room - first;
    return cut(image_, upright ? Pixels{0, image_.rows, from, to} : Pixels{from, to, 0, image_.columns});
  }

  base::Result<void> rectangle() {
    if (!object_.rectangle) return {};
    GARITA_TRY_ASSIGN(around, patch(*object_.rectangle, RegionKind::rectangle, "rectangle"));
    const Size expected{object_.rectangle_width_mm, object_.rectangle_height_mm};
    take("aspect", aspect(around, expected), "1", Method::subregions);
    return {};
  }

  base::Result<void> wires(double threshold) {
    std::vector<Wire> all;
    for (const WirePart& each : object_.wires) {
      const std::string id = numbered("wire", each.diameter_mm);
      GARITA_TRY_ASSIGN(around, patch(each.place, RegionKind::wire, id));
      const auto signal = wire_signal(around);
      take(id, signal, "1", Method::bootstrap);
      all.push_back({each.diameter_mm, signal.value_or(Value{})});
    }
    if (!all.empty()) take("wire", thinnest(all, threshold), "mm", Method::propagation);
    return {};
  }

  base::Result<void> materials() {
    if (!low_ || !open_) return {};
    const Patch open_low = low_patch(*open_);
    std::vector<std::pair<std::string, Value>> known;
    std::optional<double> least;
    for (const MaterialPart& each : object_.materials) {
      GARITA_TRY_ASSIGN(high, patch(each.place, RegionKind::material, each.name));
      const auto ratio = attenuation_ratio({high, low_patch(each.place), open_patch_, open_low});
      take("material." + each.name, ratio, "1", Method::subregions);
      if (!ratio) continue;
      for (const auto& [other, value] : known) {
        const double apart = separation(value, *ratio);
        least = std::min(least.value_or(apart), apart);
        take("separation." + other + "." + each.name, Value{apart, 2}, "1", Method::propagation);
      }
      known.emplace_back(each.name, *ratio);
    }
    const bool all_known = known.size() == object_.materials.size();
    if (object_.materials.size() > 1)
      take("discrimination", all_known && least ? std::optional(Value{*least, 2}) : std::nullopt, "1",
           Method::propagation);
    return {};
  }

  const Image& image_;
  const Image* low_;
  const Object& object_;
  const Registration& registration_;
  const Frame& frame_;
  std::optional<Rectangle> open_;
  Patch open_patch_;
  Measured own_;
};

base::Result<Registration> registration_of(const Image& image, const Object& object) {
  if (object.anchors.empty() && object.marker) return find_marker(image, object);
  GARITA_TRY_ASSIGN(frame, Frame::from(object.anchors));
  return Registration{frame, 0, 0, frame.x_reversed(), frame.y_reversed() != object.y_up};
}

}  // namespace

base::Result<Measured> measure(const Image& image, const Image* low, const Object& object,
                               const Thresholds& thresholds) {
  if (low && (low->rows != image.rows || low->columns != image.columns))
    return base::Error{base::Outcome::usage, "quality.planes_differ", {}};
  GARITA_TRY_ASSIGN(registration, registration_of(image, object));
  return Measuring(image, low, object, registration).all(thresholds);
}

}  // namespace garita::quality
