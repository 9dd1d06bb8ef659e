// image.freshness_share: what it costs to look whether a scan is new, as a share of what the scan costs: the
// meters of both planes over all rows, and the judgement against a full history, by the time of the thread,
// beside that of the same scan on its way from raw strips to a sealed package on tmpfs, all on one thread.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "core/freshness/history.hpp"
#include "core/freshness/judge.hpp"
#include "core/freshness/plane_meter.hpp"
#include "core/normalize/scan_normalizer.hpp"
#include "core/package/inspection.hpp"
#include "core/package/writer.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/image_end_to_end/source.hpp"

namespace garita::bench {
namespace {

namespace fs = std::filesystem;

constexpr const char* channels[] = {"high", "low"};

// Where rows go: into a package, and into a buffer for the meters.
class Path final : public normalize::RowSink {
 public:
  Path(const Source& source, fs::path file) : source_(source), path_(std::move(file)) {
    options_.predictive = true;
  }

  // Writes the package and takes it away again. False where it is not whole.
  bool scan() {
    auto writer =
        package::Writer::create(base::real_file_system(), path_, key_, base::system_clock(), options_);
    if (!writer) return false;
    writer_ = &*writer;
    const bool whole = normalized();
    writer_ = nullptr;
    v1::Inspection record;
    record.mutable_identity()->set_scan_key("bench");
    return package::finish(*writer, record).ok() && whole && fs::remove(path_);
  }

  bool gather() {
    for (auto& plane : planes) plane.clear();
    return normalized();
  }

  std::array<std::vector<std::byte>, 2> planes;

  base::Result<void> plane(uint32_t, uint32_t channel, const normalize::PlaneFormat& format) override {
    if (writer_ == nullptr) return {};
    GARITA_TRY_ASSIGN(part, writer_->add_plane({.view = "side",
                                                .channel = channels[channel],
                                                .sample_type = format.sample_type,
                                                .columns = format.columns}));
    parts_[channel] = part;
    return {};
  }
  base::Result<void> rows(uint32_t, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                          std::span<const std::byte> pixels) override {
    if (writer_ != nullptr) return writer_->append_rows(parts_[channel], pixels, rows);
    planes[channel].insert(planes[channel].end(), pixels.begin(), pixels.end());
    return {};
  }

 private:
  bool normalized() {
    normalize::CalibrationStore calibrations;
    for (const image::Event& event : source_.calibrations())
      if (!calibrations.add(std::get<image::Calibration>(event))) return false;
    normalize::ScanNormalizer normalizer(calibrations, *this);
    bool good = normalizer.begin(source_.begin()).ok();
    for (const image::Event& event : source_.strips())
      good = good && normalizer.strip(std::get<image::Strip>(event)).ok();
    return normalizer.end(source_.end()).complete && good;
  }

  const Source& source_;
  const fs::path path_;
  package::WriterOptions options_;
  const base::SigningKey key_ = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  package::Writer* writer_ = nullptr;
  std::array<uint32_t, 2> parts_{};
};

// Rows as they come: blocks of 64.
freshness::ScanPrint print_of(const Path& path, uint32_t columns, uint64_t rows) {
  constexpr uint64_t block = 64;
  freshness::ScanPrint print;
  for (size_t channel = 0; channel < 2; ++channel) {
    freshness::PlaneMeter meter({.view = "side",
                                 .channel = channels[channel],
                                 .columns = columns,
                                 .noise = true,
                                 .canonical = true,
                                 .raw_counts = true});
    const size_t row_bytes = columns * sizeof(uint16_t);
    for (uint64_t row = 0; row < rows; row += block)
      meter.add(base::Bytes(path.planes[channel]).subspan(row * row_bytes, block * row_bytes), block);
    print.planes.push_back(meter.finish());
  }
  return print;
}

// Prints that share no mark with the scan's, nor with each other: each sign turned by the number of the
// print.
std::vector<freshness::ScanPrint> others_of(const freshness::ScanPrint& scan) {
  std::vector<freshness::ScanPrint> others(freshness::max_history, scan);
  for (size_t i = 0; i < others.size(); ++i)
    for (freshness::PlanePrint& plane : others[i].planes) {
      plane.hash[0] += i + 1;
      for (size_t k = 0; k < plane.marks.size(); ++k) {
        const base::Digest other = base::sha256(std::to_string(i) + ' ' + std::to_string(k) + plane.channel);
        std::memcpy(plane.marks[k].signs.data(), other.data(), sizeof other);
        plane.marks[k].signs[3] &= ~(uint64_t{1} << 63);
      }
    }
  return others;
}

int run(const Arguments& arguments) {
  const Source source(uint64_t{24} << 20);
  const fs::path folder = "/dev/shm/garita-bench-" + std::to_string(getpid());
  fs::create_directories(folder);
  Path path(source, folder / "scan.garita");
  if (!path.gather() || !path.scan()) {
    std::fprintf(stderr, "bench: no whole package\n");
    return 1;
  }
  const freshness::ScanPrint print = print_of(path, source.columns(), source.rows());
  const freshness::History history(folder, "bench");
  for (const freshness::ScanPrint& other : others_of(print)) (void)history.add(other);
  const std::vector<freshness::ScanPrint> earlier = history.load();
  const auto laps = race({[&] { path.scan(); }, [&] { print_of(path, source.columns(), source.rows()); },
                          [&] { (void)history.load(); }, [&] { (void)freshness::judge(print, earlier); }},
                         {arguments.rounds(7), 0.1, Cost::thread});
  const bool is_new = freshness::judge(print, earlier).verdict == freshness::Verdict::fresh;
  fs::remove_all(folder);
  const double pixels = static_cast<double>(source.raw_bytes()) / 2;
  std::printf(
      "a scan of %.0f MB (%s, %zu marks): path %.2f ns a pixel, meters %.3f, history %.2f ms, "
      "judgement %.2f ms\n",
      pixels * 2e-6, is_new ? "new" : "SUSPECT", print.planes[0].marks.size(), laps[0].seconds / pixels * 1e9,
      laps[1].seconds / pixels * 1e9, laps[2].seconds * 1e3, laps[3].seconds * 1e3);
  // A scan of 100 MB: meters grow with it, the judgement does not.
  const double judged = (laps[2].seconds + laps[3].seconds) * pixels * 2 / 100e6;
  const double share = (laps[1].seconds + judged) / laps[0].seconds;
  return report(arguments,
                {Row{"image.freshness_share", share, "ratio", 0.05, Direction::at_most, share, {}}});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv)); }
