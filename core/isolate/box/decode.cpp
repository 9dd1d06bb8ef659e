#include "core/isolate/box/decode.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "core/base/text.hpp"
#include "core/isolate/box/call_names.hpp"

namespace garita::isolate {
namespace {

constexpr uint32_t x32_bit = 0x40000000;
constexpr const char* unreadable = "?";

// How the arguments of a call are to be read.
enum class Form : uint8_t {
  raw,
  path,
  path_at,
  two_paths,
  two_paths_at,
  open,
  open_at,
  open_at2,
  socket,
  address,
  message,
  send,
  clone,
  process,
  number
};

struct Meaning {
  uint32_t call;
  AttemptClass kind;
  Form form;
  uint8_t place = 0;  // of the path, address or process
};

constexpr AttemptClass net = AttemptClass::net, exec = AttemptClass::exec, trace = AttemptClass::ptrace,
                       writes = AttemptClass::write, reads = AttemptClass::read;

constexpr Meaning meanings[] = {
    {SYS_socket, net, Form::socket},
    {SYS_socketpair, net, Form::socket},
    {SYS_connect, net, Form::address, 1},
    {SYS_bind, net, Form::address, 1},
    {SYS_sendto, net, Form::send, 4},
    {SYS_sendmsg, net, Form::message, 1},
    {SYS_sendmmsg, net, Form::message, 1},
    {SYS_listen, net, Form::raw},
    {SYS_accept, net, Form::raw},
    {SYS_accept4, net, Form::raw},
    {SYS_recvfrom, net, Form::raw},
    {SYS_recvmsg, net, Form::raw},
    {SYS_recvmmsg, net, Form::raw},
    {SYS_shutdown, net, Form::raw},
    {SYS_setsockopt, net, Form::raw},
    {SYS_getsockopt, net, Form::raw},
    {SYS_getsockname, net, Form::raw},
    {SYS_getpeername, net, Form::raw},
    {SYS_execve, exec, Form::path, 0},
    {SYS_execveat, exec, Form::path_at, 1},
    {SYS_fork, exec, Form::raw},
    {SYS_vfork, exec, Form::raw},
    {SYS_clone, exec, Form::clone},
    {SYS_unshare, exec, Form::number},
    {SYS_setns, exec, Form::number},
    {SYS_ptrace, trace, Form::process, 1},
    {SYS_process_vm_readv, trace, Form::process, 0},
    {SYS_process_vm_writev, trace, Form::process, 0},
    {SYS_process_madvise, trace, Form::raw},
    {SYS_pidfd_open, trace, Form::process, 0},
    {SYS_pidfd_getfd, trace, Form::raw},
    {SYS_pidfd_send_signal, trace, Form::raw},
    {SYS_kcmp, trace, Form::process, 0},
    {SYS_kill, trace, Form::process, 0},
    {SYS_tkill, trace, Form::process, 0},
    {SYS_tgkill, trace, Form::process, 0},
    {SYS_open, reads, Form::open, 0},
    {SYS_openat, reads, Form::open_at, 1},
    {SYS_openat2, reads, Form::open_at2, 1},
    {SYS_creat, writes, Form::path, 0},
    {SYS_stat, reads, Form::path, 0},
    {SYS_lstat, reads, Form::path, 0},
    {SYS_newfstatat, reads, Form::path_at, 1},
    {SYS_statx, reads, Form::path_at, 1},
    {SYS_access, reads, Form::path, 0},
    {SYS_faccessat, reads, Form::path_at, 1},
    {SYS_faccessat2, reads, Form::path_at, 1},
    {SYS_readlink, reads, Form::path, 0},
    {SYS_readlinkat, reads, Form::path_at, 1},
    {SYS_statfs, reads, Form::path, 0},
    {SYS_chdir, reads, Form::path, 0},
    {SYS_getxattr, reads, Form::path, 0},
    {SYS_lgetxattr, reads, Form::path, 0},
    {SYS_listxattr, reads, Form::path, 0},
    {SYS_name_to_handle_at, reads, Form::path_at, 1},
    {SYS_inotify_add_watch, reads, Form::path, 1},
    {SYS_open_by_handle_at, reads, Form::raw},
    {SYS_mkdir, writes, Form::path, 0},
    {SYS_mkdirat, writes, Form::path_at, 1},
    {SYS_rmdir, writes, Form::path, 0},
    {SYS_unlink, writes, Form::path, 0},
    {SYS_unlinkat, writes, Form::path_at, 1},
    {SYS_rename, writes, Form::two_paths},
    {SYS_renameat, writes, Form::two_paths_at},
    {SYS_renameat2, writes, Form::two_paths_at},
    {SYS_link, writes, Form::two_paths},
    {SYS_linkat, writes, Form::two_paths_at},
    {SYS_symlink, writes, Form::two_paths},
    {SYS_symlinkat, writes, Form::path_at, 2},
    {SYS_mknod, writes, Form::path, 0},
    {SYS_mknodat, writes, Form::path_at, 1},
    {SYS_chmod, writes, Form::path, 0},
    {SYS_fchmodat, writes, Form::path_at, 1},
    {SYS_chown, writes, Form::path, 0},
    {SYS_lchown, writes, Form::path, 0},
    {SYS_fchownat, writes, Form::path_at, 1},
    {SYS_truncate, writes, Form::path, 0},
    {SYS_utimensat, writes, Form::path_at, 1},
    {SYS_setxattr, writes, Form::path, 0},
    {SYS_mount, writes, Form::path, 1},
    {SYS_umount2, writes, Form::path, 0},
    {SYS_chroot, writes, Form::path, 0},
    {SYS_pivot_root, writes, Form::two_paths},
    {SYS_memfd_create, AttemptClass::kernel, Form::path, 0},
};

template <typename T>
bool read_value(const TargetMemory& memory, uint64_t address, T& value) {
  return address != 0 && memory.read(address, std::as_writable_bytes(std::span(&value, 1))) == sizeof value;
}

// A text that ends in NUL; false: it does not, or cannot be read.
bool read_text(const TargetMemory& memory, uint64_t address, std::string& text) {
  std::array<char, max_decoded_path> buffer;
  const size_t size = address == 0 ? 0 : memory.read(address, std::as_writable_bytes(std::span(buffer)));
  const size_t length = strnlen(buffer.data(), size);
  if (length == size) return false;
  text.assign(buffer.data(), length);
  return true;
}

std::string endpoint(const char* host, uint16_t port, bool six) {
  return (six ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(ntohs(port));
}

std::string family_name(int family) {
  switch (family) {
    case AF_UNIX:
      return "AF_UNIX";
    case AF_INET:
      return "AF_INET";
    case AF_INET6:
      return "AF_INET6";
    case AF_NETLINK:
      return "AF_NETLINK";
    case AF_PACKET:
      return "AF_PACKET";
    case AF_VSOCK:
      return "AF_VSOCK";
    default:
      return "family " + std::to_string(family);
  }
}

std::string address_text(const TargetMemory& memory, uint64_t address, uint64_t size) {
  sockaddr_storage raw{};
  const size_t wanted = std::min<uint64_t>(size & 0xFFFFFFFF, sizeof raw);
  if (address == 0 || wanted < sizeof raw.ss_family) return unreadable;
  const size_t got = memory.read(address, std::as_writable_bytes(std::span(&raw, 1)).first(wanted));
  if (got < sizeof raw.ss_family) return unreadable;
  char host[INET6_ADDRSTRLEN] = {};
  switch (raw.ss_family) {
    case AF_INET: {
      sockaddr_in own{};
      std::memcpy(&own, &raw, sizeof own);
      return endpoint(inet_ntop(AF_INET, &own.sin_addr, host, sizeof host), own.sin_port, false);
    }
    case AF_INET6: {
      sockaddr_in6 own{};
      std::memcpy(&own, &raw, sizeof own);
      return endpoint(inet_ntop(AF_INET6, &own.sin6_addr, host, sizeof host), own.sin6_port, true);
    }
    case AF_UNIX: {
      sockaddr_un own{};
      std::memcpy(&own, &raw, std::min(got, sizeof own));
      if (got <= offsetof(sockaddr_un, sun_path)) return "unix:";
      const size_t room = std::min(got - offsetof(sockaddr_un, sun_path), sizeof own.sun_path);
      if (own.sun_path[0] == '\0') return "unix:@" + std::string(own.sun_path + 1, strnlen(own.sun_path + 1, room - 1));
      return "unix:" + std::string(own.sun_path, strnlen(own.sun_path, room));
    }
    default:
      return family_name(raw.ss_family);
  }
}

// The name that a DNS question asks for; empty where this is none.
std::string question_name(std::span<const unsigned char> packet) {
  std::string name;
  size_t at = 12;
  if (packet.size() < 17 || packet[4] != 0 || packet[5] == 0) return "";
  while (at < packet.size() && packet[at] != 0) {
    const size_t length = packet[at++];
    if (length > 63 || length > packet.size() - at || name.size() > 253) return "";
    for (size_t i = 0; i < length; ++i)
      if (packet[at + i] <= 0x20 || packet[at + i] >= 0x7F) return "";
    name.append(name.empty() ? "" : ".").append(reinterpret_cast<const char*>(&packet[at]), length);
    at += length;
  }
  return at < packet.size() ? name : "";
}

std::string sent_text(const TargetMemory& memory, uint64_t data, uint64_t size) {
  std::array<unsigned char, 512> packet;
  const auto wanted = std::span(packet).first(std::min<uint64_t>(size, packet.size()));
  const size_t got = data == 0 ? 0 : memory.read(data, std::as_writable_bytes(wanted));
  const std::string name = question_name(std::span(packet).first(got));
  return name.empty() ? std::to_string(size) + " bytes" : "DNS " + name;
}

std::string message_text(const TargetMemory& memory, uint64_t address) {
  msghdr header{};
  if (!read_value(memory, address, header)) return unreadable;
  iovec part{};
  const bool has_part =
      header.msg_iovlen > 0 && read_value(memory, reinterpret_cast<uint64_t>(header.msg_iov), part);
  std::string text =
      has_part ? sent_text(memory, reinterpret_cast<uint64_t>(part.iov_base), part.iov_len) : "";
  if (header.msg_name != nullptr)
    text = address_text(memory, reinterpret_cast<uint64_t>(header.msg_name), header.msg_namelen) + " " + text;
  return text;
}

std::string clone_text(uint64_t flags) {
  static constexpr std::pair<uint64_t, const char*> names[] = {
      {CLONE_NEWUSER, "NEWUSER"}, {CLONE_NEWNET, "NEWNET"}, {CLONE_NEWNS, "NEWNS"},
      {CLONE_NEWPID, "NEWPID"},   {CLONE_NEWIPC, "NEWIPC"}, {CLONE_NEWUTS, "NEWUTS"},
      {CLONE_THREAD, "THREAD"},   {CLONE_VM, "VM"},         {CLONE_VFORK, "VFORK"}};
  std::string text;
  for (const auto& [bit, name] : names)
    if ((flags & bit) != 0) text += (text.empty() ? "" : "|") + std::string(name);
  return text.empty() ? "a new process" : "a new process (" + text + ")";
}

std::string socket_text(const seccomp_data& call, Decoded& decoded) {
  const int kind = static_cast<int>(call.args[1]) & 0xF;
  if (call.nr == SYS_socket && (kind == SOCK_STREAM || kind == SOCK_DGRAM || kind == SOCK_SEQPACKET))
    decoded.socket_type = static_cast<int>(call.args[1]) & (0xF | SOCK_NONBLOCK | SOCK_CLOEXEC);
  decoded.socket_family = static_cast<int>(call.args[0]);
  static constexpr const char* kinds[] = {"", "stream", "datagram", "raw"};
  return family_name(static_cast<int>(call.args[0])) + " " +
         (kind < 4 ? kinds[kind] : ("type " + std::to_string(kind)).c_str());
}

// Lexically: nothing here is ever followed.
std::string plain_path(const std::string& path) {
  return !path.empty() && path[0] == '/' ? std::filesystem::path(path).lexically_normal().string() : path;
}

bool wants_to_write(uint64_t flags) {
  return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC | O_APPEND)) != 0 ||
         (flags & O_TMPFILE) == O_TMPFILE;
}

void decode_path(const seccomp_data& call, const TargetMemory& memory, const Meaning& meaning,
                 uint64_t open_flags, Decoded& decoded) {
  std::string path;
  const bool readable = read_text(memory, call.args[meaning.place], path);
  decoded.target = readable ? path : unreadable;
  if (readable && !path.empty()) decoded.path = plain_path(path);
  const bool opening =
      meaning.form == Form::open || meaning.form == Form::open_at || meaning.form == Form::open_at2;
  if (opening && wants_to_write(open_flags)) decoded.kind = writes;
  decoded.opening = opening;
  if (call.nr == SYS_stat || call.nr == SYS_lstat) decoded.stat_out = call.args[1];
  if (call.nr == SYS_newfstatat) decoded.stat_out = call.args[2];
  if (call.nr == SYS_statx) decoded.statx_out = call.args[4];
  decoded.opens = opening && decoded.kind == reads;
  decoded.looks = !opening && decoded.kind == reads;
}

uint64_t open_flags(const seccomp_data& call, const TargetMemory& memory, Form form) {
  if (form == Form::open) return call.args[1];
  if (form == Form::open_at) return call.args[2];
  uint64_t flags = 0;
  return read_value(memory, call.args[2], flags) ? flags : O_RDWR;
}

std::string hex(uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

void decode_known(const seccomp_data& call, const TargetMemory& memory, const Meaning& meaning,
                  Decoded& decoded) {
  const auto& arguments = call.args;
  switch (meaning.form) {
    case Form::raw:
      return;
    case Form::number:
      decoded.target = hex(arguments[0]);
      return;
    case Form::clone:
      decoded.target = clone_text(arguments[0]);
      return;
    case Form::process:
      decoded.target = "process " + std::to_string(static_cast<int>(arguments[meaning.place]));
      return;
    case Form::socket:
      decoded.target = socket_text(call, decoded);
      return;
    case Form::address:
      decoded.target = address_text(memory, arguments[1], arguments[2]);
      return;
    case Form::message:
      decoded.target = message_text(memory, arguments[1]);
      return;
    case Form::send:
      decoded.target = (arguments[4] != 0 ? address_text(memory, arguments[4], arguments[5]) + " " : "") +
                       sent_text(memory, arguments[1], arguments[2]);
      return;
    case Form::two_paths:
    case Form::two_paths_at: {
      std::string from = unreadable, to = unreadable;
      const bool at = meaning.form == Form::two_paths_at;
      (void)read_text(memory, arguments[at ? 1 : 0], from);
      (void)read_text(memory, arguments[at ? 3 : 1], to);
      decoded.target = from + " -> " + to;
      return;
    }
    default:
      decode_path(call, memory, meaning, open_flags(call, memory, meaning.form), decoded);
  }
}

}  // namespace

Decoded decode_call(const seccomp_data& call, const TargetMemory& memory) {
  Decoded decoded;
  const auto number = static_cast<uint32_t>(call.nr);
  if (call.arch != AUDIT_ARCH_X86_64) {
    decoded.call = "32-bit call " + std::to_string(number);
    return decoded;
  }
  if ((number & x32_bit) != 0 && number != UINT32_MAX) {
    decoded.call = "x32 call " + std::to_string(number & ~x32_bit);
    return decoded;
  }
  const char* const name = call_name(number);
  decoded.call = name ? name : "call " + std::to_string(static_cast<int>(number));
  if (number == SYS_connect) decoded.descriptor = static_cast<int>(call.args[0]);
  if (number == SYS_getsockopt) decoded.value_out = call.args[3], decoded.value_size_out = call.args[4];
  if (number == SYS_getsockname || number == SYS_getpeername)
    decoded.value_out = call.args[1], decoded.value_size_out = call.args[2];
  const auto known = std::find_if(std::begin(meanings), std::end(meanings),
                                  [&](const Meaning& m) { return m.call == number; });
  if (known != std::end(meanings)) {
    decoded.kind = known->kind;
    decode_known(call, memory, *known, decoded);
  }
  decoded.target = base::printable(decoded.target, max_target_bytes);
  return decoded;
}

}  // namespace garita::isolate
