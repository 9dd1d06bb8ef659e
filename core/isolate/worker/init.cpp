#include "core/isolate/worker/init.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/base/weaken.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/worker/worker.hpp"

namespace garita::isolate {
namespace {

constexpr int above_all = 200;  // descriptors are moved there before they get their numbers

void report(int socket, BoxStep step) {
  const BoxReport own{box_magic, static_cast<uint32_t>(step), errno, 0};
  (void)!send(socket, &own, sizeof own, MSG_NOSIGNAL);
}

[[noreturn]] void failed(const Start& start, BoxStep step) {
  if (start.box_socket >= 0) report(start.box_socket, step);
  _exit(exit_bad_start);
}

// exec takes capabilities from a user that is not root; these two it must leave, until the worker has left
// the old root.
bool keep_for_leaving() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  constexpr uint32_t needed = 1u << CAP_SYS_ADMIN | 1u << CAP_SETPCAP;
  data[0] = {needed, needed, needed};
  return syscall(SYS_capset, &header, data) == 0 &&
         prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) == 0 &&
         prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SETPCAP, 0, 0) == 0;
}

// Room for box_socket_fd; what was allowed before comes back in the box.
void raise_open_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4096);
  setrlimit(RLIMIT_NOFILE, &files);
}

// In the new process, which shares its maker's memory until exec: nothing here may allocate.
int become_worker(void* given) {
  const Start& start = *static_cast<const Start*>(given);
  if (start.parent != 0) {
    if (start.identity != 0 && !become_other(start)) failed(start, BoxStep::identity);
    if (!base::weakened("parent_death")) prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which clears it
    if (getppid() != start.parent) _exit(exit_bad_start);
  }
  const rlimit none{0, 0};
  if (!base::weakened("start_core")) setrlimit(RLIMIT_CORE, &none);  // a core dump would hold pixels and metadata
  if (start.ambient && !keep_for_leaving()) failed(start, BoxStep::privileges);
  const bool boxed = start.box_socket >= 0;
  if (boxed) raise_open_files();
  const int program = fcntl(start.program, F_DUPFD_CLOEXEC, above_all);
  int high[max_worker_fds];
  for (uint32_t i = 0; i < start.count; ++i) high[i] = fcntl(start.fds[i], F_DUPFD, above_all);
  if (boxed && dup2(start.box_socket, box_socket_fd) < 0) failed(start, BoxStep::limits);
  for (uint32_t i = 0; i < start.count; ++i)
    if (high[i] < 0 || dup2(high[i], region_fd + static_cast<int>(i)) < 0) _exit(exit_bad_start);
  // Everything else goes; but close-on-exec where exec itself needs it.
  close_range(static_cast<unsigned>(region_fd) + start.count, static_cast<unsigned>(program) - 1, 0);
  close_range(static_cast<unsigned>(program) + 1, boxed ? box_socket_fd - 1u : ~0u, 0);
  if (boxed) close_range(box_socket_fd + 1u, ~0u, 0);
  static char name[] = "garita-worker", mode[] = "--worker", in_box[] = "--boxed";
  char* const arguments[] = {name, mode, boxed ? in_box : nullptr, nullptr};
  char* const no_environment[] = {nullptr};
  char* const* const its = base::weakened("environment") ? environ : no_environment;
  sigset_t nothing;
  sigemptyset(&nothing);
  sigprocmask(SIG_SETMASK, &nothing, nullptr);
  syscall(SYS_execveat, program, "", arguments, its, AT_EMPTY_PATH);
  if (boxed) report(box_socket_fd, BoxStep::order);
  _exit(exit_bad_start);
}

}  // namespace

bool become_other(const Start& start) {
  return setgroups(0, nullptr) == 0 && setresgid(start.identity, start.identity, start.identity) == 0 &&
         setresuid(start.identity, start.identity, start.identity) == 0;
}

pid_t start_worker(const Start& start, int* pidfd) {
  alignas(64) static char stack[64 * 1024];
#ifdef GARITA_THREAD_SANITIZED  // its clone() minds shared memory: a plain fork then, past it
  (void)stack;
  const long pid = syscall(SYS_clone, (pidfd ? CLONE_PIDFD : 0) | SIGCHLD, nullptr, pidfd, nullptr, nullptr);
  if (pid == 0) become_worker(const_cast<Start*>(&start));
  return static_cast<pid_t>(pid);
#else
  const int flags = CLONE_VM | CLONE_VFORK | (pidfd ? CLONE_PIDFD : 0) | SIGCHLD;
  return clone(become_worker, stack + sizeof stack, flags, const_cast<Start*>(&start), pidfd);
#endif
}

void run_init(Start& start, int ready, int status) {
  prctl(PR_SET_NAME, "garita-init");
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
  char byte;
  if (read(ready, &byte, 1) != 1) _exit(exit_bad_start);
  if (start.identity != 0 && !become_other(start)) failed(start, BoxStep::identity);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pollfd launcher{status, 0, 0};
  if (poll(&launcher, 1, 0) != 0)
    _exit(exit_bad_start);  // gone already, before its death could have been signalled
  (void)sethostname("garita", 6);
  start.parent = 0;
  start.ambient = !base::weakened("user");
  if (base::weakened("init")) become_worker(&start);
  const pid_t worker = start_worker(start, nullptr);
  if (worker < 0) failed(start, BoxStep::limits);
  dup2(status, 3);
  close_range(4, ~0u, 0);
  for (;;) {
    const int signal = sigwaitinfo(&all, nullptr);
    if (signal > 0 && signal != SIGCHLD) kill(worker, signal);
    int how = 0;
    for (pid_t done = 0; (done = waitpid(-1, &how, WNOHANG)) > 0;) {
      if (done != worker) continue;
      _exit(write(3, &how, sizeof how) == sizeof how ? 0 : exit_bad_start);
    }
  }
}

}  // namespace garita::isolate
