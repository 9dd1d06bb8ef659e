#include "core/exchange/outbox/database.hpp"

#include <sqlite3.h>

#include "core/base/file.hpp"

namespace garita::exchange {
namespace {

constexpr int busy_ms = 30'000;

base::Error database_error(const char* id, const std::filesystem::path& path) {
  return {base::Outcome::not_loaded, id, {{"path", path.string()}}};
}

int pragma(SQLite::Database& database, const char* name) {
  return database.execAndGet(std::string("PRAGMA ") + name).getInt();
}

void make(SQLite::Database& database, const Form& form) {
  Writing writing(database);
  if (pragma(database, "user_version") == 0) {  // else another program was quicker
    database.exec(form.schema);
    database.exec("PRAGMA application_id = " + std::to_string(form.application_id));
    database.exec("PRAGMA user_version = " + std::to_string(form.version));
  }
  writing.commit();
}

base::Result<std::unique_ptr<SQLite::Database>> open_checked(const std::filesystem::path& path,
                                                             const Form& form) {
  auto database = std::make_unique<SQLite::Database>(path.string(), SQLite::OPEN_READWRITE, busy_ms);
  const int id = pragma(*database, "application_id"), version = pragma(*database, "user_version");
  const bool empty = database->execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (id != form.application_id && !(id == 0 && empty)) return database_error("exchange.db_foreign", path);
  if (version > form.version) return database_error("exchange.db_newer", path);
  database->exec("PRAGMA journal_mode = WAL");
  database->exec("PRAGMA synchronous = FULL");
  database->exec("PRAGMA foreign_keys = ON");
  if (version == 0) make(*database, form);
  return database;
}

}  // namespace

base::Error error_of(const SQLite::Exception& exception, const std::filesystem::path& path) {
  const int code = exception.getErrorCode() & 0xff;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR)
    return database_error("exchange.db_damaged", path);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return database_error("exchange.db_busy", path);
  if (code == SQLITE_FULL) return database_error("base.disk_full", path);
  base::Error failed = database_error("exchange.db_failed", path);
  failed.fields.push_back({"reason", exception.what()});
  return failed;
}

base::Result<std::unique_ptr<SQLite::Database>> open_database(const std::filesystem::path& path,
                                                              const Form& form) {
  std::error_code error;
  // Only its owner may read what waits for whom; SQLite gives its other files the same mode.
  if (!std::filesystem::exists(path, error)) GARITA_TRY(base::real_file_system().append_to(path, 0600));
  try {
    return open_checked(path, form);
  } catch (const SQLite::Exception& exception) {
    return error_of(exception, path);
  }
}

}  // namespace garita::exchange
