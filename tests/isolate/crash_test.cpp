// What is known of a driver's end: the function that it died in, by file and offset; its last calls and bytes; and that all of
// it is outside data.
#include "core/isolate/crash.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <sstream>
#include <thread>

#include "core/isolate/box/reach.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::isolate {
namespace {

using testing::in_ms;

struct Seen final : WorkerObserver {
  std::vector<Crash> crashes;
  std::vector<Usage> workers;
  void ended(const Usage& used) override { workers.push_back(used); }
  void crashed(const Crash& crash) override { crashes.push_back(crash); }
};

// Where a function lies in a binary, as nm says.
struct Place {
  uint64_t begin = 0, end = 0;
  bool holds(uint64_t offset) const { return offset >= begin && offset < end; }
};

Place place_of(const load::Manifest& manifest, const std::string& function) {
  const std::string command = "nm -S --defined-only '" + manifest.binary().string() + "'";
  FILE* const names = popen(command.c_str(), "r");
  std::array<char, 512> line{};
  Place place;
  while (names && fgets(line.data(), line.size(), names)) {
    std::istringstream words(line.data());
    std::string begin, size, kind, name;
    words >> begin >> size >> kind >> name;
    if (name == function) place.begin = std::stoull(begin, nullptr, 16), place.end = place.begin + std::stoull(size, nullptr, 16);
  }
  if (names) pclose(names);
  EXPECT_NE(place.end, 0u) << function << " is not in " << manifest.binary();
  return place;
}

class CrashOf : public ::testing::Test {
 protected:
  Crash crash_of(const std::string& mutant) {
    manifest_ = testing::manifest_of("deadly", "mutant_" + mutant);
    options_.observer = &seen_;
    options_.load_ms = 400;
    load::testing::MemoryServices services;
    if (auto session = open_isolated(manifest_, services, "M1", "lane 1", in_ms(1000), options_); session) {
      for (int i = 0; i < 100 && (*session)->next(in_ms(50)).status < 100; ++i) {
      }
      (void)(*session)->close(in_ms(50));
    }
    EXPECT_EQ(seen_.crashes.size(), 1u);
    EXPECT_EQ(seen_.workers.size(), 1u);
    return seen_.crashes.empty() ? Crash{} : seen_.crashes.back();
  }
  // The outermost of the innermost: the first frame that lies in the driver's own file.
  std::optional<Frame> own_frame(const Crash& crash) const {
    if (crash.struck)
      for (const Frame& frame : crash.struck->frames)
        if (frame.file == manifest_.driver.path) return frame;
    return std::nullopt;
  }

