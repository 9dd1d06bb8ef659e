// kill -9 of sender, receiver and server at moments of chance, over each way: nothing lost, nothing twice.
// GARITA_LONG=1: 200 moments; GARITA_SEED repeats one.
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "tests/broker/tls_peer.hpp"
#include "tests/exchange/nats_server.hpp"
#include "tests/exchange/ways.hpp"

namespace garita::exchange {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class Killed : public OnAWay {
 protected:
  Killed() {
    fs::create_directories(folder_ / "keys");
    for (const std::string name : {"mx", "us"}) {
      EXPECT_TRUE(key_of(name).save(folder_ / ("keys/" + name + ".pem")).ok());
      const broker::testing::Identity identity({.name = name});
      identity.write_certificate(folder_ / ("keys/" + name + ".crt"));
      identity.write_key(folder_ / ("keys/" + name + ".key"));
      std::ofstream(folder_ / ("keys/" + name + ".pin")) << identity.pin().substr(7);
    }
  }
  ~Killed() override {
    for (pid_t& child : children_) kill(child);
  }

  void start(int which) {
    const std::string names[] = {"mx", "us"};
    const std::string program = GARITA_BIN_DIR "/exchange-peer", folder = folder_.path();
    const char* words[] = {program.c_str(),          folder.c_str(),       names[which].c_str(),
                           names[1 - which].c_str(), ways_[which].c_str(), nullptr};
    ASSERT_EQ(
        ::posix_spawn(&children_[which], words[0], nullptr, nullptr, const_cast<char**>(words), environ), 0);
  }
  static void kill(pid_t& child) {
    if (child <= 0) return;
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself";
    child = -1;
  }

  // Between two kills something is put, so that there is always something under way.
  void kill_at_moments(const std::string& mx_way, const std::string& us_way) {
    ways_[0] = mx_way, ways_[1] = us_way;
    us_.stop();
    mx_.inbox.reset();  // the children have them; what is put goes beside
    std::mt19937_64 random(seed_of_run());
    const int moments = is_long() ? 200 : 20;
    start(0), start(1);
    for (int i = 0; i < moments; ++i) {
      put(1, chunk_bytes + random() % (2 * chunk_bytes), "moment " + std::to_string(i) + " ");
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 150));
      const int which = static_cast<int>(random() % (server_ ? 3 : 2));
      if (which == 2) {
        server_->kill(), server_->start();
        continue;
      }
      kill(children_[which]);
      start(which);
    }
    for (int i = 0; i < 6'000 && mx_.waiting() > 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    kill(children_[0]), kill(children_[1]);
    us_.start();
    ledger_.expect_settled(mx_, us_);
  }

  pid_t children_[2] = {-1, -1};
  std::string ways_[2];
  std::unique_ptr<NatsServer> server_;
};

TEST_F(Killed, sender_or_receiver_by_folder_lose_nothing) {
  fs::create_directories(folder_ / "share");
  const std::string way = "folder:" + (folder_ / "share").string();
  kill_at_moments(way, way);
}

TEST_F(Killed, sender_or_receiver_by_tls_lose_nothing) {
  const std::string port = std::to_string(free_port());
  kill_at_moments("tls://127.0.0.1:" + port, "tls-listen://127.0.0.1:" + port);
}

TEST_F(Killed, sender_receiver_or_server_by_nats_lose_nothing) {
  if (!NatsServer::installed())
    GTEST_SKIP() << "SKIPPED, not a pass: " << NatsServer::program
                 << " is missing; apt-get install nats-server";
  server_ = std::make_unique<NatsServer>(folder_ / "nats");
  kill_at_moments(server_->url(), server_->url());
}

}  // namespace
}  // namespace garita::exchange
