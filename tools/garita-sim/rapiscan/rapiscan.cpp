// garita-sim rapiscan: the rail and gantry portal of drivers/rapiscan.
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <cstdio>
#include <sstream>

#include "core/base/clock.hpp"
#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/marks.hpp"
#include "tools/garita-sim/rapiscan/gantry_connection.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

namespace po = boost::program_options;
using boost::asio::ip::tcp;
using boost::asio::ip::udp;

struct Command {
  std::string listen = "127.0.0.1:0", truth, fault, mark;
  bool json = false, help = false;
  GantryOptions gantry;
  GantryServerOptions server;
};

Options options_of(Command& c, base::Language language) {
  Options all(language);
  all.add("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  all.add("port-file", "port_file",
          po::value<std::string>()->value_name("FILE")->notifier(
              [&c](const std::string& path) { c.server.port_file = path; }));
  all.add("seed", "seed", po::value(&c.gantry.seed)->value_name("N"));
  all.add("count", "export_count", po::value(&c.server.count)->value_name("N"));
  all.add("interval-ms", "interval_ms", po::value(&c.server.interval_ms)->value_name("N"));
  all.add("rate", "rate", po::value(&c.server.rate_per_h)->value_name("X"));
  all.add("lines-per-s", "lines_per_s", po::value(&c.server.lines_per_s)->value_name("X"));
  all.add("scene", "scene", po::value(&c.gantry.scene)->value_name("NAME"));
  all.add("rail", "rail", po::bool_switch(&c.gantry.rail));
  all.add("in-turn", "in_turn", po::bool_switch(&c.gantry.in_turn));
  all.add("columns", "columns", po::value(&c.gantry.columns)->value_name("N"));
  all.add("mark", "mark", po::value(&c.mark)->value_name("CODE,…"));
  all.add("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  all.add("fault", "gantry_fault", po::value(&c.fault)->value_name("KIND:X,…"));
  all.add("json", "json", po::bool_switch(&c.json));
  all.add("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Result<void> check(const Command& c) {
  if (!is_scene(c.gantry.scene))
    return base::Error{base::Outcome::usage, "sim.unknown_scene", {{"name", c.gantry.scene}}};
  if (c.gantry.columns < 16 || c.gantry.columns > rapiscan::max_columns) return bad_value("--columns");
  if (!(c.server.lines_per_s >= 0 && c.server.lines_per_s <= 1e6)) return bad_value("--lines-per-s");
  if (!(c.server.rate_per_h >= 0 && c.server.rate_per_h <= 1e6)) return bad_value("--rate");
  return {};
}

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const Options options = options_of(command, language);
  GARITA_TRY(options.parse(arguments));
  if (command.help) return options.print("sim.rapiscan_usage"), base::Result<void>();
  GARITA_TRY(check(command));
  GARITA_TRY_ASSIGN(endpoint, Endpoint::parse(command.listen));
  GARITA_TRY_ASSIGN(faults, GantryFaults::parse(command.fault));
  GARITA_TRY_ASSIGN(marks, parse_marks(command.mark));
  command.gantry.marks = std::move(marks);
  command.server.endpoint = endpoint;
  command.server.faults = faults;
  command.gantry.truth = command.truth;
  char serial[16];
  std::snprintf(serial, sizeof serial, "RG64-%05u", static_cast<unsigned>(command.gantry.seed % 100000));
  command.server.serial = serial_or(serial);
  GantrySource source(command.gantry);
  return serve_gantry(source, command.server, Report(language, command.json));
}

// The same port of UDP as of TCP. A free port of one may be taken of the other: then another.
base::Result<tcp::acceptor> listen_on_both(boost::asio::io_context& io, const Endpoint& endpoint,
                                           udp::socket& lines) {
  boost::system::error_code error;
  for (int attempt = 0; attempt < 20; ++attempt) {
    GARITA_TRY_ASSIGN(acceptor, listen(io, endpoint));
    const tcp::endpoint local = acceptor.local_endpoint();
    const udp::endpoint address(local.address(), local.port());
    if (lines.is_open()) lines.close(error);
    lines.open(address.protocol(), error);
    if (!error) lines.bind(address, error);
    if (!error) return acceptor;
    if (endpoint.port != 0) break;
  }
  return cannot_listen(endpoint, error);
}

}  // namespace

base::Result<GantryFaults> GantryFaults::parse(const std::string& text) {
  GantryFaults faults;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const base::Error bad{base::Outcome::usage, "sim.bad_gantry_fault", {{"given", part}}};
    const size_t colon = part.find(':');
    if (colon == std::string::npos) return bad;
    const std::string kind = part.substr(0, colon), given = part.substr(colon + 1);
    double value = 0;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
    if (error != std::errc() || end != given.data() + given.size() || value < 0) return bad;
    double* share = kind == "lose"    ? &faults.lose
                    : kind == "twice" ? &faults.twice
                    : kind == "order" ? &faults.order
                    : kind == "flip"  ? &faults.flip
                                      : nullptr;
    if (kind == "drop" && value >= 1 && value < 1e9)
      faults.drop = static_cast<uint64_t>(value);
    else if (share != nullptr && value <= 1)
      *share = value;
    else
      return bad;
  }
  return faults;
}

base::Result<void> serve_gantry(GantrySource& source, const GantryServerOptions& options,
                                const Report& report) {
  boost::asio::io_context io;
  udp::socket lines(io);
  GARITA_TRY_ASSIGN(acceptor, listen_on_both(io, options.endpoint, lines));
  GARITA_TRY(tell_port(options.endpoint, acceptor.local_endpoint().port(), options.port_file, report));
  GantryLedger ledger;
  ledger.boots = static_cast<uint32_t>(now_utc_ns() / 1'000'000'000);
  ledger.chance = Random(source.options().seed, 77);
  while (options.count == 0 || ledger.sent < options.count) {
    boost::system::error_code error;
    tcp::socket control = acceptor.accept(error);
    if (error) continue;
    GARITA_TRY(GantryConnection(std::move(control), lines, source, options, report, ledger).serve());
  }
  return {};
}

const Simulator rapiscan_simulator{"rapiscan", "sim.rapiscan_help", run};

}  // namespace garita::sim
