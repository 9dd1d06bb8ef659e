#include "tests/isolate/faults/packets.hpp"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

namespace garita::isolate::faults {
namespace {

bool write_file(const char* path, const std::string& text) {
  std::ofstream file(path);
  return static_cast<bool>(file << text << std::flush);
}

// An ordinary user is allowed to in a user namespace of its own, as itself; what that gives it is given back.
bool leave_network() {
  if (unshare(CLONE_NEWNET) == 0) return true;
  const std::string user = std::to_string(geteuid()), group = std::to_string(getegid());
  return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", user + " " + user + " 1") &&
         write_file("/proc/self/gid_map", group + " " + group + " 1");
}

void drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  syscall(SYS_capset, &header, none);
}

sockaddr address(const char* text) {
  sockaddr_in own{};
  own.sin_family = AF_INET;
  inet_pton(AF_INET, text, &own.sin_addr);
  sockaddr plain;
  std::memcpy(&plain, &own, sizeof plain);
  return plain;
}

// Loopback up, with an address that is not of the loop, and the way to everywhere through it: what is sent is counted there,
// and nobody takes it.
bool lead_everything_out(int four, int six) {
  ifreq loop{};
  std::strcpy(loop.ifr_name, "lo");
  loop.ifr_flags = IFF_UP;
  if (ioctl(four, SIOCSIFFLAGS, &loop) != 0) return false;
  ifreq second{};
  std::strcpy(second.ifr_name, "lo:1");
  second.ifr_addr = address("192.0.2.1");
  if (ioctl(four, SIOCSIFADDR, &second) != 0) return false;
  char device[] = "lo";
  rtentry way{};
  way.rt_dst = way.rt_genmask = address("0.0.0.0");
  way.rt_dev = device;
  way.rt_flags = RTF_UP;
  if (ioctl(four, SIOCADDRT, &way) != 0) return false;
  in6_rtmsg way_of_six{};
  way_of_six.rtmsg_flags = RTF_UP;
  way_of_six.rtmsg_metric = 1;
  way_of_six.rtmsg_ifindex = static_cast<int>(if_nametoindex("lo"));
  return six < 0 || ioctl(six, SIOCADDRT, &way_of_six) == 0;  // a machine without IPv6 sends none
}

uint64_t frames() {
  std::ifstream devices("/proc/net/dev");
  std::string line;
  std::getline(devices, line), std::getline(devices, line);
  uint64_t sum = 0;
  while (std::getline(devices, line)) {
    std::istringstream words(line.substr(line.find(':') + 1));
    uint64_t value = 0;
    for (int column = 0; column < 10 && words >> value; ++column)
      if (column == 9) sum += value;  // packets sent
  }
  return sum;
}

// "Udp: InDatagrams NoPorts …" and below it "Udp: 3 0 …".
uint64_t of_protocols() {
  static const std::map<std::string, std::string> wanted = {{"Ip:", "OutRequests"}, {"Udp:", "OutDatagrams"},
                                                            {"Tcp:", "ActiveOpens"}, {"Icmp:", "OutMsgs"}};
  std::ifstream file("/proc/net/snmp");
  uint64_t sum = 0;
  for (std::string names, values; std::getline(file, names) && std::getline(file, values);) {
    std::istringstream keys(names), numbers(values);
    std::string protocol, key, number;
    keys >> protocol, numbers >> number;
    while (keys >> key && numbers >> number)
      if (const auto found = wanted.find(protocol); found != wanted.end() && found->second == key)
        sum += std::stoull(number);
  }
  std::ifstream six("/proc/net/snmp6");
  for (std::string key, number; six >> key >> number;)
    if (key == "Ip6OutRequests") sum += std::stoull(number);
  return sum;
}

}  // namespace

std::string enter_counted_network() {
  if (!leave_network()) return std::strerror(errno);
  const int four = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), six = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool done = four >= 0 && lead_everything_out(four, six);
  const std::string why = done ? "" : std::strerror(errno);
  for (const int each : {four, six})
    if (each >= 0) close(each);
  if (geteuid() != 0) drop_capabilities();
  return why;
}

uint64_t packets_sent() { return frames() + of_protocols(); }

}  // namespace garita::isolate::faults
