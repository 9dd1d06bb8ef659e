// A stream for a library that opens its own sockets: it has one end of a connected pair, and believes that it is the peer it
// asked for; what goes through the other end goes through the stream, counted, hashed, recorded and limited as any other.
//
//   library ── socket pair ── Relay ── Channel, Stream ── device, or a recording
//
// All of it runs on the broker's I/O thread; the driver's own calls go on beside it. Where the device cannot be reached, or is
// lost, the library sees the connection end.
//
// A replay keeps the order of the conversation: what the device said next comes only when the library has written as much as
// was written then, or after a second in which it wrote nothing. The recording's clock moves with what the library takes.
#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "core/broker/channel.hpp"
#include "core/broker/lookup.hpp"
#include "core/broker/player.hpp"
#include "core/broker/stream.hpp"

namespace garita::broker {

class Relay : public std::enable_shared_from_this<Relay> {
 public:
  // socket: the host's end; its own from here on. player: null where the stream is real.
  Relay(boost::asio::io_context& io, int socket, std::shared_ptr<Channel> channel, const Kind& kind,
        std::shared_ptr<Signal> signal, std::shared_ptr<Player> player);

  void start();  // any thread
  void stop();   // on the I/O thread: nothing goes through any more
  bool is_over() const { return stopped_; }  // any thread
  const std::string& name() const { return channel_->name(); }

 private:
  void find_host();
  void begin(Addresses addresses);
  void wake();
  void pump();
  void play_on();
  void take_from_library();
  void to_device();
  void to_library();
  void wait_for_library();

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer later_;
  const std::shared_ptr<Channel> channel_;
  const Kind& kind_;
  const std::shared_ptr<Signal> signal_;
  const std::shared_ptr<Player> player_;
  std::shared_ptr<Lookup> lookup_;
  std::shared_ptr<Stream> stream_;

  std::array<std::byte, 65536> in_, out_;  // from the library, to the library
  size_t in_at_ = 0, in_size_ = 0, out_at_ = 0, out_size_ = 0;
  uint64_t written_bytes_ = 0;    // by the library
  uint64_t wrote_ns_ = 0;         // when it last did, by the machine's clock
  bool reads_ = false, writes_ = false;  // waits for the socket
  bool library_done_ = false;     // it writes no more
  bool said_end_ = false;
  std::atomic<bool> woken_{false}, stopped_{false};
};

}  // namespace garita::broker
