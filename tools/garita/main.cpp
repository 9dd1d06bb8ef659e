// garita: one program, one command a file.
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "core/base/private_memory.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/exchange.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {
namespace {

struct Command {
  std::string_view name;
  int (*run)(const Terminal&, const Arguments&);
};

constexpr Command commands[] = {
    {"drivers", drivers_command}, {"scan", scan_command},     {"show", show_command},
    {"view", view_command},       {"verify", verify_command}, {"export", export_command},
    {"find", find_command},           {"decide", decide_command},
    {"finding", finding_command},     {"correct", correct_command},
    {"catalog", catalog_command},
    {"quarantine", quarantine_command},
    {"run", run_command},             {"driver", driver_command},
    {"config", config_command},       {"calibrate", calibrate_command},
    {"new-driver", new_driver_command}, {"trust", trust_command},
    {"policy", policy_command},       {"audit", audit_command},
    {"exchange", exchange_command},   {"fleet", fleet_command},
};

// Takes --lang and --json out of the arguments, wherever they stand.
base::Result<void> take_common(Terminal& terminal, Arguments& arguments) {
  Arguments rest;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "--json") {
      terminal.json = true;
    } else if (argument == "--lang" || argument.starts_with("--lang=")) {
      const bool apart = argument == "--lang";
      const std::string name = apart ? (i + 1 < arguments.size() ? arguments[++i] : "") : std::string(argument.substr(7));
      const auto language = base::language_of(name);
      if (!language) return usage_error("cli.bad_language", {{"given", name}});
      terminal.language = *language;
    } else {
      rest.push_back(arguments[i]);
    }
  }
  arguments = std::move(rest);
  return {};
}

int help(const Terminal& terminal, std::ostream& out) {
  out << terminal.text("cli.about") << "\n\n";
  for (const Command& command : commands)
    out << "  garita " << padded(command.name, 12) << terminal.text(about_id(command.name)) << '\n';
  out << '\n' << terminal.text("cli.more_help") << '\n';
  return 0;
}

// What was scanned lies in the memory of nearly every command, so it is kept private for all of them; but for a
// driver that its author runs inside this very process, to look into it with a debugger or at a core dump.
base::Result<void> keep_private(const Arguments& arguments) {
  const bool debugged = std::ranges::find(arguments, "--in-process-unsafe") != arguments.end();
  if (debugged || base::keep_memory_private()) return {};
  return base::Error{base::Outcome::not_loaded, "base.memory_exposed", {}, 0};
}

int run(Arguments arguments) {
  Terminal terminal{.language = base::language_from_environment(), .out = std::cout, .err = std::cerr};
  terminal.out_is_tty = isatty(STDOUT_FILENO) != 0;
  const char* no_colour = std::getenv("NO_COLOR");
  terminal.colour = terminal.out_is_tty && !(no_colour && *no_colour);
  if (auto taken = take_common(terminal, arguments); !taken) return fail(terminal, taken.error());
  if (arguments.empty()) {
    help(terminal, terminal.err);
    return 2;
  }
  if (auto kept = keep_private(arguments); !kept) return fail(terminal, kept.error());
  const std::string name = arguments.front();
  if (name == "help" || name == "--help" || name == "-h") return help(terminal, terminal.out);
  for (const Command& command : commands)
    if (command.name == name) return command.run(terminal, Arguments(arguments.begin() + 1, arguments.end()));
  return fail(terminal, usage_error("cli.unknown_command", {{"given", name}}));
}

}  // namespace
}  // namespace garita::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  return garita::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
