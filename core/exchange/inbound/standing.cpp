#include "core/exchange/inbound/standing.hpp"

#include <algorithm>
#include <tuple>

#include "core/exchange/inbound/facts.hpp"

namespace garita::exchange {
namespace {

constexpr std::string_view words[] = {"holds",   "revoked", "expired", "unsigned",
                                      "outside", "pilot",   "unknown", "unchecked"};

Standing standing_of(std::string_view refusal) {
  static constexpr std::pair<std::string_view, Standing> table[] = {
      {"trust.revoked", Standing::revoked},           {"trust.file_revoked", Standing::revoked},
      {"trust.certificate_early", Standing::expired}, {"trust.certificate_expired", Standing::expired},
      {"trust.suite_expired", Standing::expired},     {"trust.waiver_expired", Standing::expired},
      {"trust.two_persons", Standing::unsigned_},     {"trust.certificate_role", Standing::unsigned_},
      {"trust.simulated", Standing::pilot},           {"trust.unofficial", Standing::pilot}};
  for (const auto& [id, standing] : table)
    if (id == refusal) return standing;
  return Standing::unchecked;
}

// What a certificate does not cover of what the package shows; what it withholds is not held against it.
bool is_outside(const trust::Certificate& content, const Claims& claims) {
  const auto& [model, firmware] = std::tie(claims.shown.model, claims.firmware);
  if (claims.shown.box && *claims.shown.box < content.box) return true;
  if (!model) return false;
  if (firmware) return !content.covers(*model, *firmware);
  return std::ranges::find(content.devices, *model, &trust::CertifiedDevice::model) == content.devices.end();
}

class Asking {
 public:
  Asking(const TrustBook& book, const Claims& claims, int64_t now_ns)
      : book_(book), claims_(claims), now_ns_(now_ns), policy_(book.policy) {
    // The box, level and profile are for the rules to ask.
    policy_.open = false, policy_.level = 1, policy_.box = 1, policy_.profiles.clear();
    if (policy_.roles.empty() && book.documents.root)
      for (const auto& role : book.documents.root->roles) policy_.roles.push_back(role.first);
  }

  bool names(const trust::Envelope& envelope, const trust::Certificate& content) const {
    if (!claims_.driver_sha256) return is_named(envelope);
    return std::ranges::find(content.subjects, *claims_.driver_sha256, &trust::Subject::sha256) !=
           content.subjects.end();
  }
  bool is_named(const trust::Envelope& envelope) const {
    return claims_.certificate_id == base::to_text(envelope.id());
  }

  // As the site itself would admit the driver, of these very files.
  Vouched judge(const trust::Envelope& envelope, trust::Certificate content) const {
    const trust::Candidate candidate{content.driver, content.abi, content.box, content.subjects};
    const trust::Documents alone{
        book_.documents.root, book_.documents.status, {envelope}, book_.documents.faults};
    const auto admitted = trust::admit(policy_, candidate, alone, now_ns_);
    if (!admitted) return {standing_of(admitted.error().id), {}, {}, admitted.error()};
    if (is_outside(content, claims_)) return {Standing::outside, {}, {}, {}};
    Vouched vouched{Standing::holds, std::move(content), {}, {}};
    for (const auto& [role, unused] : book_.documents.root->roles)
      if (trust::check_role(envelope, *book_.documents.root, role)) vouched.signed_by.insert(role);
    return vouched;
  }

  // A driver without a certificate here may have been revoked all the same, and where nothing can be told
  // "unknown" would be too much said.
  Vouched without() const {
    if (!book_.documents.root) {
      const auto& faults = book_.documents.faults;
      const base::Error none{base::Outcome::not_loaded, "trust.no_root", {}, 0};
      return {Standing::unchecked, {}, {}, faults.empty() ? none : faults.front().error};
    }
    for (const auto& [role, list] : book_.documents.status)
      if (claims_.driver_sha256 && list.find(*claims_.driver_sha256) != nullptr)
        return {Standing::revoked, {}, {}, {}};
    return {};
  }

 private:
  const TrustBook& book_;
  const Claims& claims_;
  const int64_t now_ns_;
  trust::Policy policy_;
};

}  // namespace

std::string_view word_of(Standing standing) { return words[static_cast<size_t>(standing)]; }

bool is_standing(std::string_view word) { return std::ranges::find(words, word) != std::end(words); }

std::optional<Vouched> vouched(const TrustBook& book, const Claims& claims, int64_t now_ns) {
  if (!claims.driver_sha256 && !claims.certificate_id) return std::nullopt;
  const Asking asking(book, claims, now_ns);
  std::optional<Vouched> best;
  for (const trust::Envelope& envelope : book.documents.certificates) {
    auto content = trust::parse_certificate(envelope);
    if (!content || !asking.names(envelope, *content)) continue;
    Vouched one = asking.judge(envelope, *std::move(content));
    if (one.standing == Standing::holds) return one;
    if (!best || asking.is_named(envelope)) best = std::move(one);
  }
  return best ? *std::move(best) : asking.without();
}

}  // namespace garita::exchange
