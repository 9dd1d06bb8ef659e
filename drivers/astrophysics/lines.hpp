// Which row of a view is which line of the belt: the encoder's count made straight, lines that come again
// left out, gaps remembered. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace garita::astrophysics {

class BeltLines {
 public:
  void restart() { *this = {}; }

  // The belt went back: lines at or behind the last one are old acquaintances until a new one comes.
  void reversed() { may_repeat_ = true; }

  enum class Came { first_time, again, out_of_order };
  Came came(uint32_t line) const;

  // The line becomes the next row (came() said first_time). Its count, unwrapped.
  uint64_t add(uint32_t line);

  uint64_t rows() const { return rows_; }

  // The row of a line at or before the last; of a lost one that of the next before it. nullopt: before the
  // first, or not there yet.
  std::optional<uint64_t> row_of(uint32_t line) const;

 private:
  std::vector<std::pair<uint64_t, uint64_t>> runs_;  // first line and row of each run without a gap
  uint64_t last_ = 0, rows_ = 0;
  bool may_repeat_ = false;
};

}  // namespace garita::astrophysics
