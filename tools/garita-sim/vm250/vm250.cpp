// garita-sim vm250: a radiation portal that counts, as a live stream of lines or as daily files.
#include <poll.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/clock.hpp"
#include "tools/garita-sim/listener.hpp"
#include "tools/garita-sim/simulator.hpp"
#include "tools/garita-sim/truth.hpp"
#include "tools/garita-sim/vm250/panel.hpp"

namespace garita::sim {
namespace {

namespace po = boost::program_options;
using boost::asio::ip::tcp;

constexpr uint64_t damage_stream = 1;
constexpr int64_t ms_a_day = 86'400'000, zone_ms = -7 * 3'600'000;

struct Command {
  std::string listen = "127.0.0.1:0", truth, port_file, dir, log_dir, scene = "lorry";
  uint64_t seed = 1, count = 0;
  double rate_per_h = 0, malformed = 0, start_s = 0;
  uint32_t drop_after_lines = 0;
  bool json = false, help = false;
};

Options options_of(Command& c, base::Language language) {
  Options all(language);
  all.add("listen", "listen", po::value(&c.listen)->value_name("HOST:PORT"));
  all.add("port-file", "port_file", po::value(&c.port_file)->value_name("FILE"));
  all.add("dir", "daily_dir", po::value(&c.dir)->value_name("DIR"));
  all.add("log-dir", "daily_log_dir", po::value(&c.log_dir)->value_name("DIR"));
  all.add("start", "start", po::value(&c.start_s)->value_name("X"));
  all.add("seed", "seed", po::value(&c.seed)->value_name("N"));
  all.add("count", "export_count", po::value(&c.count)->value_name("N"));
  all.add("rate", "rate", po::value(&c.rate_per_h)->value_name("X"));
  all.add("scene", "scene", po::value(&c.scene)->value_name("NAME"));
  all.add("malformed", "malformed", po::value(&c.malformed)->value_name("X"));
  all.add("drop-after-lines", "drop_after_lines", po::value(&c.drop_after_lines)->value_name("N"));
  all.add("truth", "truth", po::value(&c.truth)->value_name("DIR"));
  all.add("json", "json", po::bool_switch(&c.json));
  all.add("help,h", "help", po::bool_switch(&c.help));
  return all;
}

base::Result<void> check(const Command& c) {
  if (c.scene != "lorry" && c.scene != "object") return bad_value("--scene");
  if (!(c.rate_per_h >= 0 && c.rate_per_h <= 1e6)) return bad_value("--rate");
  if (!(c.malformed >= 0 && c.malformed <= 1)) return bad_value("--malformed");
  if (!c.dir.empty() && !c.log_dir.empty()) return bad_value("--log-dir");
  if (!(c.start_s >= 0 && c.start_s <= 4e9)) return bad_value("--start");
  return {};
}

// Lines as they go out: some malformed, as real panels send them, where that is wanted. What was done to a GX
// is told.
class Wire {
 public:
  Wire(uint64_t seed, double malformed) : random_(seed, damage_stream), malformed_(malformed) {}

  std::string text(const vm250::Message& message, const vm250::Stamps& stamps = {}) {
    std::string line = vm250::format(message, stamps);
    if (random_.chance(malformed_)) line = damaged(std::move(line)), ++damaged_;
    return line + "\r\n";
  }
  uint64_t damaged_so_far() const { return damaged_; }

 private:
  std::string damaged(std::string line) {
    switch (random_.below(4)) {
      case 0:
        return "";
      case 1:
        return line.substr(0, 2) + ",\"" + line.substr(3);
      case 2:
        return line.substr(0, std::min<size_t>(9, line.size()));
      default:
        return line.substr(0, line.size() / 2);
    }
  }

