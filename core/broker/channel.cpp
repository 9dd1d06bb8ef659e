#include "core/broker/channel.hpp"

#include <algorithm>
#include <utility>

namespace garita::broker {

Channel::Channel(std::string name, Address address, const Grant& grant, Signal& signal, Account& account,
                 const base::Clock& clock, const Limits& limits, Tap* tap)
    : name_(std::move(name)),
      address_(std::move(address)),
      grant_(grant),
      signal_(signal),
      account_(account),
      clock_(clock),
      chunk_bytes_(std::clamp<size_t>(limits.chunk_bytes, 1, size_t{1} << 20)),
      tap_(tap),
      feed_(limits.queued_bytes, limits.queued_chunks),
      budget_(grant_, account.moved) {}

base::Error Channel::error(std::string id, garita_status status, std::string reason) const {
  base::Error error{
      base::Outcome::not_loaded, std::move(id), {{"stream", name_}, {"address", address_.text}}, status};
  if (!reason.empty()) error.fields.push_back({"reason", std::move(reason)});
  return error;
}

void Channel::on_change(std::function<void()> call) {
  const auto lock = signal_.lock();
  change_ = std::move(call);
}

void Channel::changed() {
  std::function<void()> call;
  {
    const auto lock = signal_.lock();
    if (!change_) return;
    call = change_;
  }
  call();
}

void Channel::opened() {
  if (tap_) tap_->opened(name_, address_, info_, clock_.monotonic_ns());
  {
    const auto lock = signal_.lock();
    ++account_.openings;
    heard_ns_ = clock_.monotonic_ns();
    state_ = State::open;
    signal_.ring();
  }
  changed();
}

void Channel::open_failed(base::Error error) {
  {
    const auto lock = signal_.lock();
    open_error_ = std::move(error);
    state_ = State::failed;
    signal_.ring();
  }
  changed();
}

base::Error Channel::spent(Budget::Limit limit) const {
  const bool bytes = limit == Budget::Limit::bytes;
  base::Error error = this->error(bytes ? "broker.spent_bytes" : "broker.spent_rate", GARITA_HOST_LIMIT);
  error.outcome = base::Outcome::incomplete;
  error.fields.push_back({"limit", std::to_string(bytes ? grant_.max_bytes : grant_.max_rate)});
  return error;
}

bool Channel::arrived(std::span<const std::byte> bytes, Moment at) {
  auto limit = Budget::Limit::none;
  const size_t granted = budget_.take(bytes.size(), info_.kind == GARITA_STREAM_DATAGRAMS, at.ns, limit);
  bytes = bytes.first(granted);
  bool goes_on = true;
  if (!bytes.empty()) {
    account_.read.add(bytes);  // before the driver can see them: what it read is always in the totals
    if (tap_) tap_->passed(name_, Direction::from_device, bytes, at.ns, at.utc_ns);
    std::vector<std::byte> copy(bytes.begin(), bytes.end());
    const auto lock = signal_.lock();
    feed_.push(std::move(copy), at);
    heard_ns_ = at.ns;
    signal_.ring();
    goes_on = !feed_.full() && !feed_.ended();
  }
  changed();
  if (limit == Budget::Limit::none) return goes_on;
  ended(GARITA_HOST_LIMIT, spent(limit), at);
  const auto lock = signal_.lock();
  if (limit == Budget::Limit::bytes) account_.spent = spent(limit);
  return false;
}

Answer Channel::may_send(size_t wanted, size_t& granted) {
  auto limit = Budget::Limit::none;
  const Moment at = now();
  granted = budget_.take(wanted, info_.kind == GARITA_STREAM_DATAGRAMS, at.ns, limit);
  if (granted > 0) return {};
  if (tap_) tap_->ended(name_, GARITA_HOST_LIMIT, at.ns);
  feed_.end(GARITA_HOST_LIMIT, spent(limit), at);
  if (limit == Budget::Limit::bytes) account_.spent = spent(limit);
  signal_.ring();
  return {GARITA_HOST_LIMIT, spent(limit)};
}

// Who is not listened to, because the driver does not read, is not silent.
std::optional<uint64_t> Channel::silent_ns() {
  const auto lock = signal_.lock();
  if (closed_ || feed_.ended()) return std::nullopt;
  const uint64_t now_ns = clock_.monotonic_ns();
  if (feed_.full()) heard_ns_ = now_ns;
  return now_ns - std::min(now_ns, heard_ns_);
}

void Channel::dropped(uint64_t datagrams) {
  if (tap_) tap_->dropped(name_, datagrams, clock_.monotonic_ns());
  const auto lock = signal_.lock();
  feed_.count_dropped(datagrams);
}

void Channel::ended(garita_status status, base::Error error, Moment at) {
  if (tap_) tap_->ended(name_, status, at.ns);
  {
    const auto lock = signal_.lock();
    feed_.end(status, std::move(error), at);
    signal_.ring();
  }
  changed();
}

void Channel::sent(std::span<const std::byte> bytes) {
  const Moment at = now();
  account_.written.add(bytes);
  if (tap_) tap_->passed(name_, Direction::to_device, bytes, at.ns, at.utc_ns);
}

void Channel::closed() {
  {
    const auto lock = signal_.lock();
    closed_ = true;
  }
  if (tap_) tap_->ended(name_, GARITA_OK, clock_.monotonic_ns());
}

}  // namespace garita::broker
