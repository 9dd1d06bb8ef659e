// serial:/dev/ttyS0?baud=115200&bits=8&parity=none&stop=1: a serial line, raw, without flow control. A line that is pulled
// out is DEVICE_LOST.
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/serial_port.hpp>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

namespace asio = boost::asio;
using Code = boost::system::error_code;
using Port = asio::serial_port_base;

struct Settings {
  unsigned baud = 115200, bits = 8;
  Port::parity::type parity = Port::parity::none;
  Port::stop_bits::type stop = Port::stop_bits::one;
};

// Nothing where an option is none of ours or has no such value.
std::optional<Settings> settings_of(const Address& address) {
  Settings settings;
  for (const auto& [option, text] : address.options) {
    if (option == "max_bytes" || option == "max_rate" || option == "idle") continue;  // of every kind: grant.hpp
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    if (option == "baud" && is_number && number >= 50 && number <= 4'000'000) settings.baud = number;
    else if (option == "bits" && is_number && number >= 5 && number <= 8) settings.bits = number;
    else if (option == "parity" && text == "none") settings.parity = Port::parity::none;
    else if (option == "parity" && text == "even") settings.parity = Port::parity::even;
    else if (option == "parity" && text == "odd") settings.parity = Port::parity::odd;
    else if (option == "stop" && text == "1") settings.stop = Port::stop_bits::one;
    else if (option == "stop" && text == "2") settings.stop = Port::stop_bits::two;
    else return std::nullopt;
  }
  return settings;
}

class SerialStream final : public Stream, public std::enable_shared_from_this<SerialStream> {
 public:
  SerialStream(asio::io_context& io, std::shared_ptr<Channel> channel)
      : io_(io), line_(io), channel_(std::move(channel)), buffer_(channel_->chunk_bytes()) {}

  void start() override {
    const auto settings = settings_of(channel_->address());
    if (!settings) return channel_->open_failed(channel_->error("broker.serial_option", GARITA_NOT_CONFIGURED));
    asio::serial_port port(io_);
    Code code;
    port.open(channel_->address().path, code);
    if (!code) port.set_option(Port::baud_rate(settings->baud), code);
    if (!code) port.set_option(Port::character_size(settings->bits), code);
    if (!code) port.set_option(Port::parity(settings->parity), code);
    if (!code) port.set_option(Port::stop_bits(settings->stop), code);
    if (!code) port.set_option(Port::flow_control(Port::flow_control::none), code);
    const int fd = code ? -1 : ::dup(port.native_handle());
    if (!code && fd < 0) code = Code(errno, boost::system::system_category());
    if (!code) line_.assign(fd, code);
    if (!code) line_.non_blocking(true, code);
    if (code)
      return channel_->open_failed(channel_->error("broker.serial_failed", GARITA_DEVICE_LOST, code.message()));
    channel_->opened();
    read();
  }

  void resume() override {
    if (std::exchange(paused_, false)) read();
  }

  void stop() override {
    const auto lock = channel_->signal().lock();  // send uses the descriptor under it
    stopped_ = true;
    Code ignored;
    line_.close(ignored);
  }

  Answer send(std::span<const std::byte> data, size_t& taken) override {
    taken = 0;
    while (!stopped_) {
      const ssize_t sent = ::write(line_.native_handle(), data.data(), data.size());
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

  void read() {
    line_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](Code code, size_t size) {
      if (self->stopped_) return;
      if (size > 0) self->paused_ = !self->channel_->arrived({self->buffer_.data(), size});
      if (code) return self->channel_->ended(GARITA_DEVICE_LOST, self->lost(code.message()));
      if (!self->paused_) self->read();
    });
  }

  void ring_when_writable() {
    if (std::exchange(waiting_to_write_, true)) return;
    asio::post(io_, [self = shared_from_this()] {
      if (self->stopped_) return;
      self->line_.async_wait(asio::posix::stream_descriptor::wait_write, [self](Code) {
        const auto lock = self->channel_->signal().lock();
        self->waiting_to_write_ = false;
        self->channel_->signal().ring();
      });
    });
  }

  asio::io_context& io_;
  asio::posix::stream_descriptor line_;
  std::shared_ptr<Channel> channel_;
  std::vector<std::byte> buffer_;
  bool paused_ = false;            // I/O thread
  bool stopped_ = false;           // written under the lock on the I/O thread
  bool waiting_to_write_ = false;  // under the lock
};

}  // namespace

std::shared_ptr<Stream> make_serial_stream(asio::io_context& io, std::shared_ptr<Channel> channel, Addresses) {
  return std::make_shared<SerialStream>(io, std::move(channel));
}

}  // namespace garita::broker
