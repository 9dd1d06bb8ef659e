// One kind of stream, as the broker drives it. A new kind is one file with one of these and a row in
// stream.cpp.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/broker/broker.hpp"
#include "core/broker/channel.hpp"

namespace garita::broker {

class Stream {
 public:
  virtual ~Stream() = default;

  virtual StreamInfo info() const { return {}; }

  // On the I/O thread, in this order. start: connect, tell the channel opened or open_failed, then read.
  // resume: the channel has room again. stop: close; nothing reaches the channel afterwards.
  virtual void start() = 0;
  virtual void resume() = 0;
  virtual void stop() = 0;

  // On the driver's thread, under the broker's lock, never waits. OK: taken ≥ 1 bytes went out. TIMEOUT: none
  // can now, the bell rings when they can. Else the error.
  virtual Answer send(std::span<const std::byte> data, size_t& taken) = 0;
};

using Addresses =
    std::vector<boost::asio::ip::address>;  // of address().host, where it has one; never empty then

struct Kind {
  std::string_view scheme;
  std::string_view form;  // how an address of it is written, for messages
  bool needs_host;
  std::shared_ptr<Stream> (*make)(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                  Addresses addresses);
  bool objects = false;  // an inbox: the broker asks it for objects, the stream carries no bytes
};

// nullptr where the scheme is none of ours.
const Kind* find_kind(std::string_view scheme);
std::string known_kinds();  // "tcp://host:port, file:PATH, …"

std::shared_ptr<Stream> make_tcp_stream(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                        Addresses addresses);
std::shared_ptr<Stream> make_file_stream(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                         Addresses addresses);

// What is played for it; nullptr from make, because it needs its player.
std::shared_ptr<Stream> make_replay_stream(std::shared_ptr<Player> player, std::shared_ptr<Channel> channel);

std::shared_ptr<Stream> make_tcp_listener(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                          Addresses addresses);
std::shared_ptr<Stream> make_tls_stream(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                        Addresses addresses);
std::shared_ptr<Stream> make_udp_stream(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                        Addresses addresses);
std::shared_ptr<Stream> make_udp_listener(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                          Addresses addresses);
std::shared_ptr<Stream> make_serial_stream(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                           Addresses addresses);
std::shared_ptr<Stream> make_inbox_stream(boost::asio::io_context& io, std::shared_ptr<Channel> channel,
                                          Addresses addresses);

}  // namespace garita::broker
