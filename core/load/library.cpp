#include "core/load/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <map>
#include <mutex>
#include <vector>

#include "core/base/file.hpp"
#include "core/load/fault.hpp"
#include "core/load/library_entry.hpp"
#include "core/load/negotiate.hpp"

namespace garita::load {
namespace {

// The path under which the sealed copy can be loaded. Its descriptor stays open for the life of the process:
// the dynamic linker knows libraries by name, and a number used again would give the old library.
struct Sealed {
  std::string path;
  base::Digest sha256;
};

base::Result<Sealed> seal(const Manifest& manifest) {
  GARITA_TRY_ASSIGN(bytes, base::read_file(manifest.binary(), max_binary_bytes));
  const int fd = memfd_create(manifest.name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  size_t written = 0;
  while (fd >= 0 && written < bytes.size()) {
    const ssize_t step = write(fd, bytes.data() + written, bytes.size() - written);
    if (step <= 0) break;
    written += static_cast<size_t>(step);
  }
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (fd < 0 || written < bytes.size() || fcntl(fd, F_ADD_SEALS, seals) != 0) {
    if (fd >= 0) close(fd);
    return library_refusal(manifest, "no_memory_file", {}, GARITA_HOST_FAILURE);
  }
  return Sealed{"/proc/self/fd/" + std::to_string(fd), base::sha256(bytes)};
}

// Waits for the child's byte: it has loaded the binary and lives. No byte: it died, or time is up.
bool child_lives(int pipe_end) {
  pollfd waiting{pipe_end, POLLIN, 0};
  char byte = 0;
  return poll(&waiting, 1, constructor_seconds * 1000) == 1 && read(pipe_end, &byte, 1) == 1;
}

// In the child. Whether the binary loads is asked later, where the reason can be told; here only whether it
// comes back.
[[noreturn]] void rehearse(const std::string& path, int pipe_end) noexcept {
  std::set_terminate([] { _exit(1); });
  try {
    dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  } catch (...) {  // some dynamic linkers let an exception through
    _exit(1);
  }
  _exit(write(pipe_end, "y", 1) == 1 ? 0 : 1);
}

// Does the process survive the binary's constructors? Found out by a forked child, the one way there is: an
// exception that leaves a constructor ends the process inside dlopen.
bool survives_loading(const std::string& path) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return true;  // no rehearsal: better than refusing a good driver
  const pid_t child = fork();
  if (child == 0) rehearse(path, ends[1]);
  close(ends[1]);
  const bool lives = child < 0 || child_lives(ends[0]);
  close(ends[0]);
  if (child > 0) {
    if (!lives) kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  return lives;
}

}  // namespace

base::Result<std::shared_ptr<const Library>> Library::load(const Manifest& manifest,
                                                           const LoadOptions& options) {
  GARITA_TRY(ranges_meet(manifest));
  static auto* const loaded = new std::map<base::Digest, garita_driver_entry_function>();
  const std::lock_guard lock(loading());
  if (const auto known = loaded->find(manifest.driver.sha256); known != loaded->end())
    return bind(manifest, known->second);

  GARITA_TRY_ASSIGN(sealed, seal(manifest));
  if (sealed.sha256 != manifest.driver.sha256)
    return library_refusal(
        manifest, "digest",
        {{"expected", base::to_text(manifest.driver.sha256)}, {"found", base::to_text(sealed.sha256)}});
  if (options.rehearse && !survives_loading(sealed.path)) return library_refusal(manifest, "constructor");
  GARITA_TRY_ASSIGN(entry, entry_of(manifest, sealed.path));
  loaded->emplace(sealed.sha256, entry.function);
  return bind(manifest, entry.function);
}

}  // namespace garita::load
