#include "core/isolate/box/supervisor.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <csignal>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/weaken.hpp"
#include "core/isolate/box/decode.hpp"
#include "core/isolate/box/policy.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/isolate/wire/launch.hpp"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS  // newer than Debian 12's headers
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

namespace garita::isolate {
namespace {

using base::weakened;

constexpr size_t max_decoys = 16;
constexpr size_t max_known_notes = 256;
constexpr uint64_t second_ns = 1'000'000'000;
constexpr int max_ready = 64;

constexpr const char* nowhere = "/dev/null";  // the one device that a driver gets

int null_device() {
  static const int device = open(nowhere, O_RDWR | O_CLOEXEC);  // for the life of the process
  return device;
}

// This thread alone looks at files and memory as the user whose boxes are: root in a container often may not
// read another user's process.
void look_as_the_boxed() {
  syscall(SYS_setfsgid, unprivileged_id);
  syscall(SYS_setfsuid, unprivileged_id);
}

class ProcessMemory final : public TargetMemory {
 public:
  explicit ProcessMemory(pid_t thread) : thread_(thread) {}
  size_t read(uint64_t address, std::span<std::byte> out) const override {
    if (!opened_) {
      const std::string path = "/proc/" + std::to_string(thread_) + "/mem";
      file_ = Descriptor(open(path.c_str(), O_RDWR | O_CLOEXEC));
      opened_ = true;
    }
    if (!file_ || address > INT64_MAX) return 0;
    const ssize_t size = pread(file_.get(), out.data(), out.size(), static_cast<off_t>(address));
    return size > 0 ? static_cast<size_t>(size) : 0;
  }

  // Only where something was read before: then the file is that of the very process whose notification was
  // valid after.
  bool write(uint64_t address, std::span<const std::byte> data) const {
    return file_ && address <= INT64_MAX &&
           pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(address)) ==
               static_cast<ssize_t>(data.size());
  }

 private:
  const pid_t thread_;
  mutable Descriptor file_;
  mutable bool opened_ = false;
};

// The kernel's notification may be longer than the one that this was compiled with.
union Notification {
  seccomp_notif request;
  std::array<std::byte, 512> room;
};

struct Reply {
  Decision decision = Decision::refused;
  int error = EPERM;  // 0: the call is said to have worked
  int inject = -1;    // the descriptor that the call is answered with
  int in_place_of = -1;  // or that takes the place of this one of the driver's; the call is answered 0 then
};

}  // namespace

struct Supervision::State {
  State(Descriptor from, Supervised own) : listener(std::move(from)), what(std::move(own)) {}

  void serve();
  bool receive(Notification& notification) const;
  Reply decide(const Decoded& decoded, const ProcessMemory& memory, pid_t thread);
  Reply own_file(int file, const Decoded& decoded, const ProcessMemory& memory);
  Reply hand_in(int file, int flags);
  Reply decoy(int socket_type);
  Reply granted_socket(const Decoded& decoded, const ProcessMemory& memory, pid_t thread);
  Reply granted_connect(const Decoded& decoded, pid_t thread);
  static Reply tell(const Decoded& decoded, const ProcessMemory& memory);
  bool answer(uint64_t id, const Reply& reply) const;
  void keep(Attempt attempt);
  bool floods(uint64_t now_ns, const Attempt& attempt);

  std::mutex mutex;  // held while a notification is served
  Descriptor listener;
  Supervised what;
  std::vector<Descriptor> decoys;
  Descriptor handed;  // what the last answer gave away
  std::set<std::string> notes;
  std::optional<Attempt> first;
  uint64_t kept = 0, lost = 0;
  uint64_t window_ns = 0, in_window = 0;
  std::atomic<uint64_t> breached_ns{0}, breaches{0};
  std::atomic<bool> flooded{false};
};

// One for the process, for ever: a thread that sleeps where nobody asks.
class Supervision::Thread {
 public:
  static Thread* instance() {
    static Thread* const thread = [] {
      auto* const made = new Thread;
      if (made->start()) return made;
      delete made;
      return static_cast<Thread*>(nullptr);
    }();
    return thread;
  }

