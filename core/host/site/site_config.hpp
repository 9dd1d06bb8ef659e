// A site's configuration, site.toml: read, held against its descriptor (proto/garita/config/site.proto),
// against the manifests of the drivers that it names, and against this machine; then made into a plan that
// can be run.
//
//   schema = "garita.site/1"
//   [site]       name, kind, country, locode, cbp_port, aduana, aduana_section, time_zone   (as the record
//                has them)
//   [policy]     box = "B2", keep_incomplete = true, at_rest = "required", trust = "open", retention = { days = 365 }
//   [policy.certified]   where trust = "certified": roles = ["mx", "us"], level = 2, profiles = ["dual_energy"],
//                        grace_hours = 72, pilot = false
//   [metrics]    listen = "127.0.0.1:9464"
//   [lanes.north]                    direction, subject, pairing = { window_ms, wait_ms }
//   [lanes.north.devices.portal]     driver, model, instance, position_m
//   sources = { scanner = "tcp://…" }
//   config = { silence_ms = 10000 }
//
// Paths of dir:, file:, replay: addresses that are not absolute begin at the folder of site.toml.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/broker/broker.hpp"
#include "core/host/services.hpp"
#include "core/host/site/config_reader.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/load/manifest.hpp"
#include "core/trust/admit.hpp"
#include "garita/v1/identity.pb.h"
#include "garita/v1/provenance.pb.h"
#include "garita/v1/site.pb.h"

namespace garita::host {

struct DevicePlan {
  std::string lane, name;  // "north", "portal"
  std::string model, instance;
  load::Manifest manifest;
  broker::Broker::Sources sources;
  Configuration configuration;
  std::optional<double> position_m;  // along the travel
  base::Digest fingerprint{};  // of all that its runs depend on: another one, another run

  std::string label() const { return lane + '.' + name; }
};

struct PairingPlan {
  bool enabled = false;
  uint64_t window_ms = 10'000, wait_ms = 10'000;
};

struct LanePlan {
  std::string name;
  v1::Identity::Direction direction = v1::Identity::DIRECTION_UNSPECIFIED;
  v1::Identity::Subject subject = v1::Identity::SUBJECT_UNSPECIFIED;
  PairingPlan pairing;
  std::vector<DevicePlan> devices;  // sorted by name
};

struct RetentionPlan {
  uint32_t days = 0, alarm_days = 0, max_gb = 0;  // 0: no limit
};

struct SitePlan {
  v1::Site site;
  isolate::Box box = isolate::Box::B1;  // the least
  bool keep_incomplete = true;
  bool at_rest_required = false;  // state and packages lie on an encrypted volume, or nothing runs
  v1::Provenance::Keep keep = v1::Provenance::KEEP_CANONICAL;
  RetentionPlan retention;
  trust::Policy trust;
  std::string metrics_host;  // a number; empty: no metrics
  uint16_t metrics_port = 0;
  std::vector<LanePlan> lanes;  // sorted by name
  base::Digest digest{};        // of the file

  size_t devices() const;
};

struct CheckedSite {
  SitePlan plan;                        // to be run only where good()
  std::vector<ConfigProblem> problems;  // in the order of the file
  bool good() const;                    // warnings at most
};

// Where drivers are looked for: `installed` first (a site's own store; may be missing), then the search path.
struct DriverFolders {
  std::filesystem::path installed;
  std::vector<std::filesystem::path> search_path;
};

// Errors: base.file_* where the file cannot be read; all else is a problem. Opens no device and loads no
// code. Problems beside those of read_config, the manifests' and grants': config.missing {key}, config.schema
// {given, wanted}, config.no_lanes, config.no_devices {key}, config.trust_open,
// config.trust_roles, config.trust_role {given}, config.unknown_model
// {driver, given, known}, config.wrong_kind {stream, driver, given, wanted}, config.doubled_address {address,
// other}, config.doubled_instance {given, other}, config.held_strips {driver, wanted, limit},
// config.metrics_listen {given}; as warnings config.memory {needed_mb, there_mb}, config.no_folder {path}.
base::Result<CheckedSite> check_site(const std::filesystem::path& file, const DriverFolders& drivers);

// What the [policy] of a site.toml asks of drivers, and its box, for a run without the rest of the site. No
// lane needs to be there. Errors: base.file_*; the first problem of the policy itself.
base::Result<SitePlan> read_policy(const std::filesystem::path& file);

// "/etc/garita/site.toml:12: …": the sentence of a problem, after its place.
std::string render_problem(const std::filesystem::path& file, const ConfigProblem& problem,
                           base::Language language);

}  // namespace garita::host
