// What is said of the pictures before their first pixel: where things lie, at which energies, in which units.
#include <algorithm>
#include <map>
#include <vector>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

class Geometry : public Rule {
 protected:
  template <typename Look>
  void each_view(Look look) {
    each_scan([&](const Input& input, const SeenScan& scan) {
      for (const image::View& view : scan.begin.views)
        if (!ended()) look(input, view);
    });
  }
  void wrong(const Input& input, const image::View& view, const char* what, const std::string& value,
             const char* allowed) {
    wrong_value(input, "SCAN_BEGIN.views " + view.name, what, value, allowed);
  }
};
class Fidelity : public Geometry {};

constexpr uint32_t least_pitch_um = 1, most_pitch_um = 1'000'000;
constexpr uint32_t most_energy_kev = 30'000;

// The median of the distances from row to row.
uint64_t middle_step(const std::vector<int64_t>& positions_um) {
  std::vector<uint64_t> steps;
  for (size_t i = 1; i < positions_um.size(); ++i) {
    const auto [least, most] = std::minmax(positions_um[i], positions_um[i - 1]);
    steps.push_back(static_cast<uint64_t>(most) - static_cast<uint64_t>(least));  // whatever they are
  }
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

LOOK(Geometry, pitches_can_be, "GAR-GEO-001") {
  each_view([this](const Input& input, const image::View& view) {
    const std::pair<const char*, uint32_t> pitches[] = {{"pitch_across_um", view.pitch_across_um},
                                                        {"pitch_along_um", view.pitch_along_um},
                                                        {"pitch_slice_um", view.pitch_slice_um}};
    for (const auto& [what, pitch_um] : pitches)
      if (pitch_um != 0 && (pitch_um < least_pitch_um || pitch_um > most_pitch_um))
        return wrong(input, view, what, std::to_string(pitch_um), "0, 1-1000000");
  });
}

// Vehicles go at their own pace, stop and back: the middle one of a channel's steps is what counts.
LOOK(Geometry, positions_advance_by_the_pitch, "GAR-GEO-002") {
  constexpr uint64_t factor = 10;
  each_scan([this](const Input& input, const SeenScan& scan) {
    std::map<PlaneKey, std::vector<int64_t>> positions;
    for (const image::Strip& strip : scan.strips) {
      auto& own = positions[{strip.view, strip.channel, strip.slice}];
      own.insert(own.end(), strip.position_um.begin(), strip.position_um.end());
    }
    for (auto& [plane, own] : positions) {
      const uint32_t view = std::get<0>(plane);
      if (own.size() < 3 || view >= scan.begin.views.size()) continue;
      const uint64_t pitch_um = scan.begin.views[view].pitch_along_um, step_um = middle_step(own);
      if (pitch_um != 0 && (step_um > pitch_um * factor || step_um < pitch_um / factor))
        return wrong_value(input, "STRIP", "position_um", std::to_string(step_um),
                           std::to_string(pitch_um / factor) + "-" + std::to_string(pitch_um * factor));
    }
  });
}

LOOK(Geometry, angles_are_of_a_circle, "GAR-GEO-003") {
  each_view([this](const Input& input, const image::View& view) {
    const int32_t angle = view.source_angle_mdeg;
    if (angle != INT32_MIN && (angle < -360'000 || angle > 360'000))
      wrong(input, view, "source_angle_mdeg", std::to_string(angle), "-360000-360000, INT32_MIN");
  });
}

LOOK(Geometry, high_energy_is_above_low, "GAR-GEO-004") {
  each_view([this](const Input& input, const image::View& view) {
    uint32_t high_kev = 0, low_kev = 0;
    for (const image::Channel& channel : view.channels) {
      if (channel.kind == GARITA_CHANNEL_HIGH) high_kev = channel.nominal_energy_kev;
      if (channel.kind == GARITA_CHANNEL_LOW) low_kev = channel.nominal_energy_kev;
    }
    if (high_kev != 0 && low_kev != 0 && high_kev < low_kev)
      wrong(input, view, "nominal_energy_kev", std::to_string(high_kev) + " < " + std::to_string(low_kev),
            "HIGH >= LOW");
  });
}

LOOK(Geometry, energies_can_be, "GAR-GEO-005") {
  each_view([this](const Input& input, const image::View& view) {
    for (const image::Channel& channel : view.channels)
      if (channel.nominal_energy_kev > most_energy_kev)
        return wrong(input, view, "nominal_energy_kev", std::to_string(channel.nominal_energy_kev),
                     "0-30000");
  });
}

LOOK(Geometry, energies_lie_beside_each_other, "GAR-GEO-006") {
  constexpr int64_t farthest_um = 1'000'000;
  each_view([this](const Input& input, const image::View& view) {
    for (const image::Channel& channel : view.channels)
      if (channel.row_offset_um < -farthest_um || channel.row_offset_um > farthest_um)
        return wrong(input, view, "row_offset_um", std::to_string(channel.row_offset_um), "-1000000-1000000");
  });
}

// A view of one name is the same arrangement of source and detector in every scan of one session.
LOOK(Geometry, stays_the_same_from_scan_to_scan, "GAR-GEO-007") {
  each_course([this](const Input& input, const Course& course) {
    std::map<std::string, image::View> first;
    for (const SeenScan& scan : course.scans)
      for (const image::View& view : scan.begin.views) {
        const image::View& before = first.try_emplace(view.name, view).first->second;
        if (view.column_zero != before.column_zero || view.source_side != before.source_side ||
            view.quantity != before.quantity || view.source_angle_mdeg != before.source_angle_mdeg)
          return wrong(input, view, "column_zero, source_side, quantity, source_angle_mdeg", scan.begin.key,
                       "as in the scan before");
      }
  });
}

// ---- fidelity ----

LOOK(Fidelity, transmission_lies_between_dark_and_air, "GAR-FID-001") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const PlaneFigures& plane : scan.figures) {
      const image::View& view = scan.begin.views[plane.view];
      if (view.fidelity != GARITA_FIDELITY_TRANSMISSION || plane.implausible * 100 <= plane.samples) continue;
      return wrong(input, view, "transmission",
                   std::to_string(plane.implausible) + " / " + std::to_string(plane.samples), "-0.2-2.0");
    }
  });
}