  Seen seen_;
  WorkerOptions options_;
  load::Manifest manifest_;
};

class CrashInBox : public CrashOf, public ::testing::WithParamInterface<Box> {};
INSTANTIATE_TEST_SUITE_P(Each, CrashInBox, ::testing::Values(Box::B0, Box::B1, Box::B2, Box::B3),
                         [](const auto& box) { return std::string(name_of(box.param)); });

TEST_P(CrashInBox, names_the_function_that_it_died_in) {
  if (!try_box({}, GetParam())) GTEST_SKIP() << "SKIPPED, not a pass: this machine has no " << name_of(GetParam());
  options_.box = GetParam();
  const Crash crash = crash_of("segv_in_next");
  EXPECT_EQ(crash.box, GetParam());
  ASSERT_TRUE(crash.struck);
  EXPECT_EQ(crash.struck->signal, SIGSEGV);
  EXPECT_EQ(crash.struck->address, 0u);
  ASSERT_GE(crash.struck->frames.size(), 3u);
  EXPECT_EQ(crash.struck->frames[0].file, "mutant_segv_in_next.so");
  EXPECT_TRUE(place_of(manifest_, "segv").holds(crash.struck->frames[0].offset)) << crash.struck->frames[0].offset;
  EXPECT_EQ(crash.struck->frames[1].file, "mutant_segv_in_next.so");
  EXPECT_EQ(crash.struck->frames.back().file.find("mutant"), std::string::npos) << "it was called by the worker";
}

TEST_P(CrashInBox, of_a_hanging_driver_says_where_it_hangs) {
  if (!try_box({}, GetParam())) GTEST_SKIP() << "SKIPPED, not a pass: this machine has no " << name_of(GetParam());
  options_.box = GetParam();
  const Crash crash = crash_of("busy_in_next");
  EXPECT_EQ(crash.error.id, "isolate.hung");
  ASSERT_TRUE(own_frame(crash));
}

TEST_F(CrashOf, an_abort_shows_the_drivers_frame_behind_the_c_librarys) {
  const Crash crash = crash_of("abort_in_next");
  EXPECT_EQ(crash.struck.value_or(Struck{}).signal, SIGABRT);
  ASSERT_TRUE(own_frame(crash));
  EXPECT_NE(crash.struck->frames[0].file, manifest_.driver.path);
  EXPECT_EQ(crash.error.field("signal"), "SIGABRT") << "the handler changes nothing of how it ends";
}

TEST_F(CrashOf, a_stack_that_ran_over_is_told_from_a_stack_of_its_own) {
  const Crash crash = crash_of("stack_overflow_in_next");
  ASSERT_TRUE(own_frame(crash));
  EXPECT_TRUE(place_of(manifest_, "overflow").holds(own_frame(crash)->offset));
  EXPECT_LE(crash.struck->frames.size(), max_frames);
}

TEST_F(CrashOf, a_constructor_is_named_too) {
  const Crash crash = crash_of("segv_in_constructor");
  EXPECT_EQ(crash.error.id, "load.constructor");
  ASSERT_TRUE(own_frame(crash));
  EXPECT_TRUE(place_of(manifest_, "segv").holds(own_frame(crash)->offset));
}

TEST_F(CrashOf, a_thread_of_the_driver_is_named_too) {
  const Crash crash = crash_of("segv_in_thread");
  ASSERT_TRUE(own_frame(crash));
  EXPECT_TRUE(place_of(manifest_, "segv").holds(own_frame(crash)->offset));
}

TEST_F(CrashOf, a_driver_that_blocks_signals_leaves_its_calls_alone) {
  const Crash crash = crash_of("signals_blocked_in_next");
  EXPECT_EQ(crash.error.id, "isolate.hung");
  EXPECT_FALSE(crash.struck);
  EXPECT_FALSE(crash.calls.empty());
}

TEST_F(CrashOf, the_binary_is_named_by_its_build_id) {
  const Crash crash = crash_of("segv_in_next");
  const auto own = std::find_if(crash.files.begin(), crash.files.end(),
                                [&](const LoadedFile& file) { return file.file == manifest_.driver.path; });
  ASSERT_NE(own, crash.files.end());
  const std::string command = "readelf -n '" + manifest_.binary().string() + "' | grep -q 'Build ID: " + own->build_id + "$'";
  EXPECT_FALSE(own->build_id.empty());
  EXPECT_EQ(std::system(command.c_str()), 0) << own->build_id;
}

TEST_F(CrashOf, the_last_calls_end_with_the_one_under_way) {
  const Crash crash = crash_of("segv_in_next");
  ASSERT_GE(crash.calls.size(), 5u);
  EXPECT_LE(crash.calls.size(), CallTrail::max_calls);
  EXPECT_STREQ(name_of_call(crash.calls[0].call), "load");
  EXPECT_STREQ(name_of_call(crash.calls[1].call), "open");
  EXPECT_STREQ(name_of_call(crash.calls.back().call), "next");
  EXPECT_FALSE(crash.calls.back().answered);
  for (size_t i = 0; i + 1 < crash.calls.size(); ++i) EXPECT_TRUE(crash.calls[i].answered) << i;
}

TEST_F(CrashOf, its_worker_is_accounted_for) {
  const Crash crash = crash_of("busy_in_next");
  EXPECT_GT(crash.used.cpu_ns, 1'000'000u) << "it was busy till it was killed, which an init alone never is";
  EXPECT_GT(crash.used.peak_bytes, 1u << 20) << "more than an init has";
  EXPECT_LT(crash.used.peak_bytes, 1u << 30);
  EXPECT_EQ(seen_.workers[0].cpu_ns, crash.used.cpu_ns);
}

TEST(CrashTrail, the_last_bytes_of_each_stream_are_kept_and_no_more) {
  load::testing::MemoryServices services;
  services.streams["scanner"].bytes = std::string(300, 'a') + "x";
  services.streams["scanner"].ends = false;
  Seen seen;
  WorkerOptions options;
  options.observer = &seen;
  auto session = open_isolated(testing::manifest_of("test-drivers", "obedient"), services, "M1", "", in_ms(1000), options);
  ASSERT_TRUE(session);
  while ((*session)->next(in_ms(1000)).status == GARITA_OK) {
  }
  ASSERT_EQ(seen.crashes.size(), 1u);
  ASSERT_EQ(seen.crashes[0].streams.size(), 1u);
  const StreamTail& tail = seen.crashes[0].streams[0];
  EXPECT_EQ(tail.name, "scanner");
  EXPECT_EQ(tail.received_bytes, 301u);
  ASSERT_EQ(tail.received.size(), StreamTail::max_bytes);
  EXPECT_EQ(tail.received.back(), std::byte{'x'});
  EXPECT_EQ(seen.crashes[0].calls.size(), CallTrail::max_calls);
}

TEST(CrashTrail, a_long_command_that_its_own_host_calls_pushed_out_is_not_overwritten) {
  CallTrail trail;
  trail.began(3);
  for (uint32_t i = 0; i < 100; ++i) trail.served(101, i);
  trail.ended(7);
  const auto calls = trail.calls();
  ASSERT_EQ(calls.size(), CallTrail::max_calls);
  for (size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls[i].status, 36 + i);
}

TEST(CrashTrail, streams_without_number_are_cut_off) {
  CallTrail trail;
  for (int i = 0; i < 1000; ++i) trail.received("stream " + std::to_string(i), {});
  EXPECT_EQ(trail.streams().size(), CallTrail::max_streams);
}

TEST(CheckTrace, any_bytes_at_all_give_something_that_can_be_shown) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto trace = std::make_unique<Trace>();
  for (int round = 0; round < 2000; ++round) {
    auto* const bytes = reinterpret_cast<unsigned char*>(trace.get());
    for (size_t i = 0; i < sizeof(Trace); ++i) bytes[i] = static_cast<unsigned char>(random());
    trace->signal = round % 2 == 0 ? 11 : static_cast<int>(random());
    const CheckedTrace checked = check_trace(*trace, load::Manifest{});
    EXPECT_LE(checked.files.size(), max_modules);
    EXPECT_LE(checked.struck.value_or(Struck{}).frames.size(), max_frames);
    for (const LoadedFile& file : checked.files) {
      EXPECT_LE(file.build_id.size(), 2 * max_build_id_bytes);
      EXPECT_EQ(file.file, base::printable(file.file));
      EXPECT_EQ(file.file.find('/'), std::string::npos);
    }
  }
}

