// May this driver run here? A pure function of the policy, the driver's files, the documents and the hour.
//
// A policy names roles, a level, a profile and a box. It has no field for a vendor or a country, and neither
// has the question that is put to it: the answer is the same wherever a driver comes from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/trust/statement.hpp"
#include "core/trust/status.hpp"

namespace garita::trust {

struct Policy {
  bool open = true;                // admits everything; the record says so
  std::vector<std::string> roles;  // each must have signed; one that is named twice counts once
  unsigned level = 1;
  std::vector<std::string> profiles;  // the certificate is for one of them; empty: any
  unsigned box = 1;                   // that it must run in at least
  bool pilot = false;                 // one that a simulator or an unofficial run earned is enough
  int64_t status_grace_ns = 72ll * 3600 * 1'000'000'000;  // an expired list warns so long, then refuses
};

struct Candidate {
  std::string driver;  // the manifest's id
  std::string abi;     // that the host speaks with it
  unsigned box = 0;    // that it will run in
  // Driver first, every listed file, the manifest last: the first that differs is told. As hashed from what
  // will be loaded.
  std::vector<Subject> files;
};

// A document that lies there and holds nothing.
struct Fault {
  std::string role;  // whose status list it should be; empty: a root or a certificate
  base::Error error;
};

// Documents of one site; the root and the lists are verified already (Store).
struct Documents {
  std::optional<Root> root;
  std::map<std::string, StatusList> status;  // by role
  std::vector<Envelope> certificates;        // not verified: admit() does
  std::vector<Fault> faults;                 // the root's first, where there is no root
};

struct Admission {
  bool open = false;           // nobody vouches for it
  base::Digest certificate{};  // id of the one that let it in; zeros where open
  std::optional<Certificate> content;
  std::vector<base::Error> warnings;  // to be said at each start: "trust.status_stale"
};

// At least so many persons: distinct keys of the policy's roles.
inline constexpr size_t min_certificate_signers = 2;
// The clock may be so much earlier than the newest document before that is a refusal ("trust.clock_behind").
inline constexpr int64_t clock_tolerance_ns = 300ll * 1'000'000'000;

// Of several certificates the first that admits counts. The error is that of the one which came furthest:
// trust.policy_empty, no_root, clock_behind, root_expired, file_revoked, no_certificate; of a certificate
// policy_role, certificate_role, two_persons, file_differs, file_missing, revoked, status_missing,
// status_expired, certificate_early, certificate_expired, suite_expired, waiver_expired, abi_other,
// level_low, profile_other, simulated, unofficial, box_weak; and the fault of a root or list that lies there
// but holds nothing.
base::Result<Admission> admit(const Policy& policy, const Candidate& candidate, const Documents& documents,
                              int64_t now_ns);

}  // namespace garita::trust
