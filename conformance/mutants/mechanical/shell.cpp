#include "conformance/mutants/mechanical/shell.hpp"

#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace garita::conformance::mechanical {

namespace {

constexpr size_t most_bytes = 64u << 20;

// The next line without its end; false at the end of everything.
bool next_line(FILE* pipe, size_t& taken, std::string& line) {
  line.clear();
  int c = 0;
  while ((c = std::fgetc(pipe)) != EOF && c != '\n')
    if (++taken <= most_bytes) line += static_cast<char>(c);
  return c != EOF || !line.empty();
}

Ran run_shell(const std::string& text, const std::function<void(const std::string&)>& look) {
  Ran own;
  FILE* const pipe = ::popen(text.c_str(), "re");
  if (!pipe) return own;
  size_t taken = 0;
  for (std::string line; next_line(pipe, taken, line); look(own.lines.back())) own.lines.push_back(line);
  const int status = ::pclose(pipe);
  own.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return own;
}

}  // namespace

Ran run(const std::string& command) {
  return run_shell("{ " + command + "\n} 2>/dev/null </dev/null", [](const std::string&) {});
}

Ran run_until(const std::string& command, const std::function<bool(const std::string&)>& enough) {
  const std::string mark = "\001process ";  // stands before the number; what that one gets it hands on
  pid_t timeout = 0;
  bool is_enough = false;
  Ran own = run_shell("{ " + command + " & printf '\\001process %d\\n' $!; wait $!; } 2>/dev/null </dev/null",
                      [&](const std::string& line) {  // the number may come after lines of the program
                        if (line.starts_with(mark))
                          timeout = static_cast<pid_t>(std::atol(line.c_str() + mark.size()));
                        else if (!is_enough)
                          is_enough = enough(line);
                        if (is_enough && timeout > 0) ::kill(std::exchange(timeout, -1), SIGTERM);
                      });
  std::erase_if(own.lines, [&](const std::string& line) { return line.starts_with(mark); });
  return own;
}

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text + "'";
}

}  // namespace garita::conformance::mechanical
