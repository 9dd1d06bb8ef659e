// garita-conform: is this driver right?
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>

#include "conformance/runner/selftest_mechanical.hpp"
#include "conformance/runner/bundle_commands.hpp"
#include "conformance/runner/catalogue_page.hpp"
#include "conformance/runner/certify.hpp"
#include "conformance/runner/evidence.hpp"
#include "conformance/runner/machine.hpp"
#include "conformance/runner/people.hpp"
#include "conformance/runner/quality.hpp"
#include "conformance/runner/run.hpp"
#include "conformance/runner/scratch.hpp"
#include "conformance/runner/selftest.hpp"
#include "conformance/runner/twin_command.hpp"

namespace garita::conformance {
namespace {

int list(const Terminal& terminal, const Options& options) {
  const Catalogue& catalogue = Catalogue::built_in();
  if (options.capabilities) return terminal.out << capability_table(catalogue, terminal.language), 0;
  const auto scratch = Scratch::make();
  if (!scratch) return fail(terminal, scratch.error());
  const auto all = list_rules(scratch->path());
  if (!all) return fail(terminal, all.error());
  Selection selection;
  selection.filter = options.filter;
  selection.level = options.level != 0 ? options.level : max_level;
  selection.any_profile = options.profile.empty();
  selection.profiles = {options.profile};
  const std::vector<RuleInfo> rules = select(*all, catalogue, selection);
  if (options.json)
    terminal.out << requirement_json(rules, catalogue);
  else if (options.markdown)
    terminal.out << requirement_page(*all, catalogue, terminal.language);
  else
    terminal.out << requirement_table(rules, catalogue, terminal.language);
  return 0;
}

int run(const Terminal& terminal, const Options& options) {
  std::vector<RunObserver*> observers;
  PeoplePrinter people(terminal, options);
  JsonLines lines(terminal.out, terminal.language, options);
  observers.push_back(options.json ? static_cast<RunObserver*>(&lines) : &people);
  std::ofstream file;
  JsonLines to_file(file, terminal.language, options);
  if (!options.out.empty()) {
    file.open(options.out, std::ios::binary | std::ios::trunc);
    if (!file)
      return fail(terminal, {base::Outcome::usage, "base.file_denied", {{"path", options.out.string()}}});
    observers.push_back(&to_file);
  }
  JUnit junit(options.junit, terminal.language, options);
  if (!options.junit.empty()) observers.push_back(&junit);
  std::optional<base::SigningKey> key;
  if (!options.sign_key.empty()) {
    auto loaded = base::SigningKey::load(options.sign_key);
    if (!loaded) return fail(terminal, loaded.error());
    key = std::move(*loaded);
  }
  EvidenceFile evidence(options, key ? &*key : nullptr);
  if (!options.evidence.empty()) observers.push_back(&evidence);
  const auto total = run_rules(terminal, options, observers);
  if (!total) return fail(terminal, total.error());
  if (!junit.written()) return fail(terminal, junit.written().error());
  if (!evidence.written()) return fail(terminal, evidence.written().error());
  return total->exit_code();
}

base::Result<void> take_language(Terminal& terminal, std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool apart = arguments[i] == "--lang";
    if (!apart && !arguments[i].starts_with("--lang=")) continue;
    const std::string name =
        apart ? (i + 1 < arguments.size() ? arguments[i + 1] : "") : arguments[i].substr(7);
    const auto language = base::language_of(name);
    if (!language)
      return base::Error{base::Outcome::usage, "conform.bad_option", {{"option", "--lang " + name}}};
    terminal.language = *language;
    const auto first = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    arguments.erase(first, first + (apart ? 2 : 1));
    break;
  }
  return {};
}

int go(std::vector<std::string> arguments) {
  Terminal terminal{.language = base::language_from_environment(), .out = std::cout, .err = std::cerr};
  terminal.out_is_tty = isatty(STDOUT_FILENO) != 0;
  const char* no_colour = std::getenv("NO_COLOR");
  terminal.colour = terminal.out_is_tty && !(no_colour && *no_colour);
  if (auto taken = take_language(terminal, arguments); !taken) return fail(terminal, taken.error());
  const std::string command = arguments.empty() ? "" : arguments.front();
  if (command.empty() || command == "help" || command == "--help" || command == "-h") {
    (command.empty() ? terminal.err : terminal.out) << terminal.text("conform.usage") << '\n';
    return command.empty() ? static_cast<int>(base::Outcome::usage) : 0;
  }
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (command == "verify") return verify_bundle(terminal, rest);
  if (command == "certify") return certify(terminal, rest);
  if (command == "report") return report_run(terminal, rest);
  if (command == "twin") return make_twin(terminal, rest);
  if (command == "selftest" && mechanical::is_asked_for(rest)) return mechanical::selftest(terminal, rest);
  if (command == "selftest") return selftest(terminal, rest);
  if (command == "quality") return measure_quality(terminal, {arguments.begin() + 1, arguments.end()});
  if (command != "run" && command != "list")
    return fail(terminal, {base::Outcome::usage, "conform.unknown_command", {{"given", command}}});
  const auto options = parse_options(terminal, command, rest);
  if (!options) return fail(terminal, options.error());
  if (options->help) return 0;
  return command == "list" ? list(terminal, *options) : run(terminal, *options);
}

}  // namespace
}  // namespace garita::conformance

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  return garita::conformance::go({argv + 1, argv + argc});
}
