#include "core/isolate/worker/box.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/base/weaken.hpp"
#include "core/isolate/box/filter.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/isolate/wire/messages.hpp"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace garita::isolate {
namespace {

using base::weakened;

// As the kernel's header of its 6.12 has it; older headers have fewer fields.
struct LandlockRules {
  uint64_t files, net, scoped;
};

// Every right that a kernel of this Landlock version can take away.
LandlockRules all_rules(int abi, size_t& size) {
  constexpr int file_rights[] = {0, 13, 14, 15, 15, 16};  // by version; bits from 0
  LandlockRules rules{(uint64_t{1} << file_rights[abi < 5 ? abi : 5]) - 1, abi >= 4 ? 3u : 0u,
                      abi >= 6 ? 3u : 0u};
  size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  return rules;
}

void report(BoxStep step, int error, uint32_t landlock_abi = 0, int listener = -1) {
  BoxReport own{box_magic, static_cast<uint32_t>(step), error, landlock_abi};
  iovec data{&own, sizeof own};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (listener >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &listener, sizeof listener);
  }
  if (sendmsg(box_socket_fd, &message, MSG_NOSIGNAL) != sizeof own) _exit(exit_bad_start);
}

[[noreturn]] void failed(BoxStep step, int error = errno) {
  report(step, error);
  _exit(exit_bad_start);
}

// An empty root that nobody can write to; the old one is gone. The mount namespace is the box's own. /proc is
// only the place where the new root stands while it is not the root yet.
void leave_root() {
  constexpr unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("garita", "/proc", "tmpfs", flags | MS_RDONLY, "size=4k,nr_inodes=2,mode=555") != 0 ||
      chdir("/proc") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 ||
      chdir("/") != 0)
    failed(BoxStep::root);
}

// After this no exec, file or setting gives anything back.
void drop_capabilities() {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (int capability = 0; capability < 64; ++capability)
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno == EPERM)
      break;  // a plain user has none to lose
  prctl(PR_SET_SECUREBITS,
        SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) failed(BoxStep::privileges);
}

void drop_privileges() {
  if (!weakened("no_new_privs") && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) failed(BoxStep::privileges);
  if (!weakened("capabilities")) drop_capabilities();
  if (!weakened("never_root") && (geteuid() == 0 || getuid() == 0))
    failed(BoxStep::privileges, EPERM);  // whatever went wrong before
}

// No rule at all: nothing may be opened, made, moved, bound, connected to or signalled.
uint32_t shut_files() {
  if (weakened("landlock")) return 0;
  const auto abi =
      static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION));
  if (abi < 1) failed(BoxStep::landlock, abi < 0 ? errno : ENOSYS);
  size_t size = 0;
  const LandlockRules rules = all_rules(abi, size);
  const auto set = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, size, 0));
  if (set < 0 || syscall(SYS_landlock_restrict_self, set, 0) != 0) failed(BoxStep::landlock);
  close(set);
  return static_cast<uint32_t>(abi);
}

void limit(const char* defence, int resource, uint64_t amount) {
  const rlimit both{amount, amount};
  if (weakened(defence)) return;
  if (setrlimit(static_cast<__rlimit_resource_t>(resource), &both) != 0) failed(BoxStep::limits);
}

void set_limits(const BoxOrder& order) {
  limit("limit_core", RLIMIT_CORE, 0);  // a core dump would hold pixels and metadata
  limit("limit_files", RLIMIT_NOFILE, max_open_files);
  limit("limit_locked", RLIMIT_MEMLOCK, 0);
  limit("limit_queues", RLIMIT_MSGQUEUE, 0);
  limit("limit_signals", RLIMIT_SIGPENDING, 256);
#ifndef GARITA_SANITIZED  // a sanitizer's shadow is terabytes
  limit("limit_data", RLIMIT_DATA, order.data_bytes);
  limit("limit_address_space", RLIMIT_AS, order.address_bytes);
#endif
  if (order.box >= static_cast<uint32_t>(Box::B2))
    limit("limit_threads", RLIMIT_NPROC, order.threads);  // else the user's others count too
}

int shut_calls(bool sockets) {
  std::vector<sock_filter> program = compile_filter(static_cast<uint32_t>(getpid()), sockets);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  constexpr unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  long listener =
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &filter);
  if (listener < 0 && errno == EINVAL)
    listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
  if (listener < 0) failed(BoxStep::seccomp);
  return static_cast<int>(listener);
}

}  // namespace

void enter_box() {
  BoxOrder order;
  if (recv(box_socket_fd, &order, sizeof order, 0) != sizeof order || order.magic != box_magic)
    failed(BoxStep::order);
  if (!weakened("descriptors")) close_range(3, static_cast<unsigned>(box_socket_fd) - 1, 0);
  if (order.box >= static_cast<uint32_t>(Box::B2) && !weakened("root"))
    leave_root();
  else if (chdir("/") != 0)
    failed(BoxStep::root);
  umask(077);
  drop_privileges();
  const uint32_t landlock_abi = shut_files();
  set_limits(order);
  const int listener = shut_calls(order.sockets == 1);
  // sendmsg is let through for this one number, which no descriptor can have again once it is closed: it lies
  // above the limit.
  report(BoxStep::entered, 0, landlock_abi, listener);
  close(listener);
  close(box_socket_fd);
}

}  // namespace garita::isolate
