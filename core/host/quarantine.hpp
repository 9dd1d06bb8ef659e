// Drivers that tried to leave their box, by the digest of their binary: none of them is loaded again until a
// person releases it. One small file a digest, in the state folder:
//
//   quarantine/<sha256>.json   {"schema": "garita.quarantine/1", "driver", "vendor", "version", "sha256",
//   "since", "policy",
//                               "class", "call", "target", "attempts"}
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

struct Quarantined {
  std::string driver, vendor, version;
  base::Digest sha256{};
  int64_t since_utc_ns = 0;
  std::string policy;              // digest of the box's policy at that time
  std::string kind, call, target;  // of the first attempt: "NET", "connect", "203.0.113.9:443"; outside text
  uint64_t attempts = 0;
};

class Quarantine {
 public:
  explicit Quarantine(const std::filesystem::path& state) : folder_(state / "quarantine") {}

  // Errors: base.file_*.
  base::Result<void> put(const Quarantined& driver);
  // Sorted by time. A file that cannot be read as one is an entry with the digest of its name alone: it still
  // holds.
  std::vector<Quarantined> list() const;
  std::optional<Quarantined> find(const base::Digest& sha256) const;
  // host.not_quarantined {digest}, Outcome::no.
  base::Result<Quarantined> release(const base::Digest& sha256);

  // host.quarantined {driver, digest, since, class, call, target}, where this driver is in it.
  base::Result<void> admit(const load::Manifest& manifest) const;

 private:
  std::filesystem::path file_of(const base::Digest& sha256) const;
  const std::filesystem::path folder_;
};

}  // namespace garita::host
