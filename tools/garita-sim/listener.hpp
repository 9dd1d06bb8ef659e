// What a simulator on a socket needs before it has anything of its own: its options, its address, its port.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/program_options.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"
#include "tools/garita-sim/report.hpp"

namespace garita::sim {

// Options by name, each described by the text sim.option_<id>.
class Options {
 public:
  explicit Options(base::Language language) : language_(language) {}

  void add(const char* name, const char* id, const boost::program_options::value_semantic* value);

  // Errors: sim.bad_option {reason}.
  base::Result<void> parse(const std::vector<std::string>& arguments) const;

  // usage_id: a text above the list.
  void print(const char* usage_id) const;

 private:
  base::Language language_;
  boost::program_options::options_description all_;
};

base::Error bad_value(std::string option);

struct Endpoint {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0: a free one

  // "HOST:PORT", "[::1]:7001". Errors: sim.bad_address {address}.
  static base::Result<Endpoint> parse(const std::string& text);
  std::string text(uint16_t real_port) const;
};

base::Error cannot_listen(const Endpoint& endpoint, const boost::system::error_code& error);

// Errors: sim.cannot_listen {address, reason}.
base::Result<boost::asio::ip::tcp::acceptor> listen(boost::asio::io_context& io, const Endpoint& endpoint);

// Event "listening", and the port in decimal into port_file where one is wanted.
base::Result<void> tell_port(const Endpoint& endpoint, uint16_t port, const std::filesystem::path& port_file,
                             const Report& report);

}  // namespace garita::sim
