// What may come in: the part of `garita policy` that holds a package against an inbound policy.
#pragma once

#include <string>

#include "core/exchange/inbound/admission.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {

// A line on stderr where a rule asks about certificates and nothing is known about them: with --exchange at
// that site, else as a reminder. 0, or the exit code of a configuration that cannot be read.
int warn_of_trust(const Terminal& terminal, const Options& options, const exchange::InboundPolicy& policy);

// What is known of the package and which line decides. `policy`: "" for that of --exchange. 0 accepted, 1
// put aside or refused.
int explain_inbound(const Terminal& terminal, const Options& options, const std::string& policy,
                    const std::string& package);

}  // namespace garita::cli
