// box.*: what it costs that a driver runs in box B2. bench_box [--only PREFIX]
//
// start_ms: from the wish for a worker to its answer that the driver is loaded (portal); ending it is in
// there too.
//
// syscall_ns: a system call that the box allows, beyond what it costs in B0.
//
// relay_gbytes: from the host's buffer into the driver's, through stream_read of 1 MiB.
//
// relay_rtt_us: 64 bytes from the driver to the host and 64 back.
//
// idle64_cpu: 64 lanes whose drivers wait in next, each called again every second, as a run does that is
// idle: processor time of host, inits and workers together, of one core.
//
// idle64_mb: of these, private dirty memory and page tables of worker and init, a lane.
//
// throughput: `garita scan` of one recording (twelve lorries of the simulated portal), driver and whole chain, as fast as
// it goes, against the same with --in-process-unsafe.
//
// cpu: processor time of the same, every process counted.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>

#include "core/base/text.hpp"
#include "core/isolate/launcher.hpp"
#include "core/isolate/session.hpp"
#include "garita/ext/message.h"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"

namespace garita::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t far = UINT64_MAX / 4;
constexpr unsigned lanes = 64;
constexpr auto idle_time = std::chrono::seconds(6);

using SessionPointer = std::unique_ptr<load::Session>;

template <typename T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "bench_box: %s\n", base::render(result.error(), base::Language::en).c_str());
  std::exit(1);
}

// A host that gives bytes at once, as many as are wanted, or none ever.
class Grants final : public load::Services {
 public:
  explicit Grants(bool gives) : gives_(gives) {
    limits_ = {
        sizeof limits_,          GARITA_MAX_EVENT_BYTES, 2u << 20, GARITA_MAX_ATTACHMENT_BYTES, 16, 16, 16,
        GARITA_MAX_MESSAGE_BYTES};
  }
  load::Answer stream_open(std::string_view, uint64_t, garita_stream_info&, uint32_t& stream) override {
    stream = 1;
    return {};
  }
  load::Answer stream_read(uint32_t, std::span<std::byte> out, uint64_t deadline_ns,
                           load::ReadInfo& info) override {
    if (!gives_) {
      std::unique_lock lock(mutex_);
      never_.wait_until(lock, std::chrono::steady_clock::time_point(
                                  std::chrono::nanoseconds(std::min<uint64_t>(deadline_ns, far))));
      return {GARITA_TIMEOUT, {}};
    }
    std::memcpy(out.data(), source_.data(), std::min(out.size(), source_.size()));
    info.size_bytes = static_cast<uint32_t>(std::min(out.size(), source_.size()));
    return {};
  }
  load::Answer stream_write(uint32_t, std::span<const std::byte> data, uint64_t, uint32_t& written) override {
    written = static_cast<uint32_t>(data.size());
    return {};
  }
  load::Answer stream_wait(std::span<const uint32_t>, uint64_t, uint64_t&, std::span<uint64_t>) override {
    return none();
  }
  load::Answer stream_close(uint32_t) override { return {}; }
  load::Answer object_next(uint32_t, uint64_t, load::ObjectInfo&) override { return none(); }
  load::Answer object_sibling(uint64_t, std::string_view, load::ObjectInfo&) override { return none(); }
  load::Answer object_read_at(uint64_t, uint64_t, std::span<std::byte>, uint32_t&) override { return none(); }
  load::Answer object_done(uint64_t) override { return none(); }
  load::Answer object_reject(uint64_t, uint32_t, std::string_view) override { return none(); }
  load::Answer strip_alloc(uint64_t, uint32_t, uint64_t, std::vector<load::StripMemory>&) override {
    return none();
  }
  uint64_t now_ns() override { return isolate::monotonic_ns(); }
  void log(uint32_t, std::string_view) override {}
  const image::Value* config(std::string_view) override { return nullptr; }
  load::Answer text_to_utf8(std::string_view, std::span<const std::byte>, std::string&) override {
    return none();
  }
  const garita_limits& limits() const override { return limits_; }
  void raise_cancel() override {}
  void lower_cancel() override {}

 private:
  static load::Answer none() { return {GARITA_NOT_SUPPORTED, {}}; }
  const bool gives_;
  std::vector<std::byte> source_ = std::vector<std::byte>(1u << 20, std::byte{7});
  std::mutex mutex_;
  std::condition_variable never_;
  garita_limits limits_{};
};

SessionPointer open(Grants& grants, const char* model, isolate::Box box) {
  static const load::Manifest busy =
      must(load::read_manifest(GARITA_BENCH_DRIVER_DIR "/busy/busy.garita.json"));
  isolate::WorkerOptions options;
  options.box = box;
  return must(isolate::open_isolated(busy, grants, model, "", far, options));
}

