#include "core/catalog/rebuild.hpp"

#include <algorithm>

#include "core/base/file.hpp"
#include "core/catalog/reader.hpp"
#include "core/package/addenda.hpp"
#include "core/package/inspection.hpp"
#include "core/package/reader.hpp"

namespace garita::catalog {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr uint64_t max_folders_bytes = 1u << 20;
constexpr size_t max_errors = 100;
constexpr size_t packages_at_once = 256;  // packages in one transaction: others come to write in between
constexpr int max_aside = 1000;
constexpr std::string_view package_suffix = ".garita";

fs::path folders_file(const fs::path& database) { return database.string() + ".folders"; }

bool is_package(const fs::path& path) {
  return path.extension() == package_suffix && path.stem().has_filename();
}

base::Result<std::vector<fs::path>> packages_in(const fs::path& folder) {
  std::vector<fs::path> packages;
  std::error_code error;
  fs::directory_iterator each(folder, error);
  for (; !error && each != fs::directory_iterator(); each.increment(error))
    if (is_package(each->path())) packages.push_back(each->path());
  if (error)
    return base::Error{base::Outcome::not_loaded,
                       "base.file_failed",
                       {{"path", folder.string()}, {"reason", error.message()}}};
  std::sort(packages.begin(), packages.end());  // by time, as they are named
  return packages;
}

uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error ? 0 : size;
}

// Whether the catalog has it as it is.
base::Result<bool> is_current(Writer& writer, const fs::path& package) {
  GARITA_TRY_ASSIGN(known, writer.known(package));
  return known && known->addenda_bytes == size_of(package::addenda_path(package));
}

}  // namespace

std::vector<fs::path> known_folders(const fs::path& database) {
  std::vector<fs::path> folders;
  const auto text = base::read_text_file(folders_file(database), max_folders_bytes);
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    const fs::path folder(rest.substr(0, end));
    if (folder.is_absolute() && std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(folder);
    rest.remove_prefix(end + 1);
  }
  return folders;
}

base::Result<void> remember_folder(const fs::path& database, const fs::path& folder) {
  const auto folders = known_folders(database);
  const std::string name = folder.lexically_normal().string();
  if (std::find(folders.begin(), folders.end(), fs::path(name)) != folders.end() ||
      name.find('\n') != name.npos)
    return {};
  GARITA_TRY_ASSIGN(file, base::real_file_system().append_to(folders_file(database), 0600));
  GARITA_TRY(file->append(name + '\n'));
  return file->sync();
}

base::Result<Entry> read_entry(const fs::path& package, const Believed& believed) {
  GARITA_TRY_ASSIGN(reader, package::Reader::open(package));
  GARITA_TRY_ASSIGN(stored, package::read_inspection(reader));
  Entry entry = entry_of(stored.inspection, package, reader.root(), size_of(package));
  Believed keys = believed;
  keys.push_back(reader.signer().key_id);
  apply(package::read_addenda(package, reader.root()), keys, entry);
  return entry;
}

base::Result<ReconcileReport> reconcile(Writer& writer, const fs::path& folder, const Believed& believed,
                                        const ReconcileOptions& options) {
  std::error_code error;
  const fs::path absolute = fs::absolute(folder, error).lexically_normal();
  GARITA_TRY(remember_folder(writer.database(), absolute));
  GARITA_TRY_ASSIGN(packages, packages_in(absolute));
  const auto started = Clock::now();
  ReconcileReport report;
  std::vector<Entry> entries;
  const auto write = [&]() -> base::Result<void> {
    GARITA_TRY(writer.add(entries));
    report.added += entries.size();
    entries.clear();
    return {};
  };
  for (const fs::path& package : packages) {
    if (options.progress) options.progress(report.files, packages.size());
    ++report.files;
    GARITA_TRY_ASSIGN(current, is_current(writer, package));
    if (current && !options.again) continue;
    if (Clock::now() - started >= options.patience) {
      ++report.left;
      continue;
    }
    auto entry = read_entry(package, believed);
    if (entry) {
      entries.push_back(std::move(*entry));
    } else {
      ++report.refused;
      if (report.errors.size() < max_errors) report.errors.push_back(std::move(entry).error());
    }
    if (entries.size() == packages_at_once) GARITA_TRY(write());
  }
  if (!entries.empty()) GARITA_TRY(write());
  return report;
}

base::Result<fs::path> set_aside(const fs::path& database) {
  base::FileSystem& files = base::real_file_system();
  for (int i = 1; i <= max_aside; ++i) {
    const fs::path aside = database.string() + ".damaged-" + std::to_string(i);
    const auto moved = files.rename_new(database, aside);
    if (!moved && moved.error().id == "base.file_exists") continue;
    if (!moved) return moved.error();
    for (const char* companion :
         {"-wal", "-shm"})  // of the old one: the new one must not take them for its own
      (void)files.rename_new(database.string() + companion, aside.string() + companion);
    return aside;
  }
  return base::Error{
      base::Outcome::not_loaded, "base.file_exists", {{"path", database.string() + ".damaged-1"}}};
}

base::Result<uint64_t> forget_missing(Writer& writer, const fs::path& database) {
  std::vector<base::Digest> gone;
  GARITA_TRY_ASSIGN(reader, Reader::open(database));
  GARITA_TRY(reader.each([&](const Entry& entry) {
    std::error_code error;
    if (!fs::exists(entry.path, error) && fs::is_directory(entry.path.parent_path(), error))
      gone.push_back(entry.root);
    return true;
  }));
  for (const base::Digest& root : gone) GARITA_TRY(writer.remove(root));
  return gone.size();
}

}  // namespace garita::catalog
