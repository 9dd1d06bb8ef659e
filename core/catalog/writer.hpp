// The one who writes into the catalog: an index of packages in SQLite, which can always be made anew from
// them.
//
// Durability: WAL with synchronous=NORMAL. A row outlives the death of the program as soon as add() returns;
// a power cut may take the rows since the last checkpoint, never the database, and reconcile() puts them back
// from the packages, which were synced before. What only the catalog knows (a removal under way) is written
// with synchronous=FULL.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/catalog/entry.hpp"

namespace garita::catalog {

// Errors: "catalog.damaged" where the file is no database or a damaged one, "catalog.newer" where a later
// version made it, "catalog.foreign" where it is somebody else's, "catalog.busy" while another program holds
// it too long, "catalog.failed" for all else; each names the file.
//
// Any thread; several programs may have one catalog open. What threads add at the same moment shares a
// transaction.
class Writer {
 public:
  // Makes the database where missing (created() says so) and brings an older one to this version.
  static base::Result<Writer> open(const std::filesystem::path& database);
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();

  bool created() const;

  // A package that is durable. The same root again only moves the row to the new place; another package under
  // the same name replaces it.
  base::Result<void> add(const v1::Inspection& inspection, const std::filesystem::path& package,
                         const base::Digest& root);
  base::Result<void> add(const Entry& entry);
  base::Result<void> add(std::span<const Entry> entries);  // in one transaction

  // Replaces what the row says of addenda: decision, finding, identifiers. On the disk when it returns.
  base::Result<void> update(const Entry& entry);

  // Removal in two steps, so that a crash between them is known (retention.hpp). begin: those that may go,
  // without packages on hold; on the disk when it returns.
  base::Result<std::vector<Entry>> begin_removal(std::span<const base::Digest> roots);
  base::Result<void> abandon_removal(const base::Digest& root);
  base::Result<void> remove(const base::Digest& root);  // the row; no error where there is none
  base::Result<std::vector<Entry>> removals_begun();    // the first 100

  // Names that the catalog has in a folder are answered quickly.
  struct Known {
    base::Digest root{};
    uint64_t addenda_bytes = 0;
  };
  base::Result<std::optional<Known>> known(const std::filesystem::path& package);

  const std::filesystem::path& database() const;

 private:
  class Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garita::catalog
