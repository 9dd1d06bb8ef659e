#include "core/host/site/driver_store.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/file.hpp"
#include "core/isolate/session.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

base::Error refusal(std::string id, std::vector<base::Field> fields) {
  return {base::Outcome::not_loaded, std::move(id), std::move(fields)};
}

// The one manifest of a package.
base::Result<load::Manifest> manifest_of(const fs::path& package) {
  if (package.filename().string().ends_with(load::manifest_suffix)) return load::read_manifest(package);
  std::vector<fs::path> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(package, error))
    if (entry.path().filename().string().ends_with(load::manifest_suffix)) found.push_back(entry.path());
  if (found.empty()) return refusal("store.no_manifest", {{"path", package.string()}});
  if (found.size() > 1) return refusal("store.many_manifests", {{"path", package.string()}});
  return load::read_manifest(found.front());
}

std::string folder_name(const load::Manifest& manifest) {
  std::string version = manifest.version.substr(0, 64);
  for (char& c : version)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '+') c = '_';
  return version + '-' + base::to_text(manifest.driver.sha256).substr(0, 8);
}

// Copied once, and the copy is what is hashed: the source may be changing.
base::Result<void> copy_file(const fs::path& from, const fs::path& to, const base::Digest* wanted) {
  GARITA_TRY_ASSIGN(bytes, base::read_file(from, max_driver_file_bytes));
  if (const base::Digest found = base::sha256(bytes); wanted && found != *wanted)
    return refusal(
        "store.digest",
        {{"path", from.string()}, {"wanted", base::to_text(*wanted)}, {"found", base::to_text(found)}});
  GARITA_TRY(base::real_file_system().create_folders(to.parent_path(), 0755));
  return base::write_file(to, bytes, 0444);
}

// Loaded once, in a worker: a driver that does not even do that must not take the place of one that does.
base::Result<void> rehearse(const fs::path& package) {
  GARITA_TRY_ASSIGN(manifest, manifest_of(package));
  return isolate::try_loading(manifest);
}

}  // namespace

fs::path installed_drivers(const fs::path& state) { return state / "drivers" / "current"; }

base::Result<void> DriverStore::copy_package(const load::Manifest& manifest, const fs::path& to) const {
  const std::string name = manifest.name + std::string(load::manifest_suffix);
  GARITA_TRY(copy_file(manifest.binary(), to / manifest.driver.path, &manifest.driver.sha256));
  for (const load::PackageFile& file : manifest.files)
    GARITA_TRY(copy_file(manifest.folder / file.path, to / file.path, &file.sha256));
  return copy_file(manifest.folder / name, to / name, nullptr);
}

base::Result<InstalledDriver> DriverStore::install(const fs::path& package, bool must_exist) {
  GARITA_TRY_ASSIGN(manifest, manifest_of(package));
  GARITA_TRY(base::real_file_system().create_folders(root_ / "current", 0755));
  GARITA_TRY_ASSIGN(lock, base::lock_file(root_ / "lock"));
  const InstalledDriver driver{manifest.name, manifest.version, folder_name(manifest), manifest.driver.sha256,
                               true};
  std::vector<std::string> versions = history(driver.name);
  if (must_exist && versions.empty()) return refusal("store.not_installed", {{"driver", driver.name}});
  const fs::path home = root_ / "store" / driver.name, whole = home / driver.folder,
                 growing = home / ".incoming";
  std::error_code error;
  fs::remove_all(growing, error);  // of an installation that was killed
  if (!fs::exists(whole, error)) {
    GARITA_TRY(base::real_file_system().create_folders(growing, 0755));
    GARITA_TRY(copy_package(manifest, growing));
    GARITA_TRY(rehearse(growing));
    GARITA_TRY(base::real_file_system().rename_new(growing, whole));
    GARITA_TRY(base::real_file_system().sync_folder(home));
  }
  std::erase(versions, driver.folder);
  versions.push_back(driver.folder);
  forget_oldest(driver.name, versions);
  GARITA_TRY(write_history(driver.name, versions));
  GARITA_TRY(point(driver.name, driver.folder));
  return driver;
}

base::Result<InstalledDriver> DriverStore::rollback(const std::string& name) {
  if (history(name).empty()) return refusal("store.not_installed", {{"driver", name}});
  GARITA_TRY_ASSIGN(lock, base::lock_file(root_ / "lock"));
  std::vector<std::string> versions = history(name);
  if (versions.size() < 2) return refusal("store.no_older", {{"driver", name}});
  std::rotate(versions.begin(), versions.end() - 1, versions.end());  // the one given up is the oldest now
  GARITA_TRY_ASSIGN(manifest, manifest_of(root_ / "store" / name / versions.back()));
  GARITA_TRY(write_history(name, versions));
  GARITA_TRY(point(name, versions.back()));
  return InstalledDriver{name, manifest.version, versions.back(), manifest.driver.sha256, true};
}

// A new link beside the old one, renamed over it: whoever looks sees one or the other.
base::Result<void> DriverStore::point(const std::string& name, const std::string& folder) const {
  const fs::path fresh = root_ / ("." + name + ".new");
  std::error_code error;
  fs::remove(fresh, error);
  fs::create_directory_symlink(fs::path("..") / "store" / name / folder, fresh, error);
  if (error) return refusal("base.file_failed", {{"path", fresh.string()}, {"code", error.message()}});
  GARITA_TRY(base::real_file_system().rename(fresh, root_ / "current" / name));
  return base::real_file_system().sync_folder(root_ / "current");
}

std::vector<std::string> DriverStore::history(const std::string& name) const {
  std::vector<std::string> versions;
  const fs::path home = root_ / "store" / name;
  if (name.empty() || name.find('/') != name.npos || name.front() == '.') return versions;
  const auto text = base::read_text_file(home / "history", 64u << 10);
  std::istringstream lines(text ? *text : "");
  std::error_code error;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line.find('/') == line.npos && line.front() != '.' &&
        fs::is_directory(home / line, error))
      versions.push_back(line);
  return versions;
}

base::Result<void> DriverStore::write_history(const std::string& name,
                                              const std::vector<std::string>& history) const {
  std::string text;
  for (const std::string& folder : history) text += folder + '\n';
  return base::write_file(root_ / "store" / name / "history", std::as_bytes(std::span(text)));
}

void DriverStore::forget_oldest(const std::string& name, std::vector<std::string>& history) const {
  std::error_code error;
  while (history.size() > max_kept_versions) {
    fs::remove_all(root_ / "store" / name / history.front(), error);
    history.erase(history.begin());
  }
}

std::vector<InstalledDriver> DriverStore::list() const {
  std::vector<InstalledDriver> drivers;
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root_ / "store", error))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const std::string current = fs::read_symlink(root_ / "current" / name, error).filename();
    for (const std::string& folder : history(name))
      if (const auto manifest = manifest_of(root_ / "store" / name / folder))
        drivers.push_back({name, manifest->version, folder, manifest->driver.sha256, folder == current});
  }
  return drivers;
}

}  // namespace garita::host
