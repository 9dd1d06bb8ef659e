// Two sites for a test: each with a key, an outbox, an inbox, and contents that are counted by their hashes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "core/base/testing/temporary_folder.hpp"
#include "core/exchange/transport/courier.hpp"

namespace garita::exchange::testing {

inline base::SigningKey key_of(const std::string& name) {
  static std::map<std::string, base::SigningKey> keys;
  auto found = keys.find(name);
  if (found == keys.end())
    found = keys.emplace(name, *base::SigningKey::generate(base::SignatureAlgorithm::ed25519)).first;
  return found->second;
}

inline Keyring ring_of(const std::string& own, const std::string& peer,
                       const base::Clock& clock = base::system_clock()) {
  return Keyring(key_of(own), {{peer, key_of(peer).public_key(), std::nullopt}}, clock);
}

// Bytes that compress to nothing and are the same for the same seed.
inline std::string bytes_of(uint64_t seed, size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; i += 8) {
    const uint64_t value = random();
    for (size_t k = i; k < std::min(size, i + 8); ++k) bytes[k] = static_cast<char>(value >> (8 * (k - i)));
  }
  return bytes;
}

// The seed of this run: printed, so that it can be had again with GARITA_SEED.
inline uint64_t seed_of_run() {
  static const uint64_t seed = [] {
    const char* given = std::getenv("GARITA_SEED");
    const uint64_t value = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::printf("GARITA_SEED=%llu\n", static_cast<unsigned long long>(value));
    return value;
  }();
  return seed;
}

inline bool is_long() { return std::getenv("GARITA_LONG") != nullptr; }

// What a site has on its disk, opened and shut at will.
struct Site {
  Site(std::string own, std::string other, const std::filesystem::path& where, const base::Clock& time,
       base::FileSystem& disk = base::real_file_system())
      : name(std::move(own)),
        peer(std::move(other)),
        folder(where / name),
        clock(time),
        files(disk),
        ring(ring_of(name, peer, clock)) {
    start();
  }

  void start() {
    std::filesystem::create_directories(folder);
    auto opened_outbox = Outbox::open(folder / "outbox", outbox_limits, {.clock = clock, .files = files});
    auto opened_inbox = Inbox::open(folder / "inbox", inbox_limits, clock, files);
    ASSERT_TRUE(opened_outbox.ok()) << opened_outbox.error().id;
    ASSERT_TRUE(opened_inbox.ok()) << opened_inbox.error().id;
    outbox = std::make_unique<Outbox>(*std::move(opened_outbox));
    inbox = std::make_unique<Inbox>(*std::move(opened_inbox));
  }
  void connect(Transport& forth, Transport& back, CourierOptions options = {}) {
    options.peer = peer;
    courier = std::make_unique<Courier>(options, Courier::Parts{ring, *outbox, *inbox, forth, back, clock});
  }
  void connect(Transport& both, CourierOptions options = {}) { connect(both, both, options); }
  void stop() { courier.reset(), inbox.reset(), outbox.reset(); }

  Entry put(const std::string& key, const std::string& bytes, Priority priority = Priority::rest,
            const std::string& lane = "north") {
    auto entry = outbox->put({peer, lane, key, priority}, bytes);
    EXPECT_TRUE(entry.ok()) << entry.error().id;
    return entry ? *entry : Entry{};
  }
  size_t waiting() const { return outbox->waiting(peer, 0, 1'000'000)->size(); }

  // Contents that arrived, each held against its name by reading it again: how often each arrived.
  std::map<std::string, int> arrived() const {
    std::map<std::string, int> count;
    const auto arrivals = inbox->arrivals(1'000'000);
    for (const Arrival& each : *arrivals) {
      auto bytes = base::read_text_file(each.path, uint64_t{1} << 32);
      EXPECT_TRUE(bytes.ok()) << each.path;
      if (bytes) ++count[base::to_text(base::sha256(*bytes))];
    }
    return count;
  }

  std::string name, peer;
  std::filesystem::path folder;
  const base::Clock& clock;
  base::FileSystem& files;
  OutboxLimits outbox_limits;
  InboxLimits inbox_limits;
  Keyring ring;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<Inbox> inbox;
  std::unique_ptr<Courier> courier;
};

// What was put, by hash, and what is left to count.
class Ledger {
 public:
  void sent(const std::string& bytes) { sent_.insert(base::to_text(base::sha256(bytes))); }
  size_t size() const { return sent_.size(); }

  // sent = received = receipts.
  void expect_settled(const Site& from, const Site& to) const {
    const auto arrived = to.arrived();
    for (const std::string& hash : sent_) EXPECT_TRUE(arrived.contains(hash)) << "lost: " << hash;
    for (const auto& [hash, times] : arrived) {
      EXPECT_TRUE(sent_.contains(hash)) << "never sent: " << hash;
      EXPECT_EQ(times, 1) << "twice: " << hash;
    }
    EXPECT_EQ(from.waiting(), 0u);
    uint64_t receipts = 0;
    const auto lanes = from.outbox->status();
    for (const LaneStatus& lane : *lanes) receipts += lane.received;
    EXPECT_EQ(receipts, sent_.size());
    const auto gaps = gaps_of(to.folder / "inbox");
    for (const LaneGaps& lane : *gaps) EXPECT_TRUE(lane.gaps.empty());
  }

 private:
  std::set<std::string> sent_;
};

}  // namespace garita::exchange::testing
