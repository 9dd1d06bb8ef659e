#include <algorithm>

#include "core/base/file.hpp"
#include "core/exchange/inbound/admission.hpp"
#include "core/trust/root.hpp"

namespace garita::exchange {
namespace {

enum class Kind : uint8_t { words, flag, number };
struct Key {
  std::string_view name;
  Ask ask;
  Kind kind;
  int64_t low = 0, high = 0;
};

constexpr Key keys[] = {{"from", Ask::from, Kind::words},
                        {"certified", Ask::certified, Kind::flag},
                        {"certificate", Ask::certificate, Kind::words},
                        {"signed_by", Ask::signed_by, Kind::words},
                        {"level", Ask::level, Kind::number, 1, 3},
                        {"suite", Ask::suite, Kind::words},
                        {"truth", Ask::truth, Kind::words},
                        {"box", Ask::box, Kind::number, 0, 3},
                        {"fidelity", Ask::fidelity, Kind::words},
                        {"vendor", Ask::vendor, Kind::words},
                        {"model", Ask::model, Kind::words},
                        {"driver", Ask::driver, Kind::words},
                        {"country", Ask::country, Kind::words},
                        {"max_age_h", Ask::max_age, Kind::number, 1, 87'600},
                        {"complete", Ask::complete, Kind::flag},
                        {"fresh", Ask::fresh, Kind::flag}};

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_word(Ask ask, std::string_view word) {
  switch (ask) {
    case Ask::from:
      return is_policy_name(word);
    case Ask::certificate:
      return is_standing(word);
    case Ask::signed_by:
      return trust::is_role_name(word);
    case Ask::truth:
      return one_of(word, {"none", "twin", "object"});
    case Ask::fidelity:
      return one_of(word, {"raw_counts", "transmission", "attenuation", "reconstructed", "display"});
    default:
      return true;
  }
}

class Reader {
 public:
  explicit Reader(const std::string& path) : file_(path, inbound_schema) { result_.policy.path = path; }

  ReadInbound read(std::string_view text) {
    file_.read(text, [this](const toml::table& table, uint32_t line) { rule(table, line); });
    result_.problems = file_.take_problems();
    return std::move(result_);
  }

 private:
  void rule(const toml::table& table, uint32_t line) {
    InboundRule rule;
    rule.line = line;
    bool acts = false;
    for (const auto& [key, node] : table) {
      if (key == "action")
        acts = action(rule, node);
      else if (key == "code")
        code(rule, node);
      else if (!condition(rule, key.str(), node))
        file_.problem(node, "exchange.policy_key", {{"key", std::string(key.str())}});
    }
    if (!acts) file_.problem(line, "exchange.policy_missing", {{"key", "action"}});
    if (rule.code.empty()) rule.code = "agency_policy";
    // What is accepted is accepted from somebody: a rule that names nobody would take what anyone has signed.
    const bool named = std::any_of(rule.conditions.begin(), rule.conditions.end(),
                                   [](const Condition& c) { return c.ask == Ask::from && !c.words.empty(); });
    if (rule.action == Action::accept && acts && !named) file_.problem(line, "exchange.policy_from");
    std::sort(rule.conditions.begin(), rule.conditions.end(),
              [](const Condition& a, const Condition& b) { return a.ask < b.ask; });
    result_.policy.rules.push_back(std::move(rule));
  }

  bool action(InboundRule& rule, const toml::node& node) {
    const std::string word = node.value_exact<std::string>().value_or("");
    for (const Action action : {Action::accept, Action::quarantine, Action::refuse}) {
      if (word != word_of(action)) continue;
      rule.action = action;
      return true;
    }
    file_.problem(node, "exchange.policy_word", {{"key", "action"}, {"given", word}});
    return true;  // told already
  }

  void code(InboundRule& rule, const toml::node& node) {
    const auto word = file_.text("code", node);
    if (word && !is_reason(*word))
      file_.problem(node, "exchange.policy_word", {{"key", "code"}, {"given", *word}});
    if (word) rule.code = *word;
  }

  bool condition(InboundRule& rule, std::string_view name, const toml::node& node) {
    const auto key =
        std::find_if(std::begin(keys), std::end(keys), [&](const Key& k) { return k.name == name; });
    if (key == std::end(keys)) return false;
    Condition condition{key->ask, node.source().begin.line, {}, 0};
    if (key->kind == Kind::words)
      condition.words =
          file_.words(name, node, [&](std::string_view word) { return is_word(key->ask, word); });
    else if (key->kind == Kind::flag)
      condition.number = file_.boolean(name, node).value_or(false);
    else
      condition.number = file_.number(name, node, key->low, key->high).value_or(key->high);
    rule.conditions.push_back(std::move(condition));
    return true;
  }

  PolicyFile file_;
  ReadInbound result_;
};

}  // namespace

ReadInbound parse_inbound(std::string_view toml, const std::string& path) { return Reader(path).read(toml); }

base::Result<InboundPolicy> load_inbound(const std::string& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_policy_bytes));
  ReadInbound read = parse_inbound(text, path);
  if (!read.problems.empty()) return std::move(read.problems.front());
  return std::move(read.policy);
}

}  // namespace garita::exchange
