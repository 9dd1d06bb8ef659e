// What somebody who may has allowed to fail, in writing and for a time.
//
//   [[waiver]]
//   driver = "com.acme.x1"            # the manifest's id
//   from = "1.0.0"                    # versions, both included; numbers between dots
//   to = "1.2.9"
//   requirement = "GAR-IMG-019"
//   reason = "The doses of firmware 2 come in another unit; corrected in 2.1."
//   approver = "A. Pérez, laboratory"
//   expires = "2026-12-31"            # the last day
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/runner/verdict.hpp"

namespace garita::conformance {

struct Waiver {
  std::string driver, from, to, requirement, reason, approver, expires;
};

inline constexpr size_t max_waivers = 256;
inline constexpr uint64_t max_waivers_bytes = 1u << 20;

// Errors: conform.bad_waivers {path, what}: not TOML, a word that is not ours, something missing, a
// requirement that the kit does not know.
base::Result<std::vector<Waiver>> parse_waivers(std::string_view text, const std::string& path);

// Pure: FAIL, CRASH, HANG, LEAK and UNSTABLE become WAIVED where every requirement of the rule has a waiver
// for this driver that day ("2026-03-01"). An expired one changes nothing but adds a finding that says so.
// EGRESS is never waived: who calls out may not join, whoever signs for it.
RuleResult waived(RuleResult result, const std::vector<Waiver>& waivers, std::string_view driver,
                  std::string_view version, std::string_view day);

}  // namespace garita::conformance
