// fault_table [JSON]: runs every row in every box that promises to catch it, as root and as an ordinary user,
// and counts.
//
// A case is caught where the driver is stopped as its row says (or tolerated, where the row says so), nothing
// of it reads as whole that is not, its process is gone and its descriptors are back, and a good driver
// delivers a whole scan right after. With GARITA_LONG all rows, and the counts go into JSON: {"B2.root":
// {"cases", "caught", "skipped"}, …}; without it every fifth row, the same ones each time. Exit code 1:
// something was not caught.
#include <fcntl.h>
#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/text.hpp"
#include "core/isolate/box/reach.hpp"
#include "core/isolate/launcher.hpp"
#include "core/isolate/session.hpp"
#include "core/load/testing/memory_services.hpp"
#include "tests/isolate/faults/rows.hpp"

namespace garita::isolate::faults {
namespace {

using Kind = Row::Kind;

constexpr unsigned ordinary_user = 65534;
constexpr size_t part_of_a_plain_run = 5;

uint64_t in_ms(uint64_t ms) { return monotonic_ns() + ms * 1'000'000; }

base::Result<load::Manifest> manifest_of(const Row& row) {
  static constexpr const char* folders[] = {"mutants", "deadly", "test-drivers", "test-drivers"};
  const std::string folder = folders[static_cast<size_t>(row.kind)];
  const std::string name = folder == "test-drivers" ? "trespasser" : "mutant_" + row.id;
  return load::read_manifest(GARITA_BINARY_DIR "/lib/garita/" + folder + "/" + name + "/" + name +
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

Outcome run(const Row& row, Box box, Kept& kept) {
  Outcome outcome;
  outcome.stage = Stage::LOAD;
  const auto manifest = manifest_of(row);
  if (!manifest) return outcome.error = manifest.error(), outcome;
  load::testing::MemoryServices services;
  services.streams["scanner"].ends = false;
  services.push("scanner", row.orders);
  WorkerOptions options;
  options.box = box;
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

bool no_worker_left() {
  const std::string launcher = std::to_string(Launcher::of(find_worker_program())->pid());
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

std::string caught(const Row& row, const Row& good, Box box) {
  Kept first, kept, after;
  (void)run(row, box, first);  // sealed copies of its files stay
  const long before = descriptors();
  const Outcome outcome = run(row, box, kept);
  if (std::string wrong = wrong_with(row, outcome, kept); !wrong.empty()) return wrong;
  if (descriptors() != before) return "descriptors are left";
  if (!no_worker_left()) return "its process is left";
  return run(good, box, after).ends == 1 ? "" : "the next driver was disturbed";
}

struct Count {
  uint64_t cases = 0, caught = 0, skipped = 0;
};

Count run_box(Box box, const std::string& who, bool all) {
  Count count;
  const auto reached = try_box({}, box);
  if (!reached)
    std::printf("%s as %s: SKIPPED, not a pass: %s\n", name_of(box), who.c_str(),
                base::render(reached.error(), base::Language::en).c_str());
  const Row& good = rows().front();
  for (size_t i = 0; i < rows().size(); ++i) {
    const Row& row = rows()[i];
    if (row.least > box || (!all && i % part_of_a_plain_run != 0)) continue;
    ++count.cases;
    if (!reached) {
      ++count.skipped;
      continue;
    }
    std::string wrong = caught(row, good, box);
    if (wrong.empty())
      ++count.caught;
    else
      std::printf("%s as %s: %s (%s) NOT CAUGHT: %s\n", name_of(box), who.c_str(), row.id.c_str(),
                  row.requirement.c_str(), wrong.c_str());
  }
  std::printf("%s as %-4s %3lu cases, %3lu caught, %3lu skipped\n", name_of(box), who.c_str(), count.cases,
              count.caught, count.skipped);
  std::fflush(stdout);
  return count;
}

nlohmann::json run_as(const std::string& who, bool all) {
  nlohmann::json counts;
  for (const Box box : {Box::B0, Box::B1, Box::B2, Box::B3}) {
    const Count count = run_box(box, who, all);
    counts[std::string(name_of(box)) + "." + who] = {
        {"cases", count.cases}, {"caught", count.caught}, {"skipped", count.skipped}};
  }
  return counts;
}

nlohmann::json all_skipped(const std::string& who, bool all) {
  nlohmann::json counts;
  for (const Box box : {Box::B0, Box::B1, Box::B2, Box::B3}) {
    uint64_t cases = 0;
    for (size_t i = 0; i < rows().size(); ++i)
      cases += rows()[i].least <= box && (all || i % part_of_a_plain_run == 0);
    counts[std::string(name_of(box)) + "." + who] = {{"cases", cases}, {"caught", 0}, {"skipped", cases}};
  }
  std::printf("as %s: SKIPPED, not a pass: this program would have to run as another user\n", who.c_str());
  return counts;
}

// Runs this program again as an ordinary user; its counts come through a pipe.
nlohmann::json run_as_ordinary_user(bool all) {
  int ends[2];
  if (pipe(ends) != 0) return all_skipped("user", all);
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const std::string number = std::to_string(ends[1]);
    if (setgroups(0, nullptr) != 0 || setresgid(ordinary_user, ordinary_user, ordinary_user) != 0 ||
        setresuid(ordinary_user, ordinary_user, ordinary_user) != 0)
      _exit(9);
    execl("/proc/self/exe", "fault_table", "--counts-to", number.c_str(), nullptr);
    _exit(9);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(size));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  nlohmann::json counts = nlohmann::json::parse(text, nullptr, false);
  return counts.is_object() ? counts : all_skipped("user", all);
}

int run(int count, char** arguments) {
  const bool all = std::getenv("GARITA_LONG") != nullptr;
  const bool root = geteuid() == 0;
  if (count == 3 && std::string(arguments[1]) == "--counts-to") {
    const std::string text = run_as("user", all).dump();
    return write(std::atoi(arguments[2]), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0
                                                                                                         : 1;
  }
  nlohmann::json counts = root ? run_as("root", all) : all_skipped("root", all);
  counts.update(root ? run_as_ordinary_user(all) : run_as("user", all));
  if (all && count == 2) std::ofstream(arguments[1]) << counts.dump(2) << '\n';
  bool good = true;
  for (const auto& [name, each] : counts.items())
    good = good &&
           each["caught"].get<uint64_t>() + each["skipped"].get<uint64_t>() == each["cases"].get<uint64_t>();
  return good ? 0 : 1;
}

}  // namespace
}  // namespace garita::isolate::faults

int main(int count, char** arguments) { return garita::isolate::faults::run(count, arguments); }
