// What a plan needs to know of a certificate: who it says it is, until when, and where it may stand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::exchange {

struct FleetCertificate {
  std::string pem;              // of this one certificate
  std::string name;             // NAME of the subject "CN=NAME"; "" where the subject is anything else
  std::vector<std::string> as;  // mail addresses, hosts and URIs: a server may take them for its user
  int64_t from_utc_ns = 0, until_utc_ns = 0;
};

// The first certificate of a PEM text. "exchange.key_unusable" {what}.
base::Result<FleetCertificate> read_fleet_certificate(const std::string& pem, const std::string& what);

// May a server at that host show it? By its alternative names alone: clients of NATS ask for no other.
bool stands_for(const FleetCertificate& certificate, const std::string& host);

// Does one of the certificates of `trusted`, a PEM text, vouch for it? Dates aside.
bool is_vouched_for(const FleetCertificate& certificate, const std::string& trusted);

}  // namespace garita::exchange
