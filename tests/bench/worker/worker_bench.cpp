// worker.*: what it costs that a driver runs in a process of its own, without a box (B0). bench_worker [--only PREFIX]
//
// - handover: 160 MB scans through a worker against the same driver in-process, every pixel read once by the host.
// - event_spin_us: one small event, from the call of next to its return, while both ends look for each other.
// - event_sleep_us: the same where both ends sleep at once.
// - start_ms: from the wish for a worker to its answer that the driver is loaded and describes itself (portal); ending it
//   again is in there too.
// - start_vs_fork: a worker through the launcher until exec is done, against fork and exec of the same program, from a
//   host that has touched 320 MB.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <numeric>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/host/strip_pool.hpp"
#include "core/isolate/launcher.hpp"
#include "core/isolate/session.hpp"
#include "core/load/in_process.hpp"
#include "garita/ext/message.h"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"

namespace garita::bench {
namespace {

constexpr uint64_t pool_bytes = 64u << 20;
constexpr uint64_t far = UINT64_MAX / 4;
constexpr int events = 5000;

using SessionPointer = std::unique_ptr<load::Session>;

template <typename T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "bench_worker: %s\n", base::render(result.error(), base::Language::en).c_str());
  std::exit(1);
}

// A host with nothing to grant but strips: in-process from the pool that the host has for that.
class Grants final : public load::Services {
 public:
  Grants() {
    limits_ = {sizeof limits_,
               GARITA_MAX_EVENT_BYTES,
               pool_bytes / 32,
               GARITA_MAX_ATTACHMENT_BYTES,
               16,
               16,
               16,
               GARITA_MAX_MESSAGE_BYTES};
  }
  load::Answer stream_open(std::string_view, uint64_t, garita_stream_info&, uint32_t&) override {
    return none();
  }
  load::Answer stream_read(uint32_t, std::span<std::byte>, uint64_t, load::ReadInfo&) override {
    return none();
  }
  load::Answer stream_write(uint32_t, std::span<const std::byte>, uint64_t, uint32_t&) override {
    return none();
  }
  load::Answer stream_wait(std::span<const uint32_t>, uint64_t, uint64_t&, std::span<uint64_t>) override {
    return none();
  }
  load::Answer stream_close(uint32_t) override { return none(); }
  load::Answer object_next(uint32_t, uint64_t, load::ObjectInfo&) override { return none(); }
  load::Answer object_sibling(uint64_t, std::string_view, load::ObjectInfo&) override { return none(); }
  load::Answer object_read_at(uint64_t, uint64_t, std::span<std::byte>, uint32_t&) override { return none(); }
  load::Answer object_done(uint64_t) override { return none(); }
  load::Answer object_reject(uint64_t, uint32_t, std::string_view) override { return none(); }
  load::Answer strip_alloc(uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                           std::vector<load::StripMemory>& out) override {
    return pool_->alloc(size_bytes, count, deadline_ns, out);
  }
  uint64_t now_ns() override { return base::system_clock().monotonic_ns(); }
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
  std::shared_ptr<host::StripPool> pool_ = host::StripPool::create(pool_bytes);
  garita_limits limits_{};
};

// What a process of its own costs; what the box around it costs is bench_box's to say.
isolate::WorkerOptions unboxed() {
  isolate::WorkerOptions options;
  options.box = options.required_box = isolate::Box::B0;
  return options;
}

// Reads each pixel of one scan once.
uint64_t one_scan(load::Session& session) {
  uint64_t sum = 0;
  for (;;) {
    load::Next next = session.next(far);
    if (next.status != GARITA_OK) {
      std::fprintf(stderr, "bench_worker: %s\n", base::render(next.error, base::Language::en).c_str());
      std::exit(1);
    }
    if (const auto* strip = std::get_if<image::Strip>(&next.event)) {
      const auto* samples = reinterpret_cast<const uint16_t*>(strip->memory.get());
      sum += std::accumulate(samples, samples + strip->rows * strip->row_stride_bytes / 2, uint32_t{0});
    }
    if (std::holds_alternative<image::ScanEnd>(next.event)) return sum;
  }
}

Row handover(const load::Manifest& flood, unsigned rounds) {
  Grants here, there;
  const auto library = must(load::Library::load(flood));
  const SessionPointer in_process = must(load::open_in_process(library, here, "scans", "", far));
  const SessionPointer in_worker = must(isolate::open_isolated(flood, there, "scans", "", far, unboxed()));
  volatile uint64_t kept = 0;
  const auto laps = race({[&] { kept = one_scan(*in_worker); }, [&] { kept = one_scan(*in_process); }},
                         {rounds, 0.3, Cost::wall});
  std::printf("160 MB scan: worker %.1f ms, in-process %.1f ms (paired %.2f)\n", laps[0].seconds * 1e3,
              laps[1].seconds * 1e3, 1 / paired_ratio(laps[0], laps[1]));
  return rate_ratio("worker.handover", 0.9, 1 / laps[0].seconds, 1 / laps[1].seconds);
}

