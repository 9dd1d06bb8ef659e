// Programs in whose memory scans lie leave no core: of each command as it ends, of some as they are killed.
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tests/cli/program.hpp"

namespace garita::cli_test {
namespace {

namespace fs = std::filesystem;

std::string core_limit(pid_t process) {
  std::ifstream limits("/proc/" + std::to_string(process) + "/limits");
  for (std::string line; std::getline(limits, line);)
    if (line.starts_with("Max core file size")) return line;
  return "";
}
// "0 0": soft and hard.
bool is_none(const std::string& line) {
  return line.size() > 26 && line.find_first_not_of(" 0bytes", 26) == line.npos;
}

class PrivateMemory : public Cli {
 protected:
  void SetUp() override { ASSERT_EQ(scan("--seed 3").exit_code, 0); }

  // Starts a program in a folder of its own, as a system would that keeps cores.
  pid_t start(const std::vector<std::string>& words, bool traced, int out) {
    const std::string program = words[0].starts_with('/') ? words[0] : GARITA_BIN_DIR "/" + words[0];
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::string where = folder.path().string();
    const pid_t child = fork();
    if (child != 0) return child;
    const rlimit any{RLIM_INFINITY, RLIM_INFINITY};
    const bool ready = chdir(where.c_str()) == 0 && setrlimit(RLIMIT_CORE, &any) == 0 &&
                       dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0 &&
                       setenv("ASAN_OPTIONS", "detect_leaks=0:handle_segv=0", 1) == 0 &&
                       (!traced || ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0);
    if (ready) execv(program.c_str(), arguments.data());
    _exit(97);
  }

  // The line of /proc/PID/limits when the program is about to end, whatever it did; "" where nothing may be
  // traced here.
  std::string limit_at_the_end(const std::vector<std::string>& words) {
    const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    const pid_t child = start(words, true, nowhere);
    int status = 0;
    std::string line;
    bool begun = false;
    while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
      if (!begun) ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL);
      if (status >> 16 == PTRACE_EVENT_EXIT) line = core_limit(child);
      const bool passes_on = begun && status >> 16 == 0;  // a signal of its own
      begun = true;
      ptrace(PTRACE_CONT, child, nullptr, passes_on ? WSTOPSIG(status) : 0);
    }
    close(nowhere);
    EXPECT_TRUE(WIFEXITED(status)) << words[1];
    return line;
  }

  size_t cores() const {
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(folder.path()))
      count += entry.path().filename().string().starts_with("core");
    return count;
  }
};

TEST_F(PrivateMemory, no_command_that_reads_scans_may_leave_a_core) {
  if (limit_at_the_end({"/bin/true"}).empty()) GTEST_SKIP() << "this system lets nobody trace a program";
  ASSERT_FALSE(is_none(limit_at_the_end({"/bin/true"}))) << "where nothing is done the limit is another";
  const std::string file = package();
  const std::vector<std::vector<std::string>> commands = {
      {"garita", "show", file},
      {"garita", "view", file, "--out", "x.png"},
      {"garita", "export", file, "--to", "npy", "--out", "e"},
      {"garita", "verify", file},
      {"garita", "find", "--state", "state"},
      {"garita", "exchange", "status", "exchange.toml"},
      {"garita", "policy", "explain", file, "--exchange", "exchange.toml"},
      {"garita", "run", "site.toml", "--state", "state"},
      {"garita", "scan", "--driver", "portal", "--out", "o"}};
  for (const auto& command : commands) {
    const std::string line = limit_at_the_end(command);
    EXPECT_TRUE(is_none(line)) << command[1] << ": " << line;
  }
}

TEST_F(PrivateMemory, driver_that_is_debugged_inside_the_host_keeps_its_core) {
  const std::string line =
      limit_at_the_end({"garita", "scan", "--driver", "portal", "--out", "o", "--in-process-unsafe"});
  if (line.empty()) GTEST_SKIP() << "this system lets nobody trace a program";
  EXPECT_FALSE(is_none(line)) << line;
}

TEST_F(PrivateMemory, program_that_crashes_with_a_scan_in_its_memory_leaves_no_core) {
  std::string pattern;
  std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
  if (pattern.empty() || pattern[0] == '/' || pattern[0] == '|')
    GTEST_SKIP() << "cores go elsewhere here: " << pattern;
  const auto crash = [&](const std::vector<std::string>& words) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 4096);  // nobody reads: it stands in the middle of what it prints
    const pid_t child = start(words, false, ends[1]);
    char first = 0;
    EXPECT_EQ(read(ends[0], &first, 1), 1);
    kill(child, SIGSEGV);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << words[0];
    close(ends[0]), close(ends[1]);
    return WCOREDUMP(status) || cores() > 0;
  };
  if (!crash({"/usr/bin/yes"})) GTEST_SKIP() << "not even a program that allows it leaves a core here";
  for (const auto& entry : fs::directory_iterator(folder.path()))
    if (entry.path().filename().string().starts_with("core")) fs::remove(entry.path());
  EXPECT_FALSE(crash({"garita", "show", package(), "--json"}));
}

}  // namespace
}  // namespace garita::cli_test