TEST(CheckTrace, a_trace_that_was_never_begun_is_none) {
  const auto trace = std::make_unique<Trace>();
  std::memset(static_cast<void*>(trace.get()), 0, sizeof(Trace));
  EXPECT_FALSE(check_trace(*trace, load::Manifest{}).struck);
  trace->state = Trace::whole;
  trace->signal = 999;
  EXPECT_FALSE(check_trace(*trace, load::Manifest{}).struck) << "there is no such signal";
}

TEST(Debugger, waits_before_any_of_the_drivers_code_and_takes_the_watchdog_away) {
  load::testing::MemoryServices services;
  services.streams["scanner"].ends = false;
  WorkerOptions options;
  pid_t debugged = 0;
  options.debugger = [&](pid_t worker) {
    debugged = worker;
    return base::Result<void>();
  };
  auto session = open_isolated(testing::manifest_of("test-drivers", "obedient"), services, "M1", "", in_ms(1000), options);
  ASSERT_TRUE(session);
  EXPECT_EQ(testing::workers(), std::vector<pid_t>{debugged});
  services.push("scanner", "b");  // computes until it is cancelled; its limit is 400 ms
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(900));
    (*session)->cancel();
  });
  EXPECT_EQ((*session)->next(in_ms(10)).status, GARITA_CANCELLED);
  canceller.join();
}

TEST(Debugger, that_refuses_ends_the_worker) {
  load::testing::MemoryServices services;
  WorkerOptions options;
  options.debugger = [](pid_t) -> base::Result<void> { return base::Error{base::Outcome::incomplete, "host.stopped", {}}; };
  auto session = open_isolated(testing::manifest_of("mutants", "mutant_good"), services, "M1", "", in_ms(1000), options);
  EXPECT_EQ(session.error().id, "host.stopped");
  EXPECT_TRUE(testing::workers().empty());
}

}  // namespace
}  // namespace garita::isolate
