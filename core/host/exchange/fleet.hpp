// fleet.toml, read with the exchange.toml of each of its sites, and held against all of them:
//
//   schema = "garita.fleet/1"
//
//   [hub]
//   domain = "hub"                          # of JetStream
//   nations = ["mx", "us"]                  # an account each
//   [hub.servers.hub-1]                     # one, or three
//   host = "hub1.example.org"
//   store = "/var/lib/garita/nats"
//   store_gb = 2000
//   certificate = "keys/hub-1.tls.crt"
//
//   [sites.juarez]
//   file = "juarez/exchange.toml"
//   nation = "mx"
//   exchanges_with = ["paso"]
//   inbox_gb = 64
//   certificate = "keys/leaf-juarez.tls.crt"
//
// What else can be said, and what holds where it is not: core/host/proto, fleet.proto. Paths of certificates
// and of exchange.toml are taken from the folder of this file; the others lie on other machines.
#pragma once

#include <filesystem>

#include "core/base/text.hpp"
#include "core/exchange/fleet/render.hpp"
#include "core/host/site/config_reader.hpp"

namespace garita::host {

struct CheckedFleet {
  exchange::FleetPlan plan;
  std::vector<ConfigProblem> problems;  // in the order of the file, but those of no line first

  bool good() const { return problems.empty(); }
};

// Errors: the file cannot be read. `language`: of what is told about the sites' files.
base::Result<CheckedFleet> check_fleet(const std::filesystem::path& file, base::Language language,
                                       int64_t now_utc_ns);
// The same of a text whose paths are taken from `folder`. For tests and fuzzing.
CheckedFleet check_fleet_text(std::string_view toml, const std::filesystem::path& folder,
                              base::Language language, int64_t now_utc_ns);

// All files, or none: `folder` must not be there, or be empty ("base.file_exists").
base::Result<void> write_fleet(const exchange::RenderedFleet& rendered, const std::filesystem::path& folder);

}  // namespace garita::host