  bool add(const std::shared_ptr<State>& state) {
    const std::lock_guard lock(mutex_);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = ++last_;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, state->listener.get(), &event) != 0) return false;
    states_[last_] = state;
    return true;
  }

  void remove(const State& state) {
    const std::lock_guard lock(mutex_);
    if (state.listener) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, state.listener.get(), nullptr);
    std::erase_if(states_, [&](const auto& each) { return each.second.get() == &state; });
  }

 private:
  bool start() {
    epoll_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    if (!epoll_) return false;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // the program's signals are for its other threads
    bool started = true;
    try {
      std::thread([this] { run(); }).detach();
    } catch (const std::system_error&) {
      started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
  }

  std::shared_ptr<State> find(uint64_t token) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(token);
    return found == states_.end() ? nullptr : found->second;
  }

  // One notification a box in each round: no box keeps another waiting.
  void run() {
    pthread_setname_np(pthread_self(), "garita-boxes");
    if (geteuid() == 0) look_as_the_boxed();
    epoll_event ready[max_ready];
    for (;;) {
      const int count = epoll_wait(epoll_.get(), ready, max_ready, -1);
      for (int i = 0; i < count; ++i) {
        const std::shared_ptr<State> state = find(ready[i].data.u64);
        if (!state) continue;
        const std::lock_guard lock(state->mutex);
        if ((ready[i].events & EPOLLIN) != 0) state->serve();
        const bool over = (ready[i].events & (EPOLLHUP | EPOLLERR)) != 0 || state->flooded;
        if (over && state->listener) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, state->listener.get(), nullptr);
      }
    }
  }

  Descriptor epoll_;
  std::mutex mutex_;
  std::map<uint64_t, std::shared_ptr<State>> states_;
  uint64_t last_ = 0;
};

bool Supervision::State::receive(Notification& notification) const {
  std::memset(&notification, 0, sizeof notification);
  return ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &notification.request) == 0;
}

void Supervision::State::serve() {
  Notification notification;
  if (!listener || !receive(notification)) return;
  const seccomp_notif& request = notification.request;
  const ProcessMemory memory(static_cast<pid_t>(request.pid));
  Decoded decoded = decode_call(request.data, memory);
  uint64_t id = request.id;
  if (ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_ID_VALID, &id) != 0)
    return;  // it died: what was read may be another's
  const Reply reply = decide(decoded, memory, static_cast<pid_t>(request.pid));
  Attempt attempt{
      monotonic_ns(), base::system_clock().utc_ns(), static_cast<pid_t>(request.pid), decoded.kind,
      reply.decision, std::move(decoded.call),       std::move(decoded.target)};
  if (floods(attempt.monotonic_ns, attempt)) flooded = true;  // no answer: its threads wait for their end
  keep(std::move(attempt));
  if (!flooded) answer(request.id, reply);
  handed = Descriptor();
}

Reply Supervision::State::decide(const Decoded& decoded, const ProcessMemory& memory, pid_t thread) {
  const Policy& policy = Policy::built_in();
  if (decoded.opening && decoded.path == nowhere) return hand_in(null_device(), O_RDWR);
  if (decoded.opens || decoded.looks) {
    const auto file = what.files.find(decoded.path);
    if (file != what.files.end()) return own_file(file->second, decoded, memory);
    const bool own = decoded.path.starts_with(boxed_folder) || decoded.path + "/" == boxed_folder;
    if (own || decoded.path == nowhere || policy.is_absent(decoded.path) || weakened("absent_list"))
      return {Decision::noted, ENOENT};
  }
  if (policy.is_quiet(decoded.call) || weakened("quiet_list")) return {Decision::noted, EPERM};
  if (what.connects)
    if (const Reply reply = granted_socket(decoded, memory, thread); reply.decision != Decision::refused) return reply;
  if (!what.decoy) return {};
  if (decoded.socket_type != 0) return decoy(decoded.socket_type);
  // What asks a name server is led on until it says the name.
  if (decoded.call == "setsockopt" && !decoys.empty()) return {Decision::decoy, 0};
  if (decoded.call == "connect" && decoded.target.ends_with(":53")) return {Decision::decoy, 0};
  return {};
}

