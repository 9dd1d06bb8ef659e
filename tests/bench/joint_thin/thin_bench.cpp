// joint.thin_first_s   an inspection of 60 MB over a line of 5 Mbit/s whose round trip takes 300 ms: from the
// moment at which it is
//                      sent until record and overview are verified, stored and in the catalog there
// joint.thin_rest      until all of it is, and signed for, as a multiple of the time that its bytes take on
// such a line; the line is
//                      cut once, near the middle
//
// Both sites run as `garita exchange run` does, with garita-open in its box, and are connected when the clock
// starts; what is sent goes through policy and seal first. A run takes a hundred seconds: --rounds says how
// many (1).
#include <cmath>
#include <cstdio>

#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"
#include "core/package/inspection.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/joint_thin/two_nations.hpp"

namespace garita::bench {
namespace {

constexpr uint64_t line_bytes_per_second = 5'000'000 / 8;
constexpr uint32_t one_way_ms = 150;
constexpr double first_target_s = 5, rest_target = 1.15;
constexpr uint32_t columns = 2'500;
constexpr std::chrono::seconds patience{400};

double seconds(Instant from, Instant to) { return std::chrono::duration<double>(to - from).count(); }

// A load in boxes, with noise that no codec can remember; as long as it must be to weigh 60 MB when it is
// coded.
base::Result<void> write_package(const std::filesystem::path& path, const base::SigningKey& key,
                                 uint64_t rows) {
  v1::Inspection record;
  record.mutable_identity()->set_scan_key("THIN-1");
  record.mutable_identity()->set_lane("1");
  v1::View& view = *record.add_views();
  view.set_name("side");
  view.set_shape(v1::View::SHAPE_SCAN);
  view.set_transmission_offset(1024);
  view.set_transmission_scale(57344);
  package::WriterOptions options;
  options.predictive = true;
  GARITA_TRY_ASSIGN(
      writer, package::Writer::create(base::real_file_system(), path, key, base::system_clock(), options));
  GARITA_TRY_ASSIGN(plane,
                    writer.add_plane({.view = "side", .channel = "high", .columns = columns, .rows = rows}));
  std::vector<uint16_t> row(columns);
  uint64_t state = 7;
  for (uint64_t r = 0; r < rows; ++r) {
    for (uint32_t c = 0; c < columns; ++c) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      const uint64_t thick = (r / 400 + c / 300) % 9;
      row[c] = static_cast<uint16_t>(2'000 + 5'500 * (9 - thick) + (state >> 52));
    }
    GARITA_TRY(writer.append_rows(plane, base::Bytes(row.data(), row.size() * 2), 1));
  }
  GARITA_TRY_ASSIGN(sealed, package::finish(writer, record));
  (void)sealed;
  return {};
}

struct Run {
  double first_s = 0, rest = 0;
  uint64_t cuts = 0;
};

base::Result<Run> run_once(const base::testing::TemporaryFolder& folder, const std::filesystem::path& package,
                           const base::SigningKey& key, unsigned round) {
  TwoNations nations(folder / std::to_string(round), key.public_key().key_id(),
                     {.bytes_per_second = line_bytes_per_second, .delay_ms = one_way_ms});
  std::this_thread::sleep_for(std::chrono::seconds(4));  // they find each other
  const Instant begin = std::chrono::steady_clock::now();
  const uint64_t size_bytes = nations.send(package);
  const auto first = nations.us().stored(1, patience);
  while (nations.line().carried_bytes() < size_bytes / 2 &&
         seconds(begin, std::chrono::steady_clock::now()) < 300)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  nations.line().cut_now();
  const auto rest = nations.us().stored(2, patience);
  const base::Error late{base::Outcome::incomplete, "exchange.nats_away", {{"url", "the far site"}}, 0};
  if (!first || !rest || !nations.settled(patience)) return late;
  const double line_s = static_cast<double>(size_bytes) / line_bytes_per_second;
  const double all_s = seconds(begin, std::chrono::steady_clock::now());
  std::fprintf(
      stderr,
      "  %.1f MB sealed, %.1f s on the line: overview after %.2f s, all there after %.1f s, signed for after "
      "%.1f s; "
      "%llu cut, %.1f %% carried beyond the content\n",
      static_cast<double>(size_bytes) / 1e6, line_s, seconds(begin, *first), seconds(begin, *rest), all_s,
      static_cast<unsigned long long>(nations.line().cuts()),
      100 * (static_cast<double>(nations.line().carried_bytes()) / static_cast<double>(size_bytes) - 1));
  return Run{seconds(begin, *first), all_s / line_s, nations.line().cuts()};
}

int run(const Arguments& arguments) {
  const base::testing::TemporaryFolder folder("/var/tmp");
  auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  const std::filesystem::path package = folder / "THIN-1.garita";
  const uint64_t rows = std::stoull(arguments.value("rows", "16000"));
  if (const auto made = write_package(package, *key, rows); !made)
    return std::fprintf(stderr, "%s\n", base::render(made.error(), base::Language::en).c_str()), 1;
  std::vector<double> first, rest;
  for (unsigned round = 0; round < std::max(1u, arguments.rounds(1)); ++round) {
    const auto ran = run_once(folder, package, *key, round);
    if (!ran || ran->cuts == 0)
      return std::fprintf(stderr, "bench_joint_thin: it did not arrive, or no cut was made\n"), 1;
    first.push_back(ran->first_s);
    rest.push_back(ran->rest);
  }
  return report(arguments, {{"joint.thin_first_s", median(first), "s", first_target_s, Direction::at_most,
                             median(first), std::nullopt},
                            {"joint.thin_rest", median(rest), "of the line's time", rest_target,
                             Direction::at_most, median(rest), std::nullopt}});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv, {"rows"})); }
