// JUnit XML, as CI servers read it. A failing case has its sentence, the hint and the replay command, and its
// pictures as attachments in the form that Jenkins and GitLab know: [[ATTACHMENT|path]].
#pragma once

#include <filesystem>

#include "conformance/report/run_report.hpp"
#include "core/base/text.hpp"

namespace garita::conformance {

// folder: what attachments' names are put behind; empty: none are told.
std::string junit(const RunReport& run, base::Language language, const std::filesystem::path& folder = {});

// The same into a file, and the pictures of what failed beside it, in FILE's name + ".files".
base::Result<void> write_junit(const RunReport& run, base::Language language,
                               const std::filesystem::path& path);

}  // namespace garita::conformance