  Random random_;
  double malformed_;
  uint64_t damaged_ = 0;
};

base::Result<void> keep_truth(const Command& c, const PanelPassage& passage, uint64_t damaged) {
  if (c.truth.empty()) return {};
  const nlohmann::json truth = {
      {"occupancy", passage.number},        {"intervals", passage.intervals},
      {"gamma_sum", passage.gamma_sum},     {"neutron_sum", passage.neutron_sum},
      {"gamma_alarm", passage.gamma_alarm}, {"neutron_alarm", passage.neutron_alarm},
      {"s_per_ft", passage.s_per_ft},       {"damaged_lines", damaged}};
  return write_truth(c.truth, "occupancy-" + std::to_string(passage.number), truth.dump(1));
}

std::string day_name(int64_t local_ms) {
  return "rpm_" + base::format_utc(local_ms * 1'000'000, 0).substr(0, 10) + ".csv";
}

uint32_t time_of_day(int64_t ms) { return static_cast<uint32_t>(((ms % ms_a_day) + ms_a_day) % ms_a_day); }

int64_t now_ms() { return base::system_clock().utc_ns() / 1'000'000; }

// Lines by the day of the panel's local time. A file appears when it is written, and then whole.
class DailyFiles {
 public:
  DailyFiles(std::filesystem::path dir, const Report& report) : dir_(std::move(dir)), report_(report) {}

  void add(Wire& wire, int64_t at_ms, const vm250::Message& message) {
    const int64_t local_ms = at_ms + zone_ms;
    days_[day_name(local_ms)] += wire.text(message, {time_of_day(local_ms), time_of_day(at_ms)});
  }

  base::Result<void> write() const {
    std::error_code error;
    std::filesystem::create_directories(dir_, error);
    for (const auto& [name, lines] : days_) {
      const std::filesystem::path path = dir_ / name;
      std::ofstream(path.string() + ".part", std::ios::binary) << lines;
      std::filesystem::rename(path.string() + ".part", path, error);
      if (error)
        return base::Error{base::Outcome::usage,
                           "sim.cannot_export",
                           {{"path", path.string()}, {"reason", error.message()}}};
      report_.say("day_written", {{"path", path.string()}});
    }
    return {};
  }

 private:
  std::filesystem::path dir_;
  const Report& report_;
  std::map<std::string, std::string> days_;
};

// The live stream. What nobody listens to is gone, as with the real thing; the panel's own log has it still.
class LiveStream {
 public:
  LiveStream(const Command& command, const Report& report)
      : command_(command),
        report_(report),
        panel_(command.seed, command.scene == "object" ? Cargo::object : Cargo::lorry),
        wire_(command.seed, command.malformed),
        log_(command.log_dir, report) {}

  // The log is laid down when the panel has counted all.
  base::Result<void> serve() {
    boost::asio::io_context io;
    GARITA_TRY_ASSIGN(endpoint, Endpoint::parse(command_.listen));
    GARITA_TRY_ASSIGN(acceptor, listen(io, endpoint));
    GARITA_TRY(tell_port(endpoint, acceptor.local_endpoint().port(), command_.port_file, report_));
    while (more()) {
      boost::system::error_code error;
      tcp::socket socket = acceptor.accept(error);
      if (error) continue;
      GARITA_TRY(talk(socket));
    }
    return command_.log_dir.empty() ? base::Result<void>() : log_.write();
  }

 private:
  bool more() const { return command_.count == 0 || sent_ < command_.count; }

  base::Result<void> talk(tcp::socket& socket) {
    alive_ = true;
    send(socket, vm250::Tamper{false});
    for (const vm250::SetupLine& line : panel_.setup()) send(socket, line);
    while (alive_ && more()) {
      const auto begun = std::chrono::steady_clock::now();
      const PanelPassage passage = panel_.passage(static_cast<uint32_t>(sent_ + 1));
      const uint64_t damaged = wire_.damaged_so_far();
      const int64_t began_ms = now_ms();
      for (const auto* lines : {&passage.background, &passage.occupied})
        for (const PanelLine& line : *lines) {
          pace(begun, line.at_ms, passage);
          send(socket, line.message);
        }
      if (!alive_) break;
      keep_in_log(passage, began_ms);
      ++sent_;
      report_.say("counted", {{"number", std::to_string(passage.number)},
                              {"alarm", passage.gamma_alarm || passage.neutron_alarm ? "yes" : "no"}});
      GARITA_TRY(keep_truth(command_, passage, wire_.damaged_so_far() - damaged));
    }
    good_bye(socket);
    return {};
  }

