// Claims between the boxed program that opens what comes in and its host: one JSON object. The host reads it
// as outside data: whoever wrote the package may have taken the program over.
//
//   {"root": hex, "signer": hex, "whole": bool, "fault": text id, "withheld": n, "driver_sha256": hex,
//    "certificate", "firmware": text, "certified": bool, "box": n, "fidelity": [word, …], "vendor", "model",
//    "driver", "country": text, "ended_utc_ns": n, "complete": bool, "freshness": word, "replayed": bool}
//
// What is not known is left out.
#pragma once

#include <string>
#include <string_view>

#include "core/exchange/inbound/facts.hpp"

namespace garita::exchange {

inline constexpr size_t max_claims_bytes = 64u << 10;

std::string to_json(const Claims& claims);
// "exchange.claims_malformed": another key, another type, a value beyond its limit, or a key twice.
base::Result<Claims> parse_claims(std::string_view json);

}  // namespace garita::exchange
