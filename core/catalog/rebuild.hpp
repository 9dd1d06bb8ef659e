// Puts into the catalog what the folders of packages hold: the packages are the truth, the catalog is their
// index.
//
// The folders are remembered in a text file beside the database, `<database>.folders`, one absolute path a
// line, so that the database can be deleted and made anew.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/catalog/entry.hpp"
#include "core/catalog/writer.hpp"

namespace garita::catalog {

std::vector<std::filesystem::path> known_folders(const std::filesystem::path& database);
// Synced; nothing where it is known already.
base::Result<void> remember_folder(const std::filesystem::path& database,
                                   const std::filesystem::path& folder);

// Whose addenda count, beside those of the key that signed the package.
using Believed = std::vector<base::Digest>;

// Reads a package and its addenda; every hash of the record is checked.
base::Result<Entry> read_entry(const std::filesystem::path& package, const Believed& believed);

struct ReconcileOptions {
  bool again = false;  // also packages that the catalog has
  std::chrono::milliseconds patience =
      std::chrono::hours(24 * 365);  // stops after so long: `left` counts the others
  std::function<void(uint64_t done, uint64_t of)> progress = {};
};

struct ReconcileReport {
  uint64_t files = 0;               // packages in the folders
  uint64_t added = 0;               // of which so many were read and written
  uint64_t left = 0;                // patience ended before them
  uint64_t refused = 0;             // could not be read
  std::vector<base::Error> errors;  // why; the first hundred
};

// Adds the packages of a folder that the catalog lacks, and those whose addenda have grown. Rows whose file
// is gone stay: a disk may be away for a while.
base::Result<ReconcileReport> reconcile(Writer& writer, const std::filesystem::path& folder,
                                        const Believed& believed, const ReconcileOptions& options = {});

// Moves a damaged database out of the way, `<database>.damaged-N`, with what belongs to it. Returns its new
// name.
base::Result<std::filesystem::path> set_aside(const std::filesystem::path& database);

// Rows whose file is gone although its folder is there are removed.
base::Result<uint64_t> forget_missing(Writer& writer, const std::filesystem::path& database);

}  // namespace garita::catalog
