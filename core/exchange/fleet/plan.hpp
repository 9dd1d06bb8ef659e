// A fleet: which sites exchange with which, over which NATS servers. Values alone; fleet.toml is read by
// core/host/exchange, and nothing of it is believed before check_fleet().
//
//   site's program --- leaf node of the site === hub (1 or 3 servers) === leaf node --- the peer's program
//
// A nation is an account of the hub. The stream from A to B lies in the account of B's nation, which exports
// "garita.A.B.>" to that of A's: a sender can say things there and ask nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/exchange/fleet/certificate.hpp"

namespace garita::exchange {

struct FleetCertificateFile {
  std::string path;
  std::optional<FleetCertificate> read;  // nullopt: there is none, or no certificate in it
};

struct FleetServer {
  std::string name, host;  // host: as the leaf nodes and the other servers find it
  std::string bind;        // where it listens: an address of its machine
  std::string folder;      // on its machine: of its configuration, certificates and key
  std::string store;       // on its machine: of the streams
  uint64_t store_gb = 0;   // GiB, all that the streams may take there
  uint16_t client_port = 0, leaf_port = 0, cluster_port = 0;
  FleetCertificateFile certificate;
};

// What a site's own exchange.toml says of one peer, with what holds where it says nothing.
struct FleetPeer {
  std::string way, receipts;
  uint32_t inbox_gb = 0, replicas = 0;
};

struct FleetSite {
  std::string name, nation;
  std::vector<std::string> exchanges_with;
  uint32_t inbox_gb = 0;  // GiB that may lie at the hub for it, from each partner
  // Its leaf node: where the site's program finds it, and its folder there.
  std::string leaf_host, folder;
  uint16_t leaf_port = 0;
  FleetCertificateFile certificate;  // of the leaf node

  // Of its exchange.toml.
  std::string file, said_name;
  std::string file_mistake;  // why nothing of it was read, a sentence; "" where it was
  std::map<std::string, FleetPeer> peers;
  FleetCertificateFile program_certificate;
  std::string trusted;  // PEM: whom its program believes to be the leaf node
};

struct FleetPlan {
  std::string domain;  // of JetStream
  std::vector<std::string> nations;
  std::vector<FleetServer> servers;
  std::vector<FleetSite> sites;

  // On so many servers lies each message.
  uint32_t replicas() const { return servers.size() >= 3 ? 3 : 1; }
  const FleetSite* site(const std::string& name) const {
    for (const FleetSite& site : sites)
      if (site.name == name) return &site;
    return nullptr;
  }
};

}  // namespace garita::exchange