LOOK(Fidelity, attenuation_is_a_logarithm, "GAR-FID-002") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const PlaneFigures& plane : scan.figures) {
      const image::View& view = scan.begin.views[plane.view];
      if (view.fidelity != GARITA_FIDELITY_ATTENUATION || plane.implausible * 100 <= plane.samples) continue;
      return wrong(input, view, "-ln t",
                   std::to_string(plane.implausible) + " / " + std::to_string(plane.samples), "-1-30");
    }
  });
}

LOOK(Fidelity, units_are_those_of_the_fidelity, "GAR-FID-003") {
  each_view([this](const Input& input, const image::View& view) {
    // What was reconstructed may come from a file that does not say its unit.
    const bool fits = view.fidelity == GARITA_FIDELITY_TRANSMISSION  ? view.unit == GARITA_UNIT_TRANSMISSION
                      : view.fidelity == GARITA_FIDELITY_ATTENUATION ? view.unit == GARITA_UNIT_ATTENUATION
                                                                     : true;
    if (!fits) wrong(input, view, "unit", std::to_string(view.unit), "garita/view.h: GARITA_UNIT_*");
  });
}

LOOK(Fidelity, backscatter_says_what_bright_is, "GAR-FID-005") {
  each_view([this](const Input& input, const image::View& view) {
    if (view.quantity == GARITA_QUANTITY_BACKSCATTER && view.polarity == GARITA_POLARITY_UNKNOWN)
      wrong(input, view, "polarity", "0", "1, 2");
  });
}

// ---- pixels and calibration ----

class Pixels : public Geometry {};

LOOK(Pixels, use_no_more_bits_than_they_say, "GAR-IMG-022") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const PlaneFigures& plane : scan.figures)
      if (plane.beyond_bits != 0)
        return wrong(input, scan.begin.views[plane.view], "bits_used",
                     std::to_string(static_cast<uint64_t>(plane.most)), "< 2^bits_used");
  });
}

LOOK(Pixels, are_a_picture, "GAR-IMG-023") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const PlaneFigures& plane : scan.figures)
      if (scan.complete() && plane.samples > 1 && plane.least == plane.most &&
          scan.begin.views[plane.view].fidelity != GARITA_FIDELITY_DISPLAY)  // an empty lane is white to an operator
        return wrong(input, scan.begin.views[plane.view], "pixels", std::to_string(plane.least),
                     "not all the same");
  });
}

LOOK(Pixels, are_numbers, "GAR-IMG-024") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const PlaneFigures& plane : scan.figures)
      if (plane.not_finite != 0)
        return wrong(input, scan.begin.views[plane.view], "pixels", "NaN, Inf", "finite");
  });
}

LOOK(Pixels, lie_on_the_scale_of_their_calibration, "GAR-CAL-005") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const PlaneFigures& plane : scan.figures) {
      const image::View& view = scan.begin.views[plane.view];
      if (view.fidelity != GARITA_FIDELITY_RAW_COUNTS || !plane.judged ||
          plane.implausible * 50 <= plane.samples)
        continue;
      return wrong(input, view, "(raw - dark) / (air - dark)",
                   std::to_string(plane.implausible) + " / " + std::to_string(plane.samples), "-0.2-2.0");
    }
  });
}

LOOK(Pixels, air_is_brighter_than_dark, "GAR-CAL-004") {
  each_course([this](const Input& input, const Course& course) {
    std::map<uint64_t, double> dark;
    for (const CalibrationFigures& each : course.calibrations) {
      if (each.role == GARITA_CALIBRATION_DARK) dark[each.id] = each.mean;
      const auto found = dark.find(each.id);
      if (each.role == GARITA_CALIBRATION_AIR && found != dark.end() && each.mean <= found->second)
        return wrong_value(input, "CALIBRATION " + std::to_string(each.id), "air", std::to_string(each.mean),
                           "> dark " + std::to_string(found->second));
    }
  });
}

LOOK(Pixels, calibrations_are_known_by_a_number, "GAR-CAL-006") {
  each_course([this](const Input& input, const Course& course) {
    for (const CalibrationFigures& each : course.calibrations)
      if (each.id == 0) return wrong_value(input, "CALIBRATION", "id", "0", ">= 1");
  });
}

}  // namespace
}  // namespace garita::conformance
