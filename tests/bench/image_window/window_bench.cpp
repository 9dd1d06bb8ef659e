// image.window_ms: 1024 × 1024 samples somewhere in a package of 4 GB, read, checked against the signed tree
// and decoded: the median of windows at chance places, with a reader that is open (a viewer's, that pans).
// image.window_open_ms: the same with opening the package before, index and signature and all; reported.
//
// The package is made anew each time, in --folder (else the build folder's): 2048 columns of 16 bits, of
// which eight are noise, in codec 2, --megabytes of it (4096 of the file; fewer are told in the row's name).
// Its pages are in the cache of the system where that has room, as after it was written.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <random>

#include "core/package/reader.hpp"
#include "core/package/writer.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"

namespace garita::bench {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t columns = 2048, strip_rows = 512, side = 1024;

// Gone with this.
struct File {
  fs::path path;
  ~File() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

std::vector<uint16_t> noisy_strip() {
  std::mt19937 random(11);
  std::vector<uint16_t> strip(size_t{columns} * strip_rows);
  for (size_t i = 0; i < strip.size(); ++i)
    strip[i] = static_cast<uint16_t>(20'000 + i / columns * 16 + random() % 256);
  return strip;
}

bool write(const fs::path& path, uint64_t size_bytes) {
  const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  package::WriterOptions options;
  options.sync_checkpoints = false;
  options.predictive = true;
  auto writer = package::Writer::create(base::real_file_system(), path, *key, base::system_clock(), options);
  if (!writer) return false;
  const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = columns});
  const auto strip = noisy_strip();
  const base::Bytes bytes(strip.data(), strip.size() * sizeof(uint16_t));
  while (writer->size_bytes() < size_bytes)
    if (!writer->append_rows(*plane, bytes, strip_rows)) return false;
  return writer->finish({}).ok();
}

int run(const Arguments& arguments) {
  const uint64_t megabytes = std::stoull(arguments.value("megabytes", "4096"));
  const File file{fs::path(arguments.value("folder", GARITA_BIN_DIR)) /
                  ("bench-window-" + std::to_string(getpid()) + ".garita")};
  if (!write(file.path, megabytes << 20)) {
    std::fprintf(stderr, "bench: %s could not be written\n", file.path.c_str());
    return 1;
  }
  auto open = package::Reader::open(file.path);
  if (!open) return std::fprintf(stderr, "bench: no package\n"), 1;
  std::mt19937_64 random(5);
  std::vector<uint16_t> window(size_t{side} * side);
  bool good = true;
  const auto look = [&](package::Reader& reader) {
    const package::PlaneInfo& plane = reader.planes()[0];
    good = good && reader
                       .read_window(plane, random() % (plane.rows - side), side,
                                    static_cast<uint32_t>(random() % (columns - side)), side,
                                    std::as_writable_bytes(std::span(window)))
                       .ok();
  };
  const auto anew = [&] {
    auto reader = package::Reader::open(file.path);
    good = good && reader.ok();
    if (good) look(*reader);
  };
  const auto laps = race({[&] { look(*open); }, anew}, {arguments.rounds(9), 0.2, Cost::wall});
  if (!good) return std::fprintf(stderr, "bench: a window could not be read\n"), 1;
  const double open_ms = laps[0].seconds * 1e3, anew_ms = laps[1].seconds * 1e3;
  const std::string of = megabytes == 4096 ? "" : "_" + std::to_string(megabytes) + "mb";
  std::printf("package of %.2f GB: a window %.2f ms, with opening it %.2f ms\n",
              static_cast<double>(fs::file_size(file.path)) / 1e9, open_ms, anew_ms);
  const auto row = [&](const std::string& name, double ms, double target) {
    return Row{name + of, ms, "ms", target, Direction::at_most, ms, {}};
  };
  return report(arguments, {row("image.window_ms", open_ms, 20), row("image.window_open_ms", anew_ms, 40)});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) {
  return garita::bench::run(garita::bench::Arguments(argc, argv, {"folder", "megabytes"}));
}
