// Values of a data set as plain C++ values: nothing where an element is missing, empty, or holds something else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/dicos/dcmtk.hpp"

namespace garita::dicos {

inline constexpr size_t max_text_bytes = 1024;  // of one value; the rest is cut

class Tags {
 public:
  explicit Tags(DcmItem* item) : item_(item) {}

  bool has(DcmTagKey tag) const { return item_ != nullptr && item_->tagExists(tag); }

  // The first value, or all of them as they are written ("A\B"), without padding; empty where there is none.
  std::string text(DcmTagKey tag) const;
  std::string texts(DcmTagKey tag) const;
  // Value `place` of several.
  std::optional<double> number(DcmTagKey tag, unsigned long place = 0) const;
  // All values of FL, FD or DS, at most `limit`.
  std::vector<double> numbers(DcmTagKey tag, size_t limit) const;

  // Item `place` of a sequence; empty Tags where there is none.
  Tags item(DcmTagKey sequence, long place = 0) const;
  size_t items(DcmTagKey sequence) const;

  DcmItem* get() const { return item_; }
  explicit operator bool() const { return item_ != nullptr; }

 private:
  DcmItem* item_;
};

}  // namespace garita::dicos
