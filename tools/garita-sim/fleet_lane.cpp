#include "tools/garita-sim/fleet_lane.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/base/clock.hpp"
#include "garita/event.h"
#include "garita/ext/stored.h"

namespace garita::sim {
namespace {

using namespace std::chrono_literals;

constexpr size_t enough_bytes = 256u << 10;  // queued for the host; more lines wait until it has taken some
constexpr auto heartbeat = 2s;

int64_t now_utc_ns() { return base::system_clock().utc_ns(); }

}  // namespace

FleetLane::FleetLane(std::string name, std::shared_ptr<const FleetTape> tape, LanePace pace,
                     Clock::time_point first)
    : name_(std::move(name)),
      tape_(std::move(tape)),
      pace_(pace),
      next_(first),
      run_(std::to_string(now_utc_ns() / 1'000'000)) {}

FleetLane::FleetLane(FleetLane&& other) noexcept
    : name_(std::move(other.name_)),
      tape_(std::move(other.tape_)),
      pace_(other.pace_),
      next_(other.next_),
      listener_(std::exchange(other.listener_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      port_(other.port_),
      run_(std::move(other.run_)) {}

FleetLane::~FleetLane() {
  for (const int descriptor : {listener_, socket_})
    if (descriptor >= 0) ::close(descriptor);
}

base::Result<void> FleetLane::listen(const std::string& host) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const bool good = listener_ >= 0 && ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) == 1 &&
                    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                    ::listen(listener_, 4) == 0 &&
                    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  port_ = ntohs(address.sin_port);
  if (good) return {};
  return base::Error{base::Outcome::usage,
                     "sim.cannot_listen",
                     {{"address", host + ":0"}, {"reason", std::strerror(errno)}}};
}

void FleetLane::step(Clock::time_point now) {
  if (socket_ < 0) accept();
  if (socket_ < 0) return;
  receive();
  if (started_ && !scanning_) {
    if (!again_.empty()) {
      begin_scan(again_.front(), now);
      again_.pop_front();
      ++again_count_;
    } else if (now >= next_ && (pace_.count == 0 || begun_ < pace_.count)) {
      next_ = std::max(next_ + pace_.period, now - pace_.period);  // late ones come at once, but not for ever
      pending_.push_back({name_ + '-' + run_ + '-' + std::to_string(++begun_), now_utc_ns()});
      begin_scan(pending_.back(), now);
    }
  }
  if (scanning_)
    go_on(now);
  else if (now - heard_ >= heartbeat)
    put(portal::Heartbeat{now_utc_ns()}), heard_ = now;
  flush();
}

void FleetLane::accept() {
  socket_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket_ < 0) return;
  started_ = scanning_ = false;
  sequence_ = 0;
  outgoing_.clear();
  incoming_.clear();
  out_at_ = 0;
  again_ = pending_;
  put(portal::Hello{portal::protocol_version, now_utc_ns(), 0, "Garita", "SP-6/4", name_, "fleet 1.0"});
  put(portal::Health{GARITA_HEALTH_READY, 0, now_utc_ns(), ""});
}

void FleetLane::unplug() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void FleetLane::receive() {
  std::byte buffer[4096];
  ssize_t size = 0;
  while (socket_ >= 0 && (size = ::recv(socket_, buffer, sizeof buffer, 0)) > 0)
    incoming_.insert(incoming_.end(), buffer, buffer + size);
  if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return unplug();
  while (!incoming_.empty()) {
    const portal::Cut cut = portal::cut_frame(incoming_);
    if (cut.kind == portal::Cut::Kind::need) break;
    if (cut.kind == portal::Cut::Kind::frame) take(portal::decode(cut.frame).message);
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(cut.size_bytes));
  }
}

void FleetLane::take(const portal::Message& message) {
  if (std::holds_alternative<portal::Start>(message)) started_ = true;
  const auto* acknowledge = std::get_if<portal::Acknowledge>(&message);
  if (!acknowledge || acknowledge->outcome == GARITA_STORED_NOT) return;
  const auto is_it = [&](const Pending& pending) { return pending.key == acknowledge->key; };
  if (std::erase_if(pending_, is_it) == 0) return;
  std::erase_if(again_, is_it);
  keys_.push_back(acknowledge->key);
  ++acknowledged_;
}

void FleetLane::begin_scan(const Pending& scan, Clock::time_point now) {
  scanning_ = true;
  begun_at_ = now;
  line_ = 0;
  const size_t first = outgoing_.size();
  tape_->head(scan.key, scan.begun_utc_ns, outgoing_);
  number_frames(std::span(outgoing_).subspan(first), sequence_);
}

// As many lines as have passed by now, while the host takes them.
void FleetLane::go_on(Clock::time_point now) {
  const double part = pace_.passage.count() > 0 ? static_cast<double>((now - begun_at_).count()) /
                                                      static_cast<double>(pace_.passage.count())
                                                : 1;
  const auto due = static_cast<uint32_t>(std::clamp(part, 0.0, 1.0) * tape_->lines());
  const size_t first = outgoing_.size();
  while (line_ < due && outgoing_.size() - out_at_ < enough_bytes) {
    const uint32_t last = std::min(due, line_ + 16);
    tape_->lines(line_, last, outgoing_);
    line_ = last;
  }
  if (line_ == tape_->lines()) {
    tape_->tail(now_utc_ns(), outgoing_);
    scanning_ = false;
    heard_ = now;
  }
  number_frames(std::span(outgoing_).subspan(first), sequence_);
}

void FleetLane::put(const portal::Message& message) {
  const size_t first = outgoing_.size();
  const auto frame = frame_of(message);
  outgoing_.insert(outgoing_.end(), frame.begin(), frame.end());
  number_frames(std::span(outgoing_).subspan(first), sequence_);
}

void FleetLane::flush() {
  while (socket_ >= 0 && out_at_ < outgoing_.size()) {
    const ssize_t sent =
        ::send(socket_, outgoing_.data() + out_at_, outgoing_.size() - out_at_, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (sent < 0) return unplug();
    out_at_ += static_cast<size_t>(sent);
    sent_bytes_ += static_cast<uint64_t>(sent);
  }
  if (out_at_ < outgoing_.size()) return;
  outgoing_.clear();
  out_at_ = 0;
}

}  // namespace garita::sim
