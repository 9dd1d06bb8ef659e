// From errno to the error that names the file: shared by whoever calls the system.
#pragma once

#include <filesystem>

#include "core/base/result.hpp"

namespace garita::base {

Error file_error(int code, const std::filesystem::path& path);

}  // namespace garita::base
