// What a driver tried is on the disk when it happens, and what ordinary libraries ask for is noted and no breach.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <thread>

#include "core/base/hash_log.hpp"
#include "core/host/evidence.hpp"
#include "core/host/grants.hpp"
#include "core/host/quarantine.hpp"
#include "core/isolate/box/reach.hpp"
#include "tests/host/programs.hpp"
#include "tests/host/run_fixture.hpp"

namespace garita::host {
namespace {

using namespace std::chrono_literals;
using testing::text_of;

load::Manifest driver(const std::string& place) {
  auto manifest = load::read_manifest(std::string(GARITA_BINARY_DIR "/lib/garita/") + place);
  if (!manifest) ADD_FAILURE() << base::render(manifest.error(), base::Language::en);
  return manifest ? *manifest : load::Manifest{};
}

// Until the log has it; false: not within ten seconds.
bool stands_in(const std::filesystem::path& log, const std::string& words) {
  for (int look = 0; look < 1000 && text_of(log).find(words) == std::string::npos; ++look)
    std::this_thread::sleep_for(10ms);
  return text_of(log).find(words) != std::string::npos;
}

// ---- The keeper of evidence alone

class Keeping : public ::testing::Test {
 protected:
  static isolate::Attempt attempt(const std::string& target, isolate::Decision decision = isolate::Decision::refused) {
    isolate::Attempt tried;
    tried.kind = isolate::AttemptClass::net;
    tried.decision = decision;
    tried.call = "connect";
    tried.target = target;
    return tried;
  }
  std::filesystem::path log() const { return folder_ / "audit" / "audit.log"; }

  base::testing::TemporaryFolder folder_;
  load::Manifest manifest_ = driver("examples/phone_home/phone_home.garita.json");
  AttemptObserver nobody_;
};

TEST_F(Keeping, writes_an_attempt_and_shuts_the_door_while_the_run_goes_on) {
  Evidence evidence(folder_.path(), manifest_, nobody_);
  evidence.attempted(attempt("203.0.113.9:443"));
  EXPECT_TRUE(stands_in(log(), "203.0.113.9:443"));
  EXPECT_FALSE(Quarantine(folder_.path()).admit(manifest_));
  evidence.attempted(attempt("203.0.113.9:444"));
  EXPECT_TRUE(stands_in(log(), "203.0.113.9:444")) << "what follows too";
}

TEST_F(Keeping, writes_each_attempt_once) {
  Evidence evidence(folder_.path(), manifest_, nobody_);
  for (int i = 0; i < 20; ++i) evidence.attempted(attempt("target " + std::to_string(i) + "."));
  ASSERT_TRUE(stands_in(log(), "target 0."));
  ASSERT_TRUE(evidence.close());
  const auto kept = base::verify_log(log());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->entries, 20u);
}

TEST_F(Keeping, of_what_is_no_breach_quarantines_nobody) {
  Evidence evidence(folder_.path(), manifest_, nobody_);
  evidence.attempted(attempt("/etc/localtime", isolate::Decision::noted));
  ASSERT_TRUE(evidence.close());
  EXPECT_NE(text_of(log()).find("box.noted"), std::string::npos);
  EXPECT_TRUE(Quarantine(folder_.path()).admit(manifest_));
}

TEST_F(Keeping, says_at_the_end_what_could_not_be_written) {
  std::ofstream(folder_ / "audit") << "a file stands where the folder should be";
  Evidence evidence(folder_.path(), manifest_, nobody_);
  evidence.attempted(attempt("203.0.113.9:443"));
  EXPECT_FALSE(evidence.close());
  EXPECT_FALSE(Quarantine(folder_.path()).admit(manifest_)) << "the door is shut all the same";
}

TEST_F(Keeping, counts_what_was_suppressed) {
  Evidence evidence(folder_.path(), manifest_, nobody_);
  evidence.attempted(attempt("203.0.113.9:443"));
  evidence.suppressed(745);
  ASSERT_TRUE(evidence.close());
  EXPECT_NE(text_of(log()).find("\"count\":745"), std::string::npos);
  EXPECT_EQ(Quarantine(folder_.path()).list().at(0).attempts, 746u);
}

// ---- A host that is killed

class Killed : public testing::Run {
 protected:
  void SetUp() override {
    if (const auto box = isolate::choose_box({}, std::nullopt); !box)
      GTEST_SKIP() << "SKIPPED, not a pass: " << base::render(box.error(), base::Language::en);
  }
  std::filesystem::path log() const { return folder / "state/audit/audit.log"; }
};

// Kills its own process as soon as the attempt is in the log, in the midst of the run: the driver has not even its answer. It
// looks on a thread of its own, for the one that is told may not read what is the site's.
class KillsItself final : public ScanObserver {
 public:
  explicit KillsItself(std::filesystem::path log) : log_(std::move(log)), watch_([this] { watch(); }) {}
  ~KillsItself() override { watch_.join(); }
  void attempted(const isolate::Attempt& attempt) override {
    if (attempt.breach() && !tried_.exchange(true)) over_.wait(false);
  }

