#include "tools/garita-demo/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

extern char** environ;

namespace garita::demo {
namespace {

void read_lines(int descriptor, const Child::Line& line) {
  std::string pending;
  char buffer[4096];
  for (ssize_t n; (n = read(descriptor, buffer, sizeof buffer)) > 0;) {
    pending.append(buffer, static_cast<size_t>(n));
    for (size_t end; (end = pending.find('\n')) != std::string::npos; pending.erase(0, end + 1))
      line(pending.substr(0, end));
  }
  close(descriptor);
}

}  // namespace

Child::Child(const std::vector<std::string>& arguments, const std::filesystem::path& log, Line line) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  if (posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  reader_ = std::thread(read_lines, ends[0], std::move(line));
}

int Child::wait() {
  if (pid_ > 0) {
    int status = 0;
    if (waitpid(pid_, &status, 0) == pid_)
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    pid_ = -1;
  }
  if (reader_.joinable()) reader_.join();
  return exit_code_;
}

Child::~Child() {
  if (pid_ > 0) kill(pid_, SIGTERM);
  wait();
}

}  // namespace garita::demo
