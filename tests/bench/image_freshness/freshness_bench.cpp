// image.freshness_share: what it costs to know whether a scan is new, as a share of what the scan costs: a
// scan of two planes and 100 MB (--megabytes) on its way from raw strips to a sealed package on tmpfs, with
// meters on the way and without, all on one thread and by its time; and the judgement against a full history.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>

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

// A scan into a package, as core/host does it.
class Path final : public normalize::RowSink {
 public:
  Path(const Source& source, fs::path file, bool metered)
      : source_(source), path_(std::move(file)), metered_(metered) {
    options_.predictive = true;
  }

  // Writes the package and takes it away again. False where it is not whole.
  bool scan() {
    auto writer =
        package::Writer::create(base::real_file_system(), path_, key_, base::system_clock(), options_);
    if (!writer) return false;
    writer_ = &*writer;
    const bool whole = normalized();
    print = {};
    for (auto& meter : meters_)
      if (meter) print.planes.push_back(meter->finish());
    v1::Inspection record;
    record.mutable_identity()->set_scan_key("bench");
    return package::finish(*writer, record).ok() && whole && fs::remove(path_);
  }

  freshness::ScanPrint print;  // of the last scan, if it was metered

  base::Result<void> plane(uint32_t, uint32_t channel, const normalize::PlaneFormat& format) override {
    GARITA_TRY_ASSIGN(part, writer_->add_plane({.view = "side",
                                                .channel = channels[channel],
                                                .sample_type = format.sample_type,
                                                .columns = format.columns}));
    parts_[channel] = part;
    if (!metered_) return {};
    meters_[channel] =
        std::make_unique<freshness::PlaneMeter>(freshness::PlaneTraits{.view = "side",
                                                                       .channel = channels[channel],
                                                                       .columns = format.columns,
                                                                       .noise = true,
                                                                       .canonical = format.canonical,
                                                                       .raw_counts = true});
    return {};
  }
  base::Result<void> rows(uint32_t, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                          std::span<const std::byte> pixels) override {
    if (meters_[channel]) meters_[channel]->add(pixels, rows);
    return writer_->append_rows(parts_[channel], pixels, rows);
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
  const bool metered_;
  package::WriterOptions options_;
  const base::SigningKey key_ = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  package::Writer* writer_ = nullptr;
  std::array<uint32_t, 2> parts_{};
  std::array<std::unique_ptr<freshness::PlaneMeter>, 2> meters_;
};

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
  const std::string megabytes = arguments.value("megabytes", "100");
  const Source source(std::clamp(std::strtoull(megabytes.c_str(), nullptr, 10), 4ull, 1000ull) * 1000000);
  const fs::path folder = "/dev/shm/garita-bench-" + std::to_string(getpid());
  fs::create_directories(folder);
  Path bare(source, folder / "bare.garita", false), metered(source, folder / "metered.garita", true);
  if (!bare.scan() || !metered.scan()) {
    std::fprintf(stderr, "bench: no whole package\n");
    return 1;
  }
  const freshness::ScanPrint print = metered.print;
  const freshness::History history(folder, "bench");
  for (const freshness::ScanPrint& other : others_of(print)) (void)history.add(other);
  const auto judged = [&] { return freshness::judge(print, history.load()); };
  const bool is_new = judged().verdict == freshness::Verdict::fresh;
  const auto laps = race({[&] { bare.scan(); }, [&] { metered.scan(); }, [&] { (void)judged(); }},
                         {arguments.rounds(11), 0.3, Cost::thread});
  fs::remove_all(folder);
  const double pixels = static_cast<double>(source.raw_bytes()) / sizeof(uint16_t);
  const double meters = paired_ratio(laps[0], laps[1]) - 1;  // rates: the other's time over ours
  const double judgement = laps[2].seconds / laps[0].seconds;
  std::printf(
      "a scan of %.0f MB (%s, %zu marks): path %.2f ns a pixel, meters %.3f more; judgement %.2f ms\n",
      pixels * 2e-6, is_new ? "new" : "SUSPECT", print.planes[0].marks.size(), laps[0].seconds / pixels * 1e9,
      meters * laps[0].seconds / pixels * 1e9, laps[2].seconds * 1e3);
  const double share = meters + judgement;
  return report(arguments,
                {Row{"image.freshness_share", share, "ratio", 0.05, Direction::at_most, share, {}}});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) {
  return garita::bench::run(garita::bench::Arguments(argc, argv, {"megabytes"}));
}
