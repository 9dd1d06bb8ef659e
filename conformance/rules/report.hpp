// The report of a rule's process: one JSON object in a file, written when the rule has ended. A process that
// dies first leaves none, and that says it too.
#pragma once

#include <filesystem>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {

// rule: named where several share the report, each a line; else empty.
bool write_report(const std::filesystem::path& path, const Outcome& outcome, const std::string& rule = {});

}  // namespace garita::conformance
