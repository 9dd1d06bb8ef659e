// Debian's nats-server with JetStream on its disk, at one port for all its lives.
#pragma once

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "core/base/testing/free_port.hpp"

extern char** environ;

namespace garita::exchange::testing {

using base::testing::free_port;

class NatsServer {
 public:
  static constexpr const char* program = "/usr/sbin/nats-server";
  static bool installed() { return std::filesystem::exists(program); }

  explicit NatsServer(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    start();
  }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;
  ~NatsServer() { kill(); }

  uint16_t port() const { return port_; }
  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }

  // Returns when it answers, or after ten seconds.
  void start() {
    const std::string config = folder_ / "server.conf", log = folder_ / "server.log";
    std::ofstream(config) << "listen: \"127.0.0.1:" << port_ << "\"\njetstream { store_dir: \""
                          << (folder_ / "store").string() << "\", max_file_store: 40GB }\n";
    const char* words[] = {"/usr/bin/setpriv", "--pdeathsig", "KILL",      program, "-c",
                           config.c_str(),     "-l",          log.c_str(), nullptr};  // it goes when we go
    if (::posix_spawn(&child_, words[0], nullptr, nullptr, const_cast<char**>(words), environ) != 0) return;
    for (int i = 0; i < 1'000 && !answers(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  void kill() {
    if (child_ <= 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

 private:
  bool answers() const {
    const int end = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    const bool there = ::connect(end, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(end);
    return there;
  }

  const std::filesystem::path folder_;
  const uint16_t port_ = free_port();
  pid_t child_ = -1;
};

}  // namespace garita::exchange::testing