  // As the lines were said; without a rate, at the pace of the vehicle.
  void keep_in_log(const PanelPassage& passage, int64_t began_ms) {
    if (command_.log_dir.empty()) return;
    began_ms = std::max(began_ms, logged_ms_);
    for (const auto* lines : {&passage.background, &passage.occupied})
      for (const PanelLine& line : *lines)
        log_.add(intact_, began_ms + static_cast<int64_t>(line.at_ms * stretch(passage)), line.message);
    logged_ms_ = began_ms + static_cast<int64_t>(passage.length_ms * stretch(passage));
  }

  // A passage fills its share of the hour: its lines keep their places in it.
  double stretch(const PanelPassage& passage) const {
    return command_.rate_per_h > 0 ? 3'600'000 / command_.rate_per_h / passage.length_ms : 1;
  }

  void pace(std::chrono::steady_clock::time_point begun, uint32_t at_ms, const PanelPassage& passage) const {
    if (command_.rate_per_h <= 0) return;
    const std::chrono::duration<double, std::milli> at(at_ms * stretch(passage));
    std::this_thread::sleep_until(begun +
                                  std::chrono::duration_cast<std::chrono::steady_clock::duration>(at));
  }

  void send(tcp::socket& socket, const vm250::Message& message) {
    if (!alive_) return;
    boost::system::error_code error;
    boost::asio::write(socket, boost::asio::buffer(wire_.text(message)), error);
    alive_ = !error;
    if (command_.drop_after_lines > 0 && ++lines_ == command_.drop_after_lines) alive_ = false;
  }

  // The host reads to the end and closes; a host that stays is not waited for.
  static void good_bye(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    pollfd wait{socket.native_handle(), POLLIN, 0};
    (void)::poll(&wait, 1, 2000);
  }

  const Command& command_;
  const Report& report_;
  Panel panel_;
  Wire wire_, intact_{0, 0};
  DailyFiles log_;
  int64_t logged_ms_ = 0;
  uint64_t sent_ = 0, lines_ = 0;
  bool alive_ = false;
};

// One occupancy a minute, in the panel's local time; a file a day.
base::Result<void> write_days(const Command& command, const Report& report) {
  const Panel panel(command.seed, command.scene == "object" ? Cargo::object : Cargo::lorry);
  Wire wire(command.seed, command.malformed);
  DailyFiles days(command.dir, report);
  int64_t utc_ms = command.start_s > 0 ? static_cast<int64_t>(command.start_s * 1000) : now_ms();
  for (const vm250::SetupLine& line : panel.setup()) days.add(wire, utc_ms, line);
  const uint64_t count = command.count == 0 ? 10 : command.count;
  for (uint32_t number = 1; number <= count; ++number, utc_ms += 60'000) {
    const PanelPassage passage = panel.passage(number);
    const uint64_t damaged = wire.damaged_so_far();
    for (const auto* lines : {&passage.background, &passage.occupied})
      for (const PanelLine& line : *lines) days.add(wire, utc_ms + line.at_ms, line.message);
    GARITA_TRY(keep_truth(command, passage, wire.damaged_so_far() - damaged));
  }
  return days.write();
}

base::Result<void> run(const std::vector<std::string>& arguments, base::Language language) {
  Command command;
  const Options options = options_of(command, language);
  GARITA_TRY(options.parse(arguments));
  if (command.help) return options.print("sim.vm250_usage"), base::Result<void>();
  GARITA_TRY(check(command));
  const Report report(language, command.json);
  return command.dir.empty() ? LiveStream(command, report).serve() : write_days(command, report);
}

}  // namespace

const Simulator vm250_simulator{"vm250", "sim.vm250_help", run};

}  // namespace garita::sim
