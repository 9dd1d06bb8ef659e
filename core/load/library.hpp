// A driver's binary in this process: loaded once, checked, never unloaded.
//
// The bytes are copied into a sealed memory file, hashed there against the manifest, and that very memory is
// what gets loaded: a file swapped after the check changes nothing.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/load/manifest.hpp"
#include "garita/driver.h"

namespace garita::load {

inline constexpr uint64_t max_binary_bytes = 512u << 20;
inline constexpr unsigned constructor_seconds = 10;

// How to load. Defaults are for a host process.
struct LoadOptions {
  // Load the binary in a forked child first: constructors are the vendor's code, and one that throws,
  // crashes, exits or hangs would take this process along. A worker, which is a throw-away process itself,
  // leaves it out.
  bool rehearse = true;
};

// A driver whose entry, tables and description were checked. Copies share it. Any thread.
class Library {
 public:
  // Loads manifest.binary(). The same bytes are loaded once a process.
  static base::Result<std::shared_ptr<const Library>> load(const Manifest& manifest,
                                                           const LoadOptions& options = {});

  // As load, but takes `path` as it is: its bytes were checked before (a worker's sealed memory file).
  static base::Result<std::shared_ptr<const Library>> load_checked(const Manifest& manifest,
                                                                   const std::filesystem::path& path);

  // A driver that is part of this process already, such as one linked into a test.
  static base::Result<std::shared_ptr<const Library>> bind(const Manifest& manifest,
                                                           garita_driver_entry_function entry);

  const Manifest& manifest() const { return manifest_; }
  uint32_t abi() const { return abi_; }
  const garita_driver_api& api() const { return *api_; }  // both slots are there

 private:
  Library(const Manifest& manifest, uint32_t abi, const garita_driver_api* api)
      : manifest_(manifest), abi_(abi), api_(api) {}

  Manifest manifest_;
  uint32_t abi_;
  const garita_driver_api* api_;
};

}  // namespace garita::load
