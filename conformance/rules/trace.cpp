#include "conformance/rules/trace.hpp"

#include <nlohmann/json.hpp>

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr size_t most_courses = 200, most_scans = 32;

json& courses() {
  static json own = json::array();
  return own;
}

json scans_of(const Course& course) {
  json scans = json::array();
  for (const SeenScan& scan : course.scans) {
    if (scans.size() >= most_scans) break;
    scans.push_back({{"key", scan.begin.key},
                     {"outcome", scan.end ? scan.end->outcome : 0},
                     {"pixels", base::to_text(scan.pixels)}});
  }
  return scans;
}

}  // namespace

void note_course(const Input& input, const Course& course) {
  if (courses().size() >= most_courses) return;
  courses().push_back({{"input", input.title},
                       {"events", course.events},
                       {"scans", course.scans.size()},
                       {"late_ms", course.late_ms},
                       {"close_late_ms", course.close_late_ms},
                       {"fault", course.fault ? course.fault->id : ""},
                       {"kept", scans_of(course)}});
}

const json& noted_courses() { return courses(); }

}  // namespace garita::conformance
