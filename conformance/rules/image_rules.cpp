// Pixels: views, strips, whole scans, calibration.
#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

class Images : public Rule {};
class Calibration : public Rule {};

LOOK(Images, view_sizes_fit_their_shape, "GAR-IMG-001") { judge_whole(); }
LOOK(Images, view_words_are_those_of_the_abi, "GAR-IMG-002") { judge_whole(); }
LOOK(Images, samples_fit_their_fidelity, "GAR-IMG-003") { judge_whole(); }
LOOK(Images, scales_give_values, "GAR-IMG-004") { judge_whole(); }
LOOK(Images, view_names_are_plain_and_stand_once, "GAR-IMG-005") { judge_whole(); }
LOOK(Images, channels_stand_once, "GAR-IMG-006") { judge_whole(); }
LOOK(Images, rows_lie_in_their_strip, "GAR-IMG-010") { judge_whole(); }
LOOK(Images, strides_hold_a_row, "GAR-IMG-011") { judge_whole(); }
LOOK(Images, strips_have_rows, "GAR-IMG-012") { judge_whole(); }
LOOK(Images, strips_are_the_hosts_and_delivered_once, "GAR-IMG-013") { judge_whole(); }
LOOK(Images, strips_name_a_place_of_the_scan, "GAR-IMG-014") { judge_whole(); }
LOOK(Images, rows_come_without_gaps_or_repeats, "GAR-IMG-015") { judge_whole(); }
LOOK(Images, rows_keep_their_limit, "GAR-IMG-016") { judge_whole(); }
LOOK(Images, channels_run_together, "GAR-IMG-017") { judge_whole(); }
LOOK(Images, line_numbers_rise, "GAR-IMG-018") { judge_whole(); }

LOOK(Images, doses_are_relative_to_the_air_lines, "GAR-IMG-019") {
  constexpr double lowest = GARITA_DOSE_ONE / 16.0, highest = GARITA_DOSE_ONE * 16.0;
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    for (const SeenScan& scan : courses[i].scans) {
      double sum = 0;
      uint64_t rows = 0, lost = 0;
      for (const image::Strip& strip : scan.strips)
        for (const uint32_t dose : strip.dose_q16) dose == 0 ? ++lost : (sum += dose, ++rows);
      if (rows + lost == 0) continue;
      const double mean = rows == 0 ? 0 : sum / static_cast<double>(rows);
      if (mean < lowest || mean > highest)
        return finding(inputs()[i], "conform.saw_dose",
                       {{"mean", std::to_string(mean / GARITA_DOSE_ONE)}, {"lost", std::to_string(lost)}});
    }
}

LOOK(Images, totals_are_what_was_delivered, "GAR-IMG-020") { judge_whole(); }
LOOK(Images, complete_scans_are_whole, "GAR-IMG-021") { judge_whole(); }

RULE(Images, delivered_strips_stay_as_they_are, "GAR-BOX-005") {
  Plan plan;
  plan.watch_strips = true;
  for (const Input& input : inputs()) {
    const Course seen = course(input, plan);
    if (ended()) return;
    if (seen.strips_changed) return finding(input, "conform.saw_strip_change", {});
  }
}

LOOK(Calibration, is_there_for_raw_counts, "GAR-CAL-001") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    for (const SeenScan& scan : courses[i].scans)
      if (!scan.calibration_faults.empty()) return finding(inputs()[i], scan.calibration_faults.front());
}

LOOK(Calibration, is_dark_or_air, "GAR-CAL-002") { judge_whole(); }
LOOK(Calibration, pieces_fit_together, "GAR-CAL-003") { judge_whole(); }

}  // namespace
}  // namespace garita::conformance
