// Starts drivers in workers, and counts what they might leave behind.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/isolate/launcher.hpp"
#include "core/isolate/session.hpp"
#include "core/load/testing/memory_services.hpp"

namespace garita::isolate::testing {

inline uint64_t in_ms(uint64_t ms) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::nanoseconds(now).count()) + ms * 1'000'000;
}

inline load::Manifest manifest_of(const std::string& folder, const std::string& name) {
  auto manifest =
      load::read_manifest(GARITA_BINARY_DIR "/lib/garita/" + folder + "/" + name + "/" + name + ".garita.json");
  if (!manifest) ADD_FAILURE() << base::render(manifest.error(), base::Language::en);
  return manifest ? *manifest : load::Manifest{};
}

inline long open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

// The workers of this test's own launcher.
inline std::vector<pid_t> workers() {
  const std::string launcher = std::to_string(Launcher::of(find_worker_program())->pid());
  std::ifstream children("/proc/" + launcher + "/task/" + launcher + "/children");
  std::vector<pid_t> found;
  for (pid_t pid = 0; children >> pid;) found.push_back(pid);
  return found;
}

}  // namespace garita::isolate::testing
