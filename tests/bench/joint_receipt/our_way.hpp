// Two sites with outbox, inbox and keys, each on its thread, and contents carried from the one to the other
// until the last receipt.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/exchange/transport/courier.hpp"

namespace garita::bench {

// Sealed contents look like noise; each round's are its own, or the outbox would know them.
class Contents {
 public:
  Contents(size_t count, size_t size_bytes);
  size_t count() const { return all_.size(); }
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::vector<std::string> all_;
};

// Ends the program with a sentence: a benchmark has nobody to tell.
[[noreturn]] void give_up(const std::string& what);

class OurWay {
 public:
  // Makes the two ends, of the sender and of the receiver; `folder` is there for keys.
  struct Ends {
    std::unique_ptr<exchange::Transport> forth, back;
  };
  using Way = Ends (*)(const std::filesystem::path& folder, const std::string& where);
  struct Where {
    Way way;
    std::string where;
  };
  static Where nats(const std::string& url);
  static Where tls();

  OurWay(const std::filesystem::path& folder, const Where& where);
  ~OurWay();

  void carry(const Contents& contents);

 private:
  struct Site;
  std::unique_ptr<Site> from_, to_;
  uint64_t round_ = 0;
};

}  // namespace garita::bench
