// image.end_to_end_mbytes: raw strips in shared memory become a normalized, coded, hashed and signed package
// on tmpfs, keep = canonical, on two cores, in raw megabytes a second of the wall's time.
// image.end_to_end_disk_mbytes: the same to the disk under --disk FOLDER (else the build folder's), fsync
// included; it is reported, not required. image.codec_two_cores: how much faster two threads code tiles than
// one; beside it stands what the machine makes of two threads that need nothing but their core.
//
// bench_image_end_to_end --stages 1 prints instead where the time goes: each stage alone, by the time its
// thread had.
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <thread>

#include "core/codec/codec.hpp"
#include "core/normalize/scan_normalizer.hpp"
#include "core/package/inspection.hpp"
#include "core/package/writer.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/image_end_to_end/source.hpp"
#include "tests/bench/image_end_to_end/stages.hpp"

namespace garita::bench {
namespace {

namespace fs = std::filesystem;

// A folder of its own in `parent`, gone with this.
class Folder {
 public:
  explicit Folder(const fs::path& parent) : path_(parent / ("garita-bench-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// One device's scan into a package, as core/host does it: rows go from normalize into tiles as they come.
class Recording final : public normalize::RowSink {
 public:
  Recording(const Source& source, const fs::path& folder, unsigned coding_threads)
      : source_(source), path_(folder / ("scan" + std::to_string(coding_threads) + ".garita")) {
    options_.predictive = true;
    options_.coding_threads = coding_threads;
  }

  // Writes the package and takes it away again. False where it is not whole.
  bool scan() {
    auto writer =
        package::Writer::create(base::real_file_system(), path_, key_, base::system_clock(), options_);
    if (!writer) return false;
    writer_ = &*writer;
    normalize::CalibrationStore calibrations;
    for (const image::Event& event : source_.calibrations())
      if (!calibrations.add(std::get<image::Calibration>(event))) return false;
    normalize::ScanNormalizer normalizer(calibrations, *this);
    bool good = normalizer.begin(source_.begin()).ok();
    for (const image::Event& event : source_.strips())
      good = good && normalizer.strip(std::get<image::Strip>(event)).ok();
    good = normalizer.end(source_.end()).complete && good;
    v1::Inspection record;
    record.mutable_identity()->set_scan_key("bench");
    const auto sealed = package::finish(*writer, record);
    if (!good || !sealed) return false;
    size_bytes_ = sealed->size_bytes;
    return fs::remove(path_);
  }
  uint64_t size_bytes() const { return size_bytes_; }

  base::Result<void> plane(uint32_t, uint32_t channel, const normalize::PlaneFormat& format) override {
    GARITA_TRY_ASSIGN(part, writer_->add_plane({.view = "side",
                                                .channel = channel == 0 ? "high" : "low",
                                                .sample_type = format.sample_type,
                                                .columns = format.columns}));
    planes_[channel] = part;
    return {};
  }
  base::Result<void> rows(uint32_t, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                          std::span<const std::byte> pixels) override {
    return writer_->append_rows(planes_[channel], pixels, rows);
  }

 private:
  const Source& source_;
  const fs::path path_;
  package::WriterOptions options_;
  const base::SigningKey key_ = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  package::Writer* writer_ = nullptr;
  std::array<uint32_t, 2> planes_{};
  uint64_t size_bytes_ = 0;
};

// Runs work on some threads at once, this one among them.
void on_threads(unsigned threads, const std::function<void()>& work) {
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

// Tiles of the source's strips, coded by some threads, each with an encoder of its own. Whoever is free takes
// the next one, as in core/package/tile_stage: tiles do not all take the same time.
void code_all(const std::vector<Sample>& tiles, unsigned threads) {
  std::atomic<size_t> next = 0;
  on_threads(threads, [&] {
    const auto encoder = *codec::make_encoder(codec::Id::predictive);
    std::vector<std::byte> code;
    for (size_t i = next++; i < tiles.size(); i = next++) {
      code.clear();
      (void)encoder->encode(std::as_bytes(std::span(tiles[i].pixels)), tiles[i].shape, code);
    }
  });
}

// Arithmetic alone, in registers, shared in the same way: what this machine's second core adds at best just
// now.
void count_all(unsigned threads) {
  std::atomic<uint64_t> next = 0, sum = 0;
  on_threads(threads, [&] {
    for (uint64_t piece = next++; piece < 64; piece = next++) {
      std::array<uint64_t, 8> values{piece, 1, 2, 3, 4, 5, 6, 7};
      for (int i = 0; i < 100'000; ++i)
        for (uint64_t& value : values) value = value * 6364136223846793005U + 1442695040888963407U;
      for (const uint64_t value : values) sum += value;
    }
  });
  volatile uint64_t seen = sum;
  (void)seen;
}

int run(const Arguments& arguments) {
  const Source source(uint64_t{96} << 20);
  if (!arguments.value("stages").empty()) return print_stages(source, arguments.rounds(5));
  const Folder memory("/dev/shm"), disk(arguments.value("disk", GARITA_BIN_DIR));
  Recording alone(source, memory.path(), 0), pair(source, memory.path(), 1), synced(source, disk.path(), 1);
  for (Recording* recording : {&alone, &pair, &synced})
    if (!recording->scan()) {
      std::fprintf(stderr, "bench: no whole package\n");
      return 1;
    }
  const std::vector<Sample> tiles = canonical_tiles(source, 64);
  const auto laps =
      race({[&] { alone.scan(); }, [&] { pair.scan(); }, [&] { synced.scan(); }, [&] { code_all(tiles, 1); },
            [&] { code_all(tiles, 2); }, [&] { count_all(1); }, [&] { count_all(2); }},
           {arguments.rounds(7), 0.3, Cost::wall});
  const double megabytes = static_cast<double>(source.raw_bytes()) / 1e6;
  const auto speed = [&](const Lap& lap) { return megabytes / lap.seconds; };
  std::printf(
      "%.0f MB raw, %.0f MB the package: one thread %.0f MB/s, with another %.0f (%.2fx), to disk %.0f\n",
      megabytes, static_cast<double>(pair.size_bytes()) / 1e6, speed(laps[0]), speed(laps[1]),
      paired_ratio(laps[1], laps[0]), speed(laps[2]));
  std::printf("two cores: coding tiles %.2fx, arithmetic in registers %.2fx\n",
              paired_ratio(laps[4], laps[3]), paired_ratio(laps[6], laps[5]));
  const auto row = [](const char* name, double value, double target) {
    return Row{name, value, "MB/s", target, Direction::at_least, value, {}};
  };
  return report(arguments, {row("image.end_to_end_mbytes", speed(laps[1]), 500),
                            row("image.end_to_end_disk_mbytes", speed(laps[2]), 0),
                            rate_ratio("image.codec_two_cores", 1.8, paired_ratio(laps[4], laps[3]), 1)});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) {
  return garita::bench::run(garita::bench::Arguments(argc, argv, {"stages", "disk"}));
}
