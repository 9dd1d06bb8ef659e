// Parts of library.cpp that a worker needs too, which never hashes: it must not link OpenSSL for it.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <mutex>
#include <string_view>

#include "core/base/result.hpp"
#include "core/load/manifest.hpp"
#include "garita/driver.h"

namespace garita::load {

base::Error library_refusal(const Manifest& manifest, std::string_view id,
                            std::initializer_list<base::Field> fields = {},
                            garita_status status = GARITA_DRIVER_FAULT);

struct Entry {
  garita_driver_entry_function function;
};

// Loads for good: the library object is never destroyed, so that the driver is never unloaded (abi rule 14).
base::Result<Entry> entry_of(const Manifest& manifest, const std::filesystem::path& path);

std::mutex& loading();  // one library at a time

}  // namespace garita::load
