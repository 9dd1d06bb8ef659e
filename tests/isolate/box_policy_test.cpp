// The table of calls, the program made of it, and the published policy.
#include "core/isolate/box/policy.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "core/isolate/box/calls.hpp"
#include "core/isolate/box/filter.hpp"

namespace garita::isolate {
namespace {

constexpr uint32_t own_id = 2;

// What the kernel would do with the program: classic BPF, as far as it is used.
uint32_t run(const std::vector<sock_filter>& program, const seccomp_data& data) {
  uint32_t value = 0;
  for (size_t at = 0; at < program.size(); ++at) {
    const sock_filter& step = program[at];
    switch (step.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        std::memcpy(&value, reinterpret_cast<const char*>(&data) + step.k, 4);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        value &= step.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += value == step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += value >= step.k ? step.jt : step.jf;
        break;
      case BPF_JMP | BPF_JSET | BPF_K:
        at += (value & step.k) != 0 ? step.jt : step.jf;
        break;
      case BPF_RET | BPF_K:
        return step.k;
      default:
        ADD_FAILURE() << "unknown step " << step.code;
        return 0;
    }
  }
  ADD_FAILURE() << "the program has no end";
  return 0;
}

uint32_t answer(uint32_t number, std::initializer_list<uint64_t> arguments = {},
                uint32_t architecture = AUDIT_ARCH_X86_64) {
  static const std::vector<sock_filter> program = compile_filter(own_id);
  seccomp_data data{};
  data.nr = static_cast<int>(number);
  data.arch = architecture;
  std::copy(arguments.begin(), arguments.end(), data.args);
  return run(program, data);
}

constexpr uint32_t allowed = SECCOMP_RET_ALLOW, asked = SECCOMP_RET_USER_NOTIF;

TEST(Calls, at_most_sixty_are_allowed) {
  std::set<uint32_t> numbers;
  for (const Call& call : allowed_calls())
    if (call.answer == 0) numbers.insert(call.number);
  EXPECT_LE(numbers.size(), 60u);
}

TEST(Calls, none_of_those_that_lead_out_are_in_the_table) {
  for (const int number : {SYS_socket,
                           SYS_connect,
                           SYS_bind,
                           SYS_open,
                           SYS_openat,
                           SYS_openat2,
                           SYS_execve,
                           SYS_execveat,
                           SYS_ptrace,
                           SYS_bpf,
                           SYS_io_uring_setup,
                           SYS_io_uring_enter,
                           SYS_io_uring_register,
                           SYS_userfaultfd,
                           SYS_process_vm_readv,
                           SYS_process_vm_writev,
                           SYS_unshare,
                           SYS_setns,
                           SYS_keyctl,
                           SYS_add_key,
                           SYS_memfd_create,
                           SYS_fork,
                           SYS_vfork,
                           SYS_mount,
                           SYS_perf_event_open})
    EXPECT_EQ(answer(static_cast<uint32_t>(number)), asked) << number;
}

TEST(Calls, an_unconditional_row_allows_whatever_its_arguments) {
  EXPECT_EQ(answer(SYS_futex, {UINT64_MAX, UINT64_MAX, UINT64_MAX}), allowed);
}

TEST(Calls, other_architectures_and_x32_are_never_allowed) {
  EXPECT_EQ(answer(SYS_read, {}, AUDIT_ARCH_I386), asked);
  EXPECT_EQ(answer(SYS_read, {}, AUDIT_ARCH_AARCH64), asked);
  EXPECT_EQ(answer(SYS_read | 0x40000000), asked);
  EXPECT_EQ(answer(UINT32_MAX), asked);
}

TEST(Calls, memory_is_never_writable_and_executable_at_once) {
  EXPECT_EQ(answer(SYS_mmap, {0, 4096, PROT_READ | PROT_EXEC}), allowed);
  EXPECT_EQ(answer(SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE}), allowed);
  EXPECT_EQ(answer(SYS_mmap, {0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC}), asked);
  EXPECT_EQ(answer(SYS_mmap, {0, 4096, PROT_READ, MAP_PRIVATE | MAP_HUGETLB}), asked) << "they are the whole machine's";
  EXPECT_EQ(answer(SYS_mprotect, {0, 4096, PROT_EXEC}), asked);
  EXPECT_EQ(answer(SYS_mprotect, {0, 4096, PROT_READ}), allowed);
}

TEST(Calls, clone_makes_threads_alone) {
  const uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                          CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
  EXPECT_EQ(answer(SYS_clone, {thread}), allowed);
  EXPECT_EQ(answer(SYS_clone, {SIGCHLD}), asked);
  EXPECT_EQ(answer(SYS_clone, {thread | CLONE_NEWUSER}), asked);
  EXPECT_EQ(answer(SYS_clone, {thread | uint64_t{1} << 32}), asked) << "the upper half counts too";
  EXPECT_EQ(answer(SYS_clone3), SECCOMP_RET_ERRNO | ENOSYS);
}

TEST(Calls, signals_reach_the_process_itself_alone) {
  EXPECT_EQ(answer(SYS_tgkill, {own_id, 7, 6}), allowed);
  EXPECT_EQ(answer(SYS_tgkill, {1, 1, 9}), asked);
  EXPECT_EQ(answer(SYS_kill, {own_id, 6}), allowed);
  EXPECT_EQ(answer(SYS_kill, {UINT64_MAX, 9}), asked);
  EXPECT_EQ(answer(SYS_kill, {0, 9}), asked);
}

TEST(Calls, rows_behind_one_whose_condition_fails_still_count) {
  EXPECT_EQ(answer(SYS_fcntl, {0, 1}), allowed);  // F_GETFD
  EXPECT_EQ(answer(SYS_fcntl, {0, 8}), asked);    // F_SETOWN
  EXPECT_EQ(answer(SYS_prctl, {PR_GET_NAME}), allowed);
  EXPECT_EQ(answer(SYS_prctl, {PR_SET_SECCOMP}), asked);
  EXPECT_EQ(answer(SYS_prlimit64, {0, 7, 0, 1}), allowed);
  EXPECT_EQ(answer(SYS_prlimit64, {0, 7, 1, 0}), asked);
  EXPECT_EQ(answer(SYS_prlimit64, {5, 7, 0, 1}), asked);
  EXPECT_EQ(answer(SYS_ioctl, {1, 0x5401}), SECCOMP_RET_ERRNO | ENOTTY);
  EXPECT_EQ(answer(SYS_ioctl, {1, 0x5412}), asked);
  EXPECT_EQ(answer(SYS_sendmsg, {3}), asked);
}

TEST(Policy, lists_paths_and_what_lies_below_folders) {
  const Policy& policy = Policy::built_in();
  for (const char* path :
       {"/etc/ld.so.cache", "/etc/localtime", "/proc/cpuinfo", "/sys/devices/system/cpu/online",
        "/sys/devices/system/cpu", "/etc/nsswitch.conf", "/usr/lib/locale/locale-archive"})
    EXPECT_TRUE(policy.is_absent(path)) << path;
  for (const char* path : {"/etc/passwd", "/etc/localtime2", "/proc/1/cpuinfo", "/sys/devices/system/cpufreq",
                           "/", "", "etc/localtime", "/etc/resolv.conf", "/home"})
    EXPECT_FALSE(policy.is_absent(path)) << path;
}

TEST(Policy, its_digest_changes_with_its_text) {
  const auto one =
      Policy::parse("schema = \"garita.policy/1\"\nabsent.paths = [\"/etc/x\"]\nquiet.calls = []");
  const auto other =
      Policy::parse("schema = \"garita.policy/1\"\nabsent.paths = [\"/etc/y\"]\nquiet.calls = []");
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->digest(), other->digest());
  EXPECT_NE(one->digest(),
            base::sha256("schema = \"garita.policy/1\"\nabsent.paths = [\"/etc/x\"]\nquiet.calls = []"));
}

TEST(Policy, a_text_that_says_something_else_is_refused) {
  const std::string head = "schema = \"garita.policy/1\"\n";
  for (const char* text :
       {"absent.paths = [\"/**\"]\nquiet.calls = []", "absent.paths = [\"etc\"]\nquiet.calls = []",
        "absent.paths = [\"/etc/../x\"]\nquiet.calls = []",
        "absent.paths = []\nquiet.calls = [\"no_such_call\"]", "absent.paths = []",
        "absent.paths = [1]\nquiet.calls = []", "absent = "})
    EXPECT_FALSE(Policy::parse(head + text)) << text;
  EXPECT_FALSE(Policy::parse("schema = \"garita.policy/2\"\nabsent.paths = []\nquiet.calls = []"));
}

TEST(Policy, nothing_quiet_leads_out) {
  for (const char* call :
       {"socket", "connect", "openat", "execve", "ptrace", "unlink", "io_uring_setup", "clone", "kill"})
    EXPECT_FALSE(Policy::built_in().is_quiet(call)) << call;
}

}  // namespace
}  // namespace garita::isolate
