// The simulated portal on a real socket: nothing is lost between two connections, and nothing is acknowledged
// twice.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "core/base/file.hpp"
#include "garita/ext/stored.h"
#include "tools/garita-sim/portal_server.hpp"
#include "tools/garita-sim/simulator.hpp"

namespace garita::sim {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;

// A tiny scan whose samples tell its number and line.
class SmallPassage final : public Passage {
 public:
  explicit SmallPassage(uint64_t number) : number_(number) {}
  uint32_t lines() const override { return 20; }
  const Facts& facts() const override { return facts_; }
  uint32_t line(uint32_t i, std::span<uint16_t> raw) override {
    for (uint16_t& sample : raw) sample = static_cast<uint16_t>(number_ * 1000 + i);
    return 65536;
  }
  base::Result<void> finish() override { return {}; }

 private:
  uint64_t number_;
  Facts facts_;
};

class SmallSource final : public PortalSource {
 public:
  uint32_t columns() const override { return 4; }
  std::vector<uint32_t> energies_kev() const override { return {6000, 4000}; }
  uint32_t pitch_across_um() const override { return 5000; }
  uint32_t pitch_along_um() const override { return 5000; }
  const std::vector<uint32_t>& dead_columns() const override { return dead_; }
  portal::Calibration calibration(uint32_t) override {
    return {.columns = 4, .dark = {{1, 1, 1, 1}, {1, 1, 1, 1}}, .air = {{9, 9, 9, 9}, {9, 9, 9, 9}}};
  }
  base::Result<std::unique_ptr<Passage>> passage(uint64_t number, const std::string&) override {
    return std::unique_ptr<Passage>(std::make_unique<SmallPassage>(number));
  }

 private:
  std::vector<uint32_t> dead_;
};

struct ReceivedScan {
  std::string key;
  int64_t begun_utc_ns = 0;
  std::vector<std::vector<std::byte>> lines;
  bool ended = false;
};

// A host's end of the wire.
class Client {
 public:
  explicit Client(uint16_t port) {
    socket_.connect({boost::asio::ip::make_address("127.0.0.1"), port});
    send(portal::Start{});
  }
  void send(const portal::Message& message) {
    std::vector<std::byte> bytes;
    portal::encode(frames_, message, bytes);
    boost::system::error_code ignored;
    boost::asio::write(socket_, boost::asio::buffer(bytes), ignored);
  }
  void acknowledge(const std::string& key, uint8_t outcome) { send(portal::Acknowledge{outcome, key}); }

  // The next scan, until its end or the connection's.
  ReceivedScan scan() {
    ReceivedScan scan;
    while (const auto message = next()) {
      if (const auto* begin = std::get_if<portal::ScanBegin>(&*message))
        scan = {begin->key, begin->time_utc_ns, {}, false};
      if (const auto* line = std::get_if<portal::Line>(&*message))
        scan.lines.emplace_back(line->samples.begin(), line->samples.end());
      if (std::holds_alternative<portal::ScanEnd>(*message)) return scan.ended = true, scan;
    }
    return scan;
  }
  bool ends() {
    while (next()) continue;
    return true;
  }

 private:
  std::optional<portal::Message> next() {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(std::exchange(used_, 0)));
    for (;;) {
      const portal::Cut cut = portal::cut_frame(bytes_);
      if (cut.kind == portal::Cut::Kind::frame)
        return used_ = cut.size_bytes, portal::decode(cut.frame).message;
      if (cut.kind == portal::Cut::Kind::damage) return ADD_FAILURE() << "damaged bytes", std::nullopt;
      std::byte buffer[4096];
      boost::system::error_code error;
      const size_t size = socket_.read_some(boost::asio::buffer(buffer), error);
      if (error) return std::nullopt;
      bytes_.insert(bytes_.end(), buffer, buffer + size);
    }
  }

  boost::asio::io_context io_;
  tcp::socket socket_{io_};
  portal::FrameWriter frames_;
  std::vector<std::byte> bytes_;
  size_t used_ = 0;
};

