#include "tools/garita/policy_inbound.hpp"
#include "tools/garita/ordered_json.hpp"

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/host/exchange/config.hpp"

namespace garita::cli {
namespace {

// "mx=key.pub"
base::Result<void> add_authority(exchange::Books& books, const std::string& given) {
  const size_t equals = given.find('=');
  if (equals == given.npos || !exchange::is_policy_name(given.substr(0, equals)))
    return usage_error("cli.policy_bad_authority", {{"given", given}});
  GARITA_TRY_ASSIGN(text, base::read_text_file(given.substr(equals + 1), 4096));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto der = base::from_base64(text);
  if (!der) return usage_error("cli.policy_bad_authority", {{"given", given}});
  GARITA_TRY_ASSIGN(key, base::PublicKey::from_der(*der));
  books.authorities[key.key_id()] = given.substr(0, equals);
  return {};
}

struct Question {
  std::string policy;
  exchange::Books books;
};

base::Result<Question> question_of(const Terminal& terminal, const Options& options, std::string policy) {
  Question question{std::move(policy), {}};
  if (options.has("exchange")) {
    GARITA_TRY_ASSIGN(config, host::load_exchange(options.get("exchange"), terminal.language));
    question.books = host::books_of(config);
    if (question.policy.empty()) question.policy = config.path(config.said.inbound()).string();
  }
  for (const std::string& given : options.all("authority")) GARITA_TRY(add_authority(question.books, given));
  return question;
}

// ---- Facts, by the keys with which a policy asks for them; null: not known

template <typename Value>
void put(Json& out, const char* key, const std::optional<Value>& value) {
  out[key] = nullptr;
  if (value) out[key] = *value;
}

void put(Json& out, const char* key, const std::set<std::string>& words) {
  out[key] = nullptr;
  if (!words.empty()) out[key] = words;
}

Json facts_json(const exchange::Facts& facts) {
  Json out;
  put(out, "from", facts.authority);
  put(out, "certified", facts.certified);
  put(out, "certificate", facts.certificate);
  put(out, "signed_by", facts.signed_by);
  put(out, "level", facts.level);
  put(out, "suite", facts.suite);
  put(out, "truth", facts.truth);
  put(out, "box", facts.box);
  put(out, "fidelity", facts.fidelity);
  put(out, "vendor", facts.vendor);
  put(out, "model", facts.model);
  put(out, "driver", facts.driver);
  put(out, "country", facts.country);
  out["ended"] = nullptr;
  if (facts.ended_utc_ns) out["ended"] = base::format_utc(*facts.ended_utc_ns, 0);
  put(out, "complete", facts.complete);
  put(out, "fresh", facts.freshness);
  return out;
}

std::string shown(const Terminal& terminal, const Json& fact) {
  if (fact.is_null()) return terminal.text("cli.policy_not_known");
  if (fact.is_string()) return base::printable(fact.get<std::string>());
  if (!fact.is_array()) return fact.dump();
  std::string all;
  for (const Json& each : fact) all += (all.empty() ? "" : ", ") + base::printable(each.get<std::string>());
  return all;
}

void print_facts(const Terminal& terminal, const exchange::Facts& facts, const std::string& package) {
  terminal.out << terminal.text("cli.policy_decides_by", {{"path", package}}) << '\n';
  const Json all = facts_json(facts);
  for (const auto& [key, fact] : all.items())
    terminal.out << "  " << padded(key, 12) << ' ' << shown(terminal, fact) << '\n';
}

// ---- Verdict

void print_verdict(const Terminal& terminal, const exchange::Verdict& verdict) {
  for (const exchange::Passed& rule : verdict.passed)
    terminal.out << terminal.text("cli.policy_passed",
                                  {{"rule", std::to_string(rule.rule_line)},
                                   {"line", std::to_string(rule.line)},
                                   {"reason", terminal.text("exchange.reason_" + rule.code)}})
                 << '\n';
  const std::string action(exchange::word_of(verdict.action));
  terminal.out << terminal.text(
      "cli.policy_verdict",
      {{"line", std::to_string(verdict.line)}, {"action", terminal.text("exchange.action_" + action)}});
  if (!verdict.code.empty())
    terminal.out << ' ' << terminal.text("exchange.reason_" + verdict.code) << " (" << verdict.code << ')';
  terminal.out << '\n';
}

void print_verdict_json(const Terminal& terminal, const exchange::Verdict& verdict,
                        const exchange::Facts& facts) {
  Json out, passed = Json::array();
  for (const exchange::Passed& rule : verdict.passed)
    passed.push_back({{"rule_line", rule.rule_line}, {"line", rule.line}, {"code", rule.code}});
  out["action"] = exchange::word_of(verdict.action);
  out["code"] = verdict.code;
  out["rule_line"] = verdict.rule_line;
  out["line"] = verdict.line;
  out["passed"] = passed;
  out["facts"] = facts_json(facts);
  terminal.out << dump(out) << '\n';
}

}  // namespace

int warn_of_trust(const Terminal& terminal, const Options& options, const exchange::InboundPolicy& policy) {
  const uint32_t line = exchange::first_about_certificates(policy);
  if (line == 0) return 0;
  const auto question = question_of(terminal, options, policy.path);
  if (!question) return fail(terminal, question.error());
  if (const auto lack = exchange::trust_lack(question->books, policy.path, line))
    terminal.err << "garita: " << base::render(*lack, terminal.language) << '\n';
  return 0;
}

int explain_inbound(const Terminal& terminal, const Options& options, const std::string& policy_path,
                    const std::string& package_path) {
  exchange::Facts facts;
  const auto run = [&]() -> base::Result<exchange::Verdict> {
    GARITA_TRY_ASSIGN(question, question_of(terminal, options, policy_path));
    GARITA_TRY_ASSIGN(policy, exchange::load_inbound(question.policy));
    GARITA_TRY_ASSIGN(reader, package::Reader::open(package_path));
    GARITA_TRY_ASSIGN(claims, exchange::claims_of(reader));
    const int64_t now_ns = base::system_clock().utc_ns();
    facts = exchange::facts_of(claims, question.books, now_ns);
    return exchange::judge(policy, facts, now_ns);
  };
  const auto verdict = run();
  if (!verdict) return fail(terminal, verdict.error());
  if (terminal.json) {
    print_verdict_json(terminal, *verdict, facts);
  } else {
    print_facts(terminal, facts, package_path);
    print_verdict(terminal, *verdict);
  }
  return verdict->action == exchange::Action::accept ? 0 : 1;
}

}  // namespace garita::cli
