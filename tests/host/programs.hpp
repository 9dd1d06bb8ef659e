// The real programs as children of a test, and what they started in turn.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

extern char** environ;

namespace garita::host::testing {

// Empty where it cannot be read, also where the process that it tells of ends meanwhile.
inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// words[0] is a path; standard output and error go to files, which are made anew.
inline pid_t start_program(std::vector<std::string> words, const std::string& out, const std::string& err) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  pid_t child = -1;
  EXPECT_EQ(::posix_spawn(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ), 0) << words[0];
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

// Exit code; 128 + signal where it was killed.
inline int wait_for(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Processes that descend from `ancestor` and run a driver; none where there is no such one now.
inline std::vector<pid_t> workers_of(pid_t ancestor) {
  std::map<pid_t, pid_t> parents;
  std::vector<pid_t> running_drivers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); })) continue;
    const std::string line = text_of(entry.path() / "stat"), words = text_of(entry.path() / "cmdline");
    const size_t end = line.rfind(')');
    if (end == std::string::npos) continue;
    char state = 0;
    pid_t parent = 0;
    std::istringstream(line.substr(end + 1)) >> state >> parent;
    parents[std::stoi(name)] = parent;
    if (state != 'Z' && words.find("--worker") != std::string::npos) running_drivers.push_back(std::stoi(name));
  }
  std::erase_if(running_drivers, [&](pid_t process) {
    for (int generation = 0; generation < 16 && process > 1; ++generation)
      if (process = parents[process]; process == ancestor) return false;
    return true;
  });
  return running_drivers;
}

}  // namespace garita::host::testing
