// fleet.*: how many lanes a host carries, and whether it grows. bench_fleet_lanes [--lanes 200] [--seconds
// 96] [--rate 150]
//
// - lanes: `garita run` over 200 simulated portals (2 x 682 x 1400 x 16 bit, 150 vehicles an hour each; every
// lane its own worker
//   in its box, every scan a signed package and a row of the catalog). The processor time of the host and all
//   its workers, for each scan that was stored, says how many such lanes two cores carry. The portals play
//   one prepared scan from a process of their own, whose time is measured apart and does not count.
// - rss_drift: memory of the host and all its workers (anonymous and shared, in proportion), of each process
// the
//   least in the last tenth of the run against that in the first; in per cent.
//   With GARITA_LONG=1 the run takes 30 minutes.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/bench/common/results.hpp"
#include "tests/bench/fleet_lanes/process_tree.hpp"

extern char** environ;

namespace garita::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr double target_lanes = 200, target_drift = 2, cores = 2;
constexpr int looks = 40;  // at memory, in the first and in the last tenth: strips come and go

class Program {
 public:
  Program(std::vector<std::string> words, const std::string& out) : out_(out) {
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_addopen(&actions, 2, (out + ".err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, arguments.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
  }
  ~Program() { end(SIGKILL); }
  pid_t pid() const { return pid_; }
  bool runs() { return pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == 0; }
  void end(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  const std::string out_;
  pid_t pid_ = -1;
};

// Counts lines of a growing file that hold a text; what was counted once is not read again.
class Counter {
 public:
  Counter(std::string path, std::string text) : in_(path), text_(std::move(text)) {}
  uint64_t count() {
    for (std::string line; std::getline(in_, line);) {
      if (in_.eof()) {  // not whole yet
        in_.clear();
        in_.seekg(-static_cast<std::streamoff>(line.size()), std::ios::cur);
        break;
      }
      count_ += line.find(text_) != line.npos;
    }
    in_.clear();
    return count_;
  }

 private:
  std::ifstream in_;
  const std::string text_;
  uint64_t count_ = 0;
};

bool wait_until(std::chrono::seconds longest, const std::function<bool()>& condition) {
  for (const auto end = Clock::now() + longest; Clock::now() < end; std::this_thread::sleep_for(100ms))
    if (condition()) return true;
  return condition();
}

nlohmann::json last_line(const std::string& path) {
  std::ifstream in(path);
  nlohmann::json last;
  for (std::string line; std::getline(in, line);)
    if (auto json = nlohmann::json::parse(line, nullptr, false); json.is_object()) last = std::move(json);
  return last;
}

// What the host and its workers hold at rest: of each process the least that it took within a time, together.
// What is in flight comes and goes, with each lane at another moment; what leaks stays, and is in each look.
double memory_at_rest(pid_t host, Clock::time_point from, double seconds) {
  std::map<pid_t, uint64_t> least;
  for (int i = 0; i < looks; ++i) {
    std::this_thread::sleep_until(from + std::chrono::duration<double>(seconds * (i + 0.5) / looks));
    std::map<pid_t, uint64_t> now = memory_of(host);
    for (auto& [pid, bytes] : now)
      if (const auto before = least.find(pid); before != least.end()) bytes = std::min(bytes, before->second);
    least = std::move(now);  // of those that are still there
  }
  std::this_thread::sleep_until(from + std::chrono::duration<double>(seconds));
  double sum = 0;
  for (const auto& [pid, bytes] : least) sum += static_cast<double>(bytes);
  return sum;
}

struct Result {
  uint64_t scans = 0;
  double seconds = 0, host_s = 0, sender_s = 0, drift = 0, mib_a_lane = 0;
  uint32_t processes = 0, threads = 0;
};

// What came while it was measured; nullopt, with a sentence, where the fleet did not come to run.
std::optional<Result> measure(const fs::path& folder, const std::string& lanes, const std::string& rate,
                              double seconds) {
  const std::string bin = GARITA_BIN_DIR, site = folder / "site.toml", events = folder / "events";
  Program fleet({bin + "/garita-sim", "fleet", "--lanes", lanes, "--rate", rate, "--site", site},
                folder / "fleet");
  if (!wait_until(60s, [&] { return fs::exists(site); })) return std::nullopt;
  Program host({bin + "/garita", "run", site, "--state", folder / "state", "--json", "--grace-s", "60"},
               events);
  if (!wait_until(10s, [&] { return fs::exists(events); })) return std::nullopt;
  Counter stored(events, "\"fate\":\"stored\""), incomplete(events, "\"fate\":\"incomplete\"");
  const auto warm = static_cast<uint64_t>(std::stoul(lanes)) *
                    2;  // every lane has had its first scans: memory is what it will be
  if (!wait_until(600s, [&] { return stored.count() >= warm || !host.runs(); }) || !host.runs())
    return std::nullopt;

  Result result;
  const Taken before = taken_by(host.pid());
  const uint64_t scans_before = stored.count();
  const double sender_before = last_line(folder / "fleet").value("processor_s", 0.0);
  const auto started = Clock::now();
  const double first = memory_at_rest(host.pid(), started, seconds / 10);
  const double last = memory_at_rest(
      host.pid(),
      started + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds * 0.9)),
      seconds / 10);
  const Taken after = taken_by(host.pid());
  result.scans = stored.count() - scans_before;
  result.seconds = std::chrono::duration<double>(Clock::now() - started).count();
  result.host_s = after.processor_s - before.processor_s;
  result.sender_s = last_line(folder / "fleet").value("processor_s", 0.0) - sender_before;
  result.drift = first > 0 ? 100 * (last - first) / first : 0;
  result.mib_a_lane = last / (1 << 20) / std::stod(lanes);
  result.processes = after.processes;
  result.threads = after.threads;
  host.end(SIGTERM);
  if (incomplete.count() > 0)
    std::fprintf(stderr, "bench_fleet_lanes: %lu scans were cut\n", incomplete.count());
  return result;
}

int run(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"lanes", "seconds", "rate"});
  const std::string lanes = arguments.value("lanes", "200"), rate = arguments.value("rate", "150");
  const char* is_long = std::getenv("GARITA_LONG");
  const double seconds = std::stod(arguments.value("seconds", is_long ? "1800" : "96"));
  std::string name = (fs::temp_directory_path() / "garita-fleet-XXXXXX").string();
  if (!::mkdtemp(name.data())) return 1;
  const auto result = measure(name, lanes, rate, seconds);
  std::error_code ignored;
  fs::remove_all(name, ignored);
  if (!result || result->scans == 0) {
    std::fprintf(stderr, "bench_fleet_lanes: the fleet did not come to run\n");
    return 1;
  }
  const double scans_a_second = std::stod(rate) / 3600;
  const double host_s_a_scan = result->host_s / static_cast<double>(result->scans);
  const double carried = cores / (host_s_a_scan * scans_a_second);
  const double offered = std::stod(lanes) * scans_a_second * result->seconds;
  std::printf(
      "%s lanes, %.0f s: %lu scans of %.0f offered; host and workers %.1f ms a scan (%.0f %% of two cores at "
      "%.0f lanes), "
      "the portals themselves %.1f ms a scan apart; %u processes, %u threads, %.1f MiB a lane\n",
      lanes.c_str(), result->seconds, result->scans, offered, host_s_a_scan * 1000,
      100 * target_lanes * scans_a_second * host_s_a_scan / cores, target_lanes,
      1000 * result->sender_s / static_cast<double>(result->scans), result->processes, result->threads,
      result->mib_a_lane);
  return report(
      arguments,
      {{"fleet.lanes", carried, "lanes", target_lanes, Direction::at_least, carried, {}},
       {"fleet.rss_drift", result->drift, "%", target_drift, Direction::at_most, result->drift, {}}});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(argc, argv); }
