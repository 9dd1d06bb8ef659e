#include "tools/garita-sim/nuctech/cargo_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "core/base/file.hpp"
#include "tools/garita-sim/nuctech/cargo_connection.hpp"

namespace garita::sim {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string shown(const std::string& host, uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string listed(const std::vector<uint32_t>& columns) {
  std::string text;
  for (const uint32_t column : columns) text += (text.empty() ? "" : " ") + std::to_string(column);
  return text.empty() ? "-" : text;
}

base::Error cannot_listen(const CargoServerOptions& options, const error_code& error) {
  return {base::Outcome::usage,
          "sim.cannot_listen",
          {{"address", shown(options.host, options.port)}, {"reason", error.message()}}};
}

base::Result<tcp::acceptor> listen(boost::asio::io_context& io, const CargoServerOptions& options) {
  error_code error;
  const auto found =
      tcp::resolver(io).resolve(options.host, std::to_string(options.port),
                                tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error || found.empty()) return cannot_listen(options, error);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor(io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(boost::asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(options, error);
  return acceptor;
}

}  // namespace

base::Result<void> serve_cargo(CargoSource& source, const CargoServerOptions& options, const Report& report) {
  boost::asio::io_context io;
  GARITA_TRY_ASSIGN(acceptor, listen(io, options));
  const uint16_t port = acceptor.local_endpoint().port();
  report.say("listening", {{"address", shown(options.host, port)}});
  report.say("detectors",
             {{"count", std::to_string(source.columns())}, {"dead", listed(source.dead_columns())}});
  if (!options.port_file.empty()) {
    const std::string text = std::to_string(port) + "\n";
    GARITA_TRY(base::write_file(options.port_file, std::as_bytes(std::span(text))));
  }
  if (options.listening) options.listening(port);
  CargoLedger ledger{.saboteur = Saboteur(options.fault)};
  while (options.count == 0 || ledger.acknowledged < options.count) {
    error_code error;
    tcp::socket socket = acceptor.accept(error);
    if (error) return cannot_listen(options, error);
    GARITA_TRY(CargoConnection(std::move(socket), source, options, report, ledger).serve());
  }
  return {};
}

}  // namespace garita::sim
