// The launcher: small and single-threaded, so that starting a worker costs no copy of the host's page tables, and that a
// worker's parent-death signal means the launcher's death, never the end of some thread. It ends when its host's end of the
// socket is gone; its workers with it.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "core/isolate/wire/launch.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/worker/worker.hpp"

namespace garita::isolate {
namespace {

constexpr int above_all = 200;       // descriptors are moved there before they get their numbers
constexpr int status_wait_ms = 5000; // a worker that is asked for is dead or about to be

struct Start {
  int fds[max_worker_fds];
  uint32_t count = 0;
  pid_t launcher = 0;
};

// In the new process, which shares the launcher's memory until exec: nothing here may allocate.
int become_worker(void* given) {
  const Start& start = *static_cast<const Start*>(given);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != start.launcher) _exit(exit_bad_start);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);  // a core dump would hold pixels and metadata
  int high[max_worker_fds];
  for (uint32_t i = 0; i < start.count; ++i) high[i] = fcntl(start.fds[i], F_DUPFD, above_all);
  for (uint32_t i = 0; i < start.count; ++i)
    if (high[i] < 0 || dup2(high[i], region_fd + static_cast<int>(i)) < 0) _exit(exit_bad_start);
  close_range(static_cast<unsigned>(region_fd) + start.count, ~0u, 0);
  static char name[] = "garita-worker", mode[] = "--worker";
  char* const arguments[] = {name, mode, nullptr};
  char* const no_environment[] = {nullptr};
  execve("/proc/self/exe", arguments, no_environment);
  _exit(exit_bad_start);
}

LaunchResponse spawn(const Start& start, int& pidfd) {
  alignas(64) static char stack[64 * 1024];
  LaunchResponse response;
  const int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
  response.pid = clone(become_worker, stack + sizeof stack, flags, const_cast<Start*>(&start), &pidfd);
  if (response.pid < 0) response.error = errno;
  return response;
}

LaunchResponse status_of(pid_t pid) {
  LaunchResponse response;
  for (int waited_ms = 0; waited_ms < status_wait_ms; ++waited_ms) {
    const pid_t done = waitpid(pid, &response.status, WNOHANG);
    if (done == pid) return response;
    if (done < 0) break;
    poll(nullptr, 0, 1);
  }
  response.error = ESRCH;
  return response;
}

bool respond(const LaunchResponse& response, int pidfd) {
  iovec data{const_cast<LaunchResponse*>(&response), sizeof response};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (pidfd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(rights), &pidfd, sizeof pidfd);
  }
  const bool sent = sendmsg(launcher_fd, &message, MSG_NOSIGNAL) == sizeof response;
  if (pidfd >= 0) close(pidfd);
  return sent;
}

// False: the host is gone.
bool receive(LaunchRequest& request, Start& start) {
  iovec data{&request, sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_worker_fds)];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t size = 0;
  do size = recvmsg(launcher_fd, &message, MSG_CMSG_CLOEXEC);
  while (size < 0 && errno == EINTR);
  start.count = 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); size > 0 && part; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_type != SCM_RIGHTS) continue;
    start.count = static_cast<uint32_t>((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    std::memcpy(start.fds, CMSG_DATA(part), start.count * sizeof(int));
  }
  return size == sizeof request;
}

}  // namespace

int run_launcher() {
  LaunchRequest request;
  Start start;
  start.launcher = getpid();
  while (receive(request, start)) {
    int pidfd = -1;
    const LaunchResponse response = request.kind == LaunchRequest::spawn ? spawn(start, pidfd) : status_of(request.pid);
    for (uint32_t i = 0; i < start.count; ++i) close(start.fds[i]);
    if (!respond(response, pidfd)) break;
  }
  return 0;
}

}  // namespace garita::isolate
