#include "conformance/runner/truth.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "conformance/twin/settings.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {
namespace {

constexpr std::string_view twin_requirement = "GAR-TRU-001";

}  // namespace

base::Result<TruthSource> truth_of(const Options& options) {
  TruthSource own;
  if (!options.twin.empty()) {
    GARITA_TRY_ASSIGN(twin, read_twin(options.twin));
    GARITA_TRY_ASSIGN(manifest, load::read_manifest(twin.manifest));
    own.twin_sha256 = base::to_text(manifest.driver.sha256);
    own.kind = "twin";
  }
  if (!options.object.empty()) {
    GARITA_TRY_ASSIGN(object, read_object(options.object));
    GARITA_TRY_ASSIGN(text, base::read_text_file(object.object, max_settings_bytes));
    own.object_sha256 = base::to_text(base::sha256(text));
    own.witness = object.witness;
    own.kind = own.kind == "twin" ? "twin and object" : "object";
  }
  return own;
}

nlohmann::json to_json(const TruthSource& truth) {
  return {{"kind", truth.kind},
          {"twin_sha256", truth.twin_sha256},
          {"object_sha256", truth.object_sha256},
          {"witness", truth.witness}};
}

int level_reached(const Total& total, std::string_view truth, const std::vector<std::string>& profiles,
                  int asked) {
  if (total.exit_code() != 0) return 0;
  const Requirement* const images = Catalogue::built_in().find(twin_requirement);
  if (!images || !images->holds_for(profiles)) return asked;
  return std::min(asked, truth.find("object") != std::string_view::npos ? 3 : truth == "twin" ? 2 : 1);
}

}  // namespace garita::conformance
