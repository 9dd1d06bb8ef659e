// nats: a real server of Debian with JetStream in between, which is killed and loses its disk.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fstream>
#include <thread>

#include "core/exchange/transport/nats_transport.hpp"
#include "tests/exchange/ways.hpp"

extern char** environ;

namespace garita::exchange {
namespace {

using namespace testing;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* server_program = "/usr/sbin/nats-server";

class ByNats : public OnAWay {
 protected:
  void SetUp() override {
    if (!fs::exists(server_program))
      GTEST_SKIP() << "SKIPPED, not a pass: " << server_program << " is missing; apt-get install nats-server";
    start_server();
    connect();
  }
  ~ByNats() override { kill_server(); }

  // At the port that it had, once it had one.
  void start_server(const std::string& limit = "1GB") {
    std::ofstream(folder_ / "server.conf") << "listen: \"127.0.0.1:" << (port_ ? port_ : -1) << "\"\n"
                                           << "jetstream { store_dir: \"" << (folder_ / "store").string()
                                           << "\", max_file_store: " << limit << " }\n";
    fs::remove_all(folder_ / "ports");
    fs::create_directories(folder_ / "ports");
    const std::string config = folder_ / "server.conf", ports = folder_ / "ports",
                      log = folder_ / "server.log";
    const char* words[] = {server_program, "-c", config.c_str(), "--ports_file_dir",
                           ports.c_str(),  "-l", log.c_str(),    nullptr};
    ASSERT_EQ(::posix_spawn(&server_, server_program, nullptr, nullptr, const_cast<char**>(words), environ),
              0);
    for (int i = 0; i < 1'000 && !read_port(); ++i) std::this_thread::sleep_for(20ms);
    ASSERT_GT(port_, 0);
  }
  bool read_port() {
    for (const auto& file : fs::directory_iterator(folder_ / "ports")) {
      std::ifstream in(file.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      const size_t at = text.find("nats://127.0.0.1:");
      if (at == std::string::npos) return false;
      port_ = std::stoi(text.substr(at + 17));
      return true;
    }
    return false;
  }
  void kill_server() {
    if (server_ <= 0) return;
    ::kill(server_, SIGKILL);
    ::waitpid(server_, nullptr, 0);
    server_ = -1;
  }
  std::unique_ptr<NatsTransport> transport(const std::string& own, const std::string& peer,
                                           uint64_t max_bytes) {
    auto opened = NatsTransport::open({.url = "nats://127.0.0.1:" + std::to_string(port_),
                                       .own = own,
                                       .peer = peer,
                                       .max_bytes = max_bytes,
                                       .patience_ms = 1'000});
    EXPECT_TRUE(opened.ok()) << opened.error().id;
    return opened ? *std::move(opened) : nullptr;
  }
  void connect(uint64_t max_bytes = 64u << 20) {
    at_mx_ = transport("mx", "us", max_bytes);
    at_us_ = transport("us", "mx", max_bytes);
    mx_.connect(*at_mx_, quick());
    us_.connect(*at_us_, quick());
  }
  // It is its receiver's.
  void open_stream() {
    for (int i = 0; i < 200 && at_us_->trouble(); ++i) std::this_thread::sleep_for(10ms);
    (void)us_.courier->turn(0);
    EXPECT_FALSE(at_us_->trouble());
  }
  void between_turns() override {
    if (kills_ <= 0 || ++turns_ % 20 != 0) return;
    --kills_;
    kill_server();
    if (lose_disk_) fs::remove_all(folder_ / "store");
    start_server();
  }

  pid_t server_ = -1;
  int port_ = 0, kills_ = 0, turns_ = 0;
  bool lose_disk_ = false;
  std::unique_ptr<NatsTransport> at_mx_, at_us_;
};

TEST_F(ByNats, everything_arrives_once) {
  put(20, chunk_bytes + 100);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByNats, a_server_that_is_killed_again_and_again_loses_nothing) {
  kills_ = is_long() ? 50 : 3;
  put(is_long() ? 300 : 20, 2 * chunk_bytes + 100);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByNats, a_server_that_lost_its_disk_costs_only_time) {
  kills_ = 1;
  lose_disk_ = true;
  put(20, 2 * chunk_bytes + 100);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByNats, a_stream_that_is_full_takes_what_fits_and_the_rest_later) {
  at_mx_.reset(), at_us_.reset();
  kill_server();
  fs::remove_all(folder_ / "store");
  start_server();
  connect(4u << 20);
  open_stream();
  put(20, 2 * chunk_bytes);
  for (int i = 0; i < 60; ++i) (void)mx_.courier->turn(0);
  EXPECT_EQ(mx_.waiting(), 20u);
  EXPECT_LE(mx_.courier->counts().chunks_sent, 8u);
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

TEST_F(ByNats, a_server_with_too_little_storage_is_told_with_its_own_words) {
  at_mx_.reset(), at_us_.reset();
  kill_server();
  fs::remove_all(folder_ / "store");
  start_server("1MB");
  connect(uint64_t{8} << 30);
  for (int i = 0; i < 100 && (!at_us_->trouble() || at_us_->trouble()->id != "exchange.nats_refused"); ++i)
    (void)us_.courier->turn(20);
  ASSERT_TRUE(at_us_->trouble());
  EXPECT_EQ(at_us_->trouble()->id, "exchange.nats_refused");
  kill_server();
  for (int i = 0; i < 100 && at_us_->trouble()->id != "exchange.nats_away"; ++i) (void)us_.courier->turn(20);
  EXPECT_EQ(at_us_->trouble()->id, "exchange.nats_away");
}

TEST_F(ByNats, a_site_that_was_away_finds_what_was_left_for_it) {
  open_stream();
  put(5, 1'000);
  for (int i = 0; i < 20; ++i) (void)mx_.courier->turn(0);
  at_us_.reset();
  at_us_ = transport("us", "mx", 64u << 20);
  us_.connect(*at_us_, quick());
  EXPECT_TRUE(settle());
  ledger_.expect_settled(mx_, us_);
}

}  // namespace
}  // namespace garita::exchange
