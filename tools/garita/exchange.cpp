// garita exchange run | send | status | ask | reply | decide | answers exchange.toml, keys: carries what
// waits to the peers and takes in what they send; puts a package into the outbox, as the policy lets it go
// and sealed for its recipient; says what waits and what is missing; says things about inspections to a peer,
// and shows what was said.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/exchange/inbound/open_boxed.hpp"
#include "core/exchange/transport/status.hpp"
#include "core/host/exchange/exchange_run.hpp"
#include "core/host/exchange/keys.hpp"
#include "core/host/exchange/teller.hpp"
#include "tools/garita/exchange.hpp"
#include "tools/garita/exchange_answers.hpp"

namespace garita::cli {
namespace {

std::atomic<bool> stop_asked{false};
void ask_to_stop(int) { stop_asked = true; }

std::string dump(const nlohmann::json& json, int indent = -1) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

// ---- run

class Printer final : public host::ExchangeObserver {
 public:
  explicit Printer(const Terminal& terminal) : terminal_(terminal) {}

  void opened(const host::Handled& handled) override {
    const std::string inspection = base::to_text(handled.inspection);
    const std::string action(exchange::word_of(handled.action));
    if (terminal_.json) {
      terminal_.out << dump({{"event", "opened"},
                             {"peer", handled.peer},
                             {"kind", static_cast<int>(handled.kind)},
                             {"inspection", inspection},
                             {"action", action},
                             {"code", handled.code},
                             {"package", handled.path.string()}})
                    << std::endl;
    } else if (handled.answer) {
      tell_answer(terminal_, {base::system_clock().utc_ns(), handled.peer, true, *handled.answer});
    } else {
      const bool overview = handled.kind == exchange::ParcelKind::overview;
      terminal_.out << terminal_.text(handled.code.empty() ? "cli.exchange_accepted" : "cli.exchange_refused",
                                      {{"peer", handled.peer},
                                       {"what", terminal_.text(overview ? "cli.exchange_an_overview"
                                                                        : "cli.exchange_an_inspection")},
                                       {"inspection", inspection.substr(0, 16)},
                                       {"action", terminal_.text("exchange.action_" + action)},
                                       {"reason", reason_text(terminal_, handled.code)},
                                       {"package", handled.path.string()}})
                    << std::endl;
    }
    if (handled.trouble) trouble(handled.peer, *handled.trouble);
  }
  void sent(const std::string& peer, const exchange::Entry& entry) override {
    print_entry(terminal_, "sent", peer, entry);
  }
  void received(const std::string& peer, const exchange::Receipt& receipt) override {
    if (terminal_.json)
      terminal_.out << dump({{"event", "received"},
                             {"peer", peer},
                             {"content", base::to_text(receipt.content)}})
                    << std::endl;
  }
  void trouble(const std::string& where, const base::Error& error) override {
    terminal_.err << "garita: " << where << ": " << sentence_of(terminal_, error) << std::endl;
  }

