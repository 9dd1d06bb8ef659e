// Drivers that a site installed itself: each version in a folder of its own that never changes, and one name
// that points at the version that runs. In the state folder:
//
//   drivers/store/NAME/VERSION-<first 8 digits of the binary's SHA-256>/    NAME.garita.json, the binary, the
//   listed files drivers/store/NAME/history                                             one folder name a
//   line, the running one last drivers/current/NAME -> ../store/NAME/VERSION-… switched by one rename
//
// A host that runs a version goes on with it, for its folder stays; the next opening takes what the name
// points at.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

inline constexpr uint64_t max_driver_file_bytes = 512u << 20;
inline constexpr size_t max_kept_versions = 16;  // of one driver; the oldest that do not run go

// The folder that DriverFolders::installed wants.
std::filesystem::path installed_drivers(const std::filesystem::path& state);

struct InstalledDriver {
  std::string name, version, folder;  // folder: its name in the store
  base::Digest sha256{};
  bool current = false;
};

class DriverStore {
 public:
  explicit DriverStore(const std::filesystem::path& state) : root_(state / "drivers") {}

  // Copies a package (a folder with one NAME.garita.json, or that file) into the store, holds every file
  // against its digest there, loads it once in a worker, and points the name at it. Installing what is
  // current already changes nothing. must_exist: an update; store.not_installed {driver} where no version is
  // there yet. Errors: load.*, isolate.*, store.no_manifest {path}, store.many_manifests {path}, store.digest
  // {path, wanted, found}, base.file_locked where another program installs, base.file_*.
  base::Result<InstalledDriver> install(const std::filesystem::path& package, bool must_exist = false);

  // Back to the version before. Errors: store.not_installed {driver}, store.no_older {driver}.
  base::Result<InstalledDriver> rollback(const std::string& name);

  // Of every driver all versions, by name, the oldest first.
  std::vector<InstalledDriver> list() const;

 private:
  base::Result<void> copy_package(const load::Manifest& manifest, const std::filesystem::path& to) const;
  base::Result<void> point(const std::string& name, const std::string& folder) const;
  std::vector<std::string> history(const std::string& name) const;
  base::Result<void> write_history(const std::string& name, const std::vector<std::string>& history) const;
  void forget_oldest(const std::string& name, std::vector<std::string>& history) const;

  const std::filesystem::path root_;
};

}  // namespace garita::host
