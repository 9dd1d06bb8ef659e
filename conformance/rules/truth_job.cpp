#include "conformance/rules/truth_job.hpp"

namespace garita::conformance {

TruthJob& truth_job() {
  static TruthJob own;
  return own;
}

base::Result<void> take_truth(const std::string& twin, const std::string& object,
                              const std::string& recording) {
  if (!twin.empty()) {
    GARITA_TRY_ASSIGN(settings, read_twin(twin));
    GARITA_TRY_ASSIGN(manifest, load::read_manifest(settings.manifest));
    truth_job().twin = std::move(settings);
    truth_job().twin_manifest = std::move(manifest);
  }
  if (!object.empty()) {
    GARITA_TRY_ASSIGN(settings, read_object(object));
    GARITA_TRY_ASSIGN(input, load_input(recording));
    truth_job().object = std::move(settings);
    truth_job().recording = std::move(input);
  }
  return {};
}

}  // namespace garita::conformance
