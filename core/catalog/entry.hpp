// What the catalog knows of one package. All of it comes from the package and its addenda, so that it can be
// made anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/catalog/identifiers.hpp"
#include "core/package/addenda.hpp"
#include "garita/v1/addendum.pb.h"
#include "garita/v1/inspection.pb.h"

namespace garita::catalog {

// Which readings said alarm, and whether the scan itself is suspect; bits, for the database.
inline constexpr uint32_t alarm_gamma = 1, alarm_neutron = 2, alarm_other = 4, alarm_suspect = 8;

// Categories that somebody named; one bit for each number of v1::Category.
struct Categories {
  uint32_t machine = 0, operator_ = 0, finding = 0;

  uint32_t all() const { return machine | operator_ | finding; }
};

struct Entry {
  std::filesystem::path path;  // of the package, absolute
  base::Digest root{};         // names it, wherever it lies
  uint64_t size_bytes = 0;
  int64_t utc_ns = 0;  // started, else ended, else received; 0 where the record says none
  std::string inspection_id, scan_key;
  std::string site, lane, vendor, model;
  std::vector<Identifier> identifiers;
  uint32_t alarms = 0;
  Categories categories;
  bool incomplete = false;
  v1::Decision::Verdict decision = v1::Decision::VERDICT_UNSPECIFIED;  // the last one
  bool found = false;          // a finding said that something was found
  uint64_t addenda_bytes = 0;  // of its addenda that are counted in here
};

// path and size_bytes are as given; addenda are not looked at.
Entry entry_of(const v1::Inspection& inspection, const std::filesystem::path& path, const base::Digest& root,
               uint64_t size_bytes);

// Later addenda win; findings and corrected identifiers add up. `believed`: the keys whose word counts; a
// line that another key signed is no decision of ours.
void apply(const package::Addenda& addenda, const std::vector<base::Digest>& believed, Entry& entry);

}  // namespace garita::catalog
