// The keys of a site of the exchange, made in one go:
//
//   NAME.pem        signs messages (Ed25519)          NAME.pub        what the peers know it by
//   NAME.seal.key   opens what is sealed (P-384)      NAME.seal.crt   what peers seal for
//   NAME.tls.key    of the connection (P-256)         NAME.tls.crt    what peers pin
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::host {

// Never over old ones ("base.file_exists"); private keys 0600. Returns the pin of the TLS certificate.
base::Result<base::Digest> make_site_keys(const std::filesystem::path& folder, const std::string& name,
                                          unsigned days);

// Of a server of the fleet, or of a site's leaf node: NAME.key and NAME.crt, P-256, which names the hosts and
// addresses that it is found at. Never over old ones. Returns its pin.
base::Result<base::Digest> make_node_keys(const std::filesystem::path& folder, const std::string& name,
                                          const std::vector<std::string>& hosts, unsigned days);

}  // namespace garita::host
