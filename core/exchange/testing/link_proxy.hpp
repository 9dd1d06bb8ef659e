// A line between two sites that can be as bad as a real one: slow, far, cut in the middle of a message, dead
// for a while.
//
//   site ──> LinkProxy::port() ── one thread ──> the other site's port
//
// Every connection ends by a reset after a number of bytes that the seed decides, where `cut_after_bytes`
// says so; of what was under way then, some arrives and some does not. It can keep a copy of all that it
// carries, as somebody on the way would.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <deque>
#include <limits>
#include <list>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace garita::exchange::testing {

struct LineFaults {
  uint64_t bytes_per_second = 0;  // 0: as fast as it goes
  uint32_t delay_ms = 0;          // one way
  uint64_t cut_after_bytes = 0;   // about; 0: never
  uint64_t cut_first_at = 0;  // the first connection alone, after so many bytes of both directions; 0: never
  bool listens_in = false;    // captured() has all that went by
};

class LinkProxy {
 public:
  LinkProxy(uint16_t to, LineFaults faults, uint64_t seed) : to_(to), faults_(faults), random_(seed) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    good_ = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
            ::listen(listener_, 8) == 0 &&
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { work(); });
  }
  LinkProxy(const LinkProxy&) = delete;
  LinkProxy& operator=(const LinkProxy&) = delete;
  ~LinkProxy() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }

  bool good() const { return good_; }
  uint16_t port() const { return port_; }
  uint64_t cuts() const { return cuts_; }
  uint64_t carried_bytes() const { return carried_; }
  std::string captured() const {
    const std::lock_guard lock(mutex_);
    return captured_;
  }
  void cut_now() { cut_now_ = true; }
  void set_dead(bool dead) { dead_ = dead; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Piece {
    Time due;
    std::string bytes;
  };
  struct Line {
    std::array<int, 2> ends{-1, -1};
    std::array<std::deque<Piece>, 2> pending;  // [i]: to ends[i]
    std::array<size_t, 2> pending_bytes{};
    std::array<Time, 2> free_at{};  // when the line towards ends[i] has room again
    uint64_t left = 0;              // bytes until it is cut
    bool over = false;
  };
  static constexpr size_t most_pending = 256u << 10;

  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }

  void work() {
    while (!stop_) {
      if (cut_now_.exchange(false) || dead_) cut_all();
      wait();
      take_in();
      for (Line& line : lines_)
        for (size_t i = 0; i < 2 && !line.over; ++i) read(line, i), write(line, i);
      std::erase_if(lines_, [&](const Line& line) { return line.over && (reset(line), true); });
    }
    cut_all();
  }

  void wait() {
    std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
    int wait_ms = 20;
    const Time now = std::chrono::steady_clock::now();
    for (const Line& line : lines_)
      for (size_t i = 0; i < 2; ++i) {
        const bool due = !line.pending[i].empty() && line.pending[i].front().due <= now;
        if (!line.pending[i].empty() && !due) wait_ms = 1;
        const bool reads = line.pending_bytes[1 - i] < most_pending;
        wanted.push_back({line.ends[i], static_cast<short>((reads ? POLLIN : 0) | (due ? POLLOUT : 0)), 0});
      }
    ::poll(wanted.data(), wanted.size(), wait_ms);
  }

  void read(Line& line, size_t from) {
    if (line.pending_bytes[1 - from] >= most_pending) return;
    char buffer[16 << 10];
    const ssize_t size = ::recv(line.ends[from], buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) {
      line.over = true;
      return;
    }
    auto bytes = static_cast<uint64_t>(size);
    if (bytes >= line.left) {  // some of it goes on, and that was all
      line.over = true;
      ++cuts_;
      (void)::send(line.ends[1 - from], buffer, line.left / 2, MSG_NOSIGNAL | MSG_DONTWAIT);
      return;
    }
    line.left -= bytes;
    if (faults_.listens_in) {
      const std::lock_guard lock(mutex_);
      captured_.append(buffer, bytes);
    }
    queue(line, 1 - from, std::string(buffer, bytes));
  }

  void queue(Line& line, size_t to, std::string bytes) {
    Time& free_at = line.free_at[to];
    free_at = std::max(free_at, std::chrono::steady_clock::now());
    if (faults_.bytes_per_second > 0)
      free_at += std::chrono::nanoseconds(bytes.size() * 1'000'000'000 / faults_.bytes_per_second);
    line.pending_bytes[to] += bytes.size();
    line.pending[to].push_back({free_at + std::chrono::milliseconds(faults_.delay_ms), std::move(bytes)});
  }

  void write(Line& line, size_t to) {
    const Time now = std::chrono::steady_clock::now();
    while (!line.pending[to].empty() && line.pending[to].front().due <= now) {
      std::string& bytes = line.pending[to].front().bytes;
      const ssize_t size = ::send(line.ends[to], bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (size < 0) {
        line.over = true;
        return;
      }
      carried_ += static_cast<uint64_t>(size);
      line.pending_bytes[to] -= static_cast<size_t>(size);
      bytes.erase(0, static_cast<size_t>(size));
      if (bytes.empty()) line.pending[to].pop_front();
    }
  }

  void take_in() {
    const int end = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (end < 0) return;
    Line line;
    line.ends = {end, ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const bool is_first = std::exchange(is_first_, false);
    line.left = is_first && faults_.cut_first_at ? faults_.cut_first_at
                : faults_.cut_after_bytes ? faults_.cut_after_bytes / 2 + random_() % faults_.cut_after_bytes
                                          : std::numeric_limits<uint64_t>::max();
    const sockaddr_in site = loopback(to_);
    const bool there =
        !dead_ && ::connect(line.ends[1], reinterpret_cast<const sockaddr*>(&site), sizeof site) == 0;
    if (there)
      lines_.push_back(std::move(line));
    else
      reset(line);
  }

  void cut_all() {
    cuts_ += lines_.size();
    for (const Line& line : lines_) reset(line);
    lines_.clear();
  }
  static void reset(const Line& line) {
    const linger at_once{1, 0};
    for (const int end : line.ends) {
      ::setsockopt(end, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(end);
    }
  }

  const uint16_t to_;
  const LineFaults faults_;
  std::mt19937_64 random_;  // the thread's
  bool is_first_ = true;    // the thread's
  int listener_ = -1;
  uint16_t port_ = 0;
  bool good_ = false;
  std::list<Line> lines_;  // the thread's
  std::atomic<bool> stop_{false}, cut_now_{false}, dead_{false};
  std::atomic<uint64_t> cuts_{0}, carried_{0};
  mutable std::mutex mutex_;
  std::string captured_;  // guarded
  std::thread thread_;
};

}  // namespace garita::exchange::testing
