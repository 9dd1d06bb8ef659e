#include "core/isolate/box/calls.hpp"

#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>

#include "core/isolate/wire/box.hpp"

namespace garita::isolate {
namespace {

using Test = Condition::Test;

constexpr uint64_t tcgets = 0x5401;
constexpr uint64_t thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                                  CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
                                  CLONE_CHILD_CLEARTID;  // as pthread_create has them

constexpr Condition is(uint8_t argument, uint64_t value) { return {argument, Test::equals, true, value}; }
constexpr Condition exactly(uint8_t argument, uint64_t value) {
  return {argument, Test::equals, false, value};
}
constexpr Condition lacks(uint8_t argument, uint64_t value) { return {argument, Test::lacks, true, value}; }
constexpr Condition not_both(uint8_t argument, uint64_t value) {
  return {argument, Test::lacks_all_of, true, value};
}
constexpr Condition self(uint8_t argument) { return {argument, Test::equals_self, true, 0}; }

constexpr Call calls[] = {
    {SYS_futex, "futex"},
    {SYS_read, "read"},
    {SYS_write, "write"},
    {SYS_clock_gettime, "clock_gettime"},
    {SYS_clock_nanosleep, "clock_nanosleep"},
    {SYS_poll, "poll"},
    {SYS_ppoll, "ppoll"},
    {SYS_pselect6, "pselect6"},
    {SYS_mmap, "mmap", 0, not_both(2, PROT_WRITE | PROT_EXEC), lacks(3, MAP_HUGETLB)},
    {SYS_munmap, "munmap"},
    {SYS_mprotect, "mprotect", 0, lacks(2, PROT_EXEC)},
    {SYS_madvise, "madvise"},
    {SYS_brk, "brk"},
    {SYS_mremap, "mremap"},
    {SYS_close, "close"},
    {SYS_pread64, "pread64"},
    {SYS_lseek, "lseek"},
    {SYS_readv, "readv"},
    {SYS_writev, "writev"},
    {SYS_fstat, "fstat"},
    {SYS_newfstatat, "newfstatat", 0, is(3, AT_EMPTY_PATH)},  // glibc's fstat
    {SYS_rt_sigaction, "rt_sigaction"},
    {SYS_rt_sigprocmask, "rt_sigprocmask"},
    {SYS_rt_sigreturn, "rt_sigreturn"},
    {SYS_sigaltstack, "sigaltstack"},
    {SYS_restart_syscall, "restart_syscall"},
    {SYS_sched_yield, "sched_yield"},
    {SYS_sched_getaffinity, "sched_getaffinity"},
    {SYS_nanosleep, "nanosleep"},
    {SYS_gettimeofday, "gettimeofday"},
    {SYS_getpid, "getpid"},
    {SYS_gettid, "gettid"},
    {SYS_getuid, "getuid"},
    {SYS_geteuid, "geteuid"},
    {SYS_getgid, "getgid"},
    {SYS_getegid, "getegid"},
    {SYS_uname, "uname"},
    {SYS_sysinfo, "sysinfo"},
    {SYS_getrusage, "getrusage"},
    {SYS_prlimit64, "prlimit64", 0, is(0, 0), exactly(2, 0)},  // reading its own
    {SYS_getrandom, "getrandom"},
    {SYS_clone, "clone", 0, exactly(0, thread_flags)},
    {SYS_set_robust_list, "set_robust_list"},
    {SYS_rseq, "rseq"},
    {SYS_exit, "exit"},
    {SYS_exit_group, "exit_group"},
    {SYS_tgkill, "tgkill", 0, self(0)},
    {SYS_kill, "kill", 0, self(0)},
    {SYS_sendmsg, "sendmsg", 0,
     is(0, box_socket_fd)},  // the worker's last word; no descriptor has this number later
    {SYS_fcntl, "fcntl", 0, is(1, F_GETFL)},
    {SYS_fcntl, "fcntl", 0, is(1, F_GETFD)},
    {SYS_fcntl, "fcntl", 0, is(1, F_SETFD)},
    {SYS_fcntl, "fcntl", 0, is(1, F_SETFL), lacks(2, O_ASYNC)},
    {SYS_fcntl, "fcntl", 0, is(1, F_DUPFD_CLOEXEC)},
    {SYS_pipe, "pipe"},
    {SYS_pipe2, "pipe2"},
    {SYS_eventfd2, "eventfd2"},
    {SYS_epoll_create1, "epoll_create1"},
    {SYS_epoll_ctl, "epoll_ctl"},
    {SYS_epoll_wait, "epoll_wait"},
    {SYS_prctl, "prctl", 0, is(0, PR_SET_NAME)},
    {SYS_prctl, "prctl", 0, is(0, PR_GET_NAME)},
#ifdef GARITA_SANITIZED  // the sanitizers' own runtime; such a build is for tests, never for a site
    {SYS_getppid, "getppid"},
    {SYS_rt_sigpending, "rt_sigpending"},
    {SYS_prctl, "prctl", 0, is(0, PR_SET_VMA)},
#endif
    // Answered here, because nobody tries to leave with them: no thread by clone3 (its flags lie in memory,
    // where no filter can read them: the C library then takes clone), and nothing here is a terminal (asked
    // by the first printf).
    {SYS_clone3, "clone3", ENOSYS},
    {SYS_ioctl, "ioctl", ENOTTY, is(1, tcgets)},
};

// Reading, sending to the one peer that a socket has, and ending. Whatever names a peer or makes a socket is never here.
constexpr Call sockets[] = {
    {SYS_recvfrom, "recvfrom"},
    {SYS_sendto, "sendto", 0, exactly(4, 0)},
    {SYS_shutdown, "shutdown"},
};

std::string text_of(const Condition& condition) {
  if (condition.test == Test::none) return "";
  static constexpr const char* names[] = {"", "=", "lacks", "lacks-all-of", "=self"};
  return " arg" + std::to_string(condition.argument) + (condition.low ? "" : "-64") + ' ' +
         names[static_cast<size_t>(condition.test)] + ' ' + std::to_string(condition.value);
}

}  // namespace

std::span<const Call> allowed_calls() { return calls; }

std::span<const Call> socket_calls() { return sockets; }

std::string calls_text() {
  std::string text;
  const auto add = [&](const Call& call) {
    text += std::to_string(call.number) + ' ' + call.name +
            (call.answer == 0 ? "" : " fails " + std::to_string(call.answer)) + text_of(call.first) +
            text_of(call.second) + '\n';
  };
  for (const Call& call : calls) add(call);
  text += "with granted connects\n";
  for (const Call& call : sockets) add(call);
  return text;
}

}  // namespace garita::isolate