Row amount(std::string name, double value, std::string unit, double target) {
  return {std::move(name), value, std::move(unit), target, Direction::at_most, value, std::nullopt};
}

Row event(const load::Manifest& flood, const char* name, uint32_t spin_us, double target, unsigned rounds) {
  Grants grants;
  isolate::WorkerOptions options = unboxed();
  options.spin_us = spin_us;
  const SessionPointer session = must(isolate::open_isolated(flood, grants, "events", "", far, options));
  const auto laps = race({[&] {
                           for (int i = 0; i < events; ++i) (void)session->next(far);
                         }},
                         {rounds, 0.05, Cost::wall});
  std::printf("%s: %.2f in the best round\n", name,
              *std::min_element(laps[0].per_round.begin(), laps[0].per_round.end()) / events * 1e6);
  return amount(name, laps[0].seconds / events * 1e6, "us", target);
}

Row start(const load::Manifest& portal, unsigned rounds) {
  const auto laps = race({[&] {
                           if (!isolate::try_loading(portal, unboxed())) std::exit(1);
                         }},
                         {rounds, 0.2, Cost::wall});
  return amount("worker.start_ms", laps[0].seconds * 1e3, "ms", 5);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double by_launcher(isolate::Launcher& launcher) {
  const auto start = std::chrono::steady_clock::now();
  const auto child = must(launcher.spawn({}));
  const double seconds = seconds_since(start);
  kill(child.pid, SIGKILL);
  isolate::Usage used;
  (void)launcher.status(child.pid, used);
  return seconds;
}

double by_fork(const std::string& program) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::exit(1);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    char mode[] = "--worker";
    char* const arguments[] = {const_cast<char*>(program.c_str()), mode, nullptr};
    char* const environment[] = {nullptr};
    execve(program.c_str(), arguments, environment);
    _exit(1);
  }
  close(ends[1]);
  char byte;
  (void)!read(ends[0], &byte, 1);  // the end: exec has closed the child's
  const double seconds = seconds_since(start);
  close(ends[0]);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return seconds;
}

Row start_vs_fork(unsigned rounds) {
  const std::string program = isolate::find_worker_program();
  const auto launcher = isolate::Launcher::of(program);
  (void)by_launcher(*launcher);  // it is started early, when its host is small
  constexpr size_t touched = 320u << 20;
  auto* const memory =
      static_cast<char*>(mmap(nullptr, touched, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (memory == MAP_FAILED) std::exit(1);
  madvise(memory, touched, MADV_NOHUGEPAGE);  // as a heap of many small things has it
  for (size_t i = 0; i < touched; i += 4096) memory[i] = 1;
  std::vector<double> ours, peer;
  for (unsigned round = 0; round < rounds * 5; ++round) {
    ours.push_back(by_launcher(*launcher));
    peer.push_back(by_fork(program));
  }
  munmap(memory, touched);
  std::printf("start: launcher %.2f ms, fork %.2f ms\n", median(ours) * 1e3, median(peer) * 1e3);
  return rate_ratio("worker.start_vs_fork", 8, 1 / median(ours), 1 / median(peer));
}

int run(const Arguments& arguments) {
  const auto flood = must(load::read_manifest(GARITA_BENCH_DRIVER_DIR "/flood/flood.garita.json"));
  const auto portal = must(load::read_manifest(GARITA_DRIVER_DIR "/portal/portal.garita.json"));
  const unsigned rounds = arguments.rounds(9);
  const std::vector<std::pair<std::string, std::function<Row()>>> all = {
      {"start_vs_fork", [&] { return start_vs_fork(rounds); }},
      {"start_ms", [&] { return start(portal, rounds); }},
      {"event_spin_us", [&] { return event(flood, "worker.event_spin_us", 100, 1, rounds); }},
      {"event_sleep_us", [&] { return event(flood, "worker.event_sleep_us", 0, 30, rounds); }},
      {"handover", [&] { return handover(flood, rounds); }}};
  std::vector<Row> rows;
  for (const auto& [name, measure] : all)
    if (name.starts_with(arguments.value("only"))) rows.push_back(measure());
  return report(arguments, rows);
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv, {"only"})); }
