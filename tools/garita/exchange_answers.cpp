#include "tools/garita/exchange_answers.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/random.hpp"
#include "core/exchange/inbound/admission.hpp"
#include "core/package/reader.hpp"

namespace garita::cli {
namespace {

using namespace exchange;

// Beside those of the inbound policy.
constexpr std::string_view answer_reasons[] = {"container_of_interest", "full_image_needed", "nothing_found",
                                               "not_kept", "not_allowed"};

// One that is missing is told as every command tells it.
base::Error bad_value(const Options& options, const char* option) {
  if (const auto given = options.required(option); !given) return given.error();
  return usage_error("cli.exchange_bad_value", {{"option", option}, {"given", options.get(option)}});
}

// By its root, or by a file of it.
base::Result<base::Digest> inspection_of(const Options& options) {
  if (options.has("package")) {
    GARITA_TRY_ASSIGN(reader, package::Reader::open(options.get("package")));
    return reader.root();
  }
  if (!options.has("inspection")) return base::Digest{};
  const auto root = base::parse_digest(options.get("inspection"));
  if (!root) return bad_value(options, "inspection");
  return *root;
}

base::Result<std::string> reason_of(const Options& options) {
  const std::string code = options.get("reason");
  if (code.empty() || is_answer_reason(code)) return code;
  std::string all;
  for (const auto& codes : {std::span<const std::string_view>(answer_reasons), reasons()})
    for (const std::string_view each : codes) all += (all.empty() ? "" : ", ") + std::string(each);
  return usage_error("cli.exchange_bad_reason", {{"given", code}, {"codes", all}});
}

int say(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config,
        base::Result<Answer> answer, const std::string& to = "") {
  if (!answer) return fail(terminal, answer.error());
  const auto peer = to.empty() ? options.required("to") : base::Result<std::string>(to);
  if (!peer) return fail(terminal, peer.error());
  auto outbox = Outbox::open(config.folder() / "outbox", host::limits_of(config));
  if (!outbox) return fail(terminal, outbox.error());
  const auto entry = host::Sender(config, *outbox).answer(*peer, *answer);
  if (!entry) return fail(terminal, entry.error());
  const auto noted = host::AnswerBook(config.folder() / "answers")
                         .note({entry->since_utc_ns, *peer, false, *answer}, entry->content);
  if (!noted) return fail(terminal, noted.error());
  print_entry(terminal, "sent", *peer, *entry);
  return 0;
}

base::Result<Answer> request_of(const Options& options) {
  GARITA_TRY_ASSIGN(inspection, inspection_of(options));
  GARITA_TRY_ASSIGN(reason, reason_of(options));
  const auto wish = host::wish_of(options.get("wish"));
  if (!wish) return bad_value(options, "wish");
  if (inspection == base::Digest{} && !options.has("identifier")) return bad_value(options, "identifier");
  Request request{
      .wish = *wish, .identifier = options.get("identifier"), .reason = reason, .note = options.get("note")};
  GARITA_TRY(base::system_random().fill(request.id));
  return Answer{inspection, request};
}

base::Result<Answer> decision_of(const Options& options) {
  GARITA_TRY_ASSIGN(inspection, inspection_of(options));
  GARITA_TRY_ASSIGN(reason, reason_of(options));
  const auto verdict = host::verdict_of(options.get("verdict"));
  if (!verdict) return bad_value(options, "verdict");
  if (inspection == base::Digest{}) return bad_value(options, "inspection");
  return Answer{inspection, OfficerDecision{*verdict, reason, options.get("note")}};
}

// The request is one that came: so its peer and its inspection are known. Numbers are the peers' own: where
// two have given the same one, --to says whose is meant.
base::Result<host::NotedAnswer> open_request(const Options& options, const host::ExchangeConfig& config) {
  GARITA_TRY_ASSIGN(id, options.required("request"));
  std::vector<host::NotedAnswer> found;
  for (const host::NotedAnswer& each : host::AnswerBook(config.folder() / "answers").open_requests())
    if (base::to_hex(std::get<Request>(each.answer.what).id) == id &&
        options.get("to", each.peer) == each.peer)
      found.push_back(each);
  if (found.empty()) return usage_error("cli.exchange_no_request", {{"given", id}});
  if (std::any_of(found.begin(), found.end(), [&](const auto& each) { return each.peer != found[0].peer; }))
    return options.required("to").error();
  return found[0];
}

base::Result<Answer> reply_to(const host::NotedAnswer& asked, const Options& options) {
  GARITA_TRY_ASSIGN(reason, reason_of(options));
  const std::string granted = options.get("granted");
  if (granted != "yes" && granted != "no") return bad_value(options, "granted");
  const auto& request = std::get<Request>(asked.answer.what);
  return Answer{asked.answer.inspection, Reply{request.id, granted == "yes", reason, options.get("note")}};
}

struct Teller {
  const Terminal& terminal;
  std::string peer, inspection, direction;

