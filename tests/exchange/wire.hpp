// A transport in memory that treats messages badly, by a seed.
#pragma once

#include <deque>
#include <random>

#include "core/exchange/transport/transport.hpp"

namespace garita::exchange::testing {

// Of a hundred messages.
struct Faults {
  int lost = 0, twice = 0, late = 0, flipped = 0, cut = 0;
};

// Both directions between two ends.
class Wire {
 public:
  Wire(Faults faults, uint64_t seed) : faults_(faults), random_(seed) {}

  class End final : public Transport {
   public:
    End(Wire& wire, int to) : wire_(wire), to_(to) {}
    base::Result<bool> send(const Outgoing& message) override {
      if (!wire_.up || wire_.queues_[to_].size() > 200) return false;
      wire_.carry(std::string(message.bytes.text()), to_);
      return true;
    }
    base::Result<std::optional<Incoming>> receive(uint32_t) override {
      auto& queue = wire_.queues_[1 - to_];
      if (queue.empty()) return std::optional<Incoming>();
      Incoming message{std::move(queue.front()), {}};
      queue.pop_front();
      return std::optional(std::move(message));
    }
    void handled(const Incoming&, bool) override {}
    void settled(const base::Digest&) override {}
    uint64_t generation() const override { return wire_.generation; }

   private:
    Wire& wire_;
    int to_;
  };

  End a{*this, 1}, b{*this, 0};
  bool up = true;
  uint64_t generation = 0;
  uint64_t carried = 0;
  std::vector<std::string>* tap = nullptr;  // sees all that goes into it

  void put(std::string bytes, int to) { queues_[to].push_back(std::move(bytes)); }
  void cut() { queues_[0].clear(), queues_[1].clear(), ++generation; }

 private:
  bool happens(int of_a_hundred) { return static_cast<int>(random_() % 100) < of_a_hundred; }

  void carry(std::string bytes, int to) {
    ++carried;
    if (tap) tap->push_back(bytes);
    auto& queue = queues_[to];
    if (happens(faults_.lost)) return;
    if (happens(faults_.flipped)) bytes[random_() % bytes.size()] ^= static_cast<char>(1 << random_() % 8);
    if (happens(faults_.cut)) bytes.resize(random_() % bytes.size());
    if (happens(faults_.twice)) queue.push_back(bytes);
    const size_t back = happens(faults_.late) && !queue.empty() ? random_() % queue.size() : 0;
    queue.insert(queue.end() - static_cast<ptrdiff_t>(back), std::move(bytes));
  }

  Faults faults_;
  std::mt19937_64 random_;
  std::deque<std::string> queues_[2];
};

}  // namespace garita::exchange::testing
