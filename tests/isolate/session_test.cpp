// A session through a worker has load's face: cancel, statuses, extensions, host functions, the end; and what only a worker
// can have: death from outside, a launcher that dies, nothing left behind.
#include "core/isolate/session.hpp"

#include <signal.h>

#include <thread>

#include "core/isolate/box/reach.hpp"
#include "tests/isolate/workers.hpp"

namespace garita::isolate {
namespace {

using testing::in_ms;

class Session : public ::testing::Test {
 protected:
  Session() { services_.streams["scanner"].ends = false; }

  void open() {
    auto session = open_isolated(testing::manifest_of("test-drivers", "obedient"), services_, "M1", "lane 1",
                                 in_ms(5000), options_);
    ASSERT_TRUE(session.ok()) << base::render(session.error(), base::Language::en);
    session_ = std::move(*session);
  }
  void order(std::string_view bytes) { services_.push("scanner", bytes); }
  load::Next next(uint64_t ms = 5000) { return session_->next(in_ms(ms)); }
  // What the driver says that came of an order.
  std::string said(std::string_view bytes) {
    order(bytes);
    const load::Next got = next();
    const auto* health = std::get_if<image::Health>(&got.event);
    return health ? health->message : "status " + std::to_string(got.status) + " " + got.error.id;
  }

  WorkerOptions options_;
  load::testing::MemoryServices services_;
  std::unique_ptr<load::Session> session_;
};

TEST_F(Session, an_event_arrives_as_a_value) {
  open();
  order("ac");
  EXPECT_EQ(std::get<image::Health>(next().event).vendor_code, static_cast<uint32_t>('a'));
  EXPECT_EQ(std::get<image::Health>(next().event).vendor_code, static_cast<uint32_t>('c'));
}

TEST_F(Session, a_deadline_in_the_past_does_not_wait) {
  open();
  EXPECT_EQ(session_->next(0).status, GARITA_TIMEOUT);
}

TEST_F(Session, cancel_while_next_waits_in_the_host_gives_cancelled_once) {
  open();
  for (int round = 0; round < 50; ++round) {
    std::thread canceller([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(round * 50));
      session_->cancel();
    });
    EXPECT_EQ(next().status, GARITA_CANCELLED) << round;
    canceller.join();
    EXPECT_EQ(session_->next(0).status, GARITA_TIMEOUT) << round;
    EXPECT_FALSE(services_.cancelled());
  }
}

TEST_F(Session, cancel_while_the_driver_computes_gives_cancelled_once) {
  open();
  order("b");
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    session_->cancel();
  });
  EXPECT_EQ(next().status, GARITA_CANCELLED);
  canceller.join();
  EXPECT_EQ(session_->next(0).status, GARITA_TIMEOUT);
}

TEST_F(Session, cancel_between_two_calls_is_answered_by_the_next) {
  open();
  session_->cancel();
  EXPECT_EQ(next().status, GARITA_CANCELLED);
  EXPECT_EQ(session_->next(0).status, GARITA_TIMEOUT);
  EXPECT_EQ(services_.log_lines.at(0).second, "cancelled");
}

TEST_F(Session, cancel_that_a_computing_driver_never_sees_ends_at_the_watchdog) {
  open();
  order("b");
  const load::Next got = session_->next(in_ms(10));
  EXPECT_EQ(got.error.id, "isolate.hung");
  EXPECT_EQ(got.error.field("limit_ms"), "400");
}

TEST_F(Session, a_device_or_data_status_leaves_the_session_alive) {
  open();
  order("LCVa");
  EXPECT_EQ(next().status, GARITA_DEVICE_LOST);
  EXPECT_EQ(next().status, GARITA_DATA_CORRUPT);
  EXPECT_EQ(next().status, GARITA_VENDOR_STATUS + 5);
  EXPECT_EQ(next().status, GARITA_OK);
}

