// image.first_pixel_ms   from the beginning of `page.html` (garita view --html) of a plane of 100 MB until
// its first
//                        picture stands on the screen: as the page itself measures it (performance.now() in
//                        the frame after the one that was drawn), in headless Chromium without a graphics
//                        card.
//
// The package and the page are made once. Each round is a browser that knows nothing of the one before.
// Without chromium there is no figure: the program says so and writes no row.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/base/testing/temporary_folder.hpp"
#include "core/base/text.hpp"
#include "core/host/page/page.hpp"
#include "core/package/inspection.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"

namespace garita::bench {
namespace {

constexpr uint64_t rows = 20'000;
constexpr uint32_t columns = 2'500;  // 100 MB in 16 bits
constexpr double target_ms = 1000;

using Folder = base::testing::TemporaryFolder;

// A long load in boxes, with the noise of 20,000 photons a pixel.
class Scene {
 public:
  void fill(uint64_t row, std::vector<uint16_t>& out) {
    for (uint32_t column = 0; column < columns; ++column) {
      const bool cargo = row % 2000 > 60 && column > 300 && column < 2100;
      const double thick = cargo ? 0.3 + 0.35 * static_cast<double>((row / 400 + column / 300) % 9) : 0.02;
      const double t = std::exp(-thick), noisy = t + noise() * std::sqrt(t / 20'000);
      out[column] = static_cast<uint16_t>(std::lround(1024 + 57344 * std::max(0.0, noisy)));
    }
  }

 private:
  double noise() {  // of variance 1, near enough to normal: a sum of four even ones
    double sum = 0;
    for (int i = 0; i < 4; ++i) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      sum += static_cast<double>(state_ >> 40) / (1u << 24) - 0.5;
    }
    return sum * std::sqrt(3.0);
  }
  uint64_t state_ = 7;
};

base::Result<void> write_package(const Folder& folder) {
  v1::Inspection record;
  v1::View& view = *record.add_views();
  view.set_name("side");
  view.set_shape(v1::View::SHAPE_SCAN);
  view.set_transmission_offset(1024);
  view.set_transmission_scale(57344);
  view.mutable_geometry()->set_pitch_along_um(4000);
  view.mutable_geometry()->set_pitch_across_um(4000);
  GARITA_TRY_ASSIGN(key, base::SigningKey::generate(base::SignatureAlgorithm::ed25519));
  GARITA_TRY_ASSIGN(writer, package::Writer::create(base::real_file_system(), folder / "x.garita", key));
  GARITA_TRY_ASSIGN(plane,
                    writer.add_plane({.view = "side", .channel = "high", .columns = columns, .rows = rows}));
  Scene scene;
  std::vector<uint16_t> row(columns);
  for (uint64_t r = 0; r < rows; ++r) {
    scene.fill(r, row);
    GARITA_TRY(writer.append_rows(plane, base::Bytes(row.data(), row.size() * 2), 1));
  }
  GARITA_TRY_ASSIGN(sealed, package::finish(writer, record));
  (void)sealed;
  return {};
}

base::Result<uint64_t> write_page(const Folder& folder) {
  GARITA_TRY_ASSIGN(package, host::open_package(folder / "x.garita"));
  GARITA_TRY_ASSIGN(summary, host::write_page(package, folder / "page.html"));
  return summary.size_bytes;
}

// What the page measured; 0 where it did not come to a picture.
double first_pixel_ms(const Folder& folder, unsigned round) {
  const std::string profile = (folder / ("profile" + std::to_string(round))).string();
  const std::string out = folder / "dom.txt";
  const std::string command =
      "timeout -k 5 300 chromium --headless --no-sandbox --use-gl=angle --use-angle=swiftshader "
      "--enable-unsafe-swiftshader --window-size=1600,1000 --user-data-dir='" +
      profile + "' --dump-dom 'file://" + (folder / "page.html").string() +
      "' 2>/dev/null | head -c 4096 >'" + out + "'";
  (void)!std::system(command.c_str());
  std::ifstream dom(out);
  const std::string text{std::istreambuf_iterator<char>(dom), {}};
  const std::string name = "data-first-pixel-ms=\"";
  const size_t at = text.find(name);
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + name.size());
}

int run(const Arguments& arguments) {
  if (std::system("command -v chromium >/dev/null 2>&1") != 0) {
    std::fprintf(stderr,
                 "bench_image_page: NO CHROMIUM, so there is no figure for image.first_pixel_ms; "
                 "install the package chromium\n");
    return 1;
  }
  const Folder folder;
  auto made = write_package(folder);
  if (!made) return std::fprintf(stderr, "%s\n", base::render(made.error(), base::Language::en).c_str()), 1;
  const auto size_bytes = write_page(folder);
  if (!size_bytes)
    return std::fprintf(stderr, "%s\n", base::render(size_bytes.error(), base::Language::en).c_str()), 1;
  std::vector<double> times;
  for (unsigned round = 0; round < std::max(5u, arguments.rounds(5)); ++round) {
    const double ms = first_pixel_ms(folder, round);
    if (ms <= 0) return std::fprintf(stderr, "bench_image_page: the page came to no picture\n"), 1;
    std::fprintf(stderr, "  round %u: %.0f ms\n", round, ms);
    times.push_back(ms);
  }
  std::fprintf(stderr, "  page of %.0f MB for %.0f MB of pixels\n", static_cast<double>(*size_bytes) / 1e6,
               2.0 * rows * columns / 1e6);
  const double ms = median(times);
  return report(arguments,
                {{"image.first_pixel_ms", ms, "ms", target_ms, Direction::at_most, ms, std::nullopt}});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv)); }
