// kill -9 of the real programs of both sites, and of the server between them, at moments of chance: nothing
// lost, nothing twice. Few moments in an ordinary run (the courier alone has its 20 for each way in
// tests/exchange/kill_test); GARITA_LONG=1: 200 for each way; GARITA_SEED repeats one.
#include <random>

#include "tests/exchange_faults/two_programs.hpp"

namespace garita::faults_test {
namespace {

uint64_t seed_of_run() {
  const char* given = std::getenv("GARITA_SEED");
  const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("GARITA_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

class KilledPrograms : public TwoPrograms, public ::testing::WithParamInterface<const char*> {
 protected:
  // Half of them in two parcels, the overview before the rest.
  void send_one(int number) {
    const std::string name = "moment-" + std::to_string(number);
    sample(name);
    const Outcome sent =
        run("garita exchange send mx/exchange.toml --to us --purpose " +
            std::string(number % 2 ? "risk" : "glance") + " --package " + path_of(name).string());
    ASSERT_EQ(sent.exit_code, 0) << sent.err;
    entries += static_cast<uint64_t>(std::count(sent.out.begin(), sent.out.end(), '\n'));
    // Every sample of one moment has its own salts and so its own root; the sender's copy is not needed.
    fs::remove(path_of(name));
  }
  // A parcel that was opened when its opener was killed is opened once more: the line says it twice, of one
  // content.
  std::set<std::string> contents_opened() {
    std::set<std::string> contents;
    std::error_code none;
    for (fs::recursive_directory_iterator at(folder / "us/state", none), end; !none && at != end;
         at.increment(none)) {
      if (!at->is_regular_file(none)) continue;
      const std::string log = text(fs::relative(at->path(), folder.path()));
      for (size_t line = log.find("exchange.opened"); line != log.npos;
           line = log.find("exchange.opened", line + 1)) {
        const size_t content = log.find("content", line),
                     hash = log.find_first_of("0123456789abcdef", content + 7);
        if (content != log.npos) contents.insert(log.substr(hash, 64));
      }
    }
    return contents;
  }
};

TEST_P(KilledPrograms, lose_nothing_and_bring_nothing_twice) {
  if (!prepare(GetParam())) GTEST_SKIP() << missing_server;
  std::mt19937_64 random(seed_of_run());
  const int moments = std::getenv("GARITA_LONG") ? 200 : 5;
  const std::string sites[] = {"mx", "us"};
  pid_t running[] = {start("mx"), start("us")};
  for (int moment = 0; moment < moments; ++moment) {
    send_one(moment);
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250));
    const size_t which = random() % (server ? 3 : 2);
    if (which == 2) {
      server->kill(), server->start();
      continue;
    }
    end(running[which], SIGKILL);
    running[which] = start(sites[which]);
  }
  for (int minutes = 0; minutes < 5 && waiting() > 0; ++minutes)
    (void)wait_for([&] { return waiting() == 0; });
  EXPECT_TRUE(wait_for([&] { return contents_opened().size() >= entries; })) << logs();
  end(running[0], SIGTERM), end(running[1], SIGTERM);
  EXPECT_EQ(waiting(), 0u) << logs();
  EXPECT_EQ(contents_opened().size(), entries);
  uint64_t receipts = 0;
  const nlohmann::json out = status("mx"), found = json_of("garita find --state us/state --limit 1000")
                                                       .value("found", nlohmann::json::array());
  for (const auto& lane : out["out"]) receipts += lane.value("receipts", 0u);
  EXPECT_EQ(receipts, entries);
  EXPECT_EQ(found.size(), static_cast<size_t>(moments));
  // One file of each; its overview is gone, and so is whatever was being written when it was killed.
  size_t packages = 0;
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder / "us/state/packages/from-mx", none)) {
    EXPECT_TRUE(file.path().extension() == ".garita") << file.path();
    EXPECT_EQ(file.path().string().find(".overview."), std::string::npos) << file.path();
    ++packages;
  }
  EXPECT_EQ(packages, static_cast<size_t>(moments));
  EXPECT_EQ(run("garita verify " + found.at(0).value("package", "")).exit_code, 0);
}

INSTANTIATE_TEST_SUITE_P(By, KilledPrograms, ::testing::Values("folder", "tls", "nats"),
                         [](const auto& way) { return std::string(way.param); });

}  // namespace
}  // namespace garita::faults_test
