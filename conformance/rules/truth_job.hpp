// What this process knows of the truth: from --twin and --object.
#pragma once

#include <filesystem>
#include <optional>

#include "conformance/input/input.hpp"
#include "conformance/twin/settings.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {

struct TruthJob {
  std::optional<TwinSettings> twin;
  load::Manifest twin_manifest;
  std::optional<ObjectSettings> object;
  Input recording;                 // of the object
  std::filesystem::path pictures;  // where a rule may leave some; empty: nowhere
};
TruthJob& truth_job();

// twin: twin.toml; object: recording.toml, and the folder of its recorded input. Empty: there is none.
base::Result<void> take_truth(const std::string& twin, const std::string& object,
                              const std::string& recording);

}  // namespace garita::conformance
