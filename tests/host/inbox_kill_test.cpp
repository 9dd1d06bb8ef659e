// kill -9 of host and worker at random moments over an inbox of 50 files: after the last run every file is exactly once a
// package or a refusal. GARITA_LONG=1: 200 moments; GARITA_SEED repeats one.
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "core/broker/journal.hpp"
#include "tests/host/programs.hpp"
#include "tests/host/run_fixture.hpp"

namespace garita::host {
namespace {

constexpr int files = 50;
constexpr int died_in_open = 3;  // a worker that dies before its first step could not be loaded

class InboxKills : public testing::Run {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder / "in");
    for (int i = 0; i < files; ++i) {
      std::ofstream(folder / "in" / (std::to_string(i) + ".scan")) << text(i);
      digests[base::sha256(text(i))] = i;
    }
    const char* given = std::getenv("GARITA_SEED");
    seed = given ? static_cast<unsigned>(std::atoi(given)) : std::random_device{}();
    random.seed(seed);
    RecordProperty("seed", std::to_string(seed));
  }

  // Every tenth is refused, every seventh joins its neighbour.
  static std::string text(int i) {
    if (i % 10 == 3) return "BAD " + std::to_string(i) + "\n";
    if (i % 7 == 1) return "SUP sup" + std::to_string(i) + " key" + std::to_string(i - 1) + "\n";
    return "GMIN key" + std::to_string(i) + " 8 64\n";
  }

  pid_t start() {
    const std::string driver = GARITA_BINARY_DIR "/lib/garita/test-drivers/inbox_text/inbox_text.garita.json";
    std::vector<std::string> words = {GARITA_BIN_DIR "/garita", "scan", "--driver", driver, "--source",
                                      "files=dir:" + (folder / "in").string() + "?settle_ms=0", "--out",
                                      (folder / "out").string(), "--state", (folder / "state").string(),
                                      "--until-empty", "--json"};
    return testing::start_program(words, "/dev/null", folder / "said");
  }

  void forget() {
    std::filesystem::remove_all(folder / "out");
    std::filesystem::remove_all(folder / "state");
  }

  // How long a run takes that nobody kills, from its start to its end.
  unsigned undisturbed_us() {
    const auto started = std::chrono::steady_clock::now();
    EXPECT_EQ(testing::wait_for(start()), 4);
    const auto took = std::chrono::steady_clock::now() - started;
    return static_cast<unsigned>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()) + 1;
  }

  std::map<int, int> fates() {  // file -> how many packages and refusals it is in
    std::map<int, int> count;
    for (const auto& path : packages()) {
      if (path.extension() == ".partial") continue;  // what a kill leaves of a file that was refused afterwards
      const auto package = open_package(path);
      if (!package) continue;
      for (const v1::StreamUsed& stream : package->record.provenance().streams()) {
        base::Digest digest{};
        std::copy(stream.received_sha256().begin(), stream.received_sha256().end(), digest.begin());
        if (digests.contains(digest)) ++count[digests.at(digest)];
      }
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder / "state/journal")) {
      const auto bytes = base::read_text_file(entry.path(), 1 << 20);
      const auto journal = broker::parse_journal(*bytes, "journal");
      for (const auto& [digest, history] : journal->objects)
        if (history.state == broker::ObjectHistory::State::refused) ++count[digests.at(digest)];
    }
    return count;
  }

  std::map<base::Digest, int> digests;
  unsigned seed = 0;
  std::mt19937 random;
};

TEST_F(InboxKills, every_file_is_exactly_once_a_package_or_a_refusal_whenever_host_or_worker_is_killed) {
  const int moments = std::getenv("GARITA_LONG") ? 200 : 20, moments_a_round = 5;
  const auto span_us = undisturbed_us();
  int hosts = 0, workers = 0;
  // Not so many of one run that every file dies three times: each round has a journal of its own.
  for (int round = 0; hosts + workers < moments; ++round) {
    ASSERT_LT(round, 2 * moments) << "nearly every run was over before it was killed; seed " << seed;
    forget();
    pid_t host = start();
    for (int i = 0; i < moments_a_round; ++i) {
      std::this_thread::sleep_for(std::chrono::microseconds(random() % span_us));
      const auto running = testing::workers_of(host);
      if (random() % 2 == 0 && !running.empty()) {
        workers += ::kill(running.front(), SIGKILL) == 0;
        continue;
      }
      ::kill(host, SIGKILL);
      hosts += testing::wait_for(host) == 128 + SIGKILL;
      host = start();
    }
    int code = testing::wait_for(host);
    if (code == died_in_open) code = testing::wait_for(start());
    ASSERT_TRUE(code == 0 || code == 4) << "seed " << seed << ": " << code << ' ' << testing::text_of(folder / "said");
    ASSERT_EQ(testing::wait_for(start()), 0) << "seed " << seed << ": " << testing::text_of(folder / "said");
    const auto count = fates();
    for (int i = 0; i < files; ++i)
      EXPECT_EQ(count.contains(i) ? count.at(i) : 0, 1) << "file " << i << ", round " << round << ", seed " << seed;
    ASSERT_FALSE(HasFailure());
  }
  std::cout << hosts << " hosts and " << workers << " workers killed in time, seed " << seed << '\n';
}

}  // namespace
}  // namespace garita::host
