// The launcher: small and single-threaded, so that starting a worker costs no copy of the host's page tables,
// and that a worker's parent-death signal means the launcher's death, never the end of some thread. It ends
// when its host's end of the socket is gone; its workers with it.
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "core/base/weaken.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/isolate/wire/launch.hpp"
#include "core/isolate/wire/messages.hpp"
#include "core/isolate/worker/init.hpp"
#include "core/isolate/worker/worker.hpp"

namespace garita::isolate {
namespace {

using base::weakened;

constexpr int status_wait_ms = 5000;  // a worker that is asked for is dead or about to be
constexpr size_t max_boxed = 1024;    // boxes with an init at one time

// How the workers of inits ended: an init cannot end as its worker did.
struct Boxed {
  pid_t init = 0;
  int status = -1;
};
Boxed boxed_workers[max_boxed];

bool write_file(pid_t pid, const char* name, const char* text) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  const bool done = file >= 0 && write(file, text, strlen(text)) == static_cast<ssize_t>(strlen(text));
  if (file >= 0) close(file);
  return done;
}

// One user is all there is in the box, and outside it is a real one without any privilege.
bool write_identity(pid_t pid, uint32_t user, uint32_t group, bool privileged) {
  char users[64], groups[64];
  if (weakened("user")) return true;
  snprintf(users, sizeof users, "%u %u 1", user, user);
  snprintf(groups, sizeof groups, "%u %u 1", group, group);
  return (privileged || write_file(pid, "setgroups", "deny")) && write_file(pid, "uid_map", users) &&
         write_file(pid, "gid_map", groups);
}

bool enter_cgroups(pid_t pid, const int* files, uint32_t count) {
  char text[16];
  if (weakened("group")) return true;
  snprintf(text, sizeof text, "%d", pid);
  for (uint32_t i = 0; i < count; ++i)
    if (write(files[i], text, strlen(text)) != static_cast<ssize_t>(strlen(text))) return false;
  return true;
}

uint64_t own_namespaces() {
  constexpr std::pair<const char*, uint64_t> all[] = {
      {"user", CLONE_NEWUSER}, {"net", CLONE_NEWNET}, {"mnt", CLONE_NEWNS},       {"pid", CLONE_NEWPID},
      {"ipc", CLONE_NEWIPC},   {"uts", CLONE_NEWUTS}, {"cgroup", CLONE_NEWCGROUP}};
  uint64_t flags = 0;
  for (const auto& [name, flag] : all)
    if (!weakened(name)) flags |= flag;
  return flags;
}

pid_t clone_init(int& pidfd) {
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | own_namespaces();
  arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
  if (pid >= 0 || errno != ENOSYS) return pid;
  // Containers hide clone3, because nobody can look into its flags.
  return static_cast<pid_t>(syscall(SYS_clone, arguments.flags | SIGCHLD, nullptr, &pidfd, nullptr, nullptr));
}

// A worker in namespaces of its own, below an init. A plain fork: the launcher is small, and an init may
// share nothing.
LaunchResponse spawn_boxed(Start& start, const int* cgroups, uint32_t cgroup_count, int& pidfd) {
  LaunchResponse response;
  const auto refuse = [&](BoxStep step) {
    response.error = errno != 0 ? errno : EPERM;
    response.step = static_cast<uint32_t>(step);
    if (response.pid > 0) {
      kill(response.pid, SIGKILL);
      while (waitpid(response.pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
    return response;
  };
  Boxed* const place =
      std::find_if(boxed_workers, boxed_workers + max_boxed, [](const Boxed& b) { return b.init == 0; });
  int ready[2], status[2];
  if (place == boxed_workers + max_boxed || pipe2(ready, O_CLOEXEC) != 0) return refuse(BoxStep::limits);
  if (pipe2(status, O_CLOEXEC) != 0) return close(ready[0]), close(ready[1]), refuse(BoxStep::limits);
  const pid_t pid = response.pid = clone_init(pidfd);
  if (pid == 0) {
    close(ready[1]);
    close(status[0]);
    run_init(start, ready[0], status[1]);
  }
  const int clone_error = errno;
  close(ready[0]);
  close(status[1]);
  const bool privileged = start.identity != 0;
  BoxStep step = BoxStep::entered;
  if (pid < 0)
    errno = clone_error, step = BoxStep::namespaces;
  else if (!write_identity(pid, privileged ? start.identity : getuid(),
                           privileged ? start.identity : getgid(), privileged))
    step = BoxStep::identity;
  else if (!enter_cgroups(pid, cgroups, cgroup_count))
    step = BoxStep::cgroup;
  else if (write(ready[1], "r", 1) != 1)
    step = BoxStep::identity;
  const int error = errno;
  close(ready[1]);
  errno = error;
  if (step != BoxStep::entered) return close(status[0]), errno = error, refuse(step);
  *place = {pid, status[0]};
  return response;
}

LaunchResponse spawn(const LaunchRequest& request, Start& start, int& pidfd) {
  LaunchResponse response;
  const auto box = static_cast<Box>(request.box);
  const uint32_t extra = (box == Box::B0 ? 0 : 1) + request.cgroups;
  if (request.box > static_cast<uint32_t>(Box::B3) || request.cgroups > max_cgroups || extra > start.count) {
    response.error = EINVAL;
    return response;
  }
  start.count -= extra;
  start.box_socket = box == Box::B0 ? -1 : start.fds[start.count];
  start.identity = box != Box::B0 && geteuid() == 0 && !weakened("identity") ? unprivileged_id : 0;
  start.parent = getpid();
  start.ambient = false;
  if (box >= Box::B2) return spawn_boxed(start, start.fds + start.count + 1, request.cgroups, pidfd);
  response.pid = start_worker(start, &pidfd);
  if (response.pid < 0) response.error = errno;
  return response;
}

// The init's last word, where it had one: it was killed otherwise, and its worker with it.
void worker_status(pid_t init, int& status) {
  Boxed* const place =
      std::find_if(boxed_workers, boxed_workers + max_boxed, [&](const Boxed& b) { return b.init == init; });
  if (place == boxed_workers + max_boxed) return;
  int how = 0;
  if (read(place->status, &how, sizeof how) == sizeof how) status = how;
  close(place->status);
  *place = {};
}

uint64_t nanoseconds(const timeval& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_usec) * 1000;
}

LaunchResponse status_of(pid_t pid) {
  LaunchResponse response;
  for (int waited_ms = 0; waited_ms < status_wait_ms; ++waited_ms) {
    rusage used{};
    const pid_t done = wait4(pid, &response.status, WNOHANG, &used);
    if (done == pid) {
      response.cpu_ns = nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime);
      response.peak_bytes = static_cast<uint64_t>(used.ru_maxrss) * 1024;
      worker_status(pid, response.status);
      return response;
    }
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
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof Start::fds)];
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
  start.program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  if (start.program < 0) return exit_bad_start;
  while (receive(request, start)) {
    int pidfd = -1;
    const uint32_t received = start.count;
    const LaunchResponse response =
        request.kind == LaunchRequest::spawn ? spawn(request, start, pidfd) : status_of(request.pid);
    for (uint32_t i = 0; i < received; ++i) close(start.fds[i]);
    if (response.error != 0 && pidfd >= 0) close(pidfd), pidfd = -1;
    if (!respond(response, pidfd)) break;
  }
  return 0;
}

}  // namespace garita::isolate
