#include "core/catalog/checkpointer.hpp"

#include <sqlite3.h>

namespace garita::catalog {
namespace {

constexpr int due_pages = 4096;        // 16 MB: the thread's turn
constexpr int too_many_pages = 65536;  // 256 MB: everybody waits
constexpr int checkpoint_busy_ms = 1000;

}  // namespace

Checkpointer::Checkpointer(std::filesystem::path database, SQLite::Database& writer)
    : database_(std::move(database)), writer_(writer) {
  sqlite3_wal_hook(writer_.getHandle(), &Checkpointer::committed, this);
}

Checkpointer::~Checkpointer() {
  sqlite3_wal_hook(writer_.getHandle(), nullptr, nullptr);
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

int Checkpointer::committed(void* self, sqlite3*, const char*, int pages) noexcept {
  static_cast<Checkpointer*>(self)->pages_ = pages;
  return SQLITE_OK;
}

void Checkpointer::after_commit() {
  if (pages_ < asked_pages_) asked_pages_ = 0;  // the log began anew
  if (pages_ >= too_many_pages)
    sqlite3_wal_checkpoint_v2(writer_.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (pages_ - asked_pages_ < due_pages) return;
  asked_pages_ = pages_;
  {
    const std::lock_guard lock(mutex_);
    due_ = true;
    if (!thread_.joinable()) thread_ = std::thread(&Checkpointer::run, this);
  }
  changed_.notify_one();
}

// What goes wrong here is no loss: the log keeps all, and whoever closes the database last brings it home.
void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  try {
    SQLite::Database own(database_.string(), SQLite::OPEN_READWRITE, checkpoint_busy_ms);
    while (!ending_) {
      changed_.wait(lock, [&] { return due_ || ending_; });
      if (!due_) continue;
      due_ = false;
      lock.unlock();
      sqlite3_wal_checkpoint_v2(own.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
      lock.lock();
    }
  } catch (const SQLite::Exception&) {
  }
}

}  // namespace garita::catalog
