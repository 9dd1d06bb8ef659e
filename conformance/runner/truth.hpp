// What a run's verdict rests on: nothing but the driver itself, a twin, or an object (conformance/twin).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/runner/options.hpp"
#include "conformance/runner/verdict.hpp"

namespace garita::conformance {

struct TruthSource {
  std::string kind = "none";               // "none", "twin", "object", "twin and object"
  std::string twin_sha256, object_sha256;  // of the twin's binary, of the object's file
  std::string witness;                     // of the object's recording
};

// Errors: conform.bad_twin, conform.bad_object, and of the twin's manifest.
base::Result<TruthSource> truth_of(const Options& options);
nlohmann::json to_json(const TruthSource& truth);

// Pure. The level that a passed run has reached: what was asked for, but for a profile with images not beyond
// 1 without truth, nor beyond 2 with a twin alone. 0: it has not passed, or asked is 0: only some rules were run.
int level_reached(const Total& total, std::string_view truth, const std::vector<std::string>& profiles,
                  int asked);

}  // namespace garita::conformance
