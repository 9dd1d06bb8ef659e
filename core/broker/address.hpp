// Where a stream comes from, as a site's configuration writes it.
//
//   tcp://scanner.lane3:7001      tcp://[fe80::1%eth0]:7001      scheme://host:port[?key=value&key=value]
//   file:/var/spool/scan.bin      file:recorded scan.bin         scheme:path[?key=value&key=value]
//   file:///var/spool/scan.bin    the same path, as URLs write it
//
// The parser knows no kinds: a new kind of stream needs no change here. A '?' begins options only where all
// that follows reads as key=value pairs; else it belongs to the path.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace garita::broker {

struct Address {
  std::string scheme;  // lower case: "tcp", "file", …
  std::string host;    // name or number, without brackets; empty for scheme:path
  uint16_t port = 0;   // 1 … 65535 where there is a host
  std::string path;    // of scheme:path
  std::map<std::string, std::string> options;
  std::string text;  // as it was written: for messages and records

  // Errors: broker.address_* {address}, Outcome::usage. At most 4096 bytes, no control characters.
  static base::Result<Address> parse(std::string_view text);
};

}  // namespace garita::broker
