#include "tools/garita-sim/nuctech/cargo_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tools/garita-sim/nuctech/cargo_connection.hpp"

namespace garita::sim {
namespace {

using boost::asio::ip::tcp;

std::string listed(const std::vector<uint32_t>& columns) {
  std::string text;
  for (const uint32_t column : columns) text += (text.empty() ? "" : " ") + std::to_string(column);
  return text.empty() ? "-" : text;
}

}  // namespace

base::Result<void> serve_cargo(CargoSource& source, const CargoServerOptions& options, const Report& report) {
  boost::asio::io_context io;
  GARITA_TRY_ASSIGN(acceptor, listen(io, options.endpoint));
  const uint16_t port = acceptor.local_endpoint().port();
  GARITA_TRY(tell_port(options.endpoint, port, options.port_file, report));
  report.say("detectors",
             {{"count", std::to_string(source.columns())}, {"dead", listed(source.dead_columns())}});
  if (options.listening) options.listening(port);
  CargoLedger ledger{.saboteur = Saboteur(options.fault)};
  while (options.count == 0 || ledger.acknowledged < options.count) {
    boost::system::error_code error;
    tcp::socket socket = acceptor.accept(error);
    if (error) return cannot_listen(options.endpoint, error);
    GARITA_TRY(CargoConnection(std::move(socket), source, options, report, ledger).serve());
  }
  return {};
}

}  // namespace garita::sim
