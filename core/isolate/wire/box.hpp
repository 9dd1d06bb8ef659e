// Boxes, and what host and worker say to each other about entering one, over a socket of their own:
//
//   host    BoxOrder ------------------------------> worker     sent before the worker is started
//   host    <----- BoxReport, listener (SCM_RIGHTS) -- worker   its last word there; then both ends are
//   closed
//
// A report may also come from the init (of a step before exec). No report and a closed socket: the worker
// died.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace garita::isolate {

// B0 a process; B1 Landlock, seccomp with notification, limits; B2 namespaces and an empty root as well; B3 a
// cgroup too.
enum class Box : uint8_t { B0, B1, B2, B3 };

inline constexpr std::array<const char*, 4> box_names = {"B0", "B1", "B2", "B3"};
inline const char* name_of(Box box) { return box_names[static_cast<size_t>(box)]; }
inline std::optional<Box> box_of(std::string_view name) {
  for (size_t i = 0; i < box_names.size(); ++i)
    if (name == box_names[i]) return static_cast<Box>(i);
  return std::nullopt;
}

// What can be missing, in the order in which it is asked for.
enum class BoxStep : uint32_t {
  entered,
  cgroup,
  namespaces,
  identity,
  order,
  root,
  privileges,
  landlock,
  limits,
  seccomp
};

inline constexpr uint32_t box_magic = 0x584F4247;
inline constexpr int box_socket_fd =
    1000;  // above every number that a boxed process can ever get (max_open_files)
inline constexpr uint32_t max_open_files = 256;

inline constexpr const char* boxed_folder = "/driver/";  // where a driver's listed files are found in a box

struct BoxOrder {
  uint32_t magic = box_magic;
  uint32_t box = 0;
  uint64_t data_bytes = 0;     // RLIMIT_DATA
  uint64_t address_bytes = 0;  // RLIMIT_AS
  uint64_t memory_bytes = 0;   // of the control group
  uint32_t threads = 0;        // in all, the worker's own and the init included
  uint32_t sockets = 0;        // 1: granted connects, so that the calls of connected sockets are let through
};

struct BoxReport {
  uint32_t magic = box_magic;
  uint32_t step = 0;  // BoxStep; entered: the listener comes along
  int32_t error = 0;  // errno of the step that failed
  uint32_t landlock_abi = 0;
};

}  // namespace garita::isolate
