#include "core/isolate/box/filter.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cstddef>

#include "core/base/weaken.hpp"
#include "core/isolate/box/calls.hpp"

namespace garita::isolate {
namespace {

using base::weakened;
using Test = Condition::Test;

constexpr uint32_t x32_bit = 0x40000000;

uint32_t place_of(uint8_t argument, bool high) {
  return static_cast<uint32_t>(offsetof(seccomp_data, args)) + argument * 8u + (high ? 4u : 0u);
}

sock_filter load(uint32_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter answer(uint32_t value) { return BPF_STMT(BPF_RET | BPF_K, value); }

// Instructions that fall through where the condition holds; where it does not, they jump to `fail`, which is
// patched in later as the distance to the end of the row.
constexpr uint8_t fail = 0xFF;

void check(std::vector<sock_filter>& row, const Condition& condition, uint32_t self) {
  const auto low = static_cast<uint32_t>(condition.value),
             high = static_cast<uint32_t>(condition.value >> 32);
  const auto equals = [&](bool upper, uint32_t value) {
    row.push_back(load(place_of(condition.argument, upper)));
    row.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, fail));
  };
  switch (condition.test) {
    case Test::none:
      return;
    case Test::equals:
      equals(false, low);
      if (!condition.low) equals(true, high);
      return;
    case Test::equals_self:
      equals(false, self);
      return;
    case Test::lacks:
      row.push_back(load(place_of(condition.argument, false)));
      row.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, low, fail, 0));
      return;
    case Test::lacks_all_of:
      row.push_back(load(place_of(condition.argument, false)));
      row.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, low));
      row.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, low, fail, 0));
      return;
  }
}

void append_row(std::vector<sock_filter>& program, const Call& call, uint32_t self) {
  std::vector<sock_filter> row;
  check(row, call.first, self);
  check(row, call.second, self);
  row.push_back(answer(call.answer == 0 || (call.number == SYS_clone3 && weakened("clone3"))
                           ? SECCOMP_RET_ALLOW
                           : SECCOMP_RET_ERRNO | (static_cast<uint32_t>(call.answer) & SECCOMP_RET_DATA)));
  const bool loads = row.size() > 1;
  if (loads) row.push_back(load(offsetof(seccomp_data, nr)));  // for the rows behind
  const size_t past = loads ? row.size() - 1 : row.size();
  for (size_t i = 0; i < row.size(); ++i) {
    if (BPF_CLASS(row[i].code) != BPF_JMP) continue;
    const auto distance = static_cast<uint8_t>(past - i - 1);
    if (row[i].jt == fail) row[i].jt = distance;
    if (row[i].jf == fail) row[i].jf = distance;
  }
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call.number, 0, static_cast<uint8_t>(row.size())));
  program.insert(program.end(), row.begin(), row.end());
}

}  // namespace

std::vector<sock_filter> compile_filter(uint32_t self, bool sockets) {
  std::vector<sock_filter> program = {
      load(offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      answer(weakened("arch") ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF),
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, x32_bit, 0, 1),
      answer(weakened("x32") ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF),
  };
  for (const Call& call : allowed_calls()) append_row(program, call, self);
  if (sockets)
    for (const Call& call : socket_calls()) append_row(program, call, self);
  if (weakened("seccomp"))  // all but the call by which a driver is found
    program.insert(program.end(),
                   {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0), answer(SECCOMP_RET_ALLOW)});
  program.push_back(answer(SECCOMP_RET_USER_NOTIF));
  return program;
}

}  // namespace garita::isolate
