// garita-sim fleet: many portals in one process, for soak and scale. Each plays one prepared scan, so that
// what the fleet costs is sending; it says how much processor time that was.
#include <sys/resource.h>

#include <atomic>
#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tools/garita-sim/fleet_lane.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

namespace po = boost::program_options;
using namespace std::chrono_literals;
using Clock = FleetLane::Clock;

constexpr auto step = 20ms;
constexpr auto say_every = 1s;

std::atomic<bool> stop_asked{false};
void ask_to_stop(int) { stop_asked = true; }

struct Command {
  uint32_t lanes = 9;
  double rate = 150, passage_s = 0, unplug_s = 0;
  uint64_t count = 0;
  std::string host = "127.0.0.1", site, keys;
  TapeOptions tape;
  bool help = false;
};

po::options_description options_of(Command& c, base::Language language) {
  po::options_description all;
  const auto option = [&](const char* name, const po::value_semantic* value) {
    std::string id = std::string("sim.fleet_") + name;
    std::replace(id.begin(), id.end(), '-', '_');
    all.add_options()(name, value, base::text(language, id).c_str());
  };
  option("lanes", po::value(&c.lanes)->value_name("N"));
  option("rate", po::value(&c.rate)->value_name("X"));
  option("passage-s", po::value(&c.passage_s)->value_name("S"));
  option("count", po::value(&c.count)->value_name("N"));
  option("columns", po::value(&c.tape.columns)->value_name("N"));
  option("lines", po::value(&c.tape.lines)->value_name("N"));
  option("seed", po::value(&c.tape.seed)->value_name("N"));
  option("unplug-s", po::value(&c.unplug_s)->value_name("S"));
  option("site", po::value(&c.site)->value_name("FILE"));
  option("keys", po::value(&c.keys)->value_name("FILE"));
  all.add_options()("help,h", po::bool_switch(&c.help), base::text(language, "sim.option_help").c_str());
  return all;
}

base::Error usage(const char* option) {
  return {base::Outcome::usage, "sim.bad_value", {{"option", option}}};
}

base::Result<void> check(const Command& c) {
  if (c.lanes < 1 || c.lanes > 1000) return usage("--lanes");
  if (!(c.rate > 0 && c.rate <= 1e6)) return usage("--rate");
  if (!(c.passage_s >= 0 && c.passage_s <= 3600)) return usage("--passage-s");
  if (!(c.unplug_s >= 0 && c.unplug_s <= 86400)) return usage("--unplug-s");
  if (c.tape.columns < 16 || c.tape.columns > portal::max_columns) return usage("--columns");
  if (c.tape.lines < 16 || c.tape.lines > 100'000) return usage("--lines");
  return {};
}

// A site's configuration for `garita run`, there once every lane listens.
base::Result<void> write_site(const std::string& path, const std::vector<FleetLane>& lanes) {
  std::ofstream out(path + ".new");
  out << "schema = \"garita.site/1\"\n[site]\nname = \"Fleet\"\n[metrics]\nlisten = \"127.0.0.1:0\"\n";
  for (const FleetLane& lane : lanes)
    out << "[lanes." << lane.name()
        << ".devices.portal]\ndriver = \"portal\"\nsources = { scanner = \"tcp://127.0.0.1:" << lane.port()
        << "\" }\n";
  out.close();
  std::error_code error;
  std::filesystem::rename(path + ".new", path, error);
  if (!out || error) return base::Error{base::Outcome::usage, "sim.cannot_write_site", {{"path", path}}};
  return {};
}

double processor_s() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

// Every second, and at the end: a JSON line.
void say(const char* event, const std::vector<FleetLane>& lanes, double since_s) {
  uint64_t begun = 0, acknowledged = 0, again = 0, bytes = 0;
  for (const FleetLane& lane : lanes)
    begun += lane.begun(), acknowledged += lane.acknowledged(), again += lane.again(),
        bytes += lane.sent_bytes();
  const nlohmann::json line = {
      {"event", event}, {"lanes", lanes.size()}, {"begun", begun},     {"acknowledged", acknowledged},
      {"again", again}, {"bytes", bytes},        {"seconds", since_s}, {"processor_s", processor_s()}};
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

void write_keys(const std::string& path, const std::vector<FleetLane>& lanes) {
  std::ofstream out(path);
  for (const FleetLane& lane : lanes)
    for (const std::string& key : lane.keys()) out << lane.name() << ' ' << key << '\n';
}

void play(std::vector<FleetLane>& lanes, const Command& c) {
  const auto started = Clock::now();
  const auto since_s = [&] { return std::chrono::duration<double>(Clock::now() - started).count(); };
  auto next_say = started + say_every;
  double next_unplug_s = c.unplug_s;
  for (size_t victim = 0; !stop_asked;) {
    const auto now = Clock::now();
    bool done = true;
    for (FleetLane& lane : lanes) lane.step(now), done = done && lane.is_done();
    if (done) break;
    if (c.unplug_s > 0 && since_s() >= next_unplug_s)
      lanes[victim++ % lanes.size()].unplug(), next_unplug_s += c.unplug_s;
    if (now >= next_say) say("fleet", lanes, since_s()), next_say += say_every;
    std::this_thread::sleep_until(now + step);
  }
  say("fleet_end", lanes, since_s());
  if (!c.keys.empty()) write_keys(c.keys, lanes);
}

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const po::options_description all = options_of(command, language);
  try {
    po::variables_map values;
    po::store(po::command_line_parser(arguments).options(all).positional({}).run(), values);
    po::notify(values);
  } catch (const po::error& error) {
    return base::Error{base::Outcome::usage, "sim.bad_option", {{"reason", error.what()}}};
  }
  if (command.help) {
    std::ostringstream options;
    options << all;
    std::printf("%s\n\n%s", base::text(language, "sim.fleet_usage").c_str(), options.str().c_str());
    return {};
  }
  GARITA_TRY(check(command));
  GARITA_TRY_ASSIGN(tape, FleetTape::make(command.tape));
  std::signal(SIGTERM, ask_to_stop);
  std::signal(SIGINT, ask_to_stop);
  const auto period = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(3600 / command.rate));
  const auto passage = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(command.passage_s > 0 ? command.passage_s : 3600 / command.rate / 2));
  std::vector<FleetLane> lanes;
  const auto first = Clock::now();
  for (uint32_t i = 0; i < command.lanes; ++i) {  // not all at the same moment
    lanes.emplace_back("lane-" + std::to_string(i + 1), tape, LanePace{period, passage, command.count},
                       first + period * i / command.lanes);
    GARITA_TRY(lanes.back().listen(command.host));
  }
  if (!command.site.empty()) GARITA_TRY(write_site(command.site, lanes));
  play(lanes, command);
  return {};
}

}  // namespace

const Simulator fleet_simulator{"fleet", "sim.fleet_help", run};

}  // namespace garita::sim
