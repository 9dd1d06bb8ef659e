#include "core/isolate/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <mutex>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/load/fault.hpp"
#include "core/load/library.hpp"

namespace garita::isolate {
namespace {

constexpr int dying_ms = 5000;

base::Error refusal(const load::Manifest& manifest, const std::filesystem::path& path, std::string_view id,
                    std::initializer_list<base::Field> fields, garita_status status) {
  base::Error error =
      load::fault(manifest.name, "garita_driver_entry", id, fields, status, base::Outcome::not_loaded);
  error.fields.push_back({"path", path.string()});
  return error;
}

}  // namespace

base::Result<std::unique_ptr<Process>> Process::start(const std::filesystem::path& program,
                                                      std::span<const int> fds) {
  std::shared_ptr<Launcher> launcher = Launcher::of(program);
  GARITA_TRY_ASSIGN(child, launcher->spawn(fds));
  return std::unique_ptr<Process>(new Process(std::move(launcher), std::move(child)));
}

bool Process::lives() const {
  pollfd waiting{child_.pidfd.get(), POLLIN, 0};
  return poll(&waiting, 1, 0) == 0;
}

std::optional<int> Process::end() {
  if (ended_) return status_;
  ended_ = true;
  syscall(SYS_pidfd_send_signal, child_.pidfd.get(), SIGKILL, nullptr, 0);
  pollfd waiting{child_.pidfd.get(), POLLIN, 0};
  poll(&waiting, 1, dying_ms);
  status_ = launcher_->status(child_.pid);
  return status_;
}

base::Result<int> sealed_copy(const load::Manifest& manifest, const load::PackageFile& file) {
  static std::mutex mutex;
  static auto* const copies = new std::map<base::Digest, int>();
  const std::lock_guard lock(mutex);
  if (const auto known = copies->find(file.sha256); known != copies->end()) return known->second;
  const std::filesystem::path path = manifest.folder / file.path;
  GARITA_TRY_ASSIGN(bytes, base::read_file(path, load::max_binary_bytes));
  const base::Digest digest = base::sha256(bytes);
  if (digest != file.sha256)
    return refusal(manifest, path, "digest",
                   {{"expected", base::to_text(file.sha256)}, {"found", base::to_text(digest)}},
                   GARITA_DRIVER_FAULT);
  Descriptor memory(memfd_create(manifest.name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  size_t written = 0;
  while (memory && written < bytes.size()) {
    const ssize_t step = write(memory.get(), bytes.data() + written, bytes.size() - written);
    if (step <= 0) break;
    written += static_cast<size_t>(step);
  }
  const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (!memory || written < bytes.size() || fcntl(memory.get(), F_ADD_SEALS, seals) != 0)
    return refusal(manifest, path, "no_memory_file", {}, GARITA_HOST_FAILURE);
  return copies->emplace(digest, memory.release()).first->second;
}

}  // namespace garita::isolate