  std::string because(const std::string& reason, const std::string& note) const {
    std::string text = reason_text(terminal, reason);
    if (!note.empty()) text += (text.empty() ? "" : " ") + base::printable(note);
    return text;
  }
  std::string operator()(const OfficerDecision& said) const {
    return terminal.text(
        "cli.exchange_decision",
        {{"verdict", terminal.text("cli.exchange_say_" + std::string(host::word_of(said.verdict)))},
         {"inspection", inspection},
         {"reason", because(said.reason, said.note)}});
  }
  std::string operator()(const Request& said) const {
    return terminal.text(
        "cli.exchange_a_request",
        {{"wish", terminal.text("cli.exchange_say_" + std::string(host::word_of(said.wish)))},
         {"identifier", said.identifier.empty() ? inspection : base::printable(said.identifier)},
         {"id", base::to_hex(said.id)},
         {"reason", because(said.reason, said.note)}});
  }
  std::string operator()(const Reply& said) const {
    return terminal.text(said.granted ? "cli.exchange_yes" : "cli.exchange_no",
                         {{"id", base::to_hex(said.request)},
                          {"inspection", inspection},
                          {"reason", because(said.reason, said.note)}});
  }
  std::string operator()(const Refusal& said) const {
    return terminal.text("cli.exchange_refusal",
                         {{"inspection", inspection},
                          {"action", terminal.text(said.quarantined ? "exchange.action_quarantine"
                                                                    : "exchange.action_refuse")},
                          {"reason", because(said.reason, "")}});
  }
};

}  // namespace

bool is_answer_reason(std::string_view code) {
  return is_reason(code) || std::ranges::find(answer_reasons, code) != std::end(answer_reasons);
}

void tell_answer(const Terminal& terminal, const host::NotedAnswer& answer) {
  const Teller teller{terminal, answer.peer, base::to_text(answer.answer.inspection).substr(0, 16), ""};
  std::string said = std::visit(teller, answer.answer.what);
  said.erase(said.find_last_not_of(' ') + 1);  // where no reason was given
  terminal.out << base::format_utc(answer.utc_ns, 0) << "  "
               << terminal.text(answer.from_peer ? "cli.exchange_from" : "cli.exchange_to_peer",
                                {{"peer", answer.peer}})
               << "  " << said << std::endl;
}

int ask_peer(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config) {
  return say(terminal, options, config, request_of(options));
}

int reply_to_peer(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config) {
  const auto asked = open_request(options, config);
  if (!asked) return fail(terminal, asked.error());
  return say(terminal, options, config, reply_to(*asked, options), asked->peer);
}

int decide_for_peer(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config) {
  return say(terminal, options, config, decision_of(options));
}

int list_answers(const Terminal& terminal, const Options&, const host::ExchangeConfig& config) {
  for (const host::NotedAnswer& each : host::AnswerBook(config.folder() / "answers").list())
    if (terminal.json)
      terminal.out << host::to_json(each) << '\n';
    else
      tell_answer(terminal, each);
  return 0;
}

}  // namespace garita::cli
