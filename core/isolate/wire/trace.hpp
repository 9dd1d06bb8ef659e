// What a dying worker leaves for its driver's vendor, in the shared region behind the mailboxes: written by the worker, in a
// signal handler too, and so never believed: the host copies it once and checks every number (crash.cpp).
//
//   Trace    u32 state, signal, code, thread; u64 address; u32 counts; frames, modules
//
// A frame is an address: the first where the signal struck, each other one byte before where its caller goes on, so that it
// lies in the call. A module says where a file is mapped; address - base is what nm and addr2line call it.
#pragma once

#include <atomic>
#include <cstdint>

namespace garita::isolate {

inline constexpr uint32_t max_frames = 64, max_modules = 24;
inline constexpr uint32_t max_module_name_bytes = 92, max_build_id_bytes = 32;

struct TraceModule {
  uint64_t base, begin, end;
  uint32_t build_id_bytes;
  uint8_t build_id[max_build_id_bytes];
  char name[max_module_name_bytes];  // as the dynamic linker knows it; ends with NUL, cut
};

struct Trace {
  enum State : uint32_t { nothing, begun, whole };
  std::atomic<uint32_t> state;
  int32_t signal, code;
  uint32_t thread;  // in the worker's own counting
  uint64_t address;
  uint32_t frame_count, module_count;
  uint64_t frames[max_frames];
  TraceModule modules[max_modules];
};

inline constexpr uint64_t trace_bytes = 8192;
static_assert(sizeof(Trace) <= trace_bytes);

inline constexpr int ask_for_trace = 3;  // SIGQUIT: where are you? Asked of a driver that hangs

}  // namespace garita::isolate
