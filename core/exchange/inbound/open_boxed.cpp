#include "core/exchange/inbound/open_boxed.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>

#include "core/base/file_error.hpp"
#include "core/exchange/inbound/claims_text.hpp"

namespace garita::exchange {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return value_; }
  void reset() {
    if (value_ >= 0) close(value_);
    value_ = -1;
  }

 private:
  int value_;
};

base::Error failed(const std::filesystem::path& path, const std::string& reason) {
  return {base::Outcome::no, "exchange.open_failed", {{"path", path.string()}, {"reason", reason}}, 0};
}

// After fork: only calls that are safe there. 0 and 2 nothing, 1 the pipe, 3 the package; an empty
// environment.
[[noreturn]] void become(const char* program, int package, int out) {
  const int nothing = open("/dev/null", O_RDWR);
  // Above what is to be set, so that no dup2 closes another's source.
  const int high_package = fcntl(package, F_DUPFD, 10), high_out = fcntl(out, F_DUPFD, 10);
  if (nothing < 0 || high_package < 0 || high_out < 0) _exit(127);
  if (dup2(nothing, 0) < 0 || dup2(high_out, 1) < 0 || dup2(nothing, 2) < 0 || dup2(high_package, 3) < 0)
    _exit(127);
  close_range(4, ~0u, 0);
  char* const arguments[] = {const_cast<char*>(program), nullptr};
  char* const environment[] = {nullptr};
  execve(program, arguments, environment);
  _exit(127);
}

// What it says until it ends, or the time is over, or it says too much: nullopt.
std::optional<std::string> listen(int in, uint64_t timeout_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(timeout_ms);
  std::string said;
  for (std::array<char, 4096> buffer{};;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd ready{in, POLLIN, 0};
    const int count = left <= 0 ? 0 : poll(&ready, 1, static_cast<int>(std::min<int64_t>(left, 1'000'000)));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    const ssize_t got = read(in, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return said;
    said.append(buffer.data(), static_cast<size_t>(got));
    if (said.size() > max_claims_bytes) return std::nullopt;
  }
}

}  // namespace

base::Result<Claims> open_boxed(const std::filesystem::path& opener, const std::filesystem::path& package,
                                const BoxedLimits& limits) {
  const Descriptor file(open(package.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.get() < 0) return base::file_error(errno, package);
  return open_boxed(opener, file.get(), package, limits);
}

base::Result<Claims> open_boxed(const std::filesystem::path& opener, int descriptor,
                                const std::filesystem::path& package, const BoxedLimits& limits) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return base::file_error(errno, package);
  const Descriptor in(ends[0]);
  Descriptor out(ends[1]);
  const std::string program = opener.string();
  const pid_t child = fork();
  if (child < 0) return base::file_error(errno, opener);
  if (child == 0) become(program.c_str(), descriptor, out.get());
  out.reset();
  const auto said = listen(in.get(), limits.timeout_ms);
  if (!said) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!said) return failed(package, "timeout");
  if (WIFSIGNALED(status)) return failed(package, "signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0) return failed(package, "exit " + std::to_string(WEXITSTATUS(status)));
  auto claims = parse_claims(*said);
  if (!claims.ok()) return failed(package, claims.error().id);
  return claims;
}

}  // namespace garita::exchange
