#include "tools/garita/proofs.hpp"

#include <algorithm>

#include "core/base/file.hpp"
#include "core/host/grants.hpp"
#include "core/host/rederive.hpp"

namespace garita::cli {
namespace {

namespace fs = std::filesystem;

const char* word_of(host::Derivation derivation) {
  switch (derivation) {
    case host::Derivation::same:
      return "same";
    case host::Derivation::differs:
      return "differs";
    case host::Derivation::as_delivered:
      return "as delivered";
    case host::Derivation::not_kept:
      return "raw data not kept";
    case host::Derivation::withheld:
      return "withheld";
  }
  return "?";
}

void add(package::VerifyReport& report, const char* name, std::string value, bool recomputed) {
  report.claims.push_back({name, std::move(value), recomputed ? "host" : "driver",
                           recomputed ? package::Proof::recomputed : package::Proof::asserted});
}

base::Result<void> prove_derivation(const std::string& file, package::VerifyReport& report) {
  GARITA_TRY_ASSIGN(package, host::open_package(file));
  GARITA_TRY_ASSIGN(planes, host::rederive(package));
  std::optional<base::Error> wrong;
  bool some = false;
  for (const host::RederivedPlane& plane : planes) {
    const bool made =
        plane.derivation == host::Derivation::same || plane.derivation == host::Derivation::differs;
    some = some || made;
    add(report, "rederived", plane.name + " " + word_of(plane.derivation), made);
    if (plane.derivation == host::Derivation::differs && !wrong)
      wrong = base::Error{base::Outcome::no,
                          "cli.rederive_differs",
                          {{"file", file}, {"plane", plane.name}, {"row", std::to_string(plane.first_row)}}};
  }
  if (wrong) return std::move(*wrong);
  if (!some) return base::Error{base::Outcome::incomplete, "cli.rederive_nothing", {{"file", file}}};
  return {};
}

// Gone when it goes out of scope.
struct Scratch {
  fs::path path = fs::temp_directory_path() / "garita-replay-XXXXXX";
  Scratch() {
    std::string name = path.string();
    path = ::mkdtemp(name.data()) ? fs::path(name) : fs::path();
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

base::Result<void> prove_by_replay(const std::string& file, host::ReplaySetup setup,
                                   package::VerifyReport& report) {
  const Scratch scratch;
  if (scratch.path.empty())
    return base::Error{
        base::Outcome::not_loaded, "cli.replay_scratch", {{"path", fs::temp_directory_path().string()}}};
  setup.scratch = scratch.path;
  GARITA_TRY_ASSIGN(package, host::open_package(file));
  GARITA_TRY_ASSIGN(proof, host::replay_proof(file, package, setup));
  add(report, "replayed_by",
      setup.manifest.name + " " + setup.manifest.version +
          (proof.same_driver ? " same binary" : " other binary"),
      true);
  std::optional<base::Error> wrong;
  for (const auto* items : {&proof.planes, &proof.fields})
    for (const host::ReplayProof::Item& item : *items) {
      add(report, "replayed", item.name + (item.same ? " same" : " differs"), true);
      if (!item.same && !wrong)
        wrong = base::Error{base::Outcome::no,
                            "cli.replay_differs",
                            {{"file", file}, {"what", item.name}, {"driver", setup.manifest.name}}};
    }
  if (wrong) return std::move(*wrong);
  return {};
}

}  // namespace

base::Result<Proofs> chosen_proofs(const Options& options) {
  Proofs own;
  own.rederive = options.has("rederive");
  for (const char* option : {"recording", "driver-path", "box", "time-limit"})
    if (options.has(option) && !options.has("replay"))
      return usage_error("cli.needs_verify_replay", {{"option", option}});
  if (!options.has("replay")) return own;
  host::ReplaySetup setup;
  GARITA_TRY_ASSIGN(manifest, load::find_driver(options.get("replay"),
                                                host::driver_search_path(options.get("driver-path"))));
  GARITA_TRY_ASSIGN(recording, options.required("recording"));
  if (options.has("box")) {
    setup.box = isolate::box_of(options.get("box"));
    if (!setup.box) return usage_error("cli.bad_box", {{"given", options.get("box")}});
  }
  GARITA_TRY_ASSIGN(seconds, options.number("time-limit", host::default_replay_limit.count(), 1, 86400));
  setup.time_limit = std::chrono::seconds(seconds);
  setup.manifest = std::move(manifest), setup.recording = recording;
  own.replay = std::move(setup);
  return own;
}

std::optional<base::Error> prove(const std::string& file, const Proofs& proofs,
                                 package::VerifyReport& report) {
  std::optional<base::Error> fault;
  const auto note = [&](base::Result<void> result) {
    if (!result && !fault) fault = std::move(result).error();
  };
  if (proofs.rederive) note(prove_derivation(file, report));
  if (proofs.replay) note(prove_by_replay(file, *proofs.replay, report));
  return fault;
}

}  // namespace garita::cli
