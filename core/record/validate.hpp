// Does a record say only what its dictionary allows?
#pragma once

#include <string>
#include <vector>

#include "garita/v1/addendum.pb.h"
#include "garita/v1/inspection.pb.h"

namespace garita::record {

struct Problem {
  std::string path;  // "views[0].columns"
  std::string id;    // of the text catalogue: "record.out_of_range", …; its fields: path, value, limit
  std::string value;
  std::string limit;     // what the rule says
  bool flagged = false;  // already in `suspect`: known, not new
};

inline constexpr size_t max_problems = 256;

// Range, format, check digit, UTF-8, lengths and counts of every set field, in the record's order. The first
// 256.
std::vector<Problem> validate(const v1::Inspection& inspection);
std::vector<Problem> validate(const v1::Addendum& addendum);

// Cuts lists that are longer than their limit and counts what went (`counts`). Call it before a record is
// written: leaves() writes no element beyond a limit.
void enforce_limits(v1::Inspection& inspection);

}  // namespace garita::record
