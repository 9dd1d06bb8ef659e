// conform.smoke_s    seconds of `garita-conform run --smoke` on the shipped portal driver, inputs from
// conform.toml conform.level3_s   seconds of all rules on it, two at a time, with the object that its level 3
// needs
//
// Both as a vendor waits for them: from the command to its last line, the recording of the inputs included. A
// run that does not pass is no figure: the program says so and writes no row.
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "tests/bench/common/results.hpp"

namespace garita::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<double> seconds_of(const std::string& options) {
  const std::string command = GARITA_BIN_DIR "/garita-conform run " + options +
                              " --driver " GARITA_DRIVER_DIR
                              "/portal/portal.garita.json --input " GARITA_SOURCE_DIR
                              "/drivers/portal/conform.toml >&2";
  const auto begun = Clock::now();
  const int status = std::system(command.c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return std::chrono::duration<double>(Clock::now() - begun).count();
  std::fprintf(stderr, "bench_conform: the portal driver did not pass (%s), so there is no figure\n",
               options.c_str());
  return std::nullopt;
}

void measure(const char* name, const std::string& options, double target_s, std::vector<Row>& rows) {
  if (const auto seconds = seconds_of(options))
    rows.push_back({name, *seconds, "s", target_s, Direction::at_most, *seconds, std::nullopt});
}

int run(const Arguments& arguments) {
  const std::string only = arguments.value("only");
  std::vector<Row> rows;
  if (only.empty() || only == "smoke") measure("conform.smoke_s", "--smoke", 60, rows);
  if (only.empty() || only == "level3")
    measure("conform.level3_s",
            "--level 3 --jobs 2 --object " GARITA_SOURCE_DIR "/drivers/portal/recording.toml", 600, rows);
  const int code = report(arguments, rows);
  return rows.empty() ? 1 : code;
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv, {"only"})); }