TEST_F(Session, after_a_fault_of_the_driver_the_session_is_dead) {
  open();
  order("Ma");
  EXPECT_EQ(next().error.id, "load.answered_silent");
  EXPECT_EQ(next().status, GARITA_OUT_OF_MEMORY);
  EXPECT_EQ(session_->stored("k", 1, in_ms(100)), GARITA_WRONG_STATE);
}

TEST_F(Session, stored_reaches_the_driver_and_its_stream) {
  open();
  EXPECT_EQ(session_->stored("scan-7", 1, in_ms(1000)), GARITA_OK);
  EXPECT_EQ(services_.streams["scanner"].written, "scan-7");
}

TEST_F(Session, a_message_of_the_full_size_is_answered) {
  open();
  const std::string large(GARITA_MAX_EVENT_BYTES / 16, 'x');
  const auto answer = session_->message("com.acme.echo", large, in_ms(1000));
  ASSERT_TRUE(answer.ok()) << answer.error().id;
  EXPECT_EQ(*answer, large);
}

TEST_F(Session, close_reaches_the_driver_once_and_next_is_refused_then) {
  open();
  EXPECT_TRUE(session_->close(in_ms(1000)).ok());
  EXPECT_TRUE(session_->close(in_ms(1000)).ok());
  EXPECT_EQ(services_.log_lines.size(), 1u);
  EXPECT_EQ(next().status, GARITA_WRONG_STATE);
  EXPECT_FALSE(services_.streams["scanner"].open);
}

TEST_F(Session, a_failed_open_is_the_hosts_own_sentence) {
  services_.streams.clear();
  auto session = open_isolated(testing::manifest_of("test-drivers", "obedient"), services_, "M1", "", in_ms(1000));
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().status, GARITA_NOT_CONFIGURED);
  EXPECT_EQ(session.error().field("message"), "no such stream");
}

TEST_F(Session, configuration_reaches_the_driver) {
  services_.configuration["speed"] = {GARITA_VALUE_I64, 42, 0, ""};
  open();
  EXPECT_EQ(said("k"), "42 " + std::to_string(GARITA_NOT_SUPPORTED));
}

TEST_F(Session, a_text_of_three_megabytes_is_converted) {
  open();
  EXPECT_EQ(said("t"), "0 " + std::to_string(2 * (3 << 20)) + " 0");
}

TEST_F(Session, objects_are_read_in_pieces_and_end_as_the_driver_says) {
  services_.streams["inbox"].kind = GARITA_STREAM_OBJECTS;
  services_.objects.push_back({"a.dcm", std::string(2 << 20, 'p') + "q", {{"a.xml", "<a/>"}}});
  services_.objects.push_back({"b.dcm", "torn", {}});
  open();
  const auto digest = static_cast<unsigned>(base::sha256(services_.objects[0].bytes)[0]);
  EXPECT_EQ(said("o"), "a.dcm " + std::to_string(2 << 20) + " q 0 " + std::to_string(digest));
  EXPECT_TRUE(services_.objects[0].done);
  EXPECT_EQ(services_.objects[1].rejected, GARITA_DATA_CORRUPT);
  EXPECT_EQ(services_.objects[1].reason, "it is torn");
}

TEST_F(Session, strips_are_zero_at_first_and_no_more_than_granted) {
  open();
  EXPECT_EQ(said("s"), "0 " + std::to_string(GARITA_HOST_LIMIT) + " 8");
}

TEST_F(Session, a_flood_of_log_lines_is_bounded_and_counted) {
  open();
  EXPECT_EQ(said("g"), "");
  EXPECT_EQ(services_.log_lines.front().second, "line 0 of many that fill the ring");
  EXPECT_LT(services_.log_lines.size(), 20000u);
  EXPECT_NE(services_.log_lines.back().second.find("dropped"), std::string::npos);
}

TEST_F(Session, the_worker_has_no_environment_and_only_its_own_descriptors) {
  options_.box = Box::B0;
  open();
  EXPECT_EQ(said("e"), "0 6");  // 0, 1, 2, region, pool, driver
}