class Server : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "garita_portal_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override {
    if (thread_.joinable()) thread_.join();
    fs::remove_all(folder_);
  }
  // Starts it and gives its port.
  uint16_t serve(PortalOptions options) {
    options.port_file = folder_ / "port";
    thread_ = std::thread(
        [this, options] { result_ = serve_portal(source_, options, Report(base::Language::en, true)); });
    while (!fs::exists(options.port_file)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return static_cast<uint16_t>(std::stoul(base::read_text_file(options.port_file, 100).value()));
  }
  bool done() {
    thread_.join();
    return result_.ok();
  }

  fs::path folder_;
  SmallSource source_;
  base::Result<void> result_;
  std::thread thread_;
};

TEST_F(Server, it_ends_when_as_many_scans_as_wanted_are_acknowledged) {
  Client host(serve({.count = 2}));
  for (int i = 0; i < 2; ++i) {
    const ReceivedScan scan = host.scan();
    EXPECT_EQ(scan.lines.size(), 20u);
    host.acknowledge(scan.key, i == 0 ? GARITA_STORED_DURABLE : GARITA_STORED_DUPLICATE);
  }
  EXPECT_TRUE(host.ends());
  EXPECT_TRUE(done());
}

TEST_F(Server, a_scan_that_was_cut_comes_again_as_it_was_on_the_next_connection) {
  const uint16_t port = serve({.count = 1, .drop_after_lines = 7});
  const ReceivedScan cut = Client(port).scan();
  EXPECT_FALSE(cut.ended);
  Client host(port);
  const ReceivedScan whole = host.scan();
  ASSERT_TRUE(whole.ended);
  EXPECT_EQ(whole.key, cut.key);
  EXPECT_EQ(whole.begun_utc_ns, cut.begun_utc_ns);
  ASSERT_EQ(cut.lines.size(), 7u);
  EXPECT_TRUE(std::equal(cut.lines.begin(), cut.lines.end(), whole.lines.begin()));
  host.acknowledge(whole.key, GARITA_STORED_DURABLE);
  EXPECT_TRUE(done());
}

TEST_F(Server, a_scan_that_could_not_be_stored_comes_again_on_the_next_connection) {
  const uint16_t port = serve({.count = 1});
  std::string key;
  {
    Client host(port);
    key = host.scan().key;
    host.acknowledge(key, GARITA_STORED_NOT);
  }
  Client host(port);
  EXPECT_EQ(host.scan().key, key);
  host.acknowledge(key, GARITA_STORED_DROPPED);
  EXPECT_TRUE(done());
}

TEST_F(Server, keys_differ_and_an_unknown_acknowledgement_counts_for_nothing) {
  Client host(serve({.count = 2}));
  const std::string first = host.scan().key, second = host.scan().key;
  EXPECT_NE(first, second);
  for (const std::string& key : {std::string("nobody's"), first, first, second})
    host.acknowledge(key, GARITA_STORED_DURABLE);
  EXPECT_TRUE(host.ends());
  EXPECT_TRUE(done());
}

std::string error_of(const std::vector<std::string>& arguments) {
  const auto result = portal_simulator.run(arguments, base::Language::en);
  return result ? "" : result.error().id;
}

TEST(PortalCommand, wrong_options_are_refused_by_name) {
  EXPECT_EQ(error_of({"--nonsense"}), "sim.bad_option");
  EXPECT_EQ(error_of({"--count", "many"}), "sim.bad_option");
  EXPECT_EQ(error_of({"--listen", "7001"}), "sim.bad_address");
  EXPECT_EQ(error_of({"--listen", "127.0.0.1:70000"}), "sim.bad_address");
  EXPECT_EQ(error_of({"--air", "12"}), "sim.bad_value");
  EXPECT_EQ(error_of({"--lines-per-s", "nan"}), "sim.bad_value");
}

TEST(PortalCommand, an_address_that_is_not_ours_is_refused) {
  EXPECT_EQ(error_of({"--listen", "203.0.113.1:0"}), "sim.cannot_listen");
}

}  // namespace
}  // namespace garita::sim
