// A driver's certificate: an in-toto statement (v1) about the exact files of a package, in a DSSE envelope of
// type statement_type. It says what was found under which suite; necessary, not sufficient.
//
//   {"_type": "https://in-toto.io/Statement/v1", "predicateType": "urn:garita:certificate:1",
//    "subject": [{"name": path, "digest": {"sha256": hex}}, …], "predicate": {fields of Certificate}}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/trust/dsse.hpp"

namespace garita::trust {

inline constexpr size_t max_subjects = 1024;

struct Subject {
  std::string name;  // path in the package's folder
  base::Digest sha256{};
  bool operator==(const Subject&) const = default;
};

inline constexpr std::string_view untold = "-";  // the firmware of a device that does not tell it

struct CertifiedDevice {
  std::string model;
  std::vector<std::string> firmware;
};

// A requirement that was not held, and who lets it pass until when.
struct Waiver {
  std::string requirement, reason, approver;
  int64_t expires_ns = 0;
};

// A recording of a test object that a lab vouched for (witness.hpp).
struct WitnessedRecording {
  base::Digest recording{}, object{};  // of the file, and of its OBJECT.toml
  base::Digest lab{};                  // key id of the lab's key
};

enum class Truth : uint8_t { none, twin, object };

struct Certificate {
  std::vector<Subject> subjects;  // driver, manifest and every file that the manifest lists
  std::string driver, version;    // the manifest's id
  std::string abi;                // that was tested: "1.0"
  std::string profile;
  unsigned level = 1;  // 1 to 3
  Truth truth = Truth::none;
  bool official = false;  // repeated with other seeds, as the kit does with --official
  bool simulated_device = false;
  bool wraps_own_sockets = false;  // the manifest grants connects to a closed library
  std::vector<WitnessedRecording> recordings;
  std::vector<CertifiedDevice> devices;
  std::string suite;                    // version
  int64_t suite_accepted_until_ns = 0;  // later the driver must be tested by a newer one
  unsigned box = 1;                     // weakest that it was tested in: 1 is B1
  base::Digest policy{};                // of that box
  base::Digest evidence{};              // of the evidence bundle
  std::optional<base::Digest> sbom;     // of the vendor's CycloneDX file
  std::vector<Waiver> waivers;
  int64_t issued_ns = 0, expires_ns = 0;

  // A record from any other device or firmware is outside the certified configuration. An empty firmware is
  // `untold`.
  bool covers(std::string_view model, std::string_view firmware) const;
};

Envelope to_envelope(const Certificate& certificate);                   // unsigned
base::Result<Certificate> parse_certificate(const Envelope& envelope);  // content alone

}  // namespace garita::trust
