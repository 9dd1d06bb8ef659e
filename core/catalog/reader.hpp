// What was scanned? Questions to the catalog.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/catalog/entry.hpp"

namespace garita::catalog {

// All that is set must hold. Texts of site, lane and vendor match whole, in either case of ASCII letters;
// with a `*` at their end they match as a beginning, and so do identifiers.
struct Query {
  struct Wanted {
    std::optional<IdentifierKind> kind;  // nullopt: any
    std::string value;                   // as people write it
  };
  std::vector<Wanted> identifiers;
  std::optional<int64_t> from_utc_ns, to_utc_ns;  // half-open
  std::string site, lane, vendor;
  uint32_t alarms = 0;  // any of these bits
  std::optional<v1::Category> category;
  bool incomplete = false;
  bool suspect = false;  // replayed or synthetic
  std::optional<v1::Decision::Verdict> decision;
  std::optional<base::Digest> root;
};

struct FindResult {
  std::vector<Entry> entries;  // newest first
  bool more = false;           // there are others beyond the limit
};

struct Totals {
  uint64_t packages = 0, size_bytes = 0;
};

inline constexpr size_t max_limit = 100'000;

// One thread at a time; many readers may be open while one writes. Errors as Writer has them, and
// "catalog.missing".
class Reader {
 public:
  static base::Result<Reader> open(const std::filesystem::path& database);
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  base::Result<FindResult> find(const Query& query, size_t limit);  // limit is cut to max_limit
  // Every package, oldest first, until `visit` says false.
  base::Result<void> each(const std::function<bool(const Entry&)>& visit);
  base::Result<Totals> totals();
  // Goes through all of the file: "catalog.damaged" where it does not hold together. Seconds for a million
  // rows.
  base::Result<void> check();

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garita::catalog
