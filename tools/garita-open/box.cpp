#include "tools/garita-open/box.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace garita::opener {
namespace {

[[maybe_unused]] constexpr rlim_t max_memory_bytes = rlim_t{2} << 30, max_cpu_s = 600;

// What reading, hashing and unpacking need. mmap and mprotect have their condition below.
constexpr int allowed[] = {SYS_read,       SYS_pread64,      SYS_write,          SYS_close,
                           SYS_fstat,      SYS_lseek,        SYS_munmap,         SYS_mremap,
                           SYS_brk,        SYS_madvise,      SYS_futex,          SYS_exit,
                           SYS_getpid,     SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_clock_gettime,
                           SYS_exit_group, SYS_gettid,       SYS_sched_yield,    SYS_getrandom};

constexpr sock_filter load(size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset));
}
constexpr sock_filter end(uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }

// Memory may be asked for, but none that code could run in.
void allow_without_exec(std::vector<sock_filter>& program, int call) {
  constexpr size_t protection = offsetof(seccomp_data, args) + 2 * sizeof(uint64_t);
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 4));
  program.push_back(load(protection));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
  program.push_back(end(SECCOMP_RET_KILL_PROCESS));
  program.push_back(end(SECCOMP_RET_ALLOW));
}

bool filter_calls() {
  std::vector<sock_filter> program = {load(offsetof(seccomp_data, arch)),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
                                      end(SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
  for (const int call : allowed) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
    program.push_back(end(SECCOMP_RET_ALLOW));
  }
  allow_without_exec(program, SYS_mmap);
  allow_without_exec(program, SYS_mprotect);
  program.push_back(end(SECCOMP_RET_KILL_PROCESS));
  const sock_fprog given{static_cast<unsigned short>(program.size()), program.data()};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &given) == 0;
}

// A second wall where the kernel has it: the filter already lets nothing be opened.
void forbid_files() {
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = (1ull << 13) - 1;
  const long ruleset = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0);
  if (ruleset < 0) return;
  syscall(SYS_landlock_restrict_self, ruleset, 0);
  close(static_cast<int>(ruleset));
}

bool limit(int resource, rlim_t most) {
  const rlimit both{most, most};
  return setrlimit(static_cast<__rlimit_resource>(resource), &both) == 0;
}

}  // namespace

const char* enter_box() {
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || !limit(RLIMIT_CORE, 0)) return "core";
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "privileges";
  if (!limit(RLIMIT_CPU, max_cpu_s) || !limit(RLIMIT_FSIZE, 0)) return "limits";
#ifndef GARITA_SANITIZED  // its runtime needs terabytes of address space
  if (!limit(RLIMIT_AS, max_memory_bytes)) return "limits";
#endif
  forbid_files();
  if (!filter_calls()) return "seccomp";
  return "";
}

}  // namespace garita::opener
