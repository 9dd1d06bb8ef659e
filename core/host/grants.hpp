// What a site gives a driver, checked against its manifest before any code is loaded: sources for its streams, values
// for its configuration keys.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/broker/broker.hpp"
#include "core/host/services.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

using Assignments = std::vector<std::pair<std::string, std::string>>;

// "NAME=VALUE" each. Errors: host.bad_assignment {given, option}, host.doubled_assignment, Outcome::usage.
base::Result<Assignments> parse_assignments(const std::vector<std::string>& texts, std::string_view option);

// Every required stream has a source, and every source a stream.
// Errors: host.unknown_stream, host.missing_stream (each lists the manifest's), broker.bad_address; Outcome::usage.
base::Result<broker::Broker::Sources> grant_sources(const load::Manifest& manifest, const Assignments& sources);

// Typed by the manifest, defaults filled in; a declared key without value and default is there with type NONE.
// Errors: host.unknown_key, host.missing_key, host.bad_value {key, given, wanted}; Outcome::usage.
base::Result<Configuration> grant_configuration(const load::Manifest& manifest, const Assignments& values);

// Where drivers lie: what was given, else GARITA_DRIVER_PATH (folders parted by ':'), else the lib/garita/drivers beside
// this program's bin.
std::vector<std::filesystem::path> driver_search_path(const std::string& given);

}  // namespace garita::host
