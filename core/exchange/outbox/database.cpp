#include "core/exchange/outbox/database.hpp"

#include "core/base/file.hpp"

namespace garita::exchange {
namespace {

constexpr int busy_ms = 30'000;

database::Kind kind_of(const Form& form) {
  database::Kind kind = exchange_kind;
  kind.application_id = form.application_id;
  kind.version = form.version;
  return kind;
}

void make(SQLite::Database& handle, const Form& form) {
  Writing writing(handle);
  if (database::pragma(handle, "user_version") == 0) {  // else another program was quicker
    handle.exec(form.schema);
    database::stamp(handle, kind_of(form));
  }
  writing.commit();
}

base::Result<std::unique_ptr<SQLite::Database>> open_checked(const std::filesystem::path& path,
                                                             const Form& form) {
  auto handle = std::make_unique<SQLite::Database>(path.string(), SQLite::OPEN_READWRITE, busy_ms);
  GARITA_TRY_ASSIGN(version, database::version_of(*handle, path, kind_of(form)));
  handle->exec("PRAGMA journal_mode = WAL");
  handle->exec("PRAGMA synchronous = FULL");
  handle->exec("PRAGMA foreign_keys = ON");
  if (version == 0) make(*handle, form);
  return handle;
}

}  // namespace

base::Result<std::unique_ptr<SQLite::Database>> open_database(const std::filesystem::path& path,
                                                              const Form& form) {
  std::error_code error;
  // Only its owner may read what waits for whom; SQLite gives its other files the same mode.
  if (!std::filesystem::exists(path, error)) GARITA_TRY(base::real_file_system().append_to(path, 0600));
  try {
    return database::patiently(std::chrono::milliseconds(busy_ms), [&] { return open_checked(path, form); });
  } catch (const SQLite::Exception& exception) {
    return database::error_of(exception, path, kind_of(form));
  }
}

}  // namespace garita::exchange
