#include "core/isolate/box/reach.hpp"

#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "core/isolate/process.hpp"
#include "garita/status.h"

namespace garita::isolate {

base::Error box_missing(Box box, BoxStep step, int error) {
  static constexpr const char* ids[] = {"no_start",  "no_cgroup",     "no_namespaces", "no_identity",
                                        "no_start",  "no_empty_root", "no_identity",   "no_landlock",
                                        "no_limits", "no_seccomp"};
  const auto place = static_cast<size_t>(step);
  return {base::Outcome::not_loaded,
          std::string("isolate.") + (place < std::size(ids) ? ids[place] : ids[0]),
          {{"box", name_of(box)}, {"reason", error == 0 ? "-" : std::strerror(error)}},
          GARITA_HOST_FAILURE};
}

base::Result<void> try_box(const std::filesystem::path& given, Box box) {
  if (box == Box::B0) return {};
  static std::mutex mutex;
  static auto* const known = new std::map<std::pair<std::filesystem::path, Box>, base::Result<void>>();
  const std::filesystem::path program = given.empty() ? find_worker_program() : given;
  const std::lock_guard lock(mutex);
  const auto key = std::pair(program, box);
  if (const auto found = known->find(key); found != known->end()) return found->second;
  base::Result<void> reached;
  if (auto entered = Process::rehearse(program, box); !entered) reached = std::move(entered).error();
  // What says nothing about the machine is asked again.
  if (reached || reached.error().id != "isolate.no_worker") known->emplace(key, reached);
  return reached;
}

base::Result<Box> choose_box(const std::filesystem::path& program, std::optional<Box> wanted, Box required) {
  if (wanted) {
    GARITA_TRY(try_box(program, *wanted));
    return *wanted;
  }
  for (const Box box : {Box::B3, Box::B2, Box::B1, Box::B0}) {
    auto reached = try_box(program, box);
    if (reached) return box;
    if (box == required) return std::move(reached).error();
  }
  return Box::B0;
}

}  // namespace garita::isolate
