#include "conformance/quality/marker.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "conformance/quality/spots.hpp"

namespace garita::quality {
namespace {

constexpr double thresholds[] = {0.9, 0.75, 0.5, 0.25};  // of the open field
constexpr double middle_u = 0.41;    // pixels, k = 2: two borders, each anywhere within its pixel
constexpr double worst = 0.6;        // sum of relative misfits that is still a marker
constexpr double worst_scale = 0.2;  // of it, squares against distances: tells axes that are exchanged

// What the object says, in millimetres.
struct Form {
  double width, height, along_x, along_y;
};

Form form_of(const Object& object) {
  const auto& [corner, x, y] = *object.marker;
  return {corner.width(), corner.height(), x.x0 - corner.x0, y.y0 - corner.y0};
}

struct Triple {
  const Spot *corner = nullptr, *along_x = nullptr, *along_y = nullptr;
  double misfit = std::numeric_limits<double>::infinity();
};

double relative(double a, double b) { return std::abs(a - b) / std::max(std::abs(a), std::abs(b)); }

// How far size in pixels is from what it should be, less half a pixel that no border can be trusted with.
double off(double pixels, double expected) {
  return std::max(0.0, std::abs(pixels - expected) - 0.5) / std::max(expected, 1.0);
}

double unlikeness(const Spot& a, const Spot& b) {
  return off(a.width(), b.width()) + off(a.height(), b.height()) + 0.5 * relative(a.depth, b.depth);
}

class Search {
 public:
  Search(const std::vector<Spot>& spots, const Form& form) : spots_(spots), form_(form) {}

  Triple best() {
    for (const Spot& corner : spots_)
      for (const Spot& other : spots_)
        if (&corner != &other && is_level(corner, other)) complete(corner, other);
    return best_;
  }

 private:
  static bool is_level(const Spot& corner, const Spot& other) {
    return std::abs(other.row - corner.row) <= 0.5 + 0.1 * corner.height() &&
           std::abs(other.column - corner.column) > corner.width() && unlikeness(corner, other) < worst;
  }
  static bool is_upright(const Spot& corner, const Spot& other) {
    return std::abs(other.column - corner.column) <= 0.5 + 0.1 * corner.width() &&
           std::abs(other.row - corner.row) > corner.height() && unlikeness(corner, other) < worst;
  }

  void complete(const Spot& corner, const Spot& along_x) {
    const double x_scale = std::abs((along_x.column - corner.column) / form_.along_x);
    const double wide = off(corner.width(), form_.width * x_scale);
    if (wide > worst_scale) return;
    for (const Spot& along_y : spots_) {
      if (&along_y == &corner || &along_y == &along_x || !is_upright(corner, along_y)) continue;
      const double y_scale = std::abs((along_y.row - corner.row) / form_.along_y);
      const double scale = wide + off(corner.height(), form_.height * y_scale);
      if (scale > worst_scale) continue;
      const double misfit = scale + unlikeness(corner, along_x) + unlikeness(corner, along_y);
      if (misfit < best_.misfit) best_ = {&corner, &along_x, &along_y, misfit};
    }
  }

  const std::vector<Spot>& spots_;
  const Form& form_;
  Triple best_;
};

Anchor anchor_of(const Rectangle& square, const Spot& spot) {
  // Spots have pixel middles at whole numbers, frames have pixel borders there.
  return {(square.x0 + square.x1) / 2, (square.y0 + square.y1) / 2, spot.column + 0.5, spot.row + 0.5};
}

base::Result<Registration> registration_of(const Triple& triple, const Object& object) {
  const auto& [corner, x, y] = *object.marker;
  // One anchor in the corner, one where both arms would meet.
  const Anchor a = anchor_of(corner, *triple.corner), along_x = anchor_of(x, *triple.along_x),
               along_y = anchor_of(y, *triple.along_y);
  GARITA_TRY_ASSIGN(frame, Frame::from({a, {along_x.x_mm, along_y.y_mm, along_x.column, along_y.row}}));
  const Form form = form_of(object);
  const double out_of_line = std::max(std::abs(along_x.row - a.row), std::abs(along_y.column - a.column));
  const double u_distance = std::sqrt(2.0) * std::max(middle_u, out_of_line);
  const auto u = [&](double pitch, double distance_mm) {
    return pitch * u_distance / std::abs(distance_mm / pitch);
  };
  return Registration{frame, u(frame.pitch_x_mm(), form.along_x), u(frame.pitch_y_mm(), form.along_y),
                      frame.x_reversed(), frame.y_reversed() != object.y_up};
}

}  // namespace

base::Result<Registration> find_marker(const Image& image, const Object& object) {
  const double open = open_level(image);
  const Form form = form_of(object);
  std::optional<Registration> best;
  double misfit = worst;
  for (const double threshold : thresholds) {
    const std::vector<Spot> spots = dark_spots(image, threshold * open);
    const Triple triple = Search(spots, form).best();
    if (triple.misfit >= misfit) continue;
    misfit = triple.misfit;
    GARITA_TRY_ASSIGN(found, registration_of(triple, object));
    best = found;
  }
  if (!best) return base::Error{base::Outcome::usage, "quality.no_marker", {}};
  return *best;
}

}  // namespace garita::quality
