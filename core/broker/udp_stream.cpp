// udp://host:port: datagrams to and from one peer. udp-listen://host:port: datagrams from anybody, at an address of this
// machine; what is sent goes to whoever was heard last.
//
// Each datagram is one read. What the driver does not read in time is dropped, by the system where its queue is full; the
// system counts it (SO_RXQ_OVFL).
#include <sys/socket.h>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;
using Code = boost::system::error_code;

constexpr size_t max_datagram_bytes = 65535;
constexpr int datagrams_a_turn = 64;  // the other streams of the thread come in between
constexpr int system_queue_bytes = 4 << 20;

class UdpStream final : public Stream, public std::enable_shared_from_this<UdpStream> {
 public:
  UdpStream(asio::io_context& io, std::shared_ptr<Channel> channel, const Addresses& addresses, bool listens)
      : socket_(io), channel_(std::move(channel)), endpoint_(addresses.front(), channel_->address().port),
        listens_(listens), buffer_(max_datagram_bytes) {}

  StreamInfo info() const override { return {GARITA_STREAM_DATAGRAMS, max_datagram_bytes}; }

  void start() override {
    Code code;
    socket_.open(endpoint_.protocol(), code);
    if (!code && listens_) socket_.bind(endpoint_, code);
    if (!code && !listens_) socket_.connect(endpoint_, code);
    if (!code) socket_.non_blocking(true, code);
    if (code)
      return channel_->open_failed(channel_->error("broker.unreachable", GARITA_DEVICE_LOST, code.message()));
    const int on = 1, fd = socket_.native_handle();
    ::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &system_queue_bytes, sizeof system_queue_bytes);
    channel_->opened();
    wait();
  }

  void resume() override {
    if (std::exchange(paused_, false)) wait();
  }

  void stop() override {
    const auto lock = channel_->signal().lock();  // send uses the descriptor under it
    stopped_ = true;
    Code ignored;
    socket_.close(ignored);
  }

  Answer send(std::span<const std::byte> data, size_t& taken) override {
    taken = 0;
    if (stopped_) return {GARITA_DEVICE_LOST, lost(EBADF)};
    if (listens_ && peer_size_ == 0)
      return {GARITA_NOT_READY, channel_->error("broker.nobody_heard", GARITA_NOT_READY)};
    const auto* to = listens_ ? reinterpret_cast<const sockaddr*>(&peer_) : nullptr;
    while (true) {
      const ssize_t sent = ::sendto(socket_.native_handle(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL, to,
                                    listens_ ? peer_size_ : 0);
      if (sent >= 0) return taken = static_cast<size_t>(sent), Answer{};
      if (errno == ECONNREFUSED || errno == EINTR) continue;  // an answer to an earlier datagram: this one is not sent yet
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return ring_soon(), Answer{GARITA_TIMEOUT, {}};
      return {GARITA_DEVICE_LOST, lost(errno)};
    }
  }

 private:
  base::Error lost(int code) const {
    return channel_->error("broker.lost", GARITA_DEVICE_LOST, std::generic_category().message(code));
  }

  void wait() {
    socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](Code code) {
      if (!self->stopped_ && !code) self->receive();
    });
  }

  void receive() {
    for (int turn = 0; turn < datagrams_a_turn && !paused_; ++turn) {
      iovec part{buffer_.data(), buffer_.size()};
      alignas(cmsghdr) std::array<char, 64> control{};
      sockaddr_storage from{};
      msghdr message{};
      message.msg_name = &from;
      message.msg_namelen = sizeof from;
      message.msg_iov = &part;
      message.msg_iovlen = 1;
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      const ssize_t size = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
      if (size < 0 && (errno == ECONNREFUSED || errno == EINTR)) continue;  // nobody listens there yet
      if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (size < 0) return channel_->ended(GARITA_DEVICE_LOST, lost(errno));
      count_dropped(message);
      if (listens_) {
        const auto lock = channel_->signal().lock();
        peer_ = from;
        peer_size_ = message.msg_namelen;
      }
      if (size > 0) paused_ = !channel_->arrived({buffer_.data(), static_cast<size_t>(size)});
    }
    if (!paused_) wait();
  }

  // The system counts all that it ever dropped of this socket, in 32 bits.
  void count_dropped(msghdr& message) {
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SO_RXQ_OVFL) continue;
      uint32_t total = 0;
      std::memcpy(&total, CMSG_DATA(each), sizeof total);
      if (total != dropped_) channel_->dropped(static_cast<uint32_t>(total - std::exchange(dropped_, total)));
    }
  }

  void ring_soon() {
    if (std::exchange(waiting_to_write_, true)) return;
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      if (self->stopped_) return;
      self->socket_.async_wait(udp::socket::wait_write, [self](Code) {
        const auto lock = self->channel_->signal().lock();
        self->waiting_to_write_ = false;
        self->channel_->signal().ring();
      });
    });
  }

  udp::socket socket_;
  std::shared_ptr<Channel> channel_;
  const udp::endpoint endpoint_;
  const bool listens_;
  std::vector<std::byte> buffer_;
  uint32_t dropped_ = 0;           // I/O thread
  bool paused_ = false;            // I/O thread
  bool stopped_ = false;           // written under the lock on the I/O thread
  sockaddr_storage peer_{};        // under the lock
  socklen_t peer_size_ = 0;        // under the lock
  bool waiting_to_write_ = false;  // under the lock
};

}  // namespace

std::shared_ptr<Stream> make_udp_stream(asio::io_context& io, std::shared_ptr<Channel> channel, Addresses addresses) {
  return std::make_shared<UdpStream>(io, std::move(channel), addresses, false);
}

std::shared_ptr<Stream> make_udp_listener(asio::io_context& io, std::shared_ptr<Channel> channel,
                                          Addresses addresses) {
  return std::make_shared<UdpStream>(io, std::move(channel), addresses, true);
}

}  // namespace garita::broker
