// A program under limits, and what it leaves behind.
#include "conformance/runner/process.hpp"

#include <csignal>

#include "conformance/runner/verdict.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

using How = ProcessEnd::How;

class Process : public Kit {
 protected:
  ProcessEnd run(const std::string& script, ProcessLimits limits = {}) {
    auto running = Running::start({"/bin/sh", "-c", script}, folder / "out.txt", limits);
    EXPECT_TRUE(running);
    return running->wait();
  }
  std::string output() { return *base::read_text_file(folder / "out.txt", 1u << 20); }
};

TEST_F(Process, exit_code_and_output_are_kept) {
  const ProcessEnd end = run("echo said; echo aside >&2; exit 7");
  EXPECT_EQ(end.how, How::exited);
  EXPECT_EQ(end.code, 7);
  EXPECT_EQ(output(), "said\naside\n");
  EXPECT_TRUE(end.residue.empty());
}

TEST_F(Process, a_signal_is_told) {
  const ProcessEnd end = run("kill -SEGV $$");
  EXPECT_EQ(end.how, How::signalled);
  EXPECT_EQ(end.code, SIGSEGV);
}

TEST_F(Process, beyond_its_time_it_is_ended_with_its_whole_group) {
  const ProcessEnd end = run("sleep 1000 & sleep 1000", {.wall_ms = 200});
  EXPECT_EQ(end.how, How::timed_out);
}

TEST_F(Process, beyond_its_processor_time_it_is_ended) {
  const ProcessEnd end = run("while :; do :; done", {.wall_ms = 60000, .cpu_s = 1});
  EXPECT_EQ(end.how, How::signalled);
}

TEST_F(Process, what_it_leaves_running_is_named_and_ended) {
  const ProcessEnd end = run("setsid sleep 1000 & echo $!");
  ASSERT_EQ(end.residue.size(), 1u);
  EXPECT_EQ(end.residue[0], "process sleep");
  EXPECT_NE(::kill(std::stoi(output()), 0), 0) << "it still runs";
}

TEST_F(Process, shared_memory_that_it_leaves_is_named) {
  const std::string name = "/dev/shm/garita-conform-test-" + std::to_string(::getpid());
  const ProcessEnd end = run("echo x > " + name);
  std::filesystem::remove(name);
  ASSERT_EQ(end.residue.size(), 1u);
  EXPECT_EQ(end.residue[0], name);
}

TEST_F(Process, that_is_not_there_is_not_started) {
  auto running = Running::start({"/nowhere/at-all"}, folder / "out.txt", {});
  ASSERT_TRUE(running);
  EXPECT_EQ(running->wait().how, How::not_started);
}

TEST_F(Process, without_a_report_is_never_the_drivers_fault) {
  const RuleResult result = judge({.rule = "A.b", .requirements = {"GAR-ABI-001"}, .end = run("exit 0")});
  EXPECT_EQ(result.verdict, Verdict::harness_error);
}

TEST_F(Process, without_time_is_a_hang) {
  const RuleResult result =
      judge({.rule = "A.b", .requirements = {"GAR-ABI-001"}, .end = run("sleep 1000", {.wall_ms = 100})});
  EXPECT_EQ(result.verdict, Verdict::hang);
}

TEST(Verdicts, nothing_run_is_no_pass) { EXPECT_EQ(Total().exit_code(), 4); }

TEST(Verdicts, a_harness_error_is_incomplete_and_a_failure_is_no) {
  Total total;
  total.add({.rule = "A.b", .requirements = {"GAR-ABI-001"}, .verdict = Verdict::pass});
  EXPECT_EQ(total.exit_code(), 0);
  total.add({.rule = "A.c", .requirements = {"GAR-ABI-002"}, .verdict = Verdict::harness_error});
  EXPECT_EQ(total.exit_code(), 4);
  total.add({.rule = "A.d", .requirements = {"GAR-ABI-003"}, .verdict = Verdict::crash});
  EXPECT_EQ(total.exit_code(), 1);
}

}  // namespace
}  // namespace garita::conformance
