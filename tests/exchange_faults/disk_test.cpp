// The server's disk is full: what it does not take stays in the outbox, one sentence says why, and when there
// is room everything arrives, once. On a file system that is really small, where this machine lets one be
// mounted.
#include <sys/mount.h>

#include "tests/exchange_faults/two_programs.hpp"

namespace garita::faults_test {
namespace {

class ServerDisk : public TwoPrograms {
 protected:
  ~ServerDisk() override {
    server.reset();
    if (is_mounted_) ::umount2((folder / "nats").c_str(), MNT_DETACH);
  }
  bool mount_of(const char* size) {
    fs::create_directories(folder / "nats");
    const std::string options = std::string("size=") + size;
    is_mounted_ = ::mount("tmpfs", (folder / "nats").c_str(), "tmpfs", is_mounted_ ? MS_REMOUNT : 0,
                          options.c_str()) == 0;
    return is_mounted_;
  }
  // Sizes of real inspections; nobody opens them, so each lies there as it came when all is over.
  void put(int count) {
    auto outbox = exchange::Outbox::open(folder / "mx/exchange/outbox");
    std::mt19937_64 random(7);
    for (int i = 0; i < count; ++i) {
      std::string bytes(3u << 20, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      ASSERT_TRUE(outbox
                      ->put({"us", "north", "inspection " + std::to_string(i), exchange::Priority::rest},
                            base::Bytes(bytes))
                      .ok());
      ++entries;
    }
  }
  size_t unreadable() const {
    std::error_code none;
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder / "us/exchange/unreadable", none),
                                             fs::directory_iterator()));
  }
  // One whose disk was full (2.9) takes nothing before it is started anew. Its streams and what they hold
  // stay.
  void restart_server() { server->kill(), server->start(); }

 private:
  bool is_mounted_ = false;
};

TEST_F(ServerDisk, that_is_full_costs_only_time) {
  if (!NatsServer::installed()) GTEST_SKIP() << missing_server;
  if (!mount_of("12m"))
    GTEST_SKIP() << "SKIPPED, not a pass: this user may mount no small file system; run it as root";
  ASSERT_TRUE(prepare("nats"));
  ASSERT_EQ(run("garita exchange run --once us/exchange.toml").exit_code,
            0);  // makes its stream, and is away
  put(8);
  pid_t mx = start("mx");
  EXPECT_TRUE(says("mx", "exchange.nats_refused")) << logs();
  EXPECT_EQ(waiting(), entries) << "it took some, nobody has signed";
  const Outcome shown = run("garita exchange status mx/exchange.toml --lang es");
  EXPECT_EQ(times(shown.out, "El servidor NATS no acepta nada"), 1u) << shown.out;
  EXPECT_EQ(times(text("mx.log"), "takes nothing for the stream"), 1u) << logs();
  ASSERT_TRUE(mount_of("64m"));
  restart_server();
  const pid_t us = start("us");
  expect_all_there_once(0);
  EXPECT_EQ(unreadable(), entries);
  EXPECT_TRUE(wait_for([&] { return troubles("mx").empty(); })) << text("mx.log");
  end(mx, SIGTERM), end(us, SIGTERM);
}

}  // namespace
}  // namespace garita::faults_test
