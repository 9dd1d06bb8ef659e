// A driver's metadata into the record: typed key/value pairs, set by reflection.
//
// Metadata is never a reason to lose a scan. A key of ours that is not known goes to `unrecognized`, a value
// that does not make sense to `suspect`, verbatim; com.vendor.… keys go to `vendor_attributes`; what does not
// fit is counted in `counts`.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/image/event.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::record {

inline constexpr size_t max_unrecognized = 64;
inline constexpr size_t max_attributes_per_scan = 4096;
inline constexpr size_t max_kept_bytes =
    4u << 20;  // of keys and values in unrecognized, suspect and vendor_attributes

// What became of the attributes, for the log and for conformance (where an unknown key of ours is a failure).
struct Report {
  uint64_t set = 0;           // good values in their fields
  uint64_t vendor = 0;        // kept in vendor_attributes
  uint64_t unrecognized = 0;  // keys of ours that the record does not have, kept or not
  uint64_t suspect = 0;       // values flagged
  uint64_t duplicate_keys = 0;
  uint64_t dropped = 0;                        // beyond a limit
  std::vector<std::string> unrecognized_keys;  // the first 64, for one warning each
};

// Sets the attributes of one scan. Keep it as long as the scan lasts: doubled keys and limits are counted
// over all calls. One thread at a time. The inspection must outlive it.
class AttributeSetter {
 public:
  AttributeSetter(v1::Inspection& inspection, Report& report) : inspection_(inspection), report_(report) {}

  // Standing attributes hold for all scans of an opening; a scan's own attribute of the same key replaces one
  // and is not a doubled key. Give them first.
  enum class Scope : uint8_t { standing, scan };
  void apply(std::span<const image::Attribute> attributes, Scope scope = Scope::scan);

 private:
  void apply_one(const image::Attribute& attribute, Scope scope);
  bool count_key(const std::string& key, Scope scope);
  bool take_budget(size_t bytes);
  void forget(const std::string& key);
  void keep_vendor(const image::Attribute& attribute);
  void keep_unrecognized(const image::Attribute& attribute);
  void keep_suspect(const image::Attribute& attribute, v1::Suspect::Reason reason);
  void drop();

  v1::Inspection& inspection_;
  Report& report_;
  std::map<std::string, Scope, std::less<>> seen_;
  size_t applied_ = 0;
  size_t kept_bytes_ = 0;
};

// All attributes of a scan in one call.
void apply(v1::Inspection& inspection, std::span<const image::Attribute> attributes, Report& report);

}  // namespace garita::record
