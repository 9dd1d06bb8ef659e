// garita policy check FILE | explain FILE PACKAGE | redact FILE PACKAGE: what may go to whom, and what may
// come in.

#include "core/exchange/inbound/admission.hpp"
#include "core/exchange/policy/origin.hpp"
#include "core/exchange/policy/redacting.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"
#include "tools/garita/ordered_json.hpp"
#include "tools/garita/policy_inbound.hpp"

namespace garita::cli {
namespace {

// ---- check

int tell_problems(const Terminal& terminal, const std::vector<base::Error>& problems,
                  const std::string& path) {
  if (terminal.json) {
    Json all = Json::array();
    for (const base::Error& problem : problems)
      all.push_back({{"id", problem.id},
                     {"line", std::string(problem.field("line"))},
                     {"text", base::render(problem, terminal.language)}});
    terminal.out << dump({{"path", path}, {"problems", all}}) << '\n';
  } else {
    for (const base::Error& problem : problems)
      terminal.err << "garita: " << base::render(problem, terminal.language) << '\n';
    if (problems.empty()) terminal.out << terminal.text("cli.policy_good", {{"path", path}}) << '\n';
  }
  return problems.empty() ? 0 : 1;
}

int check_origin(const Terminal& terminal, const std::string& text, const std::string& path) {
  const auto keys = exchange::keys_read(text, path);
  if (!keys.ok()) return fail(terminal, keys.error());
  bool neutral = true;
  Json all = Json::array();
  for (const exchange::ReadKey& key : *keys) {
    neutral = neutral && !key.origin;
    all.push_back({{"key", key.key}, {"line", key.line}, {"origin", key.origin}});
    if (!terminal.json)
      terminal.out << terminal.text(key.origin ? "cli.policy_origin_key" : "cli.policy_neutral_key",
                                    {{"line", std::to_string(key.line)}, {"key", key.key}})
                   << '\n';
  }
  if (terminal.json)
    terminal.out << dump({{"path", path}, {"origin_neutral", neutral}, {"reads", all}}) << '\n';
  else
    terminal.out << terminal.text(neutral ? "cli.policy_neutral" : "cli.policy_not_neutral", {{"path", path}})
                 << '\n';
  return neutral ? 0 : 1;
}

int check(const Terminal& terminal, const Options& options, const std::string& path) {
  const auto text = base::read_text_file(path, exchange::max_policy_bytes);
  if (!text.ok()) return fail(terminal, text.error());
  if (options.has("origin-neutral")) return check_origin(terminal, *text, path);
  if (text->find(exchange::inbound_schema) != text->npos) {
    const auto read = exchange::parse_inbound(*text, path);
    const int code = tell_problems(terminal, read.problems, path);
    return code != 0 ? code : warn_of_trust(terminal, options, read.policy);
  }
  return tell_problems(terminal, exchange::parse_sharing(*text, path).problems, path);
}

// ---- explain

struct Purpose {
  std::string to, purpose;
};

base::Result<Purpose> purpose_of(const Options& options) {
  GARITA_TRY_ASSIGN(to, options.required("to"));
  GARITA_TRY_ASSIGN(purpose, options.required("purpose"));
  return Purpose{to, purpose};
}

void print_sharing(const Terminal& terminal, const std::vector<exchange::Explained>& lines) {
  Json all = Json::array();
  for (const exchange::Explained& line : lines) {
    const std::string why(exchange::word_of(line.decision.why));
    if (terminal.json) {
      all.push_back({{"kind", line.kind},
                     {"place", line.place},
                     {"class", line.of},
                     {"goes", line.decision.goes},
                     {"line", line.decision.line},
                     {"why", why}});
      continue;
    }
    terminal.out << padded(terminal.text(line.decision.goes ? "cli.policy_goes" : "cli.policy_stays"), 9)
                 << ' ' << padded(std::to_string(line.decision.line), 5) << ' '
                 << padded(base::printable(line.place), 46) << ' '
                 << padded(line.of.empty() ? line.kind : line.of, 13) << ' '
                 << terminal.text("exchange.why_" + why) << '\n';
  }
  if (terminal.json) terminal.out << dump(all) << '\n';
}

int explain_sharing(const Terminal& terminal, const Options& options, const std::string& policy_path,
                    const std::string& package_path) {
  const auto run = [&]() -> base::Result<void> {
    GARITA_TRY_ASSIGN(whom, purpose_of(options));
    GARITA_TRY_ASSIGN(policy, exchange::load_sharing(policy_path));
    GARITA_TRY_ASSIGN(reader, package::Reader::open(package_path));
    GARITA_TRY_ASSIGN(lines, exchange::explain(reader, policy, whom.to, whom.purpose));
    print_sharing(terminal, lines);
    return {};
  };
  const auto done = run();
  return done.ok() ? 0 : fail(terminal, done.error());
}

// ---- redact

int redact(const Terminal& terminal, const Options& options, const std::string& policy_path,
           const std::string& package_path) {
  const auto run = [&]() -> base::Result<void> {
    GARITA_TRY_ASSIGN(whom, purpose_of(options));
    GARITA_TRY_ASSIGN(out, options.required("out"));
    GARITA_TRY_ASSIGN(policy, exchange::load_sharing(policy_path));
    return exchange::redact_for(package_path, out, policy, whom.to, whom.purpose);
  };
  const auto done = run();
  return done.ok() ? 0 : fail(terminal, done.error());
}

}  // namespace

int policy_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "policy");
  options.positional("action", "check|explain|redact").positional("file").positional("package");
  options.flag("inbound")
      .flag("origin-neutral")
      .value("to", "NAME")
      .value("purpose", "NAME")
      .value("out", "FILE");
  options.list("authority", "NAME=KEY.pub").value("exchange", "CONFIG");
  options.usage("check FILE, explain FILE PACKAGE, redact FILE PACKAGE");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  const std::string action = options.get("action");
  auto file = options.required("file");
  if (!file) return fail(terminal, file.error());
  if (action == "check") return check(terminal, options, *file);
  // The policy is the site's own where only the package is named.
  if (action == "explain" && options.has("exchange"))
    return explain_inbound(terminal, options, options.has("package") ? *file : "",
                           options.get("package", *file));
  auto package = options.required("package");
  if (!package) return fail(terminal, package.error());
  if (action == "explain" && options.has("inbound"))
    return explain_inbound(terminal, options, *file, *package);
  if (action == "explain") return explain_sharing(terminal, options, *file, *package);
  if (action == "redact") return redact(terminal, options, *file, *package);
  return fail(terminal, usage_error("cli.policy_usage", {}));
}

}  // namespace garita::cli