Reply Supervision::State::own_file(int file, const Decoded& decoded, const ProcessMemory& memory) {
  if (decoded.opens) return hand_in(file, O_RDONLY);
  const Reply done{Decision::granted, 0};
  struct stat about;
  struct statx more;
  if (decoded.stat_out != 0 && fstat(file, &about) == 0 &&
      memory.write(decoded.stat_out, std::as_bytes(std::span(&about, 1))))
    return done;
  if (decoded.statx_out != 0 && statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &more) == 0 &&
      memory.write(decoded.statx_out, std::as_bytes(std::span(&more, 1))))
    return done;
  if (decoded.call == "access" || decoded.call == "faccessat" || decoded.call == "faccessat2") return done;
  return {Decision::noted, ENOENT};
}

// A fresh opening: what another one has read does not move this one's place.
Reply Supervision::State::hand_in(int file, int flags) {
  handed = Descriptor(open(("/proc/self/fd/" + std::to_string(file)).c_str(), flags | O_CLOEXEC));
  if (!handed) return {Decision::noted, ENOENT};
  return {Decision::granted, 0, handed.get()};
}

// A driver whose library connects by itself. Its sockets lead nowhere until a connect that is granted puts one that leads to
// the host's relay in their place; what it sets on them, or asks of them, means nothing.
Reply Supervision::State::granted_socket(const Decoded& decoded, const ProcessMemory& memory, pid_t thread) {
  const bool inet = decoded.socket_family == AF_INET || decoded.socket_family == AF_INET6;
  if (decoded.call == "connect") return granted_connect(decoded, thread);
  if (decoded.call == "setsockopt") return {Decision::granted, 0};
  if (decoded.call == "getsockopt" || decoded.call == "getsockname" || decoded.call == "getpeername")
    return tell(decoded, memory);
  if (decoded.call == "socketpair") return {Decision::noted, EMFILE};  // leads nowhere; libraries wake themselves by it
  if (decoded.call != "socket" || !inet || (decoded.socket_type & 0xF) != SOCK_STREAM) return {};
  int ends[2];
  if (socketpair(AF_UNIX, decoded.socket_type | SOCK_CLOEXEC, 0, ends) != 0) return {Decision::granted, EMFILE};
  close(ends[0]);
  handed = Descriptor(ends[1]);
  return {Decision::granted, 0, handed.get()};
}

