#include "tests/isolate/faults/rows.hpp"

namespace garita::isolate::faults {
namespace {

using Kind = Row::Kind;

Row breach(const char* id, std::string order, const char* evidence) {
  return {Kind::breach,        id,       "GAR-BOX-010",    Stage::NEXT,
          GARITA_DRIVER_FAULT, evidence, std::move(order), Box::B1};
}

Row bomb(const char* id, const char* order, const char* most, Box least) {
  return {Kind::bomb, id, "GAR-BOX-011", Stage::PASSES, GARITA_OK, most, order, least};
}

}  // namespace

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
#define MUTANT(id, requirement, stage, status, text) \
  {Kind::mutant, #id, requirement, Stage::stage, status, std::string("load.") + text},
#include "conformance/mutants/mutants.def"
#undef MUTANT
#define MUTANT(id, requirement, stage, status, text) \
  {Kind::deadly, #id, requirement, Stage::stage, status, text},
#include "conformance/mutants/deadly.def"
#undef MUTANT
      breach("tcp", "T", "NET connect 203.0.113.9:443"),
      breach("tcp_over_six", "6", "NET connect [2001:db8::1]:8443"),
      breach("udp", "U", "NET sendto 198.51.100.7:9999"),
      breach("raw_socket", "!", "NET socket AF_INET raw"),
      breach("local_socket", "X", "NET connect unix:@garita"),
      breach("name_lookup", "D", "DNS telemetry.acme.example"),
      breach("file_read", "F", "READ openat /etc/passwd"),
      breach("file_looked_for", "A", "READ newfstatat /home"),
      breach("file_written", "W", "WRITE openat /tmp/stolen"),
      breach("file_removed", "G", "WRITE unlink /tmp/garita"),
      breach("shared_memory", "H", "WRITE openat /dev/shm/garita"),
      breach("memory_file", "Z", "KERNEL memfd_create stolen"),
      breach("proc", "R", "READ openat /proc/1/environ"),
      breach("exec", "E", "EXEC execve /bin/sh"),
      breach("shell", "Y", "EXEC clone a new process"),
      breach("fork", "K", "EXEC clone a new process"),
      breach("ptrace", "P", "PTRACE ptrace process 1"),
      breach("kill_other", "Q", "PTRACE kill process"),
      breach("io_uring", "I", "KERNEL io_uring_setup"),
      breach("unshare", "N", "EXEC unshare 0x10000000"),
      breach("call_by_interrupt", std::string("#\1\1\0\0\0\x0B\0\0\0", 10), "KERNEL 32-bit call 11"),
      breach("flood", "O", "READ openat /etc/passwd"),
      bomb("descriptors", "f", "256", Box::B1),
      bomb("memory", "B", "200", Box::B1),
      bomb("shared_pages", "S", "4096", Box::B1),
      bomb("threads", "z", "8", Box::B2),
  };
  return all;
}

}  // namespace garita::isolate::faults
