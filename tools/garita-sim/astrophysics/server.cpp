#include "tools/garita-sim/astrophysics/server.hpp"

#include <span>

#include "core/base/file.hpp"

namespace garita::sim {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::string shown(const std::string& host, uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

base::Error cannot_listen(const CabinetOptions& options, const error_code& error) {
  return {base::Outcome::usage,
          "sim.cannot_listen",
          {{"address", shown(options.host, options.port)}, {"reason", error.message()}}};
}

base::Result<tcp::acceptor> listen(boost::asio::io_context& io, const CabinetOptions& options) {
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

base::Result<void> serve_cabinet(const Model& model, const CabinetOptions& options, const Report& report) {
  boost::asio::io_context io;
  GARITA_TRY_ASSIGN(acceptor, listen(io, options));
  const uint16_t port = acceptor.local_endpoint().port();
  report.say("listening", {{"address", shown(options.host, port)}});
  if (!options.port_file.empty()) {
    const std::string text = std::to_string(port) + "\n";
    GARITA_TRY(base::write_file(options.port_file, std::as_bytes(std::span(text))));
  }
  BagLedger ledger(options.fault);
  while (options.count == 0 || ledger.done < options.count) {
    error_code error;
    tcp::socket socket = acceptor.accept(error);
    if (error) return cannot_listen(options, error);
    GARITA_TRY(CabinetConnection(std::move(socket), model, options, report, ledger).serve());
  }
  return {};
}

}  // namespace garita::sim
