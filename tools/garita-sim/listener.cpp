#include "tools/garita-sim/listener.hpp"

#include <cstdio>
#include <span>
#include <sstream>

#include "core/base/file.hpp"

namespace garita::sim {

namespace po = boost::program_options;
using boost::asio::ip::tcp;

void Options::add(const char* name, const char* id, const po::value_semantic* value) {
  all_.add_options()(name, value, base::text(language_, std::string("sim.option_") + id).c_str());
}

base::Result<void> Options::parse(const std::vector<std::string>& arguments) const {
  try {
    po::variables_map values;
    po::positional_options_description none;
    po::store(po::command_line_parser(arguments).options(all_).positional(none).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    return base::Error{base::Outcome::usage, "sim.bad_option", {{"reason", error.what()}}};
  }
  return {};
}

void Options::print(const char* usage_id) const {
  std::ostringstream options;
  options << all_;
  std::printf("%s\n\n%s", base::text(language_, usage_id).c_str(), options.str().c_str());
}

base::Error bad_value(std::string option) {
  return {base::Outcome::usage, "sim.bad_value", {{"option", std::move(option)}}};
}

base::Result<Endpoint> Endpoint::parse(const std::string& text) {
  const base::Error bad{base::Outcome::usage, "sim.bad_address", {{"address", text}}};
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return bad;
  Endpoint endpoint{text.substr(0, colon), 0};
  const std::string port = text.substr(colon + 1);
  if (endpoint.host.front() == '[' && endpoint.host.back() == ']')
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  const bool digits =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || endpoint.host.empty() || std::stoul(port) > 65535) return bad;
  endpoint.port = static_cast<uint16_t>(std::stoul(port));
  return endpoint;
}

std::string Endpoint::text(uint16_t real_port) const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(real_port);
}

base::Error cannot_listen(const Endpoint& endpoint, const boost::system::error_code& error) {
  return {base::Outcome::usage,
          "sim.cannot_listen",
          {{"address", endpoint.text(endpoint.port)}, {"reason", error.message()}}};
}

base::Result<tcp::acceptor> listen(boost::asio::io_context& io, const Endpoint& endpoint) {
  boost::system::error_code error;
  tcp::acceptor acceptor(io);
  const auto found =
      tcp::resolver(io).resolve(endpoint.host, std::to_string(endpoint.port),
                                tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (!error && !found.empty()) {
    const tcp::endpoint address = found.begin()->endpoint();
    acceptor.open(address.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(address, error);
    if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
    if (!error) return acceptor;
  }
  return cannot_listen(endpoint, error);
}

base::Result<void> tell_port(const Endpoint& endpoint, uint16_t port, const std::filesystem::path& port_file,
                             const Report& report) {
  report.say("listening", {{"address", endpoint.text(port)}});
  if (port_file.empty()) return {};
  const std::string text = std::to_string(port) + "\n";
  return base::write_file(port_file, std::as_bytes(std::span(text)));
}

}  // namespace garita::sim
