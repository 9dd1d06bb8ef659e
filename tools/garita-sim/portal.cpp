// garita-sim portal: the dual-energy portal of drivers/portal.
#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <cstdio>
#include <optional>

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

Options options_of(Command& c, base::Language language) {
  Options all(language);
  all.add("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  all.add("port-file", "port_file", po::value(&c.port_file)->value_name("FILE"));
  all.add("seed", "seed", po::value(&c.seed)->value_name("N"));
  all.add("count", "count", po::value(&c.portal.count)->value_name("N"));
  all.add("interval-ms", "interval_ms", po::value(&c.portal.interval_ms)->value_name("N"));
  all.add("lines-per-s", "lines_per_s", po::value(&c.portal.lines_per_s)->value_name("X"));
  all.add("scene", "scene", po::value(&c.scene)->value_name("NAME"));
  all.add("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  all.add("image", "image", po::value(&c.image)->value_name("FILE.npy"));
  all.add("air", "air", po::value(&c.air)->value_name("A"));
  all.add("pitch-across-um", "pitch_across_um", po::value(&c.pitch_across_um)->value_name("N"));
  all.add("pitch-along-um", "pitch_along_um", po::value(&c.pitch_along_um)->value_name("N"));
  all.add("container", "container", po::value(&c.container)->value_name("TEXT"));
  all.add("plate", "plate", po::value(&c.plate)->value_name("TEXT"));
  all.add("drop-after-lines", "drop_after_lines", po::value(&c.portal.drop_after_lines)->value_name("N"));
  all.add("json", "json", po::bool_switch(&c.json));
  all.add("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Error usage(const char* id, std::string name, std::string value) {
  return {base::Outcome::usage, id, {{std::move(name), std::move(value)}}};
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
  const Options options = options_of(command, language);
  GARITA_TRY(options.parse(arguments));
  if (command.help) return options.print("sim.portal_usage"), base::Result<void>();
  GARITA_TRY(check(command));
  GARITA_TRY_ASSIGN(endpoint, Endpoint::parse(command.listen));
  command.portal.endpoint = endpoint;
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
