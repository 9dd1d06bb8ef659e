// The portal's driver package as another version of itself: what a vendor's update looks like.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/base/digest.hpp"
#include "core/load/manifest.hpp"

namespace garita::host::testing {

// version: as long as "1.0.0", which the driver says where it describes itself.
inline std::filesystem::path portal_package(const std::filesystem::path& folder, const std::string& version) {
  namespace fs = std::filesystem;
  const fs::path to = folder / ("portal-" + version);
  fs::copy(GARITA_DRIVER_DIR "/portal", to, fs::copy_options::recursive);
  const auto read = [](const fs::path& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  };
  std::string binary = read(to / "portal.so"), manifest = read(to / "portal.garita.json");
  const std::string said(
      std::string("\0"
                  "1.0.0\0",
                  7));
  const size_t at = binary.find(said);
  EXPECT_NE(at, binary.npos) << "the driver's binary does not say its version";
  if (at != binary.npos) binary.replace(at + 1, version.size(), version);
  const size_t sha = manifest.rfind("\"sha256\": \"") + 11;
  manifest.replace(sha, 64, base::to_text(base::sha256(binary)));
  manifest.replace(manifest.find("\"1.0.0\""), 7, '"' + version + '"');
  fs::permissions(to / "portal.so", fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(to / "portal.so", std::ios::binary) << binary;
  std::ofstream(to / "portal.garita.json") << manifest;
  return to;
}

}  // namespace garita::host::testing
