// A folder of its own for the inputs and reports of a run, gone when it ends.
#pragma once

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace garita::conformance {

class Scratch {
 public:
  static base::Result<Scratch> make() {
    std::string name = (std::filesystem::temp_directory_path() / "garita-conform-XXXXXX").string();
    if (!::mkdtemp(name.data()))
      return base::Error{base::Outcome::incomplete,
                         "conform.no_scratch",
                         {{"path", name}, {"reason", std::strerror(errno)}}};
    return Scratch(name);
  }
  Scratch(Scratch&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace garita::conformance
