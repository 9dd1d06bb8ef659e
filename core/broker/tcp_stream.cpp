// tcp://host:port: a connection that this side makes. tcp-listen://host:port: one that it waits for at an address of this
// machine, one peer at a time: open as soon as it listens, and no other peer is taken until the stream is opened again.
// A FIN is END, a reset is DEVICE_LOST.
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/broker/silence.hpp"
#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

class TcpStream final : public Stream, public std::enable_shared_from_this<TcpStream> {
 public:
  TcpStream(asio::io_context& io, std::shared_ptr<Channel> channel, Addresses addresses, bool listens)
      : socket_(io), acceptor_(io), listens_(listens), channel_(std::move(channel)), buffer_(channel_->chunk_bytes()) {
    for (const auto& address : addresses) endpoints_.emplace_back(address, channel_->address().port);
  }

  void start() override {
    if (listens_) return listen();
    asio::async_connect(socket_, endpoints_, [self = shared_from_this()](Code code, const tcp::endpoint&) {
      if (!self->stopped_) self->connected(code);
    });
  }

  void resume() override {
    if (std::exchange(paused_, false)) read();
  }

  void stop() override {
    const auto lock = channel_->signal().lock();  // send uses the descriptor under it
    stopped_ = true;
    Code ignored;
    acceptor_.close(ignored);
    socket_.close(ignored);
  }

  Answer send(std::span<const std::byte> data, size_t& taken) override {
    taken = 0;
    if (!stands_) return {GARITA_TIMEOUT, {}};  // nobody has called yet; the bell rings when somebody does
    while (true) {
      const ssize_t sent =
          ::send(socket_.native_handle(), data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent >= 0) return taken = static_cast<size_t>(sent), Answer{};
      if (errno == EAGAIN || errno == EWOULDBLOCK) return ring_when_writable(), Answer{GARITA_TIMEOUT, {}};
      if (errno != EINTR) break;
    }
    return {GARITA_DEVICE_LOST, lost(std::generic_category().message(errno))};
  }

 private:
  base::Error lost(std::string reason) const {
    return channel_->error("broker.lost", GARITA_DEVICE_LOST, std::move(reason));
  }

  void connected(Code code) {
    if (code == asio::error::connection_refused)
      return channel_->open_failed(channel_->error("broker.refused", GARITA_DEVICE_LOST));
    if (code)
      return channel_->open_failed(channel_->error("broker.unreachable", GARITA_DEVICE_LOST, code.message()));
    stand();
    channel_->opened();
    read();
  }

  void stand() {
    Code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    watch_for_silence(socket_.native_handle(), channel_->grant().alive_ns);
    const auto lock = channel_->signal().lock();
    stands_ = true;
    channel_->signal().ring();
  }

  void listen() {
    Code code;
    acceptor_.open(endpoints_.front().protocol(), code);
    if (!code) acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) acceptor_.bind(endpoints_.front(), code);
    if (!code) acceptor_.listen(1, code);
    if (code)
      return channel_->open_failed(channel_->error("broker.cannot_listen", GARITA_DEVICE_LOST, code.message()));
    channel_->opened();
    acceptor_.async_accept(socket_, [self = shared_from_this()](Code failure) {
      if (self->stopped_) return;
      Code ignored;
      self->acceptor_.close(ignored);
      if (failure) return self->channel_->ended(GARITA_DEVICE_LOST, self->lost(failure.message()));
      self->stand();
      self->read();
    });
  }

  void read() {
    socket_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](Code code, size_t size) {
      if (!self->stopped_) self->arrived(code, size);
    });
  }

  void arrived(Code code, size_t size) {
    if (size > 0) paused_ = !channel_->arrived({buffer_.data(), size});
    if (code == asio::error::eof) return channel_->ended(GARITA_END, {});
    if (code) return channel_->ended(GARITA_DEVICE_LOST, lost(code.message()));
    if (!paused_) read();
  }

  void ring_when_writable() {
    if (std::exchange(waiting_to_write_, true)) return;
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->wait_to_write(); });
  }

  void wait_to_write() {
    if (stopped_) return;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](Code) {
      const auto lock = self->channel_->signal().lock();
      self->waiting_to_write_ = false;
      self->channel_->signal().ring();
    });
  }

  tcp::socket socket_;
  tcp::acceptor acceptor_;
  const bool listens_;
  std::shared_ptr<Channel> channel_;
  std::vector<tcp::endpoint> endpoints_;
  std::vector<std::byte> buffer_;
  bool paused_ = false;            // I/O thread
  bool stopped_ = false;           // I/O thread
  bool waiting_to_write_ = false;  // under the lock
  bool stands_ = false;            // under the lock
};

}  // namespace

std::shared_ptr<Stream> make_tcp_stream(asio::io_context& io, std::shared_ptr<Channel> channel,
                                        Addresses addresses) {
  return std::make_shared<TcpStream>(io, std::move(channel), std::move(addresses), false);
}

std::shared_ptr<Stream> make_tcp_listener(asio::io_context& io, std::shared_ptr<Channel> channel,
                                          Addresses addresses) {
  return std::make_shared<TcpStream>(io, std::move(channel), std::move(addresses), true);
}

}  // namespace garita::broker
