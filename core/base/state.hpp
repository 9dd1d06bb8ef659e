// The folder that holds all state of a site: keys/ trust/ quarantine/ journal/ spool/ catalog.db outbox/
// audit/.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"

namespace garita::base {

// Where it lies: `given` if any, else $XDG_STATE_HOME/garita, else $HOME/.local/state/garita (a service is
// given /var/lib/garita). Relative values of the variables are passed over, as XDG demands.
// "base.state_homeless" where none.
Result<std::filesystem::path> find_state_folder(const std::optional<std::filesystem::path>& given);

// The one writer of a state folder, for as long as it lives. One thread at a time.
class StateFolder {
 public:
  // Makes it (0700) where missing and locks it: "base.state_locked" while another program writes there;
  // "base.state_exposed" where everyone may write into it.
  static Result<StateFolder> open(const std::filesystem::path& path, FileSystem& files = real_file_system());

  const std::filesystem::path& path() const { return path_; }
  // A folder below it, "audit" or "keys", made (0700) on first use.
  Result<std::filesystem::path> folder(std::string_view name);
  // keys/site.pem, Ed25519, made on first use (0600). Nobody has endorsed it: `verify` says so.
  Result<SigningKey> site_key();

 private:
  StateFolder(std::filesystem::path path, FileLock lock, FileSystem& files)
      : path_(std::move(path)), lock_(std::move(lock)), files_(&files) {}

  std::filesystem::path path_;
  FileLock lock_;
  FileSystem* files_;
};

}  // namespace garita::base
