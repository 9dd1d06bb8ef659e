// What each run of the driver in this process gave, in short: told in the report, so that the evidence says
// how often the driver ran and what came out, and not only what a rule thought of it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "conformance/rules/course.hpp"

namespace garita::conformance {

// Called by Rule::course behind every run.
void note_course(const Input& input, const Course& course);

// [{"input","events","scans","late_ms","close_late_ms","fault","kept":[{"key","outcome","pixels"}]}], the
// first 200 runs and the first 32 scans of each.
const nlohmann::json& noted_courses();

}  // namespace garita::conformance
