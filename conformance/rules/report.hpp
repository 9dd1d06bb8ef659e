// The report of a rule's process: one JSON object in a file, written when the rule has ended. A process that
// dies first leaves none, and that says it too.
#pragma once

#include <filesystem>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {

bool write_report(const std::filesystem::path& path, const Outcome& outcome);

}  // namespace garita::conformance
