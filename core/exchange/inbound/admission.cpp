#include "core/exchange/inbound/admission.hpp"

#include <algorithm>

namespace garita::exchange {
namespace {

constexpr std::string_view reason_codes[] = {"authority_unknown",
                                             "not_certified",
                                             "level_low",
                                             "suite_other",
                                             "truth_weak",
                                             "box_weak",
                                             "fidelity_other",
                                             "device_other",
                                             "too_old",
                                             "incomplete",
                                             "replay_suspected",
                                             "not_shown",
                                             "no_rule",
                                             "agency_policy",
                                             "not_readable",
                                             "not_authentic",
                                             "certificate_revoked",
                                             "certificate_expired",
                                             "certificate_unsigned",
                                             "certificate_outside",
                                             "certificate_pilot",
                                             "certificate_unknown",
                                             "certificate_unchecked"};

constexpr int64_t hour_ns = 3600ll * 1'000'000'000;
constexpr int64_t clock_tolerance_ns =
    300ll * 1'000'000'000;  // a scan that ends later than now, by so much, is dated wrong

using Code = std::string_view;  // "": met

Code any_of(const Condition& condition, const std::optional<std::string>& given, Code code) {
  if (!given) return "not_shown";
  return condition.words.contains(*given) ? "" : code;
}

Code equal(const Condition& condition, const std::optional<bool>& given, Code code) {
  if (!given) return "not_shown";
  return *given == (condition.number != 0) ? "" : code;
}

Code at_least(const Condition& condition, const std::optional<unsigned>& given, Code code) {
  if (!given) return "not_shown";
  return *given >= condition.number ? "" : code;
}

// Why nothing is known of a certificate that holds: "" where one does.
Code lacking(const Facts& facts) {
  constexpr std::string_view prefix = "certificate_";
  if (!facts.certificate) return "not_shown";
  for (const Code code : reason_codes)
    if (code.starts_with(prefix) && code.substr(prefix.size()) == *facts.certificate) return code;
  return "";
}

// The record's own word, and where the receiver knows better, that.
Code certified(const Condition& condition, const Facts& facts) {
  const bool doubted = facts.certificate && facts.certificate != word_of(Standing::holds);
  const bool wanted = condition.number != 0;
  if (doubted) return wanted ? lacking(facts) : "";
  return equal(condition, facts.certified, "not_certified");
}

Code certificate(const Condition& condition, const Facts& facts) {
  if (facts.certificate && condition.words.contains(*facts.certificate)) return "";
  const Code code = lacking(facts);
  return code.empty() ? "agency_policy" : code;  // it holds, and the rule is about others
}

Code signed_by(const Condition& condition, const Facts& facts) {
  if (const Code code = lacking(facts); !code.empty()) return code;
  const bool all = std::all_of(condition.words.begin(), condition.words.end(),
                               [&](const auto& word) { return facts.signed_by.contains(word.first); });
  return all ? "" : "certificate_unsigned";
}

// Of what stands in the certificate.
Code known(const Facts& facts, Code code) {
  if (code != "not_shown") return code;
  const Code why = lacking(facts);
  return why.empty() ? code : why;
}

Code fidelity(const Condition& condition, const std::set<std::string>& given) {
  if (given.empty()) return "not_shown";
  const bool all = std::all_of(given.begin(), given.end(),
                               [&](const auto& word) { return condition.words.contains(word); });
  return all ? "" : "fidelity_other";
}

Code age(const Condition& condition, const Facts& facts, int64_t now_ns) {
  if (!facts.ended_utc_ns) return "not_shown";
  const int64_t ended = *facts.ended_utc_ns;
  if (ended > now_ns) return ended - now_ns <= clock_tolerance_ns ? "" : "too_old";
  // Outside data: a difference may pass what 64 bits hold.
  if (ended < 0 && now_ns > INT64_MAX + ended) return "too_old";
  return now_ns - ended <= condition.number * hour_ns ? "" : "too_old";
}

// A record in which nobody says anything, of a host that does not look, is neither fresh nor suspect.
Code fresh(const Condition& condition, const Facts& facts) {
  const bool suspect =
      facts.freshness == "replayed" || facts.freshness == "synthetic" || facts.replayed == true;
  if (condition.number == 0) return suspect ? "" : "replay_suspected";
  if (suspect) return "replay_suspected";
  return facts.freshness == "fresh" || facts.freshness == "not_judged" ? "" : "not_shown";
}

Code unmet(const Condition& condition, const Facts& facts, int64_t now_ns) {
  switch (condition.ask) {
    case Ask::from:
      return facts.authority && condition.words.contains(*facts.authority) ? "" : "authority_unknown";
    case Ask::certified:
      return certified(condition, facts);
    case Ask::certificate:
      return certificate(condition, facts);
    case Ask::signed_by:
      return signed_by(condition, facts);
    case Ask::level:
      return known(facts, at_least(condition, facts.level, "level_low"));
    case Ask::suite:
      return known(facts, any_of(condition, facts.suite, "suite_other"));
    case Ask::truth:
      return known(facts, any_of(condition, facts.truth, "truth_weak"));
    case Ask::box:
      return at_least(condition, facts.box, "box_weak");
    case Ask::fidelity:
      return fidelity(condition, facts.fidelity);
    case Ask::vendor:
      return any_of(condition, facts.vendor, "device_other");
    case Ask::model:
      return any_of(condition, facts.model, "device_other");
    case Ask::driver:
      return any_of(condition, facts.driver, "device_other");
    case Ask::country:
      return any_of(condition, facts.country, "device_other");
    case Ask::max_age:
      return age(condition, facts, now_ns);
    case Ask::complete:
      return equal(condition, facts.complete, "incomplete");
    case Ask::fresh:
      return fresh(condition, facts);
  }
  return "no_rule";
}

}  // namespace

std::string_view word_of(Action action) {
  return action == Action::accept ? "accept" : action == Action::quarantine ? "quarantine" : "refuse";
}

std::span<const std::string_view> reasons() { return reason_codes; }

bool is_reason(std::string_view code) {
  return std::find(std::begin(reason_codes), std::end(reason_codes), code) != std::end(reason_codes);
}

uint32_t first_about_certificates(const InboundPolicy& policy) {
  uint32_t line = 0;
  for (const InboundRule& rule : policy.rules)
    for (const Condition& condition : rule.conditions)
      if (condition.ask >= Ask::certificate && condition.ask <= Ask::truth)
        line = line == 0 ? condition.line : std::min(line, condition.line);
  return line;
}

std::optional<base::Error> trust_lack(const Books& books, const std::string& path, uint32_t line) {
  if (!books.trust)
    return base::Error{
        base::Outcome::no, "exchange.trust_missing", {{"path", path}, {"line", std::to_string(line)}}, 0};
  const trust::Documents& documents = books.trust->documents;
  if (!documents.faults.empty()) return documents.faults.front().error;
  if (documents.root) return std::nullopt;
  return base::Error{base::Outcome::no, "trust.no_root", {}, 0};
}

Verdict judge(const InboundPolicy& policy, const Facts& facts, int64_t now_ns) {
  Verdict verdict;
  verdict.code = "no_rule";
  int furthest = -1;
  for (const InboundRule& rule : policy.rules) {
    Code code;
    const Condition* failed = nullptr;
    for (const Condition& condition : rule.conditions) {
      if (code = unmet(condition, facts, now_ns); code.empty()) continue;
      failed = &condition;
      break;
    }
    if (failed == nullptr) {
      verdict.action = rule.action;
      verdict.code = rule.action == Action::accept ? "" : rule.code;
      verdict.rule_line = verdict.line = rule.line;
      return verdict;
    }
    verdict.passed.push_back({rule.line, failed->line, std::string(code)});
    if (rule.action == Action::accept && static_cast<int>(failed->ask) > furthest) {
      furthest = static_cast<int>(failed->ask);
      verdict.line = failed->line;
      verdict.code = code;
    }
  }
  return verdict;
}

}  // namespace garita::exchange
