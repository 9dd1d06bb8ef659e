#include "tests/isolate/faults/case.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "core/base/text.hpp"
#include "core/isolate/launcher.hpp"
#include "core/load/testing/memory_services.hpp"
#include "tests/isolate/faults/folder.hpp"

namespace garita::isolate::faults {
namespace {

using Kind = Row::Kind;

uint64_t in_ms(uint64_t ms) { return monotonic_ns() + ms * 1'000'000; }

base::Result<load::Manifest> manifest_of(const Row& row) {
  static constexpr const char* folders[] = {"mutants", "deadly", "test-drivers", "test-drivers"};
  const std::string folder = folders[static_cast<size_t>(row.kind)];
  const std::string name = folder == "test-drivers" ? "trespasser" : "mutant_" + row.id;
  return load::read_manifest(built_folder() + "/lib/garita/" + folder + "/" + name + "/" + name +
                             ".garita.json");
}

class Kept final : public AttemptSink {
 public:
  void attempted(const Attempt& attempt) override {
    const std::lock_guard lock(mutex_);
    text_ += std::string(name_of(attempt.kind)) + " " + attempt.call + " " + attempt.target + "\n";
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

struct Outcome {
  Stage stage = Stage::PASSES;
  base::Error error;
  size_t ends = 0;   // scans that read as ended
  std::string said;  // of HEALTH
};

void pump(load::Session& session, const Row& row, Outcome& outcome) {
  const bool waits = row.kind == Kind::breach || row.kind == Kind::bomb;
  for (int i = 0; i < 20000; ++i) {
    const load::Next next = session.next(in_ms(waits ? 10000 : 50));
    if (next.status == GARITA_END) return;
    if (const auto* health = std::get_if<image::Health>(&next.event)) outcome.said = health->message;
    outcome.ends += std::holds_alternative<image::ScanEnd>(next.event);
    if (next.status >= 100) {
      outcome.stage = Stage::NEXT;
      outcome.error = next.error;
    }
    if (next.status >= 100 || (waits && next.status == GARITA_OK)) return;
  }
}

Outcome run(const Case& a_case, Kept& kept) {
  const Row& row = a_case.row;
  Outcome outcome;
  outcome.stage = Stage::LOAD;
  const auto manifest = manifest_of(row);
  if (!manifest) return outcome.error = manifest.error(), outcome;
  load::testing::MemoryServices services;
  services.streams["scanner"].ends = false;
  services.push("scanner", row.orders);
  WorkerOptions options = a_case.options;
  options.box = a_case.box;
  options.decoy = true;
  options.attempts = &kept;
  options.load_ms = row.kind == Kind::deadly ? 400 : 10000;
  auto session = open_isolated(*manifest, services, "M1", "lane 1", in_ms(50), options);
  if (!session) {
    outcome.error = session.error();
    if (outcome.error.field("event") == "open") outcome.stage = Stage::OPEN;
    return outcome;
  }
  outcome.stage = Stage::PASSES;
  pump(**session, row, outcome);
  const base::Result<void> closed = (*session)->close(in_ms(50));
  if (!closed && outcome.stage == Stage::PASSES) outcome.stage = Stage::CLOSE, outcome.error = closed.error();
  return outcome;
}

long descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

bool no_worker_left(const WorkerOptions& options) {
  const auto program = options.program.empty() ? find_worker_program() : options.program;
  const std::string launcher = std::to_string(Launcher::of(program)->pid());
  std::ifstream children("/proc/" + launcher + "/task/" + launcher + "/children");
  pid_t pid = 0;
  return !(children >> pid);
}

// "" where it was caught, else what was wrong.
std::string wrong_with(const Row& row, const Outcome& outcome, const Kept& kept) {
  const std::string what = base::render(outcome.error, base::Language::en);
  if (row.kind == Kind::bomb) {
    if (outcome.said.empty() || std::stol(outcome.said) >= std::stol(row.text))
      return "it got " + outcome.said + " " + what;
    return "";
  }
  if (row.kind == Kind::breach) {
    if (outcome.error.id != "isolate.breach") return "no breach: " + outcome.said + " " + what;
    return kept.text().find(row.text) == std::string::npos ? "evidence without its target: " + kept.text()
                                                           : "";
  }
  if (outcome.stage != row.stage) return "another stage: " + what;
  if (row.stage != Stage::PASSES && (outcome.error.id != row.text || outcome.error.status != row.status))
    return what;
  const bool may_end = row.stage == Stage::PASSES || row.stage == Stage::CLOSE || row.id == "scan_end_twice";
  return outcome.ends != 0 && !may_end ? "it reads as whole" : "";
}

// A supervisor's last answer may still be on its way when the driver is already gone.
bool come_back_to(long before) {
  for (int tries = 0; tries < 500; ++tries) {
    if (descriptors() <= before) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace

std::string stopped(const Case& a_case) {
  Kept kept;
  const Outcome outcome = run(a_case, kept);
  return wrong_with(a_case.row, outcome, kept);
}

std::string caught(const Case& a_case) {
  Kept after;
  (void)stopped(a_case);  // sealed copies of its files stay
  const long before = descriptors();
  if (std::string wrong = stopped(a_case); !wrong.empty()) return wrong;
  if (!come_back_to(before)) return "descriptors are left";
  if (!no_worker_left(a_case.options)) return "its process is left";
  return run({rows().front(), a_case.box, a_case.options}, after).ends == 1 ? "" : "the next driver was disturbed";
}

}  // namespace garita::isolate::faults
