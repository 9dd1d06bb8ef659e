#include <algorithm>
#include <map>
#include <system_error>

#include "core/load/manifest.hpp"

namespace garita::load {
namespace {

namespace fs = std::filesystem;

bool is_manifest(const fs::path& path) { return path.filename().string().ends_with(manifest_suffix); }

void list(const fs::path& folder, bool deeper, std::vector<fs::path>& out) {
  std::error_code failed;
  fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, failed);
  for (; !failed && entry != fs::directory_iterator() && out.size() < max_found_drivers;
       entry.increment(failed)) {
    std::error_code unknown;
    if (is_manifest(entry->path()) && entry->is_regular_file(unknown))
      out.push_back(entry->path());
    else if (deeper && entry->is_directory(unknown))
      list(entry->path(), false, out);
  }
}

// Marks all whose `key` another one has too.
template <typename Key>
void refuse_doubles(std::vector<Found>& found, const char* id, const char* field, Key key) {
  std::map<std::string, std::vector<size_t>> by_key;
  for (size_t i = 0; i < found.size(); ++i)
    if (found[i].manifest.ok()) by_key[key(*found[i].manifest)].push_back(i);
  for (const auto& [value, places] : by_key) {
    if (places.size() < 2) continue;
    for (size_t place : places) {
      const size_t other = place == places[0] ? places[1] : places[0];
      found[place].manifest = base::Error{
          base::Outcome::not_loaded,
          id,
          {{field, value}, {"path", found[place].path.string()}, {"other", found[other].path.string()}},
          0};
    }
  }
}

base::Error not_found(std::string_view name, std::span<const fs::path> search_path) {
  std::string folders;
  for (const fs::path& folder : search_path) folders += (folders.empty() ? "" : ", ") + folder.string();
  return {base::Outcome::not_loaded,
          "load.driver_not_found",
          {{"name", std::string(name)}, {"folders", folders}},
          0};
}

}  // namespace

std::vector<Found> find_drivers(std::span<const fs::path> search_path) {
  std::vector<fs::path> paths;
  for (const fs::path& folder : search_path) list(folder, true, paths);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()),
              paths.end());  // a folder named twice is no second driver
  std::vector<Found> found;
  for (const fs::path& path : paths) found.push_back({path, read_manifest(path)});
  refuse_doubles(found, "load.two_drivers_one_id", "id", [](const Manifest& own) { return own.id; });
  refuse_doubles(found, "load.two_drivers_one_name", "name", [](const Manifest& own) { return own.name; });
  return found;
}

base::Result<Manifest> find_driver(std::string_view name, std::span<const fs::path> search_path) {
  if (name.ends_with(manifest_suffix)) return read_manifest(fs::path(name));
  const std::string wanted = std::string(name) + std::string(manifest_suffix);
  for (Found& found : find_drivers(search_path))
    if (found.path.filename() == wanted) return std::move(found.manifest);
  return not_found(name, search_path);
}

}  // namespace garita::load
