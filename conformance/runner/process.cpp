#include "conformance/runner/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <set>
#include <utility>

namespace garita::conformance {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A sanitizer reserves terabytes of address space.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool sanitized = false;
#endif

constexpr int no_exec_code = 127;
constexpr milliseconds residue_grace{3000};  // what dies by itself when its parent is gone has died by then
constexpr size_t max_message_bytes = 60 * 1024;

double ms_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

void set_limit(__rlimit_resource resource, uint64_t value) {
  const rlimit limit{value, value};
  setrlimit(resource, &limit);
}

// In the new process. Never returns.
[[noreturn]] void become(const std::vector<std::string>& arguments, const std::filesystem::path& output,
                         const ProcessLimits& limits, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(no_exec_code);
  set_limit(RLIMIT_CORE, 0);
  if (limits.cpu_s != 0) set_limit(RLIMIT_CPU, limits.cpu_s);
  if (limits.memory_bytes != 0 && !sanitized) set_limit(RLIMIT_AS, limits.memory_bytes);
  const int nothing = open("/dev/null", O_RDONLY),
            out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  if (nothing < 0 || out < 0) _exit(no_exec_code);
  dup2(nothing, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0u, 0);
  std::vector<char*> argv;
  for (const std::string& each : arguments) argv.push_back(const_cast<char*>(each.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(no_exec_code);
}

std::vector<pid_t> own_children() {
  std::ifstream list("/proc/self/task/" + std::to_string(getpid()) + "/children");
  std::vector<pid_t> found;
  for (pid_t pid = 0; list >> pid;) found.push_back(pid);
  return found;
}

// True: there is none any more.
bool reap() {
  for (;;) {
    const pid_t gone = waitpid(-1, nullptr, WNOHANG);
    if (gone == 0) return false;
    if (gone < 0) return errno == ECHILD;
  }
}

bool reap_within(milliseconds patience) {
  for (const auto until = Clock::now() + patience; !reap();) {
    if (Clock::now() >= until) return false;
    poll(nullptr, 0, 2);
  }
  return true;
}

void kill_all_children() {
  while (!reap()) {
    for (const pid_t pid : own_children()) kill(pid, SIGKILL);
    poll(nullptr, 0, 2);
  }
}

std::string name_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::set<std::string> shared_memory() {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", error)) {
    struct stat status {};
    if (lstat(entry.path().c_str(), &status) == 0 && status.st_uid == geteuid()) names.insert(entry.path());
  }
  return names;
}

// Whether some process still has it: then it is in use, perhaps by another program altogether.
bool is_held(const std::string& path) {
  std::error_code error;
  for (const auto& process : std::filesystem::directory_iterator("/proc", error)) {
    const std::string pid = process.path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream maps(process.path() / "maps");
    for (std::string line; std::getline(maps, line);)
      if (line.ends_with(path)) return true;
    std::error_code ignored;
    for (const auto& fd : std::filesystem::directory_iterator(process.path() / "fd", ignored))
      if (std::filesystem::read_symlink(fd.path(), ignored) == path) return true;
  }
  return false;
}

void look_for_residue(const std::set<std::string>& before, ProcessEnd& end) {
  if (!reap_within(residue_grace))
    for (const pid_t pid : own_children()) end.residue.push_back("process " + name_of(pid));
  for (const std::string& path : shared_memory())
    if (!before.contains(path) && !is_held(path)) end.residue.push_back(path);
}

// "how code ms\nresidue\nresidue\n"
std::string message_of(const ProcessEnd& end) {
  std::string text = std::to_string(static_cast<int>(end.how)) + ' ' + std::to_string(end.code) + ' ' +
                     std::to_string(end.ms) + '\n';
  for (const std::string& each : end.residue)
    if (text.size() + each.size() < max_message_bytes) text += each + '\n';
  return text;
}

// The keeper's whole life.
[[noreturn]] void keep(const std::vector<std::string>& arguments, const std::filesystem::path& output,
                       const ProcessLimits& limits, int result_fd, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  std::signal(SIGINT, SIG_IGN);  // of the terminal: the runner decides
  const auto before = shared_memory();
  const auto begun = Clock::now();
  ProcessEnd end;
  const pid_t keeper = getpid(), child = fork();
  if (child == 0) become(arguments, output, limits, keeper);
  if (child > 0) {
    setpgid(child, child);
    const int watch = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    pollfd waiting{watch, POLLIN, 0};
    int ready = 0;
    do ready = poll(&waiting, 1, static_cast<int>(limits.wall_ms));
    while (ready < 0 && errno == EINTR);
    if (ready != 1) kill(-child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    end.ms = ms_since(begun);
    end.how = ready != 1          ? ProcessEnd::How::timed_out
              : WIFEXITED(status) ? ProcessEnd::How::exited
                                  : ProcessEnd::How::signalled;
    end.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    if (end.how == ProcessEnd::How::exited) look_for_residue(before, end);
    kill(-child, SIGKILL);
    kill_all_children();
  }
  const std::string message = message_of(end);
  const bool told = write(result_fd, message.data(), message.size()) == static_cast<ssize_t>(message.size());
  _exit(told ? 0 : 1);
}

base::Error no_process(const std::string& program, int error) {
  return {base::Outcome::incomplete,
          "conform.no_process",
          {{"program", program}, {"reason", std::strerror(error)}}};
}

}  // namespace

base::Result<Running> Running::start(const std::vector<std::string>& arguments,
                                     const std::filesystem::path& output, const ProcessLimits& limits) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return no_process(arguments.front(), errno);
  const pid_t parent = getpid(), keeper = fork();
  if (keeper == 0) keep(arguments, output, limits, ends[1], parent);
  const int error = errno;
  close(ends[1]);
  if (keeper > 0) return Running(keeper, ends[0]);
  close(ends[0]);
  return no_process(arguments.front(), error);
}

Running::Running(Running&& other) noexcept
    : keeper_(std::exchange(other.keeper_, -1)), fd_(std::exchange(other.fd_, -1)) {}

Running& Running::operator=(Running&& other) noexcept {
  if (this == &other) return *this;
  stop();
  keeper_ = std::exchange(other.keeper_, -1);
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

Running::~Running() { stop(); }

void Running::stop() {
  if (keeper_ > 0) {
    kill(keeper_, SIGKILL);  // the program dies with it
    waitpid(keeper_, nullptr, 0);
  }
  if (fd_ >= 0) close(fd_);
  keeper_ = fd_ = -1;
}

ProcessEnd Running::wait() {
  std::string text;
  char part[4096];
  for (ssize_t n = 0; (n = read(fd_, part, sizeof part)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    text.append(part, static_cast<size_t>(n));
  }
  waitpid(keeper_, nullptr, 0);
  keeper_ = -1;
  stop();
  ProcessEnd end;
  int how = 0;
  if (std::sscanf(text.c_str(), "%d %d %lf", &how, &end.code, &end.ms) != 3) return end;
  end.how = static_cast<ProcessEnd::How>(how);
  if (end.how == ProcessEnd::How::exited && end.code == no_exec_code) end.how = ProcessEnd::How::not_started;
  for (size_t at = text.find('\n'); at != std::string::npos && at + 1 < text.size();) {
    const size_t next = text.find('\n', at + 1);
    end.residue.push_back(text.substr(at + 1, next - at - 1));
    at = next;
  }
  return end;
}

base::Result<Running> start_background(const std::vector<std::string>& arguments,
                                       const std::filesystem::path& output) {
  constexpr uint64_t hour_ms = 3'600'000;
  return Running::start(arguments, output, {.wall_ms = hour_ms});
}

std::string find_program(const std::string& name, const std::filesystem::path& folder) {
  if (name.find('/') != std::string::npos && name.front() == '/') return name;
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& place : {here / name, folder / name})
    if (access(place.c_str(), X_OK) == 0) return std::filesystem::absolute(place).string();
  return name;
}

}  // namespace garita::conformance
