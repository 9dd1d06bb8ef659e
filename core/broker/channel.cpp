#include "core/broker/channel.hpp"

#include <algorithm>
#include <utility>

namespace garita::broker {

Channel::Channel(std::string name, Address address, Signal& signal, Account& account,
                 const base::Clock& clock, const Limits& limits, Tap* tap)
    : name_(std::move(name)),
      address_(std::move(address)),
      signal_(signal),
      account_(account),
      clock_(clock),
      chunk_bytes_(std::clamp<size_t>(limits.chunk_bytes, 1, size_t{1} << 20)),
      tap_(tap),
      feed_(limits.queued_bytes, limits.queued_chunks) {}

base::Error Channel::error(std::string id, garita_status status, std::string reason) const {
  base::Error error{
      base::Outcome::not_loaded, std::move(id), {{"stream", name_}, {"address", address_.text}}, status};
  if (!reason.empty()) error.fields.push_back({"reason", std::move(reason)});
  return error;
}

void Channel::opened() {
  if (tap_) tap_->opened(name_, address_, clock_.monotonic_ns());
  const auto lock = signal_.lock();
  ++account_.openings;
  state_ = State::open;
  signal_.ring();
}

void Channel::open_failed(base::Error error) {
  const auto lock = signal_.lock();
  open_error_ = std::move(error);
  state_ = State::failed;
  signal_.ring();
}

bool Channel::arrived(std::span<const std::byte> bytes) {
  const Moment at = now();
  account_.read.add(bytes);  // before the driver can see them: what it read is always in the totals
  if (tap_) tap_->passed(name_, Direction::from_device, bytes, at.ns, at.utc_ns);
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  const auto lock = signal_.lock();
  feed_.push(std::move(copy), at);
  signal_.ring();
  return !feed_.full();
}

void Channel::dropped(uint64_t datagrams) {
  const auto lock = signal_.lock();
  feed_.count_dropped(datagrams);
}

void Channel::ended(garita_status status, base::Error error) {
  const Moment at = now();
  if (tap_) tap_->ended(name_, status, at.ns);
  const auto lock = signal_.lock();
  feed_.end(status, std::move(error), at);
  signal_.ring();
}

void Channel::sent(std::span<const std::byte> bytes) {
  const Moment at = now();
  account_.written.add(bytes);
  if (tap_) tap_->passed(name_, Direction::to_device, bytes, at.ns, at.utc_ns);
}

void Channel::closed() {
  if (tap_) tap_->ended(name_, GARITA_OK, clock_.monotonic_ns());
}

}  // namespace garita::broker
