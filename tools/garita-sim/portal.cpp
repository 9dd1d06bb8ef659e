// garita-sim portal: the dual-energy portal of drivers/portal.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <cstdio>
#include <optional>
#include <sstream>

#include "tools/garita-sim/given.hpp"
#include "tools/garita-sim/portal_server.hpp"
#include "tools/garita-sim/portal_source.hpp"
#include "tools/garita-sim/scenes.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

namespace po = boost::program_options;

struct Command {
  std::string listen = "127.0.0.1:0", truth, image, port_file, container, plate, scene = "lorry";
  uint64_t seed = 1;
  double air = 65535;
  uint32_t pitch_across_um = 5000, pitch_along_um = 5000;
  bool json = false, help = false;
  PortalOptions portal;
};

po::options_description options_of(Command& c, base::Language language) {
  const auto text = [&](const char* name) { return base::text(language, std::string("sim.option_") + name); };
  po::options_description all;
  const auto option = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, text(id).c_str());
  };
  option("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  option("port-file", "port_file", po::value(&c.port_file)->value_name("FILE"));
  option("seed", "seed", po::value(&c.seed)->value_name("N"));
  option("count", "count", po::value(&c.portal.count)->value_name("N"));
  option("interval-ms", "interval_ms", po::value(&c.portal.interval_ms)->value_name("N"));
  option("lines-per-s", "lines_per_s", po::value(&c.portal.lines_per_s)->value_name("X"));
  option("scene", "scene", po::value(&c.scene)->value_name("NAME"));
  option("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  option("image", "image", po::value(&c.image)->value_name("FILE.npy"));
  option("air", "air", po::value(&c.air)->value_name("A"));
  option("pitch-across-um", "pitch_across_um", po::value(&c.pitch_across_um)->value_name("N"));
  option("pitch-along-um", "pitch_along_um", po::value(&c.pitch_along_um)->value_name("N"));
  option("container", "container", po::value(&c.container)->value_name("TEXT"));
  option("plate", "plate", po::value(&c.plate)->value_name("TEXT"));
  option("drop-after-lines", "drop_after_lines", po::value(&c.portal.drop_after_lines)->value_name("N"));
  option("json", "json", po::bool_switch(&c.json));
  option("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Error usage(const char* id, std::string name, std::string value) {
  return {base::Outcome::usage, id, {{std::move(name), std::move(value)}}};
}

// "HOST:PORT", "[::1]:7001".
base::Result<void> take_address(const std::string& text, PortalOptions& options) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return usage("sim.bad_address", "address", text);
  options.host = text.substr(0, colon);
  if (options.host.front() == '[' && options.host.back() == ']')
    options.host = options.host.substr(1, colon - 2);
  const std::string port = text.substr(colon + 1);
  const bool digits =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || options.host.empty() || std::stoul(port) > 65535)
    return usage("sim.bad_address", "address", text);
  options.port = static_cast<uint16_t>(std::stoul(port));
  return {};
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

base::Result<void> check(const Command& c) {
  if (!(c.air >= 1024 && c.air <= 65535)) return usage("sim.bad_value", "option", "--air");
  if (!(c.portal.lines_per_s >= 0 && c.portal.lines_per_s <= 1e6))
    return usage("sim.bad_value", "option", "--lines-per-s");
  if (!is_scene(c.scene)) return usage("sim.unknown_scene", "name", c.scene);
  for (const uint32_t pitch : {c.pitch_across_um, c.pitch_along_um})
    if (pitch < (c.image.empty() ? 1000 : 10) || pitch > 1'000'000)
      return usage("sim.bad_value", "option", "--pitch-…-um");
  return {};
}

base::Result<std::unique_ptr<PortalSource>> source_of(const Command& c) {
  if (c.image.empty()) return truck_source(c.seed, c.truth, c.pitch_along_um, c.scene);
  ImageOptions image{c.image, c.air, c.pitch_across_um, c.pitch_along_um, {}};
  if (!c.container.empty())
    image.facts.emplace_back(static_cast<uint8_t>(portal::Fact::container), c.container);
  if (!c.plate.empty()) image.facts.emplace_back(static_cast<uint8_t>(portal::Fact::plate), c.plate);
  return image_source(image, c.seed, c.truth);
}

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const po::options_description all = options_of(command, language);
  GARITA_TRY(parse(arguments, all));
  if (command.help) {
    std::ostringstream options;
    options << all;
    std::printf("%s\n\n%s", base::text(language, "sim.portal_usage").c_str(), options.str().c_str());
    return {};
  }
  GARITA_TRY(check(command));
  GARITA_TRY(take_address(command.listen, command.portal));
  command.portal.port_file = command.port_file;
  char serial[16];
  std::snprintf(serial, sizeof serial, "SP64-%05u", static_cast<unsigned>(command.seed % 100000));
  command.portal.serial = serial_or(serial);
  GARITA_TRY_ASSIGN(source, source_of(command));
  return serve_portal(*source, command.portal, Report(language, command.json));
}

}  // namespace

const Simulator portal_simulator{"portal", "sim.portal_help", run};

}  // namespace garita::sim
