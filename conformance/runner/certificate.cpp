#include <algorithm>
#include <set>

#include "conformance/runner/certify.hpp"
#include "conformance/runner/waivers.hpp"
#include "core/base/clock.hpp"
#include "core/load/manifest.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;
using trust::Certificate;
using trust::Truth;

constexpr int64_t day_ns = 86400ll * 1'000'000'000;
constexpr std::string_view every_profile = "all";  // of a driver that declares none

base::Error no(const char* id, std::vector<base::Field> fields = {}) {
  return {base::Outcome::no, std::string("conform.certify_") + id, std::move(fields), 0};
}

class Maker {
 public:
  Maker(const Bundle& bundle, const base::Digest& evidence, const CertifyRequest& request)
      : bundle_(bundle), evidence_(evidence), request_(request) {}

  base::Result<Certificate> go() {
    GARITA_TRY(check_run());
    GARITA_TRY_ASSIGN(manifest, load::parse_manifest(bundle_.manifest, request_.bundle));
    set_driver(manifest);
    GARITA_TRY(set_profile());
    GARITA_TRY(set_truth());
    GARITA_TRY(set_devices());
    GARITA_TRY(set_suite());
    GARITA_TRY(set_waivers());
    own_.evidence = evidence_;
    own_.sbom = request_.sbom;
    own_.issued_ns = request_.issued_ns;
    own_.expires_ns = request_.issued_ns + request_.days * day_ns;
    return std::move(own_);
  }

 private:
  base::Error contradiction(std::string what) const {
    return {base::Outcome::no, "evidence.contradiction", {{"path", request_.bundle}, {"what", what}}};
  }
  static std::string text_of(const json& from, const char* name) {
    return from.is_object() && from.contains(name) && from[name].is_string() ? from[name].get<std::string>()
                                                                             : "";
  }
  static const json& part(const json& from, const char* name) {
    static const json nothing;
    return from.is_object() && from.contains(name) ? from[name] : nothing;
  }

  base::Result<void> check_run() {
    if (bundle_.events.size() < 2) return contradiction("run_began … run_ended");
    began_ = bundle_.events.front();
    const std::string verdict = text_of(bundle_.events.back(), "verdict");
    if (verdict != "PASS") return no("failed", {{"path", request_.bundle}, {"verdict", verdict}});
    if (!text_of(began_, "filter").empty()) return no("filtered", {{"path", request_.bundle}});
    own_.official = part(began_, "official") == true;
    return {};
  }

  // The very files, as the host will hold them against the certificate.
  void set_driver(const load::Manifest& manifest) {
    own_.driver = manifest.id;
    own_.version = manifest.version;
    own_.abi = load::abi_text(std::min<uint32_t>(manifest.abi_max, GARITA_ABI_LATEST));
    own_.wraps_own_sockets = !manifest.granted_connects.empty();
    own_.subjects = {{manifest.driver.path, manifest.driver.sha256},
                     {manifest.name + std::string(load::manifest_suffix), manifest.sha256}};
    for (const load::PackageFile& file : manifest.files) own_.subjects.push_back({file.path, file.sha256});
  }

  base::Result<void> set_profile() {
    std::vector<std::string> known;
    for (const json& profile : part(began_, "profiles"))
      if (profile.is_string()) known.push_back(profile);
    if (known.empty()) known.emplace_back(every_profile);
    std::string list;
    for (const std::string& profile : known) list += (list.empty() ? "" : ", ") + profile;
    own_.profile = request_.profile.empty() && known.size() == 1 ? known.front() : request_.profile;
    if (std::find(known.begin(), known.end(), own_.profile) != known.end()) return {};
    return no("profile", {{"path", request_.bundle}, {"known", list}});
  }

  // What the run was compared with, and how far that reaches, was judged again (truth.hpp).
  base::Result<void> set_truth() {
    const json& ended = part(bundle_.events.back(), "level");
    const int reached = ended.is_number_integer() ? ended.get<int>() : 0;
    const int level = request_.level == 0 ? reached : request_.level;
    if (level < 1 || level > std::min(reached, max_level))
      return no("level", {{"path", request_.bundle},
                          {"level", std::to_string(level)},
                          {"reached", std::to_string(reached)}});
    const std::string kind = text_of(part(began_, "truth"), "kind");
    own_.truth = kind.find("object") != kind.npos ? Truth::object
                 : kind == "twin"                 ? Truth::twin
                                                  : Truth::none;
    own_.level = static_cast<unsigned>(level);
    own_.simulated_device = request_.simulated_device;
    own_.recordings = request_.recordings;
    if (level == 3 && own_.truth == Truth::object && !own_.simulated_device && own_.recordings.empty())
      return no("witness", {{"level", std::to_string(level)}});
    return {};
  }

  base::Result<void> set_devices() {
    for (const std::string& given : request_.devices) {
      const size_t equals = given.find('=');
      trust::CertifiedDevice device{given.substr(0, equals), {}};
      for (size_t from = equals; from != given.npos && from < given.size();) {
        const size_t to = std::min(given.find(',', from + 1), given.size());
        device.firmware.push_back(given.substr(from + 1, to - from - 1));
        from = to;
      }
      const auto& names = device.firmware;
      if (device.model.empty() || names.empty() || std::find(names.begin(), names.end(), "") != names.end())
        return no("device", {{"given", given}});
      own_.devices.push_back(std::move(device));
    }
    return own_.devices.empty() ? base::Result<void>(no("no_device")) : base::Result<void>();
  }

  base::Result<void> set_suite() {
    const json &suite = part(bundle_.head, "suite"), &environment = part(bundle_.head, "environment");
    own_.suite = text_of(suite, "version") + ' ' + text_of(suite, "commit").substr(0, 12);
    own_.suite_accepted_until_ns = request_.issued_ns + request_.suite_days * day_ns;
    const std::string box = text_of(environment, "box");
    if (box.size() != 2 || box[0] != 'B' || box[1] < '0' || box[1] > '3') return contradiction("box");
    own_.box = static_cast<unsigned>(box[1] - '0');
    const auto policy = base::parse_digest(text_of(environment, "policy_sha256"));
    if (!policy) return contradiction("policy_sha256");
    own_.policy = *policy;
    return {};
  }

  // Those that were needed, and no other.
  base::Result<void> set_waivers() {
    std::set<std::string> waived;
    for (const json& event : bundle_.events)
      if (text_of(event, "event") == "rule_ended" && text_of(event, "verdict") == "WAIVED")
        for (const json& id : part(event, "requirements"))
          if (id.is_string()) waived.insert(id.get<std::string>());
    if (waived.empty()) return {};
    GARITA_TRY_ASSIGN(all, parse_waivers(bundle_.waivers, request_.bundle));
    for (const Waiver& waiver : all) {
      if (waiver.driver != own_.driver || !waived.contains(waiver.requirement)) continue;
      const auto last_day = base::parse_utc(waiver.expires + "T00:00:00Z");
      if (!last_day) return contradiction(waiver.requirement);
      own_.waivers.push_back({waiver.requirement, waiver.reason, waiver.approver, *last_day + day_ns});
    }
    return {};
  }

  const Bundle& bundle_;
  const base::Digest evidence_;
  const CertifyRequest& request_;
  json began_;
  Certificate own_;
};

}  // namespace

base::Result<Certificate> make_certificate(const Bundle& bundle, const base::Digest& evidence,
                                           const CertifyRequest& request) {
  return Maker(bundle, evidence, request).go();
}

}  // namespace garita::conformance
