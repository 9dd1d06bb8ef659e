// garita-sim nuctech: the dual-energy cargo portal of drivers/nuctech.
#include <boost/program_options.hpp>
#include <cstdio>

#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/marks.hpp"
#include "tools/garita-sim/nuctech/cargo_server.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

namespace po = boost::program_options;

struct Command {
  std::string listen = "127.0.0.1:0", truth, port_file, fault, mark;
  bool json = false, help = false;
  CargoOptions cargo;
  CargoServerOptions server;
};

base::Error usage(const char* id, std::string name, std::string value) {
  return {base::Outcome::usage, id, {{std::move(name), std::move(value)}}};
}

Options options_of(Command& c, base::Language language) {
  Options all(language);
  all.add("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  all.add("port-file", "port_file", po::value(&c.port_file)->value_name("FILE"));
  all.add("seed", "seed", po::value(&c.cargo.seed)->value_name("N"));
  all.add("count", "count", po::value(&c.server.count)->value_name("N"));
  all.add("rate", "rate", po::value(&c.server.rate_per_h)->value_name("X"));
  all.add("scene", "scene", po::value(&c.cargo.scene)->value_name("NAME"));
  all.add("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  all.add("misfires", "misfires", po::value(&c.cargo.misfires)->value_name("X"));
  all.add("scans-a-shift", "scans_a_shift", po::value(&c.server.scans_a_shift)->value_name("N"));
  all.add("fault", "fault", po::value(&c.fault)->value_name("KIND:N"));
  all.add("mark", "mark", po::value(&c.mark)->value_name("CODE,…"));
  all.add("json", "json", po::bool_switch(&c.json));
  all.add("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Result<void> check(const Command& c) {
  if (!is_scene(c.cargo.scene)) return usage("sim.unknown_scene", "name", c.cargo.scene);
  if (!(c.cargo.misfires >= 0 && c.cargo.misfires <= 1))
    return usage("sim.bad_value", "option", "--misfires");
  if (!(c.server.rate_per_h >= 0 && c.server.rate_per_h <= 1e6))
    return usage("sim.bad_value", "option", "--rate");
  if (c.server.scans_a_shift < 1) return usage("sim.bad_value", "option", "--scans-a-shift");
  return {};
}

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const Options options = options_of(command, language);
  GARITA_TRY(options.parse(arguments));
  if (command.help) return options.print("sim.nuctech_usage"), base::Result<void>();
  GARITA_TRY(check(command));
  GARITA_TRY_ASSIGN(endpoint, Endpoint::parse(command.listen));
  command.server.endpoint = endpoint;
  if (!command.fault.empty()) {
    GARITA_TRY_ASSIGN(fault, parse_fault(command.fault));
    command.server.fault = fault;
  }
  GARITA_TRY_ASSIGN(marks, parse_marks(command.mark));
  command.cargo.marks = std::move(marks);
  command.cargo.truth = command.truth;
  command.server.port_file = command.port_file;
  char serial[16];
  std::snprintf(serial, sizeof serial, "CP74-%05u", static_cast<unsigned>(command.cargo.seed % 100000));
  command.server.serial = serial_or(serial);
  CargoSource source(command.cargo);
  return serve_cargo(source, command.server, Report(language, command.json));
}

}  // namespace

const Simulator nuctech_simulator{"nuctech", "sim.nuctech_help", run};

}  // namespace garita::sim
