// Does this driver make this package of that recording? The driver runs again, in its box, on the bytes that
// were recorded then; what it says must be what the package says.
//
// It is asked for what the bytes were: a package says by hash what came off the wire (Provenance.streams),
// and only a recording that holds these bytes can speak for it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/host/open_package.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

inline constexpr std::chrono::seconds default_replay_limit{600};

struct ReplaySetup {
  load::Manifest manifest;  // of the driver to run again
  std::filesystem::path recording;
  std::filesystem::path
      scratch;  // an empty folder, for packages, key and state of the second run; the caller removes it
  std::optional<isolate::Box> box;  // as ScanOptions has it
  isolate::Box least_box = isolate::Box::B1;
  // Of reading the recording and of the second run together: how long either is, is for who made it to say.
  std::chrono::seconds time_limit = default_replay_limit;
};

struct ReplayProof {
  bool same_driver = false;  // the binary that the package names
  struct Item {
    std::string name;  // `side/high` of a plane, else a field of the record: "readings"
    bool same = false;
  };
  std::vector<Item> planes, fields;
  bool holds() const;
};

// Runs the whole recording. Errors: those of run_scan; host.replay_other_bytes {file, recording}: what came
// off the wire by the package's word is not in the recording; host.replay_no_scan {…, driver}: it is, and the
// driver makes no such scan of it; host.replay_too_long {…, seconds}: it was not done within the limit.
base::Result<ReplayProof> replay_proof(const std::filesystem::path& file, OpenPackage& package,
                                       const ReplaySetup& setup);

}  // namespace garita::host
