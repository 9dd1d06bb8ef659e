// Brings what was committed from the write-ahead log into the database, on a thread of its own: its syncs
// would otherwise stop a lane for a tenth of a second now and then. Private to core/catalog.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

struct sqlite3;

namespace garita::catalog {

class Checkpointer {
 public:
  // Takes the place of SQLite's own checkpoints on `writer`, which outlives it.
  Checkpointer(std::filesystem::path database, SQLite::Database& writer);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // After each transaction, by who holds the writer. Where commits outrun the thread for long it does the
  // rest itself, so that the log does not grow without end.
  void after_commit();

 private:
  static int committed(void* self, sqlite3*, const char*, int pages) noexcept;
  void run();

  const std::filesystem::path database_;
  SQLite::Database& writer_;
  int pages_ = 0;        // of the log, after the last commit
  int asked_pages_ = 0;  // when the thread was last asked

  std::mutex mutex_;
  std::condition_variable changed_;
  bool due_ = false, ending_ = false;
  std::thread thread_;  // from the first time that there is something to do: most programs never make one
};

}  // namespace garita::catalog
