#include "core/isolate/launcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>

#include "core/base/weaken.hpp"
#include "core/isolate/box/reach.hpp"
#include "garita/status.h"

namespace garita::isolate {
namespace {

constexpr int child_socket_fd = 3;
constexpr int patience_ms = 15000;  // of one exchange: the launcher never waits that long

base::Error cannot_start(const std::filesystem::path& program, int error) {
  return {base::Outcome::not_loaded,
          "isolate.no_worker",
          {{"path", program.string()}, {"reason", std::strerror(error)}},
          GARITA_HOST_FAILURE};
}

bool send_request(int socket, const LaunchRequest& request, std::span<const int> fds) {
  iovec data{const_cast<LaunchRequest*>(&request), sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * max_worker_fds)] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof request);
}

bool receive_response(int socket, LaunchResponse& response, Descriptor& pidfd) {
  pollfd waiting{socket, POLLIN, 0};
  int ready = 0;
  do ready = poll(&waiting, 1, patience_ms);
  while (ready < 0 && errno == EINTR);
  if (ready != 1) return false;
  iovec data{&response, sizeof response};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  const cmsghdr* const part = CMSG_FIRSTHDR(&message);
  if (size > 0 && part && part->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(part), sizeof fd);
    pidfd = Descriptor(fd);
  }
  return size == static_cast<ssize_t>(sizeof response);
}

}  // namespace

std::filesystem::path find_worker_program() {
  if (const char* given = std::getenv("GARITA_WORKER"); given && *given) return given;
  std::error_code ignored;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const auto& place : {here / "garita-worker", here.parent_path() / "libexec/garita/garita-worker"})
    if (access(place.c_str(), X_OK) == 0) return place;
  return {};
}

std::shared_ptr<Launcher> Launcher::of(const std::filesystem::path& program) {
  static std::mutex mutex;
  static std::map<std::filesystem::path, std::shared_ptr<Launcher>> launchers;
  const std::lock_guard lock(mutex);
  std::shared_ptr<Launcher>& own = launchers[program];
  if (!own) own.reset(new Launcher(program));
  return own;
}

Launcher::~Launcher() { stop(); }

// A session of its own: what a terminal sends to the host's group (Ctrl-C) must not end workers before the
// host has published what they delivered.
base::Result<void> Launcher::start() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return cannot_start(program_, errno);
  Descriptor own(ends[0]), given(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, given.get(), child_socket_fd);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  if (!std::getenv("GARITA_WORKER_STDERR"))  // a driver's own words go through log; this is for debugging
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, child_socket_fd + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  std::string name = program_.string(), mode = "--launcher";
  char* const arguments[] = {name.data(), mode.data(), nullptr};
  char* const nothing[] = {nullptr};
  char* const* const environment = base::weakened("environment") ? environ : nothing;
  const int error = posix_spawn(&pid_, name.c_str(), &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return pid_ = -1, cannot_start(program_, error);
  socket_ = std::move(own);
  return {};
}

void Launcher::stop() {
  socket_ = Descriptor();
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

bool Launcher::exchange(const LaunchRequest& request, std::span<const int> fds, LaunchResponse& response,
                        Descriptor& pidfd) {
  const bool done = socket_ && send_request(socket_.get(), request, fds) &&
                    receive_response(socket_.get(), response, pidfd);
  if (!done) stop();
  return done;
}

base::Result<Launcher::Child> Launcher::spawn(std::span<const int> fds, Box box, uint32_t cgroups) {
  if (fds.size() > max_worker_fds) return cannot_start(program_, E2BIG);
  const std::lock_guard lock(mutex_);
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!socket_) GARITA_TRY(start());
    Child child;
    LaunchResponse response;
    const LaunchRequest request{LaunchRequest::spawn, 0, static_cast<uint32_t>(box), cgroups};
    if (!exchange(request, fds, response, child.pidfd)) continue;  // it died: once more
    if (response.step != 0) return box_missing(box, static_cast<BoxStep>(response.step), response.error);
    if (response.error != 0 || !child.pidfd) return cannot_start(program_, response.error);
    child.pid = response.pid;
    return child;
  }
  return cannot_start(program_, EPIPE);
}

std::optional<int> Launcher::status(pid_t pid, Usage& used) {
  const std::lock_guard lock(mutex_);
  LaunchResponse response;
  Descriptor none;
  if (!socket_ || !exchange({LaunchRequest::status, pid}, {}, response, none) || response.error != 0)
    return std::nullopt;
  used = {response.cpu_ns, response.peak_bytes};
  return response.status;
}

}  // namespace garita::isolate
