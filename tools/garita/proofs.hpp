// garita verify --rederive, --replay: claims that are not believed but made again.
#pragma once

#include <optional>
#include <string>

#include "core/host/replay_proof.hpp"
#include "core/package/verify.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {

struct Proofs {
  bool rederive = false;
  std::optional<host::ReplaySetup> replay;  // its scratch folder is made by prove()
};

base::Result<Proofs> chosen_proofs(const Options& options);

// Adds a claim for each plane and field that was made again; returns the first thing that came out otherwise,
// or why nothing could be made.
std::optional<base::Error> prove(const std::string& file, const Proofs& proofs,
                                 package::VerifyReport& report);

}  // namespace garita::cli
