#include "core/broker/lookup.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

namespace garita::broker {
namespace {

namespace ip = boost::asio::ip;

constexpr size_t max_addresses = 16;

ip::address from_system(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return ip::address_v4(ntohl(v4->sin_addr.s_addr));
  }
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
  ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6->sin6_addr, bytes.size());
  return ip::address_v6(bytes, v6->sin6_scope_id);
}

std::vector<ip::address> ask_system(const std::string& host, std::string& failure) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;  // one entry an address, not one a protocol
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (code != 0) {
    failure = ::gai_strerror(code);
    return {};
  }
  std::vector<ip::address> addresses;
  for (const addrinfo* each = found; each && addresses.size() < max_addresses; each = each->ai_next)
    if (each->ai_family == AF_INET || each->ai_family == AF_INET6)
      addresses.push_back(from_system(each->ai_addr));
  ::freeaddrinfo(found);
  if (addresses.empty()) failure = ::gai_strerror(EAI_NONAME);
  return addresses;
}

}  // namespace

std::shared_ptr<Lookup> start_lookup(const std::string& host, std::shared_ptr<Signal> signal) {
  auto lookup = std::make_shared<Lookup>();
  boost::system::error_code not_a_number;
  const ip::address number = ip::make_address(host, not_a_number);
  if (!not_a_number) {
    lookup->addresses.push_back(number);
    lookup->done = true;
    return lookup;
  }
  std::thread([host, lookup, signal = std::move(signal)] {
    std::string failure;
    auto addresses = ask_system(host, failure);
    const auto lock = signal->lock();
    lookup->addresses = std::move(addresses);
    lookup->failure = std::move(failure);
    lookup->done = true;
    signal->ring();
  }).detach();
  return lookup;
}

}  // namespace garita::broker
