// What a stream's address grants beside the way there: how much, how fast, and how long a silence.
//
//   tcp://scanner:7001?max_bytes=20GB&max_rate=200MB&idle=30s&alive=10s
//     max_bytes  both ways, over all openings; beyond it the stream ends with HOST_LIMIT, and opens no more
//     max_rate   bytes a second, both ways; more than a second's worth at once ends the stream with HOST_LIMIT
//     idle       a device that says nothing for so long, though it is listened to, is lost: DEVICE_LOST
//     alive      of tcp and tls: a peer that the network no longer reaches is lost after so long (default 25s)
//   tls://scanner:7443?ca=FILE&pin=sha256:HEX&name=HOST&cert=FILE&key=FILE
//     ca    who vouches for the scanner: certificates in PEM, or `system`; its name must be HOST, by default the address's
//     pin   SHA-256 of the scanner's own certificate (DER): exactly this one, also where it has expired or signed itself.
//           One of ca and pin must be there; where both are, both must hold.
//     cert, key   this side's certificate (with its chain) and key, in PEM
//   replay:session.rec?stream=NAME&chunk_bytes=N
//     stream       the recorded stream, where its name is another
//     chunk_bytes  no read gives more
//
// Sizes: a whole number and B, kB, MB, GB (1000s) or KiB, MiB, GiB. Times: a whole number and ms, s, min or h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/broker/address.hpp"

namespace garita::broker {

struct TlsGrant {
  std::string ca, name, cert, key;
  std::optional<base::Digest> pin;
};

struct Grant {
  uint64_t max_bytes = UINT64_MAX;
  uint64_t max_rate = UINT64_MAX;  // bytes a second
  uint64_t idle_ns = 0;            // 0: a silence is no loss
  uint64_t alive_ns = 25'000'000'000;
  std::string stream;              // of replay; empty: the same name
  uint64_t chunk_bytes = UINT64_MAX;
  TlsGrant tls;

  // "broker.tls_trust" {address}: neither ca nor pin. "broker.stream_option" {address, option, given, wanted}: Outcome::usage. Options that a kind's own code reads are
  // passed over: those of serial and dir.
  static base::Result<Grant> parse(const Address& address);
};

std::optional<uint64_t> parse_size_bytes(std::string_view text);
std::optional<uint64_t> parse_duration_ns(std::string_view text);

}  // namespace garita::broker
