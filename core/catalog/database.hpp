// The SQLite file below writer and reader: opened, checked, brought to this version. Private to core/catalog.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "core/base/result.hpp"
#include "core/catalog/entry.hpp"
#include "core/database/database.hpp"

namespace garita::catalog {

inline constexpr int schema_version = 2;

inline constexpr database::Kind catalog_kind = {.application_id = 0x47525441,  // "GRTA"
                                                .version = schema_version,
                                                .damaged = "catalog.damaged",
                                                .busy = "catalog.busy",
                                                .foreign = "catalog.foreign",
                                                .newer = "catalog.newer",
                                                .failed = "catalog.failed"};

template <typename Act>
auto guarded(const std::filesystem::path& path, Act act) {
  return database::guarded(path, catalog_kind, std::move(act));
}

enum class Access { read, write };

struct OpenDatabase {
  std::unique_ptr<SQLite::Database> handle;
  bool created = false;
};
base::Result<OpenDatabase> open_database(const std::filesystem::path& database, Access access);

// The columns of `package` that an Entry is made of, for SELECT … FROM package p JOIN …; and the Entry of
// such a row.
extern const char* const entry_columns;
extern const char* const entry_joins;
Entry entry_of_row(SQLite::Statement& row);

// The row that it gets, where that is free.
int64_t id_of(const Entry& entry);
// The rows of a time lie between these; a millisecond at both ends may be of another time.
int64_t first_id_of(int64_t utc_ns);
int64_t last_id_of(int64_t utc_ns);

// As the columns hold them.
std::string packed(const std::vector<Identifier>& identifiers);
int64_t packed(const Categories& categories);

}  // namespace garita::catalog
