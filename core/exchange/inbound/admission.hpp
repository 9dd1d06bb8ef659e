// May what came in be used here? Rules from top to bottom, the first that holds decides; none: refused.
//
//   schema = "garita.inbound/1"
//
//   [[rule]]
//   action = "accept"              # accept, quarantine, refuse
//   code = "agency_policy"         # why, for the sender, of a rule that quarantines or refuses (reasons())
//   from = ["mx.anam"]             # authority whose key signed the package
//   certified = true               # by a driver and device within their certificate
//   certificate = ["holds"]        # what the receiver's own trust store says of the driver (standing.hpp)
//   signed_by = ["us"]             # authorities, each of which signed that certificate
//   level = 2                      # of that certificate, at least
//   suite = ["1.0"]                # versions of the kit that tested it
//   truth = ["object"]             # what its images were held against: object, twin, none
//   box = 2                        # at least, that the driver ran in
//   fidelity = ["raw_counts"]      # of every view
//   vendor = [], model = [], driver = [], country = []
//   max_age_h = 48                 # since the end of the scan
//   complete = true
//   fresh = true                   # nobody suspects a replay; false: somebody does
//
// A condition is met only by what the package shows. Those from `certificate` to `truth` are met only where
// the receiver has a trust store and the certificate holds there; `certified` too, where there is a store.
// Here, and only here, an agency may apply its own law
// about vendors.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/inbound/facts.hpp"
#include "core/exchange/policy/policy_file.hpp"

namespace garita::exchange {

inline constexpr std::string_view inbound_schema = "garita.inbound/1";

enum class Action : uint8_t { accept, quarantine, refuse };
std::string_view word_of(Action action);

// In the order in which they are asked; a refusal tells the first that failed in the rule that came furthest.
enum class Ask : uint8_t {
  from,
  certified,
  certificate,
  signed_by,
  level,
  suite,
  truth,
  box,
  fidelity,
  vendor,
  model,
  driver,
  country,
  max_age,
  complete,
  fresh
};

struct Condition {
  Ask ask = Ask::from;
  uint32_t line = 0;
  Words words;         // one of them
  int64_t number = 0;  // at least, at most, or 0 and 1
};

struct InboundRule {
  uint32_t line = 0;
  Action action = Action::refuse;
  std::string code;                   // of what is not accepted
  std::vector<Condition> conditions;  // by Ask
};

struct InboundPolicy {
  std::string path;
  std::vector<InboundRule> rules;
};

struct ReadInbound {
  InboundPolicy policy;
  std::vector<base::Error>
      problems;  // exchange.policy_*, each with {path, line}; a policy with one is not used
};
ReadInbound parse_inbound(std::string_view toml, const std::string& path);
base::Result<InboundPolicy> load_inbound(const std::string& path);

// The line of the first condition that only a trust store can meet; 0: there is none.
uint32_t first_about_certificates(const InboundPolicy& policy);
// Why that line can be met by nothing, with these books: "exchange.trust_missing" {path, line}, or what is
// wrong with the store (trust.no_root, a fault). nullopt: nothing is.
std::optional<base::Error> trust_lack(const Books& books, const std::string& path, uint32_t line);

// Codes of reasons as they go back to a sender: words that never change. "exchange.reason_" + code is the
// sentence, in both languages, so each side reads its own.
std::span<const std::string_view> reasons();
bool is_reason(std::string_view code);

// Why one rule did not hold.
struct Passed {
  uint32_t rule_line = 0, line = 0;  // line: of the condition
  std::string code;
};

struct Verdict {
  Action action = Action::refuse;
  std::string code;        // "" where accepted
  uint32_t rule_line = 0;  // 0: no rule held
  uint32_t line = 0;  // that decided: the rule's, or the condition that failed in the rule that came furthest
  std::vector<Passed> passed;
};

// A pure function.
Verdict judge(const InboundPolicy& policy, const Facts& facts, int64_t now_utc_ns);

}  // namespace garita::exchange
