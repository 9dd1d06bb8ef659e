// garita-sim NAME [options]: a scanner that isn't there, on a real socket.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

constexpr const Simulator* simulators[] = {&portal_simulator, &nuctech_simulator, &leidos_simulator, &vm250_simulator,
                                           &rapiscan_simulator, &astrophysics_simulator, &fleet_simulator};

// --lang XX anywhere before the rest wins over the environment.
base::Language take_language(std::vector<std::string>& arguments) {
  for (size_t i = 0; i + 1 < arguments.size(); ++i) {
    if (arguments[i] != "--lang") continue;
    const auto language = base::language_of(arguments[i + 1]);
    if (!language) continue;
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i),
                    arguments.begin() + static_cast<std::ptrdiff_t>(i) + 2);
    return *language;
  }
  return base::language_from_environment();
}

// --given likewise is of all simulators.
base::Result<void> take_given(std::vector<std::string>& arguments) {
  const auto found = std::find(arguments.begin(), arguments.end(), "--given");
  if (found == arguments.end() || std::next(found) == arguments.end()) return {};
  GARITA_TRY_ASSIGN(own, parse_given(*std::next(found)));
  given() = std::move(own);
  arguments.erase(found, std::next(found, 2));
  return {};
}

int fail(const base::Error& error, base::Language language) {
  std::fprintf(stderr, "garita-sim: %s\n", base::render(error, language).c_str());
  return static_cast<int>(error.outcome);
}

void print_help(base::Language language) {
  std::printf("%s\n\n", base::text(language, "sim.usage").c_str());
  for (const Simulator* simulator : simulators)
    std::printf("  %-10s %s\n", std::string(simulator->name).c_str(),
                base::text(language, simulator->help_id).c_str());
  std::printf("\n  --given NAME=TEXT,…  %s\n", base::text(language, "sim.option_given").c_str());
}

int run(std::vector<std::string> arguments) {
  const base::Language language = take_language(arguments);
  if (const auto taken = take_given(arguments); !taken) return fail(taken.error(), language);
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
    print_help(language);
    return arguments.empty() ? static_cast<int>(base::Outcome::usage) : 0;
  }
  for (const Simulator* simulator : simulators) {
    if (arguments[0] != simulator->name) continue;
    const auto result = simulator->run({arguments.begin() + 1, arguments.end()}, language);
    if (result) return 0;
    return fail(result.error(), language);
  }
  const base::Field name{"name", arguments[0]};
  std::fprintf(stderr, "garita-sim: %s\n", base::text(language, "sim.unknown_simulator", {&name, 1}).c_str());
  return static_cast<int>(base::Outcome::usage);
}

}  // namespace
}  // namespace garita::sim

int main(int argc, char** argv) { return garita::sim::run({argv + 1, argv + argc}); }
