// Builds a driver with one changed file, from what a Ninja build folder already has.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance::mechanical {

// A shipped driver and those of its files that are broken.
struct Family {
  std::string name;
  std::vector<std::filesystem::path> sources;  // driver.cpp, wire.cpp: those that there are
};
std::vector<Family> families(const std::filesystem::path& source_root);

class Workshop {
 public:
  // Asks Ninja for the commands of target driver_<family>. Errors: conform.mechanical_build {path}.
  static base::Result<Workshop> open(const std::filesystem::path& build, const std::string& family);

  enum class Made { driver, stillborn };
  // <folder>/<family>/<family>.so and its manifest, with `text` in the place of `source`.
  // Errors: conform.mechanical_build where what did compile cannot be linked.
  base::Result<Made> make(const std::filesystem::path& source, const std::string& text,
                          const std::filesystem::path& folder) const;

  std::filesystem::path manifest(const std::filesystem::path& folder) const {
    return folder / family_ / (family_ + ".garita.json");
  }

 private:
  std::filesystem::path build_;
  std::string family_;
  std::vector<std::string> compile_;  // all that end in "-c FILE"
  std::string link_;
};

}  // namespace garita::conformance::mechanical
