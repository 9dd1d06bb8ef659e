#include "core/trust/admit.hpp"

#include <algorithm>
#include <set>

#include "core/base/clock.hpp"

namespace garita::trust {
namespace {

base::Error refusal(const char* id, std::vector<base::Field> fields) {
  return {base::Outcome::not_loaded, id, std::move(fields), 0};
}

base::Error refused_for(base::Error fault) {
  fault.outcome = base::Outcome::not_loaded;
  return fault;
}

// One certificate against one candidate; each check may take for granted what those before it found.
struct Examination {
  const Policy& policy;
  const Candidate& candidate;
  const Documents& documents;
  int64_t now_ns;
  const Envelope& envelope;
  Certificate content;
  std::vector<base::Error> warnings;

  base::Result<void> signatures() const;
  base::Result<void> files() const;
  base::Result<void> revocations() const;
  base::Result<void> lists();
  base::Result<void> validity() const;
  base::Result<void> demands() const;

  base::Error no(const char* id, std::vector<base::Field> fields = {}) const {
    fields.insert(fields.begin(), {{"driver", candidate.driver},
                                   {"certificate", base::to_text(envelope.id()).substr(0, 16)}});
    return refusal(id, std::move(fields));
  }
};

base::Result<void> Examination::signatures() const {
  size_t persons = 0;
  for (const std::string& role : std::set(policy.roles.begin(), policy.roles.end())) {
    const auto at = documents.root->roles.find(role);
    if (at == documents.root->roles.end()) return no("trust.policy_role", {{"role", role}});
    const size_t found = count_signers(envelope, at->second.keys);
    if (found < at->second.threshold)
      return no("trust.certificate_role", {{"role", role},
                                           {"found", std::to_string(found)},
                                           {"wanted", std::to_string(at->second.threshold)}});
    persons += found;
  }
  if (persons < min_certificate_signers) return no("trust.two_persons");
  return {};
}

base::Result<void> Examination::files() const {
  for (const Subject& file : candidate.files)
    if (std::ranges::find(content.subjects, file) == content.subjects.end())
      return no("trust.file_differs", {{"file", file.name}});
  for (const Subject& subject : content.subjects)
    if (std::ranges::find(candidate.files, subject) == candidate.files.end())
      return no("trust.file_missing", {{"file", subject.name}});
  return {};
}

base::Result<void> Examination::revocations() const {
  for (const auto& [role, list] : documents.status)
    if (const Revocation* found = list.find(envelope.id()))
      return no("trust.revoked", {{"role", role}, {"reason", found->reason}});
  return {};
}

// Of every authority: where one's list may be missing, it cannot take anything back.
base::Result<void> Examination::lists() {
  for (const auto& entry : documents.root->roles) {
    const std::string& role = entry.first;
    const auto at = documents.status.find(role);
    if (at == documents.status.end()) {
      const auto fault = std::ranges::find(documents.faults, role, &Fault::role);
      if (fault != documents.faults.end()) return refused_for(fault->error);
      return no("trust.status_missing", {{"role", role}});
    }
    const int64_t expires = at->second.expires_ns;
    if (now_ns < expires) continue;
    const std::vector<base::Field> fields = {{"role", role}, {"time", base::format_utc(expires)}};
    if (now_ns - expires >= policy.status_grace_ns) return no("trust.status_expired", fields);
    warnings.push_back(no("trust.status_stale", fields));
  }
  return {};
}

base::Result<void> Examination::validity() const {
  if (now_ns < content.issued_ns - clock_tolerance_ns)
    return no("trust.certificate_early", {{"time", base::format_utc(content.issued_ns)}});
  if (now_ns >= content.expires_ns)
    return no("trust.certificate_expired", {{"time", base::format_utc(content.expires_ns)}});
  if (now_ns >= content.suite_accepted_until_ns) return no("trust.suite_expired", {{"suite", content.suite}});
  for (const Waiver& waiver : content.waivers)
    if (now_ns >= waiver.expires_ns) return no("trust.waiver_expired", {{"requirement", waiver.requirement}});
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

base::Result<void> Examination::demands() const {
  if (content.abi != candidate.abi)
    return no("trust.abi_other", {{"found", content.abi}, {"wanted", candidate.abi}});
  if (content.level < policy.level)
    return no("trust.level_low",
              {{"found", std::to_string(content.level)}, {"wanted", std::to_string(policy.level)}});
  if (!policy.profiles.empty() &&
      std::ranges::find(policy.profiles, content.profile) == policy.profiles.end())
    return no("trust.profile_other", {{"found", content.profile}, {"wanted", joined(policy.profiles)}});
  if (content.simulated_device && !policy.pilot) return no("trust.simulated");
  if (!content.official && !policy.pilot) return no("trust.unofficial");
  const unsigned box = std::max(policy.box, content.box);
  if (candidate.box < box)
    return no("trust.box_weak",
              {{"found", "B" + std::to_string(candidate.box)}, {"wanted", "B" + std::to_string(box)}});
  return {};
}

// Read before its signatures are: only to choose whose refusal is told, never to admit.
bool concerns(const Certificate& content, const Candidate& candidate) {
  return content.driver == candidate.driver ||
         std::ranges::any_of(content.subjects, [&](const Subject& subject) {
           return !candidate.files.empty() && subject.sha256 == candidate.files.front().sha256;
         });
}

base::Result<void> examine(Examination& one, unsigned& steps) {
  GARITA_TRY(one.signatures());
  ++steps;
  GARITA_TRY(one.files());
  ++steps;
  GARITA_TRY(one.revocations());
  GARITA_TRY(one.lists());
  ++steps;
  GARITA_TRY(one.validity());
  ++steps;
  return one.demands();
}

base::Result<void> check_site(const Policy& policy, const Documents& documents, int64_t now_ns) {
  if (policy.roles.empty()) return refusal("trust.policy_empty", {});
  if (!documents.root)
    return documents.faults.empty() ? refusal("trust.no_root", {})
                                    : refused_for(documents.faults.front().error);
  int64_t newest = documents.root->issued_ns;
  for (const auto& entry : documents.status) newest = std::max(newest, entry.second.issued_ns);
  // A clock that was put back would make expired lists fresh again.
  if (now_ns < newest - clock_tolerance_ns)
    return refusal("trust.clock_behind",
                   {{"time", base::format_utc(now_ns)}, {"newest", base::format_utc(newest)}});
  if (now_ns >= documents.root->expires_ns)
    return refusal("trust.root_expired", {{"time", base::format_utc(documents.root->expires_ns)}});
  return {};
}

// Any authority of the root may take back, also one that the policy does not ask; a file, whoever certified
// it.
base::Result<void> check_files(const Candidate& candidate, const Documents& documents) {
  for (const auto& [role, list] : documents.status)
    for (const Subject& file : candidate.files)
      if (const Revocation* found = list.find(file.sha256))
        return refusal(
            "trust.file_revoked",
            {{"driver", candidate.driver}, {"file", file.name}, {"role", role}, {"reason", found->reason}});
  return {};
}

}  // namespace

base::Result<Admission> admit(const Policy& policy, const Candidate& candidate, const Documents& documents,
                              int64_t now_ns) {
  if (policy.open) return Admission{.open = true};
  GARITA_TRY(check_site(policy, documents, now_ns));
  GARITA_TRY(check_files(candidate, documents));
  base::Error best = refusal("trust.no_certificate", {{"driver", candidate.driver}});
  unsigned furthest = 0;
  for (const Envelope& envelope : documents.certificates) {
    auto content = parse_certificate(envelope);
    if (!content || !concerns(*content, candidate)) continue;
    Examination one{policy, candidate, documents, now_ns, envelope, std::move(*content), {}};
    unsigned steps = 1;
    const auto passed = examine(one, steps);
    if (passed) return Admission{false, envelope.id(), std::move(one.content), std::move(one.warnings)};
    if (steps > furthest) furthest = steps, best = passed.error();
  }
  return best;
}

}  // namespace garita::trust
