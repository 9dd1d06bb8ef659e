#include "tools/garita-sim/astrophysics/server.hpp"

namespace garita::sim {
namespace {

using boost::asio::ip::tcp;

}  // namespace

base::Result<void> serve_cabinet(const Model& model, const CabinetOptions& options, const Report& report) {
  boost::asio::io_context io;
  GARITA_TRY_ASSIGN(acceptor, listen(io, options.endpoint));
  const uint16_t port = acceptor.local_endpoint().port();
  GARITA_TRY(tell_port(options.endpoint, port, options.port_file, report));
  BagLedger ledger(options.fault);
  while (options.count == 0 || ledger.done < options.count) {
    boost::system::error_code error;
    tcp::socket socket = acceptor.accept(error);
    if (error) return cannot_listen(options.endpoint, error);
    GARITA_TRY(CabinetConnection(std::move(socket), model, options, report, ledger).serve());
  }
  return {};
}

}  // namespace garita::sim
