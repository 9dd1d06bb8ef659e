// What a plain copy by TLS 1.3 over loopback takes: one thread writes, another reads into a file, which is on
// the disk before it says so.
#pragma once

#include <filesystem>
#include <memory>

#include "tests/bench/joint_receipt/our_way.hpp"

namespace garita::bench {

class PlainTls {
 public:
  explicit PlainTls(const std::filesystem::path& folder);
  ~PlainTls();
  void copy(const Contents& contents);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace garita::bench
