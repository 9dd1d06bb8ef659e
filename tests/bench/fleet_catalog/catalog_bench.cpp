// fleet.find_ms: the median over a mix of questions to a catalog of a million packages, each asked as
// `garita find` does: the database opened, the newest fifty read. fleet.insert_per_s: packages that 64 lanes
// put into that catalog one by one: when add() returns, readers see the row and it outlives the program's
// death. A power cut may take the last rows, never the database; the packages put them back
// (core/catalog/writer.hpp). One lane alone, each row a transaction, is printed beside it.
// bench_fleet_catalog [--rows N].
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "core/catalog/writer.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/fleet_catalog/traffic.hpp"

namespace garita::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr uint64_t batch = 10'000, singles = 10'000;
constexpr unsigned lanes_at_once = 64;
constexpr size_t shown = 50, asked_of_each = 20;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A folder that goes with everything in it.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "garita-bench-XXXXXX").string();
    if (mkdtemp(pattern.data())) path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<catalog::Entry> passages(uint64_t first, uint64_t count) {
  std::vector<catalog::Entry> entries;
  for (uint64_t n = first; n < first + count; ++n) entries.push_back(passage(n));
  return entries;
}

bool fill(catalog::Writer& writer, uint64_t rows) {
  const auto start = Clock::now();
  for (uint64_t n = 0; n < rows; n += batch)
    if (!writer.add(passages(n, std::min(batch, rows - n)))) return false;
  std::printf("%llu rows in %.0f s\n", static_cast<unsigned long long>(rows), seconds_since(start));
  return true;
}

// Milliseconds; below 0: the answer was wrong.
double ask(const fs::path& database, const Question& question) {
  const auto start = Clock::now();
  auto reader = catalog::Reader::open(database);
  if (!reader) return -1;
  const auto result = reader->find(question.query, shown);
  const double ms = seconds_since(start) * 1e3;
  return result && result->entries.empty() != question.has_answer ? ms : -1;
}

// The median over all questions of all rounds; a line a kind. nullopt: one was answered wrongly.
std::optional<double> find_ms(const fs::path& database, uint64_t rows, unsigned rounds) {
  std::map<std::string, std::vector<double>> kinds;
  std::vector<double> all;
  const auto asked = questions(rows, asked_of_each);
  for (unsigned round = 0; round <= rounds; ++round)
    for (const Question& question : asked) {
      const double ms = ask(database, question);
      if (ms < 0) return std::fprintf(stderr, "wrong answer: %s\n", question.kind.c_str()), std::nullopt;
      if (round == 0) continue;  // warms up
      kinds[question.kind].push_back(ms);
      all.push_back(ms);
    }
  for (auto& [kind, times] : kinds)
    std::printf("  %-28s median %7.3f ms  worst %7.3f ms\n", kind.c_str(), median(times),
                *std::max_element(times.begin(), times.end()));
  return median(all);
}

// `lanes` at once, each adding the next when its last is in. A scan that has just ended is not decided upon
// yet.
std::optional<double> insert_singles(catalog::Writer& writer, uint64_t first, unsigned lanes) {
  auto entries = passages(first, singles);
  for (catalog::Entry& entry : entries) entry.decision = v1::Decision::VERDICT_UNSPECIFIED;
  std::atomic<bool> well = true;
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (unsigned lane = 0; lane < lanes; ++lane)
      threads.emplace_back([&, lane] {
        for (size_t i = lane; i < entries.size() && well; i += lanes)
          if (!writer.add(entries[i])) well = false;
      });
  }
  if (!well) return std::nullopt;
  return static_cast<double>(singles) / seconds_since(start);
}

// Rows from `first` on are new.
std::optional<double> inserts_per_s(catalog::Writer& writer, uint64_t first, unsigned lanes, unsigned rounds) {
  std::vector<double> rates;
  for (unsigned round = 0; round < rounds; ++round) {
    const auto rate = insert_singles(writer, first + round * singles, lanes);
    if (!rate) return std::nullopt;
    rates.push_back(*rate);
  }
  const auto [least, most] = std::minmax_element(rates.begin(), rates.end());
  std::printf("  inserts, lanes at once: %u    median %7.0f a second, %.0f to %.0f\n", lanes, median(rates),
              *least, *most);
  return median(rates);
}

int run(const Arguments& arguments) {
  const uint64_t rows = std::strtoull(arguments.value("rows", "1000000").c_str(), nullptr, 10);
  const Folder folder;
  const fs::path database = folder.path() / "catalog.db";
  auto writer = catalog::Writer::open(database);
  if (!writer || rows < 1000 || !fill(*writer, rows))
    return std::fprintf(stderr, "the catalog could not be made\n"), 1;
  std::printf("catalog of %.0f MB\n", static_cast<double>(fs::file_size(database)) / 1e6);
  const auto found_ms = find_ms(database, rows, arguments.rounds(5));
  const unsigned rounds = arguments.rounds(5);
  const auto alone = inserts_per_s(*writer, rows, 1, rounds);
  const auto inserted = inserts_per_s(*writer, rows + rounds * singles, lanes_at_once, rounds);
  if (!found_ms || !alone || !inserted) return 1;
  return report(
      arguments,
      {{"fleet.find_ms", *found_ms, "ms", 10, Direction::at_most, *found_ms, std::nullopt},
       {"fleet.insert_per_s", *inserted, "1/s", 5000, Direction::at_least, *inserted, std::nullopt}});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv, {"rows"})); }
