// garita-sim nuctech: the dual-energy cargo portal of drivers/nuctech.
#include <boost/program_options.hpp>
#include <cstdio>
#include <sstream>

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

po::options_description options_of(Command& c, base::Language language) {
  po::options_description all;
  const auto option = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, base::text(language, std::string("sim.option_") + id).c_str());
  };
  option("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  option("port-file", "port_file", po::value(&c.port_file)->value_name("FILE"));
  option("seed", "seed", po::value(&c.cargo.seed)->value_name("N"));
  option("count", "count", po::value(&c.server.count)->value_name("N"));
  option("rate", "rate", po::value(&c.server.rate_per_h)->value_name("X"));
  option("scene", "scene", po::value(&c.cargo.scene)->value_name("NAME"));
  option("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  option("misfires", "misfires", po::value(&c.cargo.misfires)->value_name("X"));
  option("scans-a-shift", "scans_a_shift", po::value(&c.server.scans_a_shift)->value_name("N"));
  option("fault", "fault", po::value(&c.fault)->value_name("KIND:N"));
  option("mark", "mark", po::value(&c.mark)->value_name("CODE,…"));
  option("json", "json", po::bool_switch(&c.json));
  option("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Result<void> parse(const std::vector<std::string>& arguments, const po::options_description& all) {
  try {
    po::variables_map values;
    po::positional_options_description none;
    po::store(po::command_line_parser(arguments).options(all).positional(none).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    return usage("sim.bad_option", "reason", error.what());
  }
  return {};
}

// "HOST:PORT", "[::1]:7001".
base::Result<void> take_address(const std::string& text, CargoServerOptions& options) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return usage("sim.bad_address", "address", text);
  const std::string port = text.substr(colon + 1);
  options.host = text.substr(0, colon);
  if (options.host.front() == '[' && options.host.back() == ']')
    options.host = options.host.substr(1, options.host.size() - 2);
  const bool digits =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || options.host.empty() || std::stoul(port) > 65535)
    return usage("sim.bad_address", "address", text);
  options.port = static_cast<uint16_t>(std::stoul(port));
  return {};
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
  const po::options_description all = options_of(command, language);
  GARITA_TRY(parse(arguments, all));
  if (command.help) {
    std::ostringstream options;
    options << all;
    std::printf("%s\n\n%s", base::text(language, "sim.nuctech_usage").c_str(), options.str().c_str());
    return {};
  }
  GARITA_TRY(check(command));
  GARITA_TRY(take_address(command.listen, command.server));
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
