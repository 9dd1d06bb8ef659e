// Which packages have to go, and their removal: first said in the log, then the file, then the row.
//
// A policy is a TOML file:
//
//   max_gb = 500               # of all packages, 0.001 at least; beyond it the oldest go first:
//                              # routine, incomplete, detection, alarm
//   [days]                     # a class without a number is kept for ever
//   routine = 30               # nothing was seen
//   incomplete = 60            # the scan was cut short
//   detection = 365            # a machine or an operator marked something
//   alarm = 365                # radiation
//   finding = 3650             # something was found when it was searched
//
//   [[legal_hold]]             # none of these is ever removed
//   reason = "FED/BC/123/2026"
//   container = "CSQU3054383"  # or plate, pedimento, awb, bag, root, site, lane, from, to;
//                              # all that are said must hold
//
// A package whose last decision is "hold" is never removed either.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/catalog/reader.hpp"
#include "core/catalog/rebuild.hpp"
#include "core/catalog/writer.hpp"

namespace garita::catalog {

// The highest that holds for a package; held and legal_hold stand above all.
enum class RetentionClass : uint8_t { routine, incomplete, detection, alarm, finding };
inline constexpr size_t retention_classes = 5;
std::string_view name_of(RetentionClass retention_class);
RetentionClass class_of(const Entry& entry);

struct LegalHold {
  std::string reason;
  Query query;
};

struct RetentionPolicy {
  std::optional<uint64_t> max_bytes;
  std::array<std::optional<uint32_t>, retention_classes> days;  // by class; nullopt: for ever
  std::vector<LegalHold> legal_holds;
};
// "catalog.policy" {path, line, what} for anything that is not understood: a misspelt hold must not go
// unseen.
base::Result<RetentionPolicy> parse_policy(std::string_view toml, const std::string& path);

enum class RemovalReason : uint8_t { age, size };
std::string_view name_of(RemovalReason reason);

struct Removal {
  Entry entry;
  RetentionClass retention_class{};
  RemovalReason reason{};
};

inline constexpr size_t max_removals = 100'000;  // of one run

struct RetentionPlan {
  std::vector<Removal> removals;  // oldest first within a reason
  uint64_t bytes = 0;             // that they free
  uint64_t on_hold = 0;           // would have to go but for a hold
  bool more = false;              // beyond max_removals
};
base::Result<RetentionPlan> plan_retention(Reader& reader, const RetentionPolicy& policy, int64_t now_utc_ns);

struct RetentionReport {
  uint64_t removed = 0, bytes = 0;
  uint64_t spared = 0;    // put on hold meanwhile
  uint64_t finished = 0;  // begun in a run before, which was cut short
};
// kind, payload (a JSON object): on the disk when it returns, before the first file goes.
using Journal = std::function<base::Result<void>(std::string_view kind, std::string_view payload)>;
base::Result<RetentionReport> apply_retention(Writer& writer, const RetentionPlan& plan,
                                              const Believed& believed, const Journal& journal,
                                              base::FileSystem& files = base::real_file_system());

}  // namespace garita::catalog
