// defence_table [NAME]: is each defence of the box noticed when it is missing? For each row twice: with the defence, where all must
// be well, and without it, where the check must see that. Exit code 1: a defence that nobody would miss, or one that does not
// hold.
//
// Each time is a process of its own, with a worker whose name says what is off; what does not come back was noticed too.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"
#include "core/isolate/box/reach.hpp"
#include "tests/isolate/defences/defences.hpp"
#include "tests/isolate/defences/weaken.hpp"

namespace garita::isolate::defences {
namespace {

namespace fs = std::filesystem;

constexpr int patience_ms = 60'000, patience_without_ms = 10'000;
constexpr const char* not_reached = "not reached: ";
constexpr const char* never_back = "it never came back";

std::string joined(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() ? one + other : one + "," + other;
}

// The worker's program under a name that says what it leaves out.
fs::path worker_without(const fs::path& folder, const std::string& defences) {
  const fs::path path = folder / ("garita-worker," + defences);
  std::error_code error;
  fs::copy_file(GARITA_WEAK_WORKER, path, fs::copy_options::skip_existing, error);
  return path;
}

std::string look(const Defence& defence, const fs::path& folder, const std::string& off) {
  const fs::path sound = worker_without(folder, "");
  if (const auto reached = try_box(sound, defence.box); !reached)
    return not_reached + base::render(reached.error(), base::Language::en);
  base::weaken(off);
  setenv("GARITA_WORKER_STDERR", "1", 1);  // a variable that no worker may see, and what it says is seen
  return defence.check({defence.box, worker_without(folder, joined(off, defence.of_worker_alone))});
}

// What a weakened launcher left behind is adopted by this process, and ended: it would hold our output open for ever.
void end_leftovers() {
  const std::string self = std::to_string(getpid());
  for (int look = 0; look < 100; ++look) {
    std::ifstream children("/proc/" + self + "/task/" + self + "/children");
    pid_t pid = 0;
    if (!(children >> pid)) return;
    do kill(pid, SIGKILL);
    while (children >> pid);
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// In a process of its own.
std::string look_apart(const Defence& defence, const fs::path& folder, const std::string& off, int for_ms) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string seen = look(defence, folder, off);
    const bool told = write(ends[1], seen.data(), seen.size()) == static_cast<ssize_t>(seen.size());
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  pollfd waiting{ends[0], POLLIN, 0};
  std::string seen;
  char buffer[4096];
  const bool back = poll(&waiting, 1, for_ms) == 1;
  for (ssize_t size = 0; back && (size = read(ends[0], buffer, sizeof buffer)) > 0;)
    seen.append(buffer, static_cast<size_t>(size));
  close(ends[0]);
  if (!back) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  end_leftovers();
  if (!back) return never_back;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? seen : seen + "the host itself died";
}

// Off: noticed. True: so it is, or this machine has no such box.
bool is_missed(const Defence& defence, const fs::path& folder) {
  const auto say = [&](const char* verdict, const std::string& why) {
    std::printf("%-20s %s  %-34s %s: %s\n", defence.name.c_str(), name_of(defence.box), defence.what.c_str(), verdict,
                base::printable(why, 200).c_str());
    std::fflush(stdout);
  };
  if (defence.as_root_alone && geteuid() != 0) return say("SKIPPED, not a pass", "as root alone"), true;
  if (defence.slow && !std::getenv("GARITA_LONG")) return say("SKIPPED, not a pass", "only with GARITA_LONG"), true;
  const std::string standing = look_apart(defence, folder, defence.in_front, patience_ms);
  if (standing.starts_with(not_reached)) return say("SKIPPED, not a pass", standing), true;
  if (!standing.empty()) return say("DOES NOT HOLD", standing), false;
  const std::string without = look_apart(defence, folder, joined(defence.in_front, defence.name), patience_without_ms);
  if (without.empty()) return say("NOBODY WOULD MISS IT", "switched off, and nothing was seen"), false;
  return say("missed", without), true;
}

int run(const std::string& only) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  rlimit core{};  // a limit that is there already would not be missed
  getrlimit(RLIMIT_CORE, &core);
  core.rlim_cur = core.rlim_max;
  setrlimit(RLIMIT_CORE, &core);
  const base::testing::TemporaryFolder folder;
  bool good = true;
  for (const Defence& defence : defences())
    if (only.empty() || defence.name == only) good = is_missed(defence, folder.path()) && good;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace garita::isolate::defences

int main(int count, char** arguments) {
  return garita::isolate::defences::run(count > 1 ? arguments[1] : "");
}
