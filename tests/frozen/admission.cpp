#include "core/load/manifest.hpp"
#include "core/trust/store.hpp"
#include "tests/frozen/description.hpp"

namespace garita::frozen {
namespace {

// Of a site of both nations that demands what the kept certificate has.
trust::Policy policy() {
  trust::Policy own;
  own.open = false;
  own.roles = {"mx", "us"};
  own.profiles = {"dual_energy"};
  own.pilot = true;
  own.status_grace_ns = 30ll * 86400 * 1'000'000'000;
  return own;
}

base::Result<trust::Candidate> candidate(const std::filesystem::path& version) {
  GARITA_TRY_ASSIGN(manifest, load::read_manifest(version / "driver/portal.garita.json"));
  GARITA_TRY_ASSIGN(binary, base::read_text_file(manifest.binary(), 1u << 20));
  trust::Candidate own{manifest.id, "1.0", 3, {}};
  own.files = {{manifest.driver.path, base::sha256(binary)}, {"portal.garita.json", manifest.sha256}};
  return own;
}

base::Result<trust::Admission> ask(const std::filesystem::path& version, const std::filesystem::path& trust,
                                   int64_t utc_ns) {
  GARITA_TRY_ASSIGN(driver, candidate(version));
  GARITA_TRY_ASSIGN(store, trust::Store::open(trust / "state/trust"));
  return trust::admit(policy(), driver, store.documents(), utc_ns);
}

}  // namespace

std::string answer_at(const std::filesystem::path& version, const std::filesystem::path& trust,
                      int64_t utc_ns) {
  const auto answer = ask(version, trust, utc_ns);
  if (!answer) return answer.error().id;
  std::string said = "admitted";
  for (const base::Error& warning : answer->warnings) said += ", " + warning.id;
  return said;
}

}  // namespace garita::frozen
