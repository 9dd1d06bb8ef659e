// A way that treats messages badly before it hands them to a real one: loses, repeats, delays beyond others,
// changes a bit, halves. By a seed.
#pragma once

#include <deque>
#include <random>

#include "core/exchange/transport/transport.hpp"

namespace garita::exchange::testing {

class FaultyWay final : public Transport {
 public:
  // of_a_hundred: messages to which something happens, shared by all kinds of it.
  FaultyWay(Transport& real, int of_a_hundred, uint64_t seed)
      : real_(real), of_a_hundred_(of_a_hundred), random_(seed) {}

  base::Result<bool> send(const Outgoing& message) override {
    GARITA_TRY(send_late());
    if (static_cast<int>(random_() % 100) >= of_a_hundred_) return real_.send(message);
    ++faults_;
    std::string bytes(message.bytes.text());
    switch (random_() % 5) {
      case 0:
        return true;  // lost
      case 1: {
        GARITA_TRY_ASSIGN(taken, real_.send(message));
        return taken ? real_.send(message) : base::Result<bool>(false);
      }
      case 2:
        late_.push_back({message.name, message.content, std::move(bytes), message.again});
        return true;
      case 3:
        bytes[random_() % bytes.size()] ^= static_cast<char>(1 << random_() % 8);
        break;
      default:
        bytes.resize(bytes.size() / 2);
    }
    return real_.send({message.name, message.content, bytes, message.again, message.asked});
  }
  base::Result<std::optional<Incoming>> receive(uint32_t wait_ms) override { return real_.receive(wait_ms); }
  void handled(const Incoming& message, bool keep) override { real_.handled(message, keep); }
  void settled(const base::Digest& content) override { real_.settled(content); }
  uint64_t generation() const override { return real_.generation(); }
  bool is_slow() const override { return real_.is_slow(); }

  uint64_t faults() const { return faults_; }

 private:
  struct Late {
    std::string name;
    base::Digest content{};
    std::string bytes;
    uint32_t again = 0;
  };
  // What was held back goes when others have gone before it.
  base::Result<void> send_late() {
    if (late_.empty() || random_() % 4 != 0) return {};
    const Late& first = late_.front();
    GARITA_TRY_ASSIGN(taken, real_.send({first.name, first.content, first.bytes, first.again}));
    if (taken) late_.pop_front();
    return {};
  }

  Transport& real_;
  const int of_a_hundred_;
  std::mt19937_64 random_;
  std::deque<Late> late_;
  uint64_t faults_ = 0;
};

}  // namespace garita::exchange::testing
