// `garita scan --gdb`: says what it gives up, waits for a debugger, and then runs the driver as any other.
#include <sys/ptrace.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "core/base/testing/temporary_folder.hpp"
#include "tests/host/programs.hpp"

namespace garita::host {
namespace {

using namespace std::chrono_literals;

class Gdb : public ::testing::Test {
 protected:
  ~Gdb() override {
    if (host_ <= 0) return;
    ::kill(host_, SIGKILL);
    (void)testing::wait_for(host_);
  }
  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {GARITA_BIN_DIR "/garita", "--lang", "en", "scan", "--driver",
                                      GARITA_BINARY_DIR "/lib/garita/mutants/mutant_good/mutant_good.garita.json", "--gdb", "--out",
                                      folder_ / "out", "--state", folder_ / "state"};
    words.insert(words.end(), more.begin(), more.end());
    host_ = testing::start_program(words, folder_ / "out.txt", folder_ / "said");
  }
  // What it says on its error output, once that has this word.
  std::string said(const std::string& word) const {
    for (int i = 0; i < 3000; ++i, std::this_thread::sleep_for(10ms))
      if (std::string text = testing::text_of(folder_ / "said"); text.find(word) != std::string::npos) return text;
    return testing::text_of(folder_ / "said");
  }

  base::testing::TemporaryFolder folder_;
  pid_t host_ = -1;
};

TEST_F(Gdb, says_that_nothing_is_guaranteed_and_runs_the_driver_when_a_debugger_came) {
  start();
  const std::string text = said("gdb -p ");
  EXPECT_NE(text.find("B0"), std::string::npos) << text;
  EXPECT_NE(text.find("without a time limit"), std::string::npos) << text;
  const size_t at = text.find("gdb -p ");
  ASSERT_NE(at, std::string::npos) << text;
  const pid_t worker = std::stoi(text.substr(at + 7));
  ASSERT_EQ(testing::workers_of(host_), std::vector<pid_t>{worker}) << "and no code of the driver has run";
  ASSERT_EQ(::ptrace(PTRACE_SEIZE, worker, nullptr, nullptr), 0) << strerror(errno);
  (void)said("attached");
  ASSERT_EQ(::ptrace(PTRACE_INTERRUPT, worker, nullptr, nullptr), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(worker, &status, __WALL), worker);
  ASSERT_EQ(::ptrace(PTRACE_DETACH, worker, nullptr, nullptr), 0);
  EXPECT_EQ(testing::wait_for(std::exchange(host_, -1)), 0) << said("");
  EXPECT_NE(testing::text_of(folder_ / "out.txt").find(".garita"), std::string::npos);
}

TEST_F(Gdb, that_nobody_comes_to_is_stopped_by_a_signal) {
  start();
  (void)said("gdb -p ");
  ASSERT_EQ(::kill(host_, SIGTERM), 0);
  EXPECT_NE(testing::wait_for(std::exchange(host_, -1)), 0);
}

TEST_F(Gdb, goes_with_no_other_box) {
  start({"--box", "B2"});
  EXPECT_EQ(testing::wait_for(std::exchange(host_, -1)), 2);
}

}  // namespace
}  // namespace garita::host
