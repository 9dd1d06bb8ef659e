#include "core/database/database.hpp"

#include <sqlite3.h>

namespace garita::database {
namespace {

base::Error says(const char* id, const std::filesystem::path& path) {
  return {base::Outcome::not_loaded, id, {{"path", path.string()}}};
}

bool has_tables(SQLite::Database& handle) {
  return handle.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() > 0;
}

}  // namespace

bool is_busy(const SQLite::Exception& exception) {
  const int code = exception.getErrorCode() & 0xff;
  return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

// "A column or table is missing" is damage too: the version said that they are there.
base::Error error_of(const SQLite::Exception& exception, const std::filesystem::path& path,
                     const Kind& kind) {
  const int code = exception.getErrorCode() & 0xff;
  if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR)
    return says(kind.damaged, path);
  if (is_busy(exception)) return says(kind.busy, path);
  if (code == SQLITE_FULL) return says("base.disk_full", path);
  base::Error failed = says(kind.failed, path);
  failed.fields.push_back({"reason", exception.what()});
  return failed;
}

int pragma(SQLite::Database& handle, const char* name) {
  return handle.execAndGet(std::string("PRAGMA ") + name).getInt();
}

// All of one moment: another program may be making the file.
base::Result<int> version_of(SQLite::Database& handle, const std::filesystem::path& path, const Kind& kind) {
  const SQLite::Transaction moment(handle);
  const int version = pragma(handle, "user_version"), id = pragma(handle, "application_id");
  if (id != kind.application_id && (id != 0 || has_tables(handle))) return says(kind.foreign, path);
  if (version < 0) return says(kind.damaged, path);
  if (version <= kind.version) return version;
  base::Error newer = says(kind.newer, path);
  newer.fields.push_back({"version", std::to_string(version)});
  return newer;
}

void stamp(SQLite::Database& handle, const Kind& kind) {
  handle.exec("PRAGMA application_id = " + std::to_string(kind.application_id));
  handle.exec("PRAGMA user_version = " + std::to_string(kind.version));
}

}  // namespace garita::database
