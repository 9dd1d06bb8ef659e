// The SQLite file below an outbox or an inbox: opened, checked, brought to its version. WAL, and every
// transaction is on the disk when it returns (synchronous=FULL). Private to core/exchange.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/database/database.hpp"

namespace garita::exchange {

// What an outbox or an inbox is known by.
struct Form {
  int application_id;
  int version;
  const char* schema;  // of an empty one
};

inline constexpr database::Kind exchange_kind = {.application_id = 0,  // of its form
                                                 .version = 0,
                                                 .damaged = "exchange.db_damaged",
                                                 .busy = "exchange.db_busy",
                                                 .foreign = "exchange.db_foreign",
                                                 .newer = "exchange.db_newer",
                                                 .failed = "exchange.db_failed"};

// Runs what may throw; no exception of SQLite leaves this room.
template <typename Act>
auto guarded(const std::filesystem::path& path, Act act) {
  return database::guarded(path, exchange_kind, std::move(act));
}

// Made (0600) where missing. "exchange.db_foreign" for another program's, "exchange.db_newer" for a later
// version's.
base::Result<std::unique_ptr<SQLite::Database>> open_database(const std::filesystem::path& path,
                                                              const Form& form);

template <size_t N>
void bind_bytes(SQLite::Statement& statement, int index, const std::array<uint8_t, N>& bytes) {
  statement.bind(index, bytes.data(), static_cast<int>(N));
}

// False where the column holds another number of bytes.
template <size_t N>
bool read_bytes(const SQLite::Column& column, std::array<uint8_t, N>& out) {
  if (static_cast<size_t>(column.getBytes()) != N) return false;
  const auto* from = static_cast<const uint8_t*>(column.getBlob());
  std::copy(from, from + N, out.begin());
  return true;
}

// A transaction that takes the writer's place at once, so that nothing it has read can change under it.
struct Writing : SQLite::Transaction {
  explicit Writing(SQLite::Database& database)
      : SQLite::Transaction(database, SQLite::TransactionBehavior::IMMEDIATE) {}
};

// While it lives, what is written need not be on the disk before it is gone on with: a power cut may take it
// back, a killed program does not.
class Unhurried {
 public:
  explicit Unhurried(SQLite::Database& database) : database_(database) {
    database_.exec("PRAGMA synchronous = NORMAL");
  }
  Unhurried(const Unhurried&) = delete;
  Unhurried& operator=(const Unhurried&) = delete;
  ~Unhurried() { (void)database_.tryExec("PRAGMA synchronous = FULL"); }

 private:
  SQLite::Database& database_;
};

}  // namespace garita::exchange
