#include "core/broker/relay.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

namespace garita::broker {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;
using Code = boost::system::error_code;

constexpr auto look_again = std::chrono::milliseconds(2);  // for a name, or a device that takes no more now
constexpr uint64_t patience_ns = 1'000'000'000;            // of a replay, for what the library wrote then
constexpr int records_a_turn = 256;                        // of a replay; the other streams come in between

}  // namespace

Relay::Relay(asio::io_context& io, int socket, std::shared_ptr<Channel> channel, const Kind& kind,
             std::shared_ptr<Signal> signal, std::shared_ptr<Player> player)
    : io_(io),
      socket_(io, socket),
      later_(io),
      channel_(std::move(channel)),
      kind_(kind),
      signal_(std::move(signal)),
      player_(std::move(player)) {}

void Relay::start() {
  asio::post(io_, [self = shared_from_this()] {
    Code ignored;
    self->socket_.non_blocking(true, ignored);
    self->wrote_ns_ = base::system_clock().monotonic_ns();
    self->channel_->on_change([weak = self->weak_from_this()] {
      if (const auto relay = weak.lock()) relay->wake();
    });
    if (!self->player_ && self->kind_.needs_host) self->lookup_ = start_lookup(self->channel_->address().host, self->signal_);
    self->find_host();
  });
}

void Relay::find_host() {
  if (stopped_) return;
  Addresses addresses;
  bool unknown = false;
  if (lookup_) {
    const auto lock = signal_->lock();
    unknown = lookup_->done && lookup_->addresses.empty();
    if (lookup_->done) addresses = lookup_->addresses;
  }
  if (unknown) return stop();
  if (!lookup_ || !addresses.empty()) return begin(std::move(addresses));
  later_.expires_after(look_again);
  later_.async_wait([self = shared_from_this()](Code code) {
    if (!code) self->find_host();
  });
}

void Relay::begin(Addresses addresses) {
  stream_ = player_ ? make_replay_stream(player_, channel_) : kind_.make(io_, channel_, std::move(addresses));
  channel_->describe(stream_->info());
  stream_->start();
  pump();
}

// Something happened to the channel; whoever did it may hold locks.
void Relay::wake() {
  if (woken_.exchange(true)) return;
  asio::post(io_, [self = shared_from_this()] {
    self->woken_ = false;
    self->pump();
  });
}

void Relay::pump() {
  if (stopped_ || !stream_) return;
  bool failed = false;
  {
    const auto lock = signal_->lock();
    failed = channel_->state() == Channel::State::failed;
  }
  if (failed) return stop();
  to_device();
  if (!stopped_) to_library();
  if (!stopped_) take_from_library();
  if (!stopped_ && player_) play_on();
}

// ---- From the library to the device

void Relay::take_from_library() {
  if (reads_ || library_done_ || in_at_ < in_size_) return;
  reads_ = true;
  socket_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](Code code) {
    self->reads_ = false;
    if (self->stopped_ || code) return;
    const ssize_t size = ::recv(self->socket_.native_handle(), self->in_.data(), self->in_.size(), MSG_DONTWAIT);
    if (size == 0) {
      pollfd state{self->socket_.native_handle(), POLLOUT, 0};
      if (::poll(&state, 1, 0) < 0 || (state.revents & POLLHUP) != 0) return self->stop();  // it has closed
      self->library_done_ = true;
    } else if (size > 0) {
      self->in_at_ = 0;
      self->in_size_ = static_cast<size_t>(size);
    } else if (errno != EAGAIN && errno != EINTR) {
      return self->stop();
    }
    self->pump();
  });
}

void Relay::to_device() {
  while (in_at_ < in_size_) {
    size_t granted = 0, taken = 0;
    Answer answer;
    const auto rest = std::span(in_).subspan(in_at_, in_size_ - in_at_);
    {
      const auto lock = signal_->lock();
      if (channel_->state() != Channel::State::open) return;  // it comes again when it stands
      answer = channel_->may_send(rest.size(), granted);
      if (granted > 0) {
        answer = stream_->send(rest.first(granted), taken);
        channel_->not_sent(granted - taken);
      }
    }
    if (taken == 0 && answer.status != GARITA_TIMEOUT) return stop();
    if (taken == 0) {  // the device takes no more now
      later_.expires_after(look_again);
      later_.async_wait([self = shared_from_this()](Code code) {
        if (!code) self->pump();
      });
      return;
    }
    channel_->sent(rest.first(taken));
    in_at_ += taken;
    written_bytes_ += taken;
    wrote_ns_ = base::system_clock().monotonic_ns();
  }
}

// ---- From the device to the library

void Relay::to_library() {
  if (writes_) return;
  for (;;) {
    if (out_at_ == out_size_) {
      Moment last;
      bool resume = false;
      garita_status ended = GARITA_OK;
      {
        const auto lock = signal_->lock();
        Feed& feed = channel_->feed();
        const bool was_full = feed.full();
        out_at_ = 0;
        out_size_ = feed.take(out_, last);
        resume = was_full && !feed.full();
        if (out_size_ == 0) ended = feed.end_status();
      }
      if (resume) stream_->resume();
      if (out_size_ == 0 && ended == GARITA_OK) return;
      if (out_size_ == 0 && ended != GARITA_END) return stop();
      if (out_size_ == 0) {
        if (!std::exchange(said_end_, true)) ::shutdown(socket_.native_handle(), SHUT_WR);
        return;
      }
    }
    const ssize_t size =
        ::send(socket_.native_handle(), out_.data() + out_at_, out_size_ - out_at_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size > 0) out_at_ += static_cast<size_t>(size);
    else if (errno == EAGAIN) return wait_for_library();
    else if (errno != EINTR) return stop();
  }
}

void Relay::wait_for_library() {
  writes_ = true;
  socket_.async_wait(stream_descriptor::wait_write, [self = shared_from_this()](Code code) {
    self->writes_ = false;
    if (!self->stopped_ && !code) self->pump();
  });
}

// A library that waits tells nobody: the recording goes on by itself, as far as the conversation does.
void Relay::play_on() {
  for (int turn = 0; turn < records_a_turn; ++turn) {
    if (player_->over() || said_end_ || writes_ || out_at_ < out_size_) return;
    const bool owed = written_bytes_ < player_->written_then(channel_.get());
    if (owed && base::system_clock().monotonic_ns() - wrote_ns_ < patience_ns) {
      later_.expires_after(look_again);
      later_.async_wait([self = shared_from_this()](Code code) {
        if (!code) self->pump();
      });
      return;
    }
    {
      auto lock = signal_->lock();
      if (channel_->feed().ready()) break;
      (void)player_->advance(lock, *signal_, player_->clock().monotonic_ns() + patience_ns);
    }
  }
  wake();
}

void Relay::stop() {
  if (stopped_.exchange(true)) return;
  channel_->on_change({});
  later_.cancel();
  if (stream_) {
    stream_->stop();
    stream_.reset();
    channel_->closed();
  }
  Code ignored;
  socket_.close(ignored);
}

}  // namespace garita::broker
