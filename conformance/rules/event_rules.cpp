// Events: order, keys, readings, detections, attachments, metadata.
#include <cmath>
#include <map>
#include <set>

#include "conformance/rules/rule.hpp"
#include "core/record/attributes.hpp"

namespace garita::conformance {
namespace {

class Events : public Rule {};
class Metadata : public Rule {
 protected:
  // The attributes of each scan as the record takes them.
  template <typename Look>
  void each_record(Look look);
};

constexpr int64_t year_2000_ns = INT64_C(946684800) * 1'000'000'000;
constexpr const char* replacement = "\xEF\xBF\xBD";  // stands where text was no UTF-8

LOOK(Events, kinds_are_known, "GAR-EVT-001") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    if (courses[i].counts.unknown_events != 0)
      finding(inputs()[i], "conform.saw_unknown_events",
              {{"count", std::to_string(courses[i].counts.unknown_events)}});
}

LOOK(Events, come_in_order, "GAR-EVT-002") { judge_whole(); }

LOOK(Events, supplements_name_their_scan, "GAR-EVT-003") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    for (const SeenScan& scan : courses[i].scans)
      if (scan.begin.relation == GARITA_RELATION_SUPPLEMENT && scan.begin.related_key.empty())
        return finding(inputs()[i], "conform.saw_unrelated", {{"key", scan.begin.key}});
}

LOOK(Events, scans_name_objects_that_are_held, "GAR-EVT-004") { judge_whole(); }

LOOK(Events, scan_keys_are_used_once, "GAR-EVT-005") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    std::set<std::string> keys;
    for (const SeenScan& scan : courses[i].scans)
      if (scan.complete() && !scan.begin.key.empty() && !keys.insert(scan.begin.key).second)
        return finding(inputs()[i], "conform.saw_key_twice", {{"key", scan.begin.key}});
  }
}

bool all_finite(const std::vector<double>& values) {
  for (const double value : values)
    if (!std::isfinite(value)) return false;
  return true;
}

LOOK(Events, readings_are_finite, "GAR-EVT-010") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    std::vector<image::Reading> readings = courses[i].background;
    for (const SeenScan& scan : courses[i].scans)
      readings.insert(readings.end(), scan.readings.begin(), scan.readings.end());
    for (const image::Reading& reading : readings)
      if (!all_finite(reading.values) || !all_finite(reading.energy_kev))
        return finding(inputs()[i], "conform.saw_not_finite", {{"panel", reading.panel}});
  }
}

LOOK(Events, detections_lie_in_their_view, "GAR-EVT-011") { judge_whole(); }
LOOK(Events, detections_are_well_formed, "GAR-EVT-012") { judge_whole(); }
LOOK(Events, attachments_come_whole, "GAR-EVT-013") { judge_whole(); }

LOOK(Metadata, attachment_names_are_plain, "GAR-MET-001") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    for (const SeenScan& scan : courses[i].scans)
      for (const image::Attachment& attachment : scan.attachments)
        if (attachment.name.find_first_of("/\\") != std::string::npos ||
            attachment.name.find(replacement) != std::string::npos)
          return finding(inputs()[i], "conform.saw_name", {{"name", attachment.name}});
}

template <typename Look>
void Metadata::each_record(Look look) {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    for (const SeenScan& scan : courses[i].scans) {
      v1::Inspection inspection;
      record::Report report;
      record::AttributeSetter setter(inspection, report);
      setter.apply(courses[i].standing, record::AttributeSetter::Scope::standing);
      setter.apply(scan.attributes);
      look(inputs()[i], inspection, report);
      if (ended()) return;
    }
}

LOOK(Metadata, values_fit_their_fields, "GAR-MET-002") {
  each_record([this](const Input& input, const v1::Inspection& inspection, const record::Report& report) {
    if (report.suspect == 0 || inspection.suspect_size() == 0) return;
    finding(input, "conform.saw_suspect",
            {{"path", inspection.suspect(0).path()}, {"count", std::to_string(report.suspect)}});
  });
}

LOOK(Metadata, attributes_keep_their_limits, "GAR-MET-003") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    const load::Counts& counts = courses[i].counts;
    if (counts.dropped_attributes + counts.cut_texts + counts.unknown_values != 0)
      return finding(inputs()[i], "conform.saw_dropped",
                     {{"dropped", std::to_string(counts.dropped_attributes)},
                      {"cut", std::to_string(counts.cut_texts)},
                      {"unknown", std::to_string(counts.unknown_values)}});
  }
}

LOOK(Metadata, keys_are_known_and_stand_once, "GAR-MET-004") {
  each_record([this](const Input& input, const v1::Inspection&, const record::Report& report) {
    if (!report.unrecognized_keys.empty())
      finding(input, "conform.saw_unknown_key", {{"key", report.unrecognized_keys.front()}});
    else if (report.duplicate_keys != 0)
      finding(input, "conform.saw_doubled_keys", {{"count", std::to_string(report.duplicate_keys)}});
  });
}

LOOK(Metadata, keys_are_texts, "GAR-MET-005") { judge_whole(); }

LOOK(Metadata, times_are_known_or_said_to_be_unknown, "GAR-MET-006") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    for (const SeenScan& scan : courses[i].scans) {
      const int64_t utc_ns = scan.begin.time.utc_ns;
      if (utc_ns != GARITA_UTC_UNKNOWN && utc_ns < year_2000_ns)
        return finding(inputs()[i], "conform.saw_time", {{"key", scan.begin.key}});
      if (scan.end && scan.end->reason.find(replacement) != std::string::npos)
        return finding(inputs()[i], "conform.saw_not_utf8", {{"call", "SCAN_END"}, {"status", "reason"}});
    }
}

}  // namespace
}  // namespace garita::conformance
