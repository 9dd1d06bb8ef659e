#include "tests/isolate/defences/defences.hpp"

#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/isolate/defences/checks.hpp"

namespace garita::isolate::defences {
namespace {

constexpr uint64_t new_uts = 0x04000000, get_no_new_privs = 39, x32_getpid = 0x40000027;
constexpr uint64_t terabyte = uint64_t{1} << 40;
const std::string no_calls = "seccomp", no_files = "seccomp,landlock", no_walls = "seccomp,landlock,root";
const std::string passwords = "(/etc/passwd\n";  // opens it

bool other_than_root(const std::string& said) { return said.find(' ') != said.npos && said.substr(0, 2) != "0 "; }
bool other_than_init(const std::string& said) { return said.find(' ') != said.npos && said.find(" 1 ") == said.npos; }
bool no_environment(const std::string& said) { return said.starts_with("0 "); }
bool no_descriptors(const std::string& said) { return said.ends_with(" 3"); }

}  // namespace

const std::vector<Defence>& defences() {
  static const std::vector<Defence> all = {
      // What can be called
      {"seccomp", Box::B1, "", "fault io_uring", row("io_uring")},
      {"arch", Box::B1, "", "fault call_by_interrupt", row("call_by_interrupt")},
      {"x32", Box::B1, no_calls, "getpid by its x32 number", call(x32_getpid, 0, 0, "isolate.breach")},
      {"clone3", Box::B1, "", "clone3 does not exist", call(SYS_clone3, 0, 0, "-38")},
      {"quiet_list", Box::B1, "", "fault ptrace", row("ptrace")},
      {"absent_list", Box::B1, "", "fault file_read", row("file_read")},
      {"granted_connect", Box::B2, "", "a second address", other_address_is_a_breach},
      // What can be reached
      {"landlock", Box::B1, no_calls, "/etc/passwd: permission denied", says(passwords, "13")},
      {"root", Box::B2, no_files, "/etc/passwd: there is none", says(passwords, "2")},
      {"user", Box::B2, no_walls, "the namespace's number", own_namespace("user")},
      {"net", Box::B2, no_walls, "the namespace's number", own_namespace("net")},
      {"mnt", Box::B2, no_walls, "the namespace's number", own_namespace("mnt")},
      {"pid", Box::B2, no_walls, "the namespace's number", own_namespace("pid")},
      {"ipc", Box::B2, no_walls, "the namespace's number", own_namespace("ipc")},
      {"uts", Box::B2, no_walls, "the namespace's number", own_namespace("uts")},
      {"cgroup", Box::B2, no_walls, "the namespace's number", own_namespace("cgroup")},
      {"environment", Box::B1, "", "the host's variables", says("e", no_environment)},
      {"descriptors", Box::B1, "", "descriptors beyond the first three", says("e", no_descriptors)},
      // What it may do
      {"no_new_privs", Box::B2, "seccomp,landlock,capabilities", "prctl says so", call(SYS_prctl, get_no_new_privs, 0, "1")},
      {"capabilities", Box::B2, no_calls, "unshare of a privileged kind", call(SYS_unshare, new_uts, 0, "-1")},
      {"identity", Box::B1, "never_root", "the user's number", says("v", other_than_root), "", true},
      {"never_root", Box::B1, "identity", "such a worker is refused", never_as_root, "", true},
      {"init", Box::B2, "", "the process's number", says("v", other_than_init)},
      // How much it may take
      {"limit_core", Box::B1, "", "RLIMIT_CORE", limit(RLIMIT_CORE, 0), "start_core"},
      {"limit_files", Box::B1, "", "fault descriptors", row("descriptors")},
      {"limit_locked", Box::B1, "", "RLIMIT_MEMLOCK", limit(RLIMIT_MEMLOCK, 0)},
      {"limit_queues", Box::B1, "", "RLIMIT_MSGQUEUE", limit(RLIMIT_MSGQUEUE, 0)},
      {"limit_signals", Box::B1, "", "RLIMIT_SIGPENDING", limit(RLIMIT_SIGPENDING, 256)},
      {"limit_data", Box::B1, "", "RLIMIT_DATA", limit(RLIMIT_DATA, terabyte)},
      {"limit_address_space", Box::B1, "", "RLIMIT_AS", limit(RLIMIT_AS, terabyte)},
      {"limit_threads", Box::B2, "", "fault threads", limit(RLIMIT_NPROC, 1000)},
      {"group", Box::B3, "", "the worker's control group", worker_is_in_its_group},
      // How it ends
      {"watchdog", Box::B1, "", "fault hang_in_next", row("hang_in_next"), "", false, true},
      {"breach", Box::B1, "", "fault file_read", row("file_read")},
      {"flood", Box::B1, "grace", "the number of attempts", flood_ends, "", false, true},
      {"parent_death", Box::B1, "", "a worker without its launcher", worker_ends_with_its_launcher},
      {"quarantine", Box::B0, "", "a second start", breach_closes_the_door},
      // What comes out of it
      {"attempt_cap", Box::B1, "grace", "the number of records", evidence_is_capped, "", false, true},
      {"event_check", Box::B0, "", "fault totals_more", row("totals_more"), "event_check"},
      {"strip_bounds", Box::B0, "event_check,strip_copy", "rows beyond a strip's memory", overrun_is_no_event},
      {"strip_seals", Box::B0, "", "a pool that shrinks below its reader", strips_cannot_shrink},
      {"driver_digest", Box::B0, "", "fault digest_wrong", row("digest_wrong")},
      {"driver_seals", Box::B0, "", "a write to the sealed copy", sealed_driver_cannot_be_written},
  };
  return all;
}

}  // namespace garita::isolate::defences