 private:
  const Terminal& terminal_;
};

// By the program beside this one; where it is missing nothing that comes is readable.
host::Opener::Examine in_a_box() {
  std::error_code ignored;
  const auto opener = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() / "garita-open";
  return [opener](const exchange::Plain& package) {
    return exchange::open_boxed(opener, package.descriptor(), "memory");
  };
}

int run(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config) {
  const auto resend = options.number("resend-ms", 5'000, 100, 600'000);
  if (!resend) return fail(terminal, resend.error());
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGINT, ask_to_stop);
  Printer printer(terminal);
  host::ExchangeOptions how{.once = options.has("once"), .examine = in_a_box()};
  how.resend_ms = static_cast<uint64_t>(*resend);
  const auto ran = host::run_exchange(config, how, printer, stop_asked);
  return ran ? 0 : fail(terminal, ran.error());
}

// ---- send

int send(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config) {
  for (const char* needed : {"package", "to", "purpose"})
    if (const auto given = options.required(needed); !given) return fail(terminal, given.error());
  auto outbox = exchange::Outbox::open(config.folder() / "outbox", host::limits_of(config));
  if (!outbox) return fail(terminal, outbox.error());
  host::Sender sender(config, *outbox);
  const auto sent = sender.send({options.get("package"), options.get("to"), options.get("purpose"),
                                 options.get("lane"), options.has("alarm")});
  if (!sent) return fail(terminal, sent.error());
  for (const exchange::Entry& entry : sent->entries)
    print_entry(terminal, sent->before ? "sent before" : "sent", options.get("to"), entry);
  return 0;
}

// ---- keys

int make_keys(const Terminal& terminal, const Options& options) {
  for (const char* needed : {"out", "site"})
    if (const auto given = options.required(needed); !given) return fail(terminal, given.error());
  const auto days = options.number("days", 365, 1, 36'500);
  if (!days) return fail(terminal, days.error());
  const std::string site = options.get("site");
  const auto pin = host::make_site_keys(options.get("out"), site, static_cast<unsigned>(*days));
  if (!pin) return fail(terminal, pin.error());
  if (terminal.json)
    terminal.out << dump({{"site", site}, {"pin", base::to_text(*pin)}}) << '\n';
  else
    terminal.out << terminal.text(
                        "cli.exchange_keys_made",
                        {{"site", site}, {"folder", options.get("out")}, {"pin", base::to_text(*pin)}})
                 << '\n';
  return 0;
}

// ---- status

nlohmann::json to_json(const exchange::ExchangeStatus& status) {
  nlohmann::json out = nlohmann::json::array(), in = nlohmann::json::array();
  for (const exchange::LaneStatus& lane : status.out) {
    nlohmann::json since = nullptr;
    if (lane.oldest_utc_ns) since = base::format_utc(*lane.oldest_utc_ns, 0);
    out.push_back({{"peer", lane.recipient},
                   {"lane", lane.lane},
                   {"waiting", lane.waiting},
                   {"waiting_bytes", lane.waiting_bytes},
                   {"since", since},
                   {"receipts", lane.received},
                   {"last", lane.last_sequence}});
  }
  for (const exchange::LaneGaps& lane : status.in) {
    nlohmann::json gaps = nlohmann::json::array();
    for (const exchange::Gap& gap : lane.gaps) gaps.push_back({gap.first, gap.last});
    in.push_back({{"peer", lane.sender},
                  {"lane", base::to_hex(lane.lane)},
                  {"received", lane.received},
                  {"highest", lane.highest},
                  {"gaps", gaps}});
  }
  return {{"out", out}, {"in", in}};
}

std::string listed(const std::vector<exchange::Gap>& gaps) {
  std::string out;
  for (const exchange::Gap& gap : gaps)
    out += (out.empty() ? "" : ", ") + std::to_string(gap.first) +
           (gap.last > gap.first ? "-" + std::to_string(gap.last) : "");
  return out;
}

// "0.1": less than that is something too.
std::string megabytes(uint64_t bytes) {
  const uint64_t tenths = bytes / 100'000 + (bytes % 100'000 > 0 ? 1 : 0);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

// So that a site that has just been set up hears something too.
void print_quiet(const Terminal& terminal, const host::ExchangeConfig& config,
                 const exchange::ExchangeStatus& status) {
  const std::map<std::string, config::ExchangePeer> peers(config.said.peers().begin(),
                                                          config.said.peers().end());
  for (const auto& [peer, ignored] : peers) {
    const bool sent =
        std::ranges::find(status.out, peer, &exchange::LaneStatus::recipient) != status.out.end();
    const bool came = std::ranges::find(status.in, peer, &exchange::LaneGaps::sender) != status.in.end();
    if (!sent && !came) terminal.out << terminal.text("cli.exchange_quiet", {{"peer", peer}}) << '\n';
  }
}

void print(const Terminal& terminal, const exchange::ExchangeStatus& status) {
  for (const exchange::LaneStatus& lane : status.out)
    terminal.out << terminal.text(lane.waiting > 0 ? "cli.exchange_waits" : "cli.exchange_none_waits",
                                  {{"peer", lane.recipient},
                                   {"lane", lane.lane},
                                   {"count", std::to_string(lane.waiting)},
                                   {"megabytes", megabytes(lane.waiting_bytes)},
                                   {"since", base::format_utc(lane.oldest_utc_ns.value_or(0), 0)},
                                   {"receipts", std::to_string(lane.received)}})
                 << '\n';
  for (const exchange::LaneGaps& lane : status.in)
    terminal.out << terminal.text(lane.gaps.empty() ? "cli.exchange_all_came" : "cli.exchange_gaps",
                                  {{"peer", lane.sender},
                                   {"lane", base::to_hex(lane.lane).substr(0, 8)},
                                   {"count", std::to_string(lane.received)},
                                   {"gaps", listed(lane.gaps)}})
                 << '\n';
}

nlohmann::json to_json(const Terminal& terminal, const host::Trouble& trouble) {
  return {{"where", trouble.where},
          {"since", base::format_utc(trouble.since_utc_ns, 0)},
          {"id", trouble.error.id},
          {"text", sentence_of(terminal, trouble.error)},
          {"count", trouble.count}};
}

int status(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config) {
  const auto found = exchange::status_of(config.folder());
  if (!found) return fail(terminal, found.error());
  if (options.has("metrics")) {
    terminal.out << exchange::metrics_text(*found, base::system_clock().utc_ns());
    return 0;
  }
  const auto requests = host::AnswerBook(config.folder() / "answers").open_requests();
  const auto troubles = host::troubles_of(config.folder());
  if (terminal.json) {
    nlohmann::json json = to_json(*found);
    json["requests"] = requests.size();
    json["troubles"] = nlohmann::json::array();
    for (const host::Trouble& trouble : troubles) json["troubles"].push_back(to_json(terminal, trouble));
    terminal.out << dump(json, 2) << '\n';
    return 0;
  }
  print(terminal, *found);
  print_quiet(terminal, config, *found);
  for (const host::Trouble& trouble : troubles)
    terminal.out << terminal.text("cli.exchange_trouble",
                                  {{"where", trouble.where},
                                   {"since", base::format_utc(trouble.since_utc_ns, 0)},
                                   {"trouble", sentence_of(terminal, trouble.error)}})
                 << '\n';
  for (const host::NotedAnswer& request : requests) tell_answer(terminal, request);
  return 0;
}

}  // namespace

std::string reason_text(const Terminal& terminal, const std::string& code) {
  return code.empty() ? "" : is_answer_reason(code) ? terminal.text("exchange.reason_" + code) : code;
}

void print_entry(const Terminal& terminal, const char* event, const std::string& peer,
                 const exchange::Entry& entry) {
  const std::string sequence = std::to_string(entry.place.sequence);
  if (terminal.json)
    terminal.out << dump({{"event", event},
                          {"peer", peer},
                          {"lane", entry.lane},
                          {"sequence", entry.place.sequence},
                          {"content", base::to_text(entry.content)},
                          {"size_bytes", entry.size_bytes}})
                 << std::endl;
  else
    terminal.out << terminal.text("cli.exchange_sent",
                                  {{"peer", peer}, {"lane", entry.lane}, {"sequence", sequence}})
                 << std::endl;
}

int exchange_command(const Terminal& terminal, const Arguments& arguments) {
  Arguments rest = arguments;
  const std::string what = rest.empty() || rest.front().starts_with('-') ? "" : rest.front();
  if (!what.empty()) rest.erase(rest.begin());
  Options options(terminal, "exchange");
  options.flag("once").flag("metrics").flag("alarm").value("resend-ms", "MS");
  options.value("package").value("to", "PEER").value("purpose").value("lane").value("inspection", "HEX");
  options.value("wish", "look|full_image|raw_data|scan_again").value("identifier", "NUMBER");
  options.value("request", "ID").value("granted", "yes|no").value("verdict", "release|hold|inspect");
  options.value("reason", "WORD").value("note", "TEXT").positional("config");
  options.value("out", "FOLDER").value("site", "NAME").value("days", "N");
  options.usage("run|send|status|ask|reply|decide|answers FILE, keys");
  auto parsed = options.parse(rest);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  if (what == "keys") return make_keys(terminal, options);
  using Verb = int (*)(const Terminal&, const Options&, const host::ExchangeConfig&);
  constexpr std::pair<std::string_view, Verb> verbs[] = {{"run", run},
                                                         {"send", send},
                                                         {"status", status},
                                                         {"ask", ask_peer},
                                                         {"reply", reply_to_peer},
                                                         {"decide", decide_for_peer},
                                                         {"answers", list_answers}};
  for (const auto& [name, verb] : verbs) {
    if (name != what || !options.has("config")) continue;
    const auto config = host::load_exchange(options.get("config"), terminal.language);
    return config ? verb(terminal, options, *config) : fail(terminal, config.error());
  }
  return fail(terminal, usage_error("cli.exchange_usage", {}));
}

}  // namespace garita::cli