// What the driver says that one unit of its work took, in ns: the median.
double unit_ns(load::Session& session, unsigned rounds) {
  std::vector<double> all;
  for (unsigned round = 0; round < rounds + 1; ++round) {
    const load::Next next = session.next(far);
    const auto* health = std::get_if<image::Health>(&next.event);
    if (!health) must(base::Result<int>(next.error));
    if (round > 0) all.push_back(health->vendor_code);
  }
  return median(all);
}

Row amount(std::string name, double value, std::string unit, double target) {
  return {std::move(name), value, std::move(unit), target, Direction::at_most, value, std::nullopt};
}

Row start(unsigned rounds) {
  const load::Manifest portal = must(load::read_manifest(GARITA_DRIVER_DIR "/portal/portal.garita.json"));
  isolate::WorkerOptions options;
  options.box = isolate::Box::B2;
  const auto laps = race({[&] {
                           if (auto loaded = isolate::try_loading(portal, options); !loaded)
                             must(base::Result<int>(loaded.error()));
                         }},
                         {rounds, 0.2, Cost::wall});
  return amount("box.start_ms", laps[0].seconds * 1e3, "ms", 10);
}

Row syscall(unsigned rounds) {
  Grants grants(true);
  const SessionPointer boxed = open(grants, "calls", isolate::Box::B2),
                       free = open(grants, "calls", isolate::Box::B0);
  std::vector<double> more;
  double in_box = 0, outside = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    in_box = unit_ns(*boxed, 1) / 1000;
    outside = unit_ns(*free, 1) / 1000;
    more.push_back(in_box - outside);
  }
  std::printf("a system call: %.0f ns in B2, %.0f ns in B0\n", in_box, outside);
  return amount("box.syscall_ns", median(more), "ns", 300);
}

Row relay_gbytes(unsigned rounds) {
  Grants grants(true);
  const SessionPointer session = open(grants, "drink", isolate::Box::B2);
  const double rate = 256.0 * (1u << 20) / unit_ns(*session, rounds);
  return {"box.relay_gbytes", rate, "GB/s", 1.5, Direction::at_least, rate, std::nullopt};
}

Row relay_rtt(unsigned rounds) {
  Grants grants(true);
  const SessionPointer session = open(grants, "talk", isolate::Box::B2);
  return amount("box.relay_rtt_us", unit_ns(*session, rounds) / 1e3, "us", 20);
}

// ---- Idle lanes

std::vector<pid_t> children_of(pid_t parent) {
  const std::string id = std::to_string(parent);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  std::vector<pid_t> found;
  for (pid_t pid = 0; file >> pid;) found.push_back(pid);
  return found;
}

double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) +
                     "/schedstat");  // of its first thread; the cancel thread sleeps
  double ns = 0;
  return file >> ns ? ns / 1e9 : 0;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double kilobytes(pid_t pid, const char* file, const char* key) {
  std::ifstream text("/proc/" + std::to_string(pid) + "/" + file);
  for (std::string line; std::getline(text, line);)
    if (line.rfind(key, 0) == 0) return std::stod(line.substr(std::strlen(key)));
  return 0;
}

std::vector<Row> idle64() {
  Grants grants(false);
  std::vector<SessionPointer> sessions;
  for (unsigned i = 0; i < lanes; ++i) sessions.push_back(open(grants, "wait", isolate::Box::B2));
  std::vector<pid_t> processes;
  for (const pid_t init : children_of(isolate::Launcher::of(isolate::find_worker_program())->pid())) {
    processes.push_back(init);
    for (const pid_t worker : children_of(init)) processes.push_back(worker);
  }
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (const SessionPointer& session : sessions)
    threads.emplace_back([&stop, own = session.get()] {
      while (!stop) (void)own->next(isolate::monotonic_ns() + 1'000'000'000);
    });
  const auto used = [&] {
    return std::accumulate(processes.begin(), processes.end(), own_cpu_seconds(),
                           [](double sum, pid_t p) { return sum + cpu_seconds(p); });
  };
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const double before = used();
  const auto from = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(idle_time);
  const double share =
      (used() - before) / std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  double total_kb = 0;
  for (const pid_t pid : processes)
    total_kb += kilobytes(pid, "smaps_rollup", "Private_Dirty:") + kilobytes(pid, "status", "VmPTE:");
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::printf("idle: %zu processes for %u lanes\n", processes.size(), lanes);
  return {amount("box.idle64_cpu", share, "cores", 0.01),
          amount("box.idle64_mb", total_kb / 1024 / lanes, "MiB", 8)};
}

// ---- The whole chain

constexpr const char* portal = GARITA_DRIVER_DIR "/portal/portal.garita.json";

// Starts a program of ours without a word on the terminal.
pid_t start_program(const std::string& name, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), GARITA_BIN_DIR "/" + name);
  std::vector<char*> given;
  for (std::string& argument : arguments) given.push_back(argument.data());
  given.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  const int nowhere = ::open("/dev/null", O_RDWR);
  dup2(nowhere, 1);
  dup2(nowhere, 2);
  execv(given[0], given.data());
  _exit(9);
}

