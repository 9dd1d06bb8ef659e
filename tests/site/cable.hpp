// A cable between a host and a device that listens: it can be pulled at any moment, and be put back.
//
//   host ──> Cable::port() ── one thread, bytes as they come ──> device's port
//
// Pulled: every connection is reset in the middle of whatever was under way, and a new one is refused at
// once.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <list>
#include <string>
#include <thread>
#include <vector>

namespace garita::host::testing {

class Cable {
 public:
  explicit Cable(uint16_t device_port) : device_port_(device_port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    good_ = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
            ::listen(listener_, 8) == 0 &&
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { work(); });
  }
  Cable(const Cable&) = delete;
  Cable& operator=(const Cable&) = delete;
  ~Cable() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }

  bool good() const { return good_; }
  std::string port() const { return std::to_string(port_); }
  void pull() { pulled_ = true; }
  void put_back() { pulled_ = false; }
  int cut() const { return cut_; }  // connections that ended by it

 private:
  // Two sockets, and what was read from one and is still to be written to the other.
  struct Line {
    std::array<int, 2> ends{-1, -1};
    std::array<std::string, 2> pending;  // [i]: to ends[i]
    std::array<bool, 2> ended{};         // [i]: ends[i] sends no more
    bool over() const { return ended[0] && ended[1] && pending[0].empty() && pending[1].empty(); }
  };
  static constexpr size_t most_pending = 1u << 20;

  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  void work() {
    while (!stop_) {
      if (pulled_) cut_all();
      std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
      for (const Line& line : lines_)
        for (size_t i = 0; i < 2; ++i) wanted.push_back({line.ends[i], wishes(line, i), 0});
      if (::poll(wanted.data(), wanted.size(), 20) <= 0) continue;
      size_t at = 1;
      for (Line& line : lines_)
        for (size_t i = 0; i < 2; ++i) move_bytes(line, i, wanted[at++].revents);
      if (wanted[0].revents & POLLIN) take_in();
      std::erase_if(lines_, [](const Line& line) { return line.over() && (close_ends(line), true); });
    }
    cut_all();
  }

  static short wishes(const Line& line, size_t i) {
    const bool reads = !line.ended[i] && line.pending[1 - i].size() < most_pending;
    return static_cast<short>((reads ? POLLIN : 0) | (line.pending[i].empty() ? 0 : POLLOUT));
  }

  // What ends[i] has to say goes to the other; what waits for it goes out. An end is passed on as an end.
  static void move_bytes(Line& line, size_t i, short events) {
    if (!line.ended[i] && (events & (POLLIN | POLLHUP | POLLERR))) {
      char buffer[65536];
      const ssize_t size = ::recv(line.ends[i], buffer, sizeof buffer, MSG_DONTWAIT);
      if (size > 0) line.pending[1 - i].append(buffer, static_cast<size_t>(size));
      if (size == 0) line.ended[i] = true;
      if (size < 0 && errno != EAGAIN) line.ended = {true, true}, line.pending = {};
    }
    std::string& out = line.pending[i];
    if (!out.empty() && (events & POLLOUT)) {
      const ssize_t size = ::send(line.ends[i], out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (size > 0) out.erase(0, static_cast<size_t>(size));
      if (size < 0 && errno != EAGAIN) line.ended = {true, true}, line.pending = {};
    }
    if (line.ended[1 - i] && out.empty()) ::shutdown(line.ends[i], SHUT_WR);
  }

  void take_in() {
    Line line;
    line.ends[0] = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (line.ends[0] < 0) return;
    line.ends[1] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in device = loopback(device_port_);
    const bool there =
        !pulled_ && ::connect(line.ends[1], reinterpret_cast<const sockaddr*>(&device), sizeof device) == 0;
    if (there)
      lines_.push_back(std::move(line));
    else
      reset(line);
  }

  void cut_all() {
    cut_ += static_cast<int>(lines_.size());
    for (const Line& line : lines_) reset(line);
    lines_.clear();
  }

  static void reset(const Line& line) {
    const linger at_once{1, 0};
    for (const int end : line.ends) ::setsockopt(end, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close_ends(line);
  }
  static void close_ends(const Line& line) {
    for (const int end : line.ends) ::close(end);
  }

  const uint16_t device_port_;
  int listener_ = -1;
  uint16_t port_ = 0;
  bool good_ = false;
  std::list<Line> lines_;  // the thread's
  std::atomic<bool> stop_{false}, pulled_{false};
  std::atomic<int> cut_{0};
  std::thread thread_;
};

}  // namespace garita::host::testing
