#include "core/isolate/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/weaken.hpp"
#include "core/isolate/box/reach.hpp"
#include "core/load/fault.hpp"
#include "core/load/library.hpp"

namespace garita::isolate {
namespace {

constexpr int dying_ms = 5000;
constexpr int entering_ms = 10000;  // of a machine that is busy with other things

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

base::Result<std::unique_ptr<Process>> Process::start(const std::filesystem::path& program,
                                                      std::span<const int> fds, const BoxOrder& order,
                                                      Supervised supervised) {
  const auto box = static_cast<Box>(order.box);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return box_missing(box, BoxStep::limits, errno);
  const Descriptor own(ends[0]);
  Descriptor given(ends[1]);
  if (send(own.get(), &order, sizeof order, MSG_NOSIGNAL) != sizeof order)
    return box_missing(box, BoxStep::order, errno);
  std::unique_ptr<Cgroup> cgroup;
  if (box == Box::B3) {
    GARITA_TRY_ASSIGN(made, Cgroup::create(order.memory_bytes, order.threads));
    cgroup = std::move(made);
  }
  const std::vector<int> entrances = cgroup ? cgroup->entrances() : std::vector<int>();
  std::vector<int> all(fds.begin(), fds.end());
  all.push_back(given.get());
  all.insert(all.end(), entrances.begin(), entrances.end());
  std::shared_ptr<Launcher> launcher = Launcher::of(program);
  GARITA_TRY_ASSIGN(child, launcher->spawn(all, box, static_cast<uint32_t>(entrances.size())));
  given = Descriptor();
  auto process = std::unique_ptr<Process>(new Process(std::move(launcher), std::move(child)));
  process->cgroup_ = std::move(cgroup);
  GARITA_TRY_ASSIGN(listener, process->hear_report(own.get(), box));
  process->supervision_ = Supervision::start(std::move(listener), std::move(supervised));
  if (!process->supervision_) return box_missing(box, BoxStep::limits, errno);
  return process;
}

base::Result<void> Process::rehearse(const std::filesystem::path& program, Box box) {
  const Descriptor region = sealed_memory("garita-region", Region::size_bytes),
                   pool = sealed_memory("garita-strips", 4096);
  const std::optional<Mapping> mapping =
      region ? Mapping::of(region.get(), Region::size_bytes) : std::nullopt;
  if (!mapping || !pool) return box_missing(box, BoxStep::limits, errno);
  reinterpret_cast<Control*>(mapping->data())->header = {region_magic, region_version, 0, 0};
  BoxOrder order;
  order.box = static_cast<uint32_t>(box);
  order.data_bytes = order.memory_bytes = 64u << 20;
  order.address_bytes = 1u << 30;
  order.threads = 8;
  const int fds[] = {region.get(), pool.get()};
  GARITA_TRY_ASSIGN(process, start(program, fds, order, {}));
  return {};
}

// The worker's one message. Its listener, or why it is not in the box.
base::Result<Descriptor> Process::hear_report(int socket, Box box) {
  pollfd waiting[] = {{socket, POLLIN, 0}, {child_.pidfd.get(), POLLIN, 0}};
  int ready = 0;
  do ready = poll(waiting, 2, entering_ms);
  while (ready < 0 && errno == EINTR);
  BoxReport report;
  iovec data{&report, sizeof report};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  Descriptor listener;
  const cmsghdr* const part = size > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
  if (part && part->cmsg_type == SCM_RIGHTS && part->cmsg_len == CMSG_LEN(sizeof(int))) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(part), sizeof fd);
    listener = Descriptor(fd);
  }
  if (size != static_cast<ssize_t>(sizeof report) || report.magic != box_magic)
    return box_missing(box, BoxStep::order, ready == 0 ? ETIMEDOUT : EPIPE);
  if (report.step != static_cast<uint32_t>(BoxStep::entered) || !listener)
    return box_missing(box, static_cast<BoxStep>(report.step), report.error);
  return listener;
}

bool Process::lives() const {
  pollfd waiting{child_.pidfd.get(), POLLIN, 0};
  return poll(&waiting, 1, 0) == 0;
}

std::optional<int> Process::end() {
  if (ended_) return status_;
  const Usage so_far = used();  // the kernel counts no child of an init that is killed
  ended_ = true;
  syscall(SYS_pidfd_send_signal, child_.pidfd.get(), SIGKILL, nullptr, 0);
  pollfd waiting{child_.pidfd.get(), POLLIN, 0};
  poll(&waiting, 1, dying_ms);
  status_ = launcher_->status(child_.pid, used_);
  used_ = {std::max(used_.cpu_ns, so_far.cpu_ns), std::max(used_.peak_bytes, so_far.peak_bytes)};
  return status_;
}

void Process::signal(int number) const {
  syscall(SYS_pidfd_send_signal, child_.pidfd.get(), number, nullptr, 0);
}

base::Result<int> sealed_copy(const load::Manifest& manifest, const load::PackageFile& file) {
  static std::mutex mutex;
  static auto* const copies = new std::map<base::Digest, int>();
  const std::lock_guard lock(mutex);
  if (const auto known = copies->find(file.sha256); known != copies->end()) return known->second;
  const std::filesystem::path path = manifest.folder / file.path;
  GARITA_TRY_ASSIGN(bytes, base::read_file(path, load::max_binary_bytes));
  const base::Digest digest = base::sha256(bytes);
  if (digest != file.sha256 && !base::weakened("driver_digest"))
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
  const int seals = base::weakened("driver_seals") ? F_SEAL_SEAL : F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (!memory || written < bytes.size() || fcntl(memory.get(), F_ADD_SEALS, seals) != 0)
    return refusal(manifest, path, "no_memory_file", {}, GARITA_HOST_FAILURE);
  return copies->emplace(digest, memory.release()).first->second;
}

}  // namespace garita::isolate