TEST_F(Session, a_boxed_worker_has_no_descriptor_but_three_that_lead_nowhere) {
  if (!choose_box({}, std::nullopt)) GTEST_SKIP() << "SKIPPED, not a pass: no box here";
  open();
  EXPECT_EQ(said("e"), "0 3");
}

TEST_F(Session, the_drivers_clock_is_the_hosts) {
  open();
  const uint64_t before = in_ms(0);
  const uint64_t told = std::stoull(said("n"));
  EXPECT_GE(told, before);
  EXPECT_LE(told, in_ms(0));
}

TEST_F(Session, without_looking_it_sleeps_and_still_answers) {
  options_.spin_us = 0;
  open();
  EXPECT_EQ(said("w"), "");
  EXPECT_EQ(services_.streams["scanner"].written, "hello");
}

TEST_F(Session, its_last_words_before_a_crash_are_logged) {
  open();
  order("gx");
  EXPECT_EQ(next().status, GARITA_OK);
  services_.log_lines.clear();
  EXPECT_EQ(next().error.id, "isolate.crashed");
  EXPECT_TRUE(session_->close(in_ms(100)).ok()) << "there is nobody to close";
}

TEST_F(Session, a_worker_killed_from_outside_is_told_from_a_hang) {
  open();
  std::thread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (pid_t worker : testing::workers()) kill(worker, SIGKILL);
  });
  load::Next got = session_->next(in_ms(100));
  killer.join();
  if (got.status == GARITA_TIMEOUT) got = session_->next(in_ms(100));
  EXPECT_EQ(got.error.id, "isolate.crashed");
  EXPECT_EQ(got.error.field("signal"), "SIGKILL");
}

TEST_F(Session, a_launcher_that_dies_takes_its_workers_and_is_started_again) {
  open();
  const auto launcher = Launcher::of(find_worker_program());
  kill(launcher->pid(), SIGKILL);
  load::Next got = session_->next(in_ms(100));
  if (got.status == GARITA_TIMEOUT) got = session_->next(in_ms(100));
  EXPECT_EQ(got.error.id, "isolate.died");
  session_.reset();
  open();
  EXPECT_EQ(said("a"), "");
}

TEST_F(Session, a_worker_program_that_is_not_there_is_named) {
  options_.program = "/nowhere/garita-worker";
  auto session = open_isolated(testing::manifest_of("test-drivers", "obedient"), services_, "M1", "", in_ms(1000),
                               options_);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().id, "isolate.no_worker");
  EXPECT_NE(base::render(session.error(), base::Language::es).find("/nowhere"), std::string::npos);
}

TEST_F(Session, forty_sessions_leave_no_descriptor_and_no_process) {
  open();
  session_.reset();
  const long before = testing::open_descriptors();
  for (int i = 0; i < 40; ++i) {
    services_.streams["scanner"].open = false;
    open();
    EXPECT_EQ(said("a"), "");
    session_.reset();
  }
  EXPECT_EQ(testing::open_descriptors(), before);
  EXPECT_TRUE(testing::workers().empty());
}

TEST_F(Session, two_run_side_by_side) {
  open();
  load::testing::MemoryServices other_services;
  other_services.streams["scanner"].bytes = "z";
  auto other = open_isolated(testing::manifest_of("test-drivers", "obedient"), other_services, "M1", "", in_ms(5000));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(said("a"), "");
  EXPECT_EQ(std::get<image::Health>((*other)->next(in_ms(1000)).event).vendor_code, static_cast<uint32_t>('z'));
}

TEST(TryLoading, answers_as_library_load_does) {
  EXPECT_TRUE(try_loading(testing::manifest_of("mutants", "mutant_good")).ok());
  EXPECT_EQ(try_loading(testing::manifest_of("mutants", "mutant_constructor_aborts")).error().id, "load.constructor");
}

}  // namespace
}  // namespace garita::isolate
