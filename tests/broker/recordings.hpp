// Recordings made by hand, with times that a test chooses.
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/testing/temporary_folder.hpp"
#include "core/broker/inbox.hpp"
#include "core/broker/player.hpp"
#include "core/broker/recorder.hpp"
#include "tests/broker/broker_fixture.hpp"

namespace garita::broker::testing {

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// The tap's calls, in short. The clock begins at second 100.
class Recorded {
 public:
  static constexpr uint64_t start_ns = 100'000'000'000;
  static constexpr int64_t utc_ns = 1'700'000'000'000'000'000;

  explicit Recorded(const std::filesystem::path& path, RecorderLimits limits = {})
      : clock_(utc_ns, start_ns), recorder_(Recorder::create(path, clock_, limits).value()) {}

  Recorded& after(uint64_t ns) { return clock_.advance(ns), *this; }
  Recorded& opened(std::string_view name, StreamInfo info = {}) {
    recorder_->opened(name, Address::parse("tcp://scanner.lane3:7001").value(), info, now());
    return *this;
  }
  Recorded& came(std::string_view name, std::string_view bytes) {
    recorder_->passed(name, Direction::from_device, std::as_bytes(std::span(bytes)), now(), clock_.utc_ns());
    return *this;
  }
  Recorded& went(std::string_view name, std::string_view bytes) {
    recorder_->passed(name, Direction::to_device, std::as_bytes(std::span(bytes)), now(), clock_.utc_ns());
    return *this;
  }
  Recorded& dropped(std::string_view name, uint64_t datagrams) {
    return recorder_->dropped(name, datagrams, now()), *this;
  }
  Recorded& ended(std::string_view name, garita_status status) { return recorder_->ended(name, status, now()), *this; }
  Recorded& object(std::string_view name, const std::vector<std::pair<std::string, std::string>>& files) {
    HandedOut object;
    for (const auto& [file, text] : files) {
      auto maker = SealedCopy::Maker::create().value();
      EXPECT_TRUE(maker.append(std::as_bytes(std::span(text))));
      object.files.push_back({file, 1234, maker.finish().value()});
    }
    recorder_->handed_out(name, object, now());
    return *this;
  }
  base::Result<void> finish() { return recorder_->finish(); }
  Recorder& recorder() { return *recorder_; }

 private:
  uint64_t now() const { return clock_.monotonic_ns(); }

  base::ManualClock clock_;
  std::unique_ptr<Recorder> recorder_;
};

// A broker whose streams are replayed.
class ReplayTest : public BrokerTest {
 protected:
  static constexpr uint64_t start = Recorded::start_ns;

  std::filesystem::path file() const { return folder / "session.rec"; }

  void replay(const std::vector<std::string>& names, const std::string& options = "",
              Player::Speed speed = Player::Speed::fast, Tap* tap = nullptr) {
    broker.reset();
    auto opened = Player::open(file(), speed);
    ASSERT_TRUE(opened) << base::render(opened.error(), base::Language::en);
    player = *opened;
    Broker::Sources sources;
    for (const std::string& name : names)
      sources.emplace(name, Address::parse("replay:" + file().string() + options).value());
    auto made = Broker::create(std::move(sources), player->clock(), {}, tap, {}, player);
    ASSERT_TRUE(made) << base::render(made.error(), base::Language::en);
    broker = std::move(*made);
  }

  // Deadlines of the virtual clock.
  uint64_t clock() const { return player->clock().monotonic_ns(); }
  uint64_t within(uint64_t ns) const { return clock() + ns; }

  uint32_t open(std::string_view name) {
    uint32_t id = 0;
    last = broker->open(name, within(100 * second), info, id);
    EXPECT_TRUE(last.ok()) << sentence(last);
    return id;
  }
  std::string read(uint32_t id, size_t capacity = 1 << 16) {
    return BrokerTest::read(id, capacity, within(100 * second));
  }
  std::string read_to_end(uint32_t id, size_t capacity = 1 << 16) {
    std::string all;
    do all += read(id, capacity);
    while (last.ok());
    return all;
  }

  base::testing::TemporaryFolder folder;
  std::shared_ptr<Player> player;
};

}  // namespace garita::broker::testing
