// What is the same for every SQLite file: whose it is, and what went wrong with it.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <filesystem>
#include <thread>
#include <type_traits>

#include "core/base/result.hpp"

namespace garita::database {

// What a kind of file is known by, and the texts of its room for what may be wrong with one.
struct Kind {
  int application_id;
  int version;  // the latest that is known here
  const char* damaged;
  const char* busy;
  const char* foreign;  // another program's
  const char* newer;
  const char* failed;
};

// What SQLite said, in our words: one of the kind's, or "base.disk_full".
base::Error error_of(const SQLite::Exception& exception, const std::filesystem::path& path, const Kind& kind);

bool is_busy(const SQLite::Exception& exception);

// Runs what may throw; no exception of SQLite leaves it.
template <typename Act>
auto guarded(const std::filesystem::path& path, const Kind& kind, Act act) -> base::Result<decltype(act())> {
  try {
    if constexpr (std::is_void_v<decltype(act())>) {
      act();
      return {};
    } else {
      return act();
    }
  } catch (const SQLite::Exception& exception) {
    return error_of(exception, path, kind);
  }
}

// Acts until SQLite does not say "busy", for about so long: what only the first of several programs does to a
// file, going over to the write-ahead log above all, does not wait for the others by itself.
template <typename Act>
auto patiently(std::chrono::milliseconds patience, Act act) -> decltype(act()) {
  const auto end = std::chrono::steady_clock::now() + patience;
  for (;;) {
    try {
      return act();
    } catch (const SQLite::Exception& exception) {
      if (!is_busy(exception) || std::chrono::steady_clock::now() > end) throw;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

int pragma(SQLite::Database& handle, const char* name);

// The version of a file of this kind; 0 for one in which nothing stands yet. Throws as SQLite does.
base::Result<int> version_of(SQLite::Database& handle, const std::filesystem::path& path, const Kind& kind);

// Says that it is of this kind and version; within the transaction that made it so.
void stamp(SQLite::Database& handle, const Kind& kind);

}  // namespace garita::database