// Ends the bench where the program fails.
rusage await_program(const char* name, pid_t child) {
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (status != 0) std::fprintf(stderr, "bench_box: %s ended with %d\n", name, status), std::exit(1);
  return usage;
}

// What a portal says when twelve lorries pass.
void record(const fs::path& folder) {
  const fs::path port = folder / "port";
  const pid_t scanner = start_program("garita-sim", {"portal", "--listen", "127.0.0.1:0", "--port-file", port, "--count",
                                                     "12", "--seed", "5"});
  for (int i = 0; i < 500 && (!fs::exists(port) || fs::file_size(port) == 0); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  std::string number;
  std::ifstream(port) >> number;
  await_program("garita scan --record",
                start_program("garita", {"scan", "--driver", portal, "--source", "scanner=tcp://127.0.0.1:" + number,
                                         "--count", "12", "--out", folder / "first", "--state", folder / "state",
                                         "--record", folder / "session"}));
  await_program("garita-sim", scanner);
  fs::remove_all(folder / "first");
}

struct Used {
  double wall_s = 0, cpu_s = 0;
};

Used replay(const fs::path& folder, const std::vector<std::string>& how) {
  std::vector<std::string> arguments = {"scan", "--driver", portal, "--replay", folder / "session", "--until-empty",
                                        "--out", folder / "out", "--state", folder / "state", "--json"};
  arguments.insert(arguments.end(), how.begin(), how.end());
  const auto from = std::chrono::steady_clock::now();
  const rusage usage = await_program("garita scan --replay", start_program("garita", arguments));
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  const auto packages = std::distance(fs::directory_iterator(folder / "out"), fs::directory_iterator());
  if (packages != 12) std::fprintf(stderr, "bench_box: %td packages of 12\n", packages), std::exit(1);
  fs::remove_all(folder / "out");
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return {wall_s, seconds(usage.ru_utime) + seconds(usage.ru_stime)};
}

std::vector<Row> whole_chain(unsigned rounds) {
  const fs::path folder = fs::path(fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path()) /
                          ("garita-bench-box-" + std::to_string(getpid()));
  std::vector<double> wall, peer_wall, cpu, peer_cpu;
  fs::create_directories(folder);
  record(folder);
  (void)replay(folder, {"--box", "B2"});
  for (unsigned round = 0; round < rounds; ++round) {
    const Used boxed = replay(folder, {"--box", "B2"}), inside = replay(folder, {"--in-process-unsafe"});
    wall.push_back(boxed.wall_s), peer_wall.push_back(inside.wall_s);
    cpu.push_back(boxed.cpu_s), peer_cpu.push_back(inside.cpu_s);
  }
  fs::remove_all(folder);
  const double ours = median(cpu), peer = median(peer_cpu);
  return {rate_ratio("box.throughput", 0.95, 1 / median(wall), 1 / median(peer_wall)),
          {"box.cpu", ours / peer, "ratio", 1.1, Direction::at_most, ours, peer}};
}

int run(const Arguments& arguments) {
  const unsigned rounds = arguments.rounds(9);
  using Rows = std::vector<Row>;
  const std::vector<std::pair<std::string, std::function<Rows()>>> all = {
      {"start_ms", [&] { return Rows{start(rounds)}; }},
      {"syscall_ns", [&] { return Rows{syscall(rounds)}; }},
      {"relay_gbytes", [&] { return Rows{relay_gbytes(rounds)}; }},
      {"relay_rtt_us", [&] { return Rows{relay_rtt(rounds)}; }},
      {"idle64", [&] { return idle64(); }},
      {"whole_chain", [&] { return whole_chain(rounds); }}};
  Rows rows;
  for (const auto& [name, measure] : all)
    if (name.starts_with(arguments.value("only")))
      for (const Row& row : measure()) rows.push_back(row);
  return report(arguments, rows);
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv, {"only"})); }