Reply Supervision::State::granted_connect(const Decoded& decoded, pid_t thread) {
  const std::optional<int> end = what.connects(decoded.target);
  if (!end) return {};
  if (*end < 0) return {Decision::granted, ECONNREFUSED};
  handed = Descriptor(*end);
  // The socket may be one that does not wait: what takes its place must be so too.
  std::array<char, 128> about{};
  const std::string path = "/proc/" + std::to_string(thread) + "/fdinfo/" + std::to_string(decoded.descriptor);
  const Descriptor info(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const ssize_t size = info ? read(info.get(), about.data(), about.size() - 1) : -1;
  const char* flags = size > 0 ? std::strstr(about.data(), "flags:") : nullptr;
  if (!flags) return {Decision::granted, EBADF};
  if ((std::strtoul(flags + 6, nullptr, 8) & O_NONBLOCK) != 0) fcntl(*end, F_SETFL, O_NONBLOCK);
  return {Decision::granted, 0, *end, decoded.descriptor};
}

// No error, no name, no setting: zeros, as long as what was asked for.
Reply Supervision::State::tell(const Decoded& decoded, const ProcessMemory& memory) {
  std::array<std::byte, sizeof(sockaddr_in)> zeros{};
  uint32_t size = 0;
  if (memory.read(decoded.value_size_out, std::as_writable_bytes(std::span(&size, 1))) != sizeof size)
    return {Decision::granted, EFAULT};
  const bool option = decoded.call == "getsockopt";
  const uint32_t whole = option ? sizeof(int) : static_cast<uint32_t>(zeros.size());
  const sa_family_t family = AF_INET;
  if (!option) std::memcpy(zeros.data(), &family, sizeof family);
  const auto part = std::span<const std::byte>(zeros).first(std::min(size, whole));
  if (!memory.write(decoded.value_out, part) ||
      !memory.write(decoded.value_size_out, std::as_bytes(std::span(&whole, 1))))
    return {Decision::granted, EFAULT};
  return {Decision::granted, 0};
}

Reply Supervision::State::decoy(int socket_type) {
  int ends[2];
  if (decoys.size() == max_decoys || socketpair(AF_UNIX, socket_type | SOCK_CLOEXEC, 0, ends) != 0) return {};
  decoys.emplace_back(ends[0]);
  handed = Descriptor(ends[1]);
  return {Decision::decoy, 0, handed.get()};
}

bool Supervision::State::answer(uint64_t id, const Reply& reply) const {
  int error = reply.inject >= 0 ? EMFILE : reply.error;
  if (reply.inject >= 0) {
    seccomp_notif_addfd given{};
    given.id = id;
    given.flags = SECCOMP_ADDFD_FLAG_SEND;
    given.srcfd = static_cast<uint32_t>(reply.inject);
    given.newfd_flags = O_CLOEXEC;
    if (reply.in_place_of >= 0) {
      given.flags = SECCOMP_ADDFD_FLAG_SETFD;
      given.newfd = static_cast<uint32_t>(reply.in_place_of);
    }
    const bool done = ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_ADDFD, &given) >= 0;
    if (done && reply.in_place_of < 0) return true;
    if (done) error = 0;
  }
  union {
    seccomp_notif_resp response;
    std::array<std::byte, 256> room;
  } out;
  std::memset(&out, 0, sizeof out);
  out.response.id = id;
  out.response.error = -error;
  return ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &out.response) == 0;
}

bool Supervision::State::floods(uint64_t now_ns, const Attempt& attempt) {
  if (weakened("flood")) return false;
  if (attempt.breach()) return breaches + 1 > flood_of_breaches;
  if (now_ns - window_ns > second_ns) window_ns = now_ns, in_window = 0;
  return ++in_window > flood_a_second;
}

void Supervision::State::keep(Attempt attempt) {
  if (attempt.breach()) {
    ++breaches;
    if (!first) first = attempt;
    if (breached_ns == 0) breached_ns = attempt.monotonic_ns;
  } else if (attempt.decision == Decision::granted ||
             (notes.size() < max_known_notes && !notes.insert(attempt.call + ' ' + attempt.target).second)) {
    return;  // the ordinary; a note is kept once
  }
  if (!what.sink) return;
  if (kept < max_kept_attempts || weakened("attempt_cap"))
    ++kept, what.sink->attempted(attempt);
  else
    what.sink->suppressed(++lost);
}

std::unique_ptr<Supervision> Supervision::start(Descriptor listener, Supervised what) {
  Thread* const thread = Thread::instance();
  ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SET_FLAGS,
        SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);  // where the kernel has it
  auto state = std::make_shared<State>(std::move(listener), std::move(what));
  if (!thread || !thread->add(state)) return nullptr;
  return std::unique_ptr<Supervision>(new Supervision(std::move(state)));
}

Supervision::~Supervision() {
  Thread::instance()->remove(*state_);
  const std::lock_guard lock(state_->mutex);
  state_->listener = Descriptor();
  state_->what.sink = nullptr;
}

uint64_t Supervision::breached_ns() const { return state_->breached_ns; }
bool Supervision::flooded() const { return state_->flooded; }
uint64_t Supervision::breaches() const { return state_->breaches; }

std::optional<Attempt> Supervision::first_breach() const {
  const std::lock_guard lock(state_->mutex);
  return state_->first;
}

}  // namespace garita::isolate
