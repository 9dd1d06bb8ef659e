// Runs a driver in this process through the whole host, into a folder of its own.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"
#include "core/host/open_package.hpp"
#include "core/host/scan_run.hpp"
#include "core/package/verify.hpp"

namespace garita::host::testing {

// What became of a run, for tests to look at.
struct Seen final : ScanObserver {
  std::vector<Recorded> scans;
  std::vector<base::Error> troubles;
  void recorded(const Recorded& recorded) override { scans.push_back(recorded); }
  void trouble(const base::Error& error, bool) override { troubles.push_back(error); }
};

class Run : public ::testing::Test {
 protected:
  static load::Manifest mutant(const std::string& id) {
    const std::string name = "mutant_" + id;
    auto manifest =
        load::read_manifest(std::string(GARITA_BINARY_DIR "/lib/garita/mutants/") + name + "/" + name + ".garita.json");
    if (!manifest) ADD_FAILURE() << base::render(manifest.error(), base::Language::en);
    return manifest ? *manifest : load::Manifest{};
  }

  base::Result<void> run(const std::string& id) {
    options.manifest = mutant(id);
    options.out = folder / "out";
    options.state = folder / "state";
    return run_scan(options, stop, seen, summary);
  }

  std::vector<std::filesystem::path> packages() const {
    std::vector<std::filesystem::path> found;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "out", ignored)) found.push_back(entry.path());
    return found;
  }

  base::testing::TemporaryFolder folder;
  ScanOptions options;
  std::atomic<bool> stop{false};
  Seen seen;
  ScanSummary summary;
};

}  // namespace garita::host::testing
