#include "core/isolate/worker/last_words.hpp"

#include <elf.h>
#include <link.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <csignal>
#include <cstring>

namespace garita::isolate {
namespace {

constexpr int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

Trace* trace_of_all = nullptr;
pid_t main_thread = 0;
alignas(64) char own_stack[64 * 1024];  // a driver's own may be what ran over

uintptr_t struck_at(void* context) {
#if defined(__x86_64__)
  return static_cast<uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#else
  (void)context;
  return 0;
#endif
}

// The frames of the handler come first: those before the one that was struck are left out.
struct Walk {
  uintptr_t struck = 0;
  bool there = false;
};

_Unwind_Reason_Code on_frame(_Unwind_Context* context, void* given) {
  Walk& walk = *static_cast<Walk*>(given);
  int before = 0;
  const uintptr_t address = _Unwind_GetIPInfo(context, &before);
  if (address == walk.struck && !walk.there) {  // noted already
    walk.there = true;
    return _URC_NO_REASON;
  }
  if (!walk.there) return _URC_NO_REASON;
  Trace& trace = *trace_of_all;
  if (address == 0 || trace.frame_count >= max_frames) return _URC_END_OF_STACK;
  trace.frames[trace.frame_count] = address - (before ? 0 : 1);
  ++trace.frame_count;  // one after the other: the walk itself may die
  return _URC_NO_REASON;
}

_Unwind_Reason_Code on_first_frame(_Unwind_Context*, void*) { return _URC_END_OF_STACK; }

void on_death(int number, siginfo_t* info, void* context) {
  // Asked of the process, meant for the thread that the driver is called on; where that does not listen, nobody answers.
  const auto thread = static_cast<pid_t>(syscall(SYS_gettid));
  if (number == ask_for_trace && thread != main_thread) return;
  Trace& trace = *trace_of_all;
  uint32_t none = Trace::nothing;
  const bool first = trace.state.compare_exchange_strong(none, Trace::begun);
  if (first) {
    Walk walk{struck_at(context), false};
    trace.signal = number;
    trace.code = info->si_code;
    trace.thread = static_cast<uint32_t>(thread);
    trace.address = info->si_code > 0 ? reinterpret_cast<uint64_t>(info->si_addr) : 0;
    trace.frames[0] = walk.struck;
    trace.frame_count = 1;
    // In a constructor nobody has looked yet; on the thread that loads the list can be walked.
    if (trace.module_count == 0 && thread == main_thread) note_modules(trace);
    _Unwind_Backtrace(on_frame, &walk);
    trace.state.store(Trace::whole, std::memory_order_release);
  }
  if (number == ask_for_trace) {
    trace.state.store(Trace::whole, std::memory_order_release);
    return;
  }
  // By default from here on, and on return: a signal that somebody sent does not strike again by itself.
  syscall(SYS_tgkill, getpid(), thread, number);
}

void note_build_id(const dl_phdr_info& info, const ElfW(Phdr) & header, TraceModule& module) {
  constexpr uint64_t max_notes = 1u << 16;
  const char* at = reinterpret_cast<const char*>(info.dlpi_addr + header.p_vaddr);
  const char* const end = at + std::min<uint64_t>(header.p_memsz, max_notes);
  while (static_cast<size_t>(end - at) >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    std::memcpy(&note, at, sizeof note);
    const uint64_t name = (uint64_t{note.n_namesz} + 3) / 4 * 4, size = (uint64_t{note.n_descsz} + 3) / 4 * 4;
    if (name + size > static_cast<uint64_t>(end - at) - sizeof note) return;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(at + sizeof note, "GNU", 4) == 0) {
      module.build_id_bytes = std::min(note.n_descsz, max_build_id_bytes);
      std::memcpy(module.build_id, at + sizeof note + name, module.build_id_bytes);
      return;
    }
    at += sizeof note + name + size;
  }
}

int on_module(dl_phdr_info* info, size_t, void* given) {
  Trace& trace = *static_cast<Trace*>(given);
  if (trace.module_count >= max_modules) return 1;
  TraceModule& module = trace.modules[trace.module_count];
  module = {};
  module.base = info->dlpi_addr;
  module.begin = UINT64_MAX;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info->dlpi_phdr[i];
    if (header.p_type == PT_NOTE && module.build_id_bytes == 0) note_build_id(*info, header, module);
    if (header.p_type != PT_LOAD) continue;
    module.begin = std::min<uint64_t>(module.begin, info->dlpi_addr + header.p_vaddr);
    module.end = std::max<uint64_t>(module.end, info->dlpi_addr + header.p_vaddr + header.p_memsz);
  }
  strncpy(module.name, info->dlpi_name, sizeof module.name - 1);
  ++trace.module_count;
  return 0;
}

}  // namespace

void note_modules(Trace& trace) {
  trace.module_count = 0;
  dl_iterate_phdr(on_module, &trace);
}

void leave_last_words_in(Trace& trace) {
  trace_of_all = &trace;
  main_thread = static_cast<pid_t>(syscall(SYS_gettid));
  _Unwind_Backtrace(on_first_frame, nullptr);  // what the first call resolves is resolved
  stack_t stack{};
  stack.ss_sp = own_stack;
  stack.ss_size = sizeof own_stack;
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_sigaction = on_death;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
  for (const int number : deadly) sigaction(number, &action, nullptr);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  sigaction(ask_for_trace, &action, nullptr);
}

}  // namespace garita::isolate
