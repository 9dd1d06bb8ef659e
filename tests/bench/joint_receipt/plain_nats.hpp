// What plain publishing into a stream of the same server takes: libnats' own asynchronous publishing, until
// the last acknowledgement.
#pragma once

#include <memory>
#include <string>

#include "tests/bench/joint_receipt/our_way.hpp"

namespace garita::bench {

class PlainNats {
 public:
  explicit PlainNats(const std::string& url);
  ~PlainNats();
  void publish(const Contents& contents);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace garita::bench
