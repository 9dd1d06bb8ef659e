// The record for a person: labelled rows, grouped by subject.
#pragma once

#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "garita/v1/addendum.pb.h"
#include "garita/v1/inspection.pb.h"

namespace garita::record {

struct Row {
  std::string group;     // "Conveyance"
  std::string label;     // "Containers 1 · Number"
  std::string value;     // "CSQU 305438 3", "2.50 m/s"; fit for a terminal (base::printable)
  std::string path;      // "conveyance.containers[0].number"
  bool suspect = false;  // flagged: the value does not make sense
  std::string reason;    // why, where it is suspect
};

inline constexpr size_t max_rows = 4096;

// In the record's order, at most 4096 rows. Times in UTC with the local time beside where the offset is
// known; long series as their count and range.
std::vector<Row> describe(const v1::Inspection& inspection, base::Language language);
std::vector<Row> describe(const v1::Addendum& addendum, base::Language language);

}  // namespace garita::record