 private:
  void watch() {
    if (stands_in(log_, "box.decoy")) ::kill(::getpid(), SIGKILL);
    over_ = true;
    over_.notify_all();
  }

  const std::filesystem::path log_;
  std::atomic<bool> tried_{false}, over_{false};
  std::thread watch_;
};

// The host of the test below: a process of its own, for a copy of this one would have no threads.
TEST_F(Killed, DISABLED_host_kills_itself) {
  options.manifest = driver("examples/phone_home/phone_home.garita.json");
  options.out = std::filesystem::path(std::getenv("GARITA_TEST_FOLDER")) / "out";
  options.state = std::filesystem::path(std::getenv("GARITA_TEST_FOLDER")) / "state";
  KillsItself observer(options.state / "audit/audit.log");
  (void)run_scan(options, stop, observer, summary);
}

TEST_F(Killed, by_sigkill_after_an_attempt_leaves_it_in_the_log_and_the_driver_in_quarantine) {
  ::setenv("GARITA_TEST_FOLDER", folder.path().c_str(), 1);
  const pid_t host = testing::start_program({"/proc/self/exe", "--gtest_also_run_disabled_tests",
                                             "--gtest_filter=Killed.DISABLED_host_kills_itself"},
                                            folder / "said", folder / "said_too");
  ASSERT_EQ(testing::wait_for(host), 128 + SIGKILL) << "it was not in the log while the run went on";
  EXPECT_TRUE(base::verify_log(log()));
  options.manifest = driver("examples/phone_home/phone_home.garita.json");
  options.out = folder / "out";
  options.state = folder / "state";
  EXPECT_EQ(run_scan(options, stop, seen, summary).error().id, "host.quarantined");
}

// ---- Ordinary libraries

struct Listens final : ScanObserver {
  std::vector<std::string> said;
  std::mutex mutex;
  std::string tried, breaches;
  void health(const image::Health& health) override { said.push_back(health.message); }
  void attempted(const isolate::Attempt& attempt) override {
    const std::lock_guard lock(mutex);
    (attempt.breach() ? breaches : tried) += attempt.call + " " + attempt.target + "\n";
  }
};

class OrdinaryDriver : public Killed, public ::testing::WithParamInterface<isolate::Box> {};

INSTANTIATE_TEST_SUITE_P(Each, OrdinaryDriver, ::testing::Values(isolate::Box::B1, isolate::Box::B2, isolate::Box::B3),
                         [](const auto& box) { return isolate::name_of(box.param); });

TEST_P(OrdinaryDriver, is_no_breach_and_has_its_chinese_text_from_the_host) {
  if (const auto reached = isolate::try_box({}, GetParam()); !reached)
    GTEST_SKIP() << "SKIPPED, not a pass: " << base::render(reached.error(), base::Language::en);
  std::ofstream(folder / "text") << std::string("\x06\0\0\0", 4) << "\xBC\xAF\xD7\xB0\xCF\xE4";  // a container, in GB18030
  options.manifest = driver("test-drivers/ordinary/ordinary.garita.json");
  options.sources = grant_sources(options.manifest, {{"scanner", "file:" + (folder / "text").string()}}).value();
  options.out = folder / "out";
  options.state = folder / "state";
  options.box = GetParam();
  Listens heard;
  const auto ran = run_scan(options, stop, heard, summary);
  ASSERT_TRUE(ran) << base::render(ran.error(), base::Language::en) << "\n" << heard.breaches;
  EXPECT_EQ(heard.breaches, "");
  const std::vector<std::string> wanted = {"text 集装箱",     "local year 2023", "setlocale it has one", "std::locale none",
                                           "thread 42",       "HOME is not told", "iconv opens nothing"};
  EXPECT_EQ(heard.said, wanted);
  EXPECT_NE(heard.tried.find("/etc/localtime"), std::string::npos) << heard.tried;
  EXPECT_NE(text_of(log()).find("\"decision\":\"noted\""), std::string::npos);
  EXPECT_TRUE(Quarantine(options.state).list().empty());
}

}  // namespace
}  // namespace garita::host
