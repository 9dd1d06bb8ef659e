#include "core/base/state.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "core/base/file_error.hpp"

namespace garita::base {

namespace {

Error state_error(const char* id, const std::filesystem::path& path) {
  return Error{Outcome::not_loaded, id, {{"path", path.string()}}, 0};
}

std::filesystem::path absolute_variable(const char* name) {
  const char* value = std::getenv(name);
  const std::filesystem::path path = value ? value : "";
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

Result<std::filesystem::path> find_state_folder(const std::optional<std::filesystem::path>& given) {
  if (given && !given->empty()) return *given;
  if (const auto state = absolute_variable("XDG_STATE_HOME"); !state.empty()) return state / "garita";
  if (const auto home = absolute_variable("HOME"); !home.empty()) return home / ".local/state/garita";
  return Error{Outcome::usage, "base.state_homeless", {}, 0};
}

Result<StateFolder> StateFolder::open(const std::filesystem::path& path, FileSystem& files) {
  GARITA_TRY(files.create_folders(path, 0700));
  struct stat status {};
  if (::stat(path.c_str(), &status) < 0) return file_error(errno, path);
  if (status.st_mode & S_IWOTH) return state_error("base.state_exposed", path);
  auto lock = lock_file(path / "lock");
  if (!lock && lock.error().id == "base.file_locked") return state_error("base.state_locked", path);
  if (!lock) return std::move(lock).error();
  return StateFolder(path, std::move(lock).value(), files);
}

Result<std::filesystem::path> StateFolder::folder(std::string_view name) {
  const std::filesystem::path below = path_ / name;
  GARITA_TRY(files_->create_folders(below, 0700));
  return below;
}

Result<SigningKey> StateFolder::site_key() {
  GARITA_TRY_ASSIGN(keys, folder("keys"));
  const auto path = keys / "site.pem";
  auto key = SigningKey::load(path);
  if (key.ok() || key.error().id != "base.file_missing") return key;
  GARITA_TRY_ASSIGN(made, SigningKey::generate(SignatureAlgorithm::ed25519));
  GARITA_TRY(made.save(path, *files_));
  return made;
}

}  // namespace garita::base
