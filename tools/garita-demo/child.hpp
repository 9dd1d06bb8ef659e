// A program started by the demo: its output is read line by line; it is ended when the object goes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace garita::demo {

class Child {
 public:
  using Line = std::function<void(const std::string&)>;  // called on a thread of its own

  // arguments[0] is the program's path; standard error goes to `log`. Started with posix_spawn.
  Child(const std::vector<std::string>& arguments, const std::filesystem::path& log, Line line);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // SIGTERM, then waits

  bool started() const { return pid_ > 0; }
  int wait();  // exit code; 128 + signal where it was killed; -1 where it never started

 private:
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::thread reader_;
};

}  // namespace garita::demo
