// garita-sim astrophysics: the bag cabinet and the low-energy lane of drivers/astrophysics.
#include <boost/program_options.hpp>
#include <charconv>
#include <cstdio>

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

Options options_of(Command& c, base::Language language) {
  Options all(language);
  all.add("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  all.add("port-file", "port_file", po::value(&c.port_file)->value_name("FILE"));
  all.add("model", "cabinet_model", po::value(&c.model)->value_name("NAME"));
  all.add("seed", "seed", po::value(&c.cabinet.seed)->value_name("N"));
  all.add("count", "count", po::value(&c.cabinet.count)->value_name("N"));
  all.add("rate", "rate", po::value(&c.cabinet.bags_per_h)->value_name("X"));
  all.add("scene", "scene", po::value(&c.cabinet.scene)->value_name("NAME"));
  all.add("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  all.add("fault", "fault", po::value(&c.fault)->value_name("KIND:N"));
  all.add("mark", "mark", po::value(&c.mark)->value_name("CODE,…"));
  all.add("json", "json", po::bool_switch(&c.json));
  all.add("help,h", "help", po::bool_switch(&c.help));
  return all;
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
  const Options options = options_of(command, language);
  GARITA_TRY(options.parse(arguments));
  if (command.help) return options.print("sim.astrophysics_usage"), base::Result<void>();
  GARITA_TRY(check(command));
  GARITA_TRY_ASSIGN(endpoint, Endpoint::parse(command.listen));
  command.cabinet.endpoint = endpoint;
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
