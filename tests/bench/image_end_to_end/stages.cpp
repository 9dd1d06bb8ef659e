#include "tests/bench/image_end_to_end/stages.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "core/base/digest.hpp"
#include "core/base/signature.hpp"
#include "core/normalize/correct.hpp"
#include "core/normalize/quality.hpp"
#include "core/normalize/scan_normalizer.hpp"
#include "core/package/overview.hpp"
#include "core/package/plane.hpp"
#include "tests/bench/common/race.hpp"

namespace garita::bench {
namespace {

using Rows = std::span<const std::byte>;

// Gathers rows of the high energy into tiles, or nothing at all.
class Sink final : public normalize::RowSink {
 public:
  explicit Sink(size_t most = 0) : most_(most) {}

  base::Result<void> rows(uint32_t, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                          Rows pixels) override {
    if (most_ == 0 || channel != 0 || (tiles.size() == most_ && is_whole())) return {};
    const size_t columns = pixels.size() / 2 / rows;
    for (uint32_t row = 0; row < rows; ++row) {
      if (tiles.empty() || is_whole()) {
        if (tiles.size() == most_) return {};
        tiles.push_back({{0, static_cast<uint32_t>(columns), 2}, {}});
      }
      Sample& tile = tiles.back();
      tile.pixels.resize(tile.pixels.size() + columns);
      std::memcpy(tile.pixels.data() + tile.pixels.size() - columns, pixels.data() + row * columns * 2,
                  columns * 2);
      ++tile.shape.rows;
    }
    return {};
  }

  std::vector<Sample> tiles;

 private:
  bool is_whole() const { return !tiles.empty() && tiles.back().shape.rows == package::tile_rows; }
  const size_t most_;
};

bool normalized(const Source& source, Sink& sink) {
  normalize::CalibrationStore calibrations;
  for (const image::Event& event : source.calibrations())
    (void)calibrations.add(std::get<image::Calibration>(event));
  normalize::ScanNormalizer normalizer(calibrations, sink);
  if (!normalizer.begin(source.begin())) return false;
  for (const image::Event& event : source.strips())
    if (!normalizer.strip(std::get<image::Strip>(event))) return false;
  return normalizer.end(source.end()).complete;
}

class Stages {
 public:
  explicit Stages(const Source& source) : source_(source), tiles_(canonical_tiles(source, 64)) {
    const auto encoder = *codec::make_encoder(codec::Id::predictive);
    for (const Sample& tile : tiles_) {
      (void)encoder->encode(bytes_of(tile), tile.shape, codes_.emplace_back());
      tile_bytes_ += static_cast<double>(bytes_of(tile).size());
    }
    encoder_ = *codec::make_encoder(codec::Id::predictive);
  }
  Stages(const Stages&) = delete;

  double raw_bytes() const { return static_cast<double>(source_.raw_bytes()); }
  double tile_bytes() const { return tile_bytes_; }

  void normalize() {
    Sink none;
    (void)normalized(source_, none);
  }
  void measure() {
    normalize::QualityMeter meter(source_.columns());
    each_row([&](std::span<const uint16_t> row) { meter.add(row, {}); });
  }
  void gather() {  // rows into the tile that waits for them
    buffer_.resize(bytes_of(tiles_[0]).size());
    for (const Sample& tile : tiles_) std::memcpy(buffer_.data(), tile.pixels.data(), bytes_of(tile).size());
  }
  void gather_and_overviews() {  // of a tile that was gathered just now, and lies in the cache
    buffer_.resize(bytes_of(tiles_[0]).size());
    package::Overview overview(1, source_.columns());
    const auto nowhere = [](uint32_t, uint32_t, base::Bytes, uint32_t) { return base::Result<void>(); };
    for (const Sample& tile : tiles_) {
      std::memcpy(buffer_.data(), tile.pixels.data(), bytes_of(tile).size());
      (void)overview.add(base::Bytes(buffer_.data(), bytes_of(tile).size()), tile.shape.rows, nowhere);
    }
  }
  void encode() {
    for (const Sample& tile : tiles_) {
      code_.clear();
      (void)encoder_->encode(bytes_of(tile), tile.shape, code_);
    }
  }
  void hash() {
    for (const auto& code : codes_) seen_ = seen_ + base::sha256(code)[0];
  }
  void write() {  // into fresh pages of tmpfs, as each file has them
    const std::string path = "/dev/shm/garita-bench-stage-" + std::to_string(getpid());
    const int file = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    for (const auto& code : codes_)
      if (::write(file, code.data(), code.size()) < 0) break;
    close(file);
    unlink(path.c_str());
  }
  void sign() {
    for (int i = 0; i < 8; ++i) (void)key_.sign(base::Bytes(codes_[0].data(), 200));
  }

 private:
  static base::Bytes bytes_of(const Sample& tile) { return std::as_bytes(std::span(tile.pixels)); }
  template <typename Use>
  void each_row(const Use& use) {
    for (const Sample& tile : tiles_)
      for (uint32_t row = 0; row < tile.shape.rows; ++row)
        use(std::span(tile.pixels).subspan(size_t{row} * tile.shape.columns, tile.shape.columns));
  }

  const Source& source_;
  const std::vector<Sample> tiles_;
  double tile_bytes_ = 0;
  std::vector<std::vector<std::byte>> codes_;
  std::unique_ptr<codec::Encoder> encoder_;
  const base::SigningKey key_ = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  std::vector<std::byte> buffer_, code_;
  volatile uint32_t seen_ = 0;
};

}  // namespace

std::vector<Sample> canonical_tiles(const Source& source, size_t most) {
  Sink sink(most);
  (void)normalized(source, sink);
  return std::move(sink.tiles);
}

int print_stages(const Source& source, unsigned rounds) {
  Stages stages(source);
  const auto laps = race({[&] { stages.normalize(); }, [&] { stages.measure(); }, [&] { stages.gather(); },
                          [&] { stages.gather_and_overviews(); }, [&] { stages.encode(); },
                          [&] { stages.hash(); }, [&] { stages.write(); }, [&] { stages.sign(); }},
                         {rounds, 0.05, Cost::thread});
  const auto print = [&](const char* name, const Lap& lap, double bytes) {
    std::printf("%-34s %8.1f us a raw MB  %8.2f GB/s\n", name, lap.seconds / bytes * 1e12,
                bytes / lap.seconds / 1e9);
  };
  print("normalize (correct, turn, measure)", laps[0], stages.raw_bytes());
  print("  of it: measure quality", laps[1], stages.tile_bytes());
  print("gather rows into tiles", laps[2], stages.tile_bytes());
  print("gather, and overviews of it", laps[3], stages.tile_bytes());
  print("encode", laps[4], stages.tile_bytes());
  print("hash the codes", laps[5], stages.tile_bytes());
  print("write them to tmpfs", laps[6], stages.tile_bytes());
  std::printf("%-34s %8.1f us each\n", "sign", laps[7].seconds / 8 * 1e6);
  return 0;
}

}  // namespace garita::bench
