// `garita-conform certify`: from the evidence of a run that passed, the
// statement that people sign (core/trust/statement.hpp). Nothing on it is typed
// by hand that the evidence knows.
#pragma once

#include <string>
#include <vector>

#include "conformance/evidence/bundle.hpp"
#include "conformance/runner/terminal.hpp"
#include "core/trust/statement.hpp"
#include "core/trust/witness.hpp"

namespace garita::conformance {

// What the evidence cannot know.
struct CertifyRequest {
  std::string bundle;   // names it in errors: a path
  std::string profile;  // one of the run's; empty: the only one
  int level = 0;        // at most what the run reached; 0: that
  bool simulated_device = false;
  std::vector<std::string> devices;                   // "MODEL=FIRMWARE,FIRMWARE"
  std::vector<trust::WitnessedRecording> recordings;  // verified
  std::optional<base::Digest> sbom;
  int64_t issued_ns = 0;  // UTC
  int64_t days = 365, suite_days = 365;
};

// The bundle was judged again and told the truth. Errors, Outcome::no:
// conform.certify_failed {path, verdict}, certify_filtered {path},
// certify_profile {path, known}, certify_device {given}, certify_no_device,
// certify_level {path, level, reached}, certify_witness {level};
// evidence.contradiction.
base::Result<trust::Certificate> make_certificate(const Bundle& bundle, const base::Digest& evidence,
                                                  const CertifyRequest& request);

// The command. Returns the exit code.
int certify(const Terminal& terminal, const std::vector<std::string>& arguments);

}  // namespace garita::conformance
