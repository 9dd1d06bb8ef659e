// garita-sim astrophysics: the bag cabinet and the low-energy lane of drivers/astrophysics.
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>
#include <sstream>

#include "tools/garita-sim/astrophysics/server.hpp"
#include "tools/garita-sim/marks.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

namespace po = boost::program_options;

struct Command {
  std::string listen = "127.0.0.1:0", port_file, truth, model = "cabinet", fault, mark;
  bool json = false, help = false;
  CabinetOptions cabinet;
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
  option("model", "cabinet_model", po::value(&c.model)->value_name("NAME"));
  option("seed", "seed", po::value(&c.cabinet.seed)->value_name("N"));
  option("count", "count", po::value(&c.cabinet.count)->value_name("N"));
  option("rate", "rate", po::value(&c.cabinet.bags_per_h)->value_name("X"));
  option("scene", "scene", po::value(&c.cabinet.scene)->value_name("NAME"));
  option("truth", "truth", po::value(&c.truth)->value_name("DIR"));
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
base::Result<void> take_address(const std::string& text, CabinetOptions& options) {
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

// "0x20,0x48": this machine's codes are bytes.
base::Result<std::vector<uint8_t>> codes_of(const std::string& given) {
  GARITA_TRY_ASSIGN(marks, parse_marks(given));
  std::vector<uint8_t> codes;
  for (const std::string& mark : marks) {
    uint8_t code = 0;
    const std::string digits = mark.starts_with("0x") ? mark.substr(2) : "";
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, code, 16);
    if (stopped != end || error != std::errc()) return usage("sim.bad_value", "option", "--mark");
    codes.push_back(code);
  }
  return codes;
}

// A lorry does not fit a cabinet.
base::Result<void> check(const Command& c) {
  if (!is_scene(c.cabinet.scene)) return usage("sim.unknown_scene", "name", c.cabinet.scene);
  if (c.cabinet.scene == "lorry" && c.model == "cabinet")
    return usage("sim.scene_too_large", "scene", c.cabinet.scene);
  if (!(c.cabinet.bags_per_h >= 0 && c.cabinet.bags_per_h <= 1e6))
    return usage("sim.bad_value", "option", "--rate");
  return {};
}

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const po::options_description all = options_of(command, language);
  GARITA_TRY(parse(arguments, all));
  if (command.help) {
    std::ostringstream options;
    options << all;
    std::printf("%s\n\n%s", base::text(language, "sim.astrophysics_usage").c_str(), options.str().c_str());
    return {};
  }
  GARITA_TRY(check(command));
  GARITA_TRY(take_address(command.listen, command.cabinet));
  if (!command.fault.empty()) {
    GARITA_TRY_ASSIGN(fault, parse_fault(command.fault));
    if (fault.kind == Fault::Kind::length) return usage("sim.bad_fault", "given", command.fault);
    command.cabinet.fault = fault;
  }
  GARITA_TRY_ASSIGN(model, model_by_name(command.model, command.cabinet.seed));
  GARITA_TRY_ASSIGN(marks, codes_of(command.mark));
  command.cabinet.marks = std::move(marks);
  command.cabinet.port_file = command.port_file;
  command.cabinet.truth = command.truth;
  return serve_cabinet(model, command.cabinet, Report(language, command.json));
}

}  // namespace

const Simulator astrophysics_simulator{"astrophysics", "sim.astrophysics_help", run};

}  // namespace garita::sim
