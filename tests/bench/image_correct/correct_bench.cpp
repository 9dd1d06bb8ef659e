// image.correct_… and image.rotate_…: correction and clamp, and with the transpose, each in one pass and with
// the exact definition, in raw bytes a second on one core, against the straightforward OpenCV route and
// against memcpy of the same raw bytes. Geometric means of the sizes' medians of per-round ratios.
#include <cstdio>
#include <opencv2/core.hpp>

#include "core/normalize/correct.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/image_correct/contest.hpp"

namespace garita::bench {
namespace {

int run(const Arguments& arguments) {
  cv::setNumThreads(1);
  const bool wide = normalize::best_kernel() == normalize::Kernel::avx512;
  std::vector<double> correct_opencv, correct_copy, rotate_opencv, rotate_copy;
  for (const PlaneSize& of : plane_sizes()) {
    CorrectContest contest(of);
    if (!contest.agree()) {
      std::fprintf(stderr, "bench: %s: ours and OpenCV's values differ; nothing was measured\n", of.name);
      return 1;
    }
    const auto laps = race({[&] { contest.ours(); }, [&] { contest.ours_turned(); }, [&] { contest.copy(); },
                            [&] { contest.opencv(); }, [&] { contest.opencv_turned(); }},
                           {arguments.rounds(9), 0.05, Cost::thread});
    correct_opencv.push_back(paired_ratio(laps[0], laps[3]));
    correct_copy.push_back(paired_ratio(laps[0], laps[2]));
    rotate_opencv.push_back(paired_ratio(laps[1], laps[4]));
    rotate_copy.push_back(paired_ratio(laps[1], laps[2]));
    const double gigabytes = static_cast<double>(contest.raw_bytes()) / 1e9;
    std::printf(
        "%-24s GB/s: memcpy %.2f | correct %.2f (%.2f of it), OpenCV %.2f (%.1fx) | "
        "rotate %.2f (%.2f), OpenCV %.2f (%.1fx)\n",
        of.name, gigabytes / laps[2].seconds, gigabytes / laps[0].seconds, correct_copy.back(),
        gigabytes / laps[3].seconds, correct_opencv.back(), gigabytes / laps[1].seconds, rotate_copy.back(),
        gigabytes / laps[4].seconds, rotate_opencv.back());
    std::fflush(stdout);
  }
  const auto row = [](const char* name, double target, const std::vector<double>& ratios) {
    return rate_ratio(name, target, geometric_mean(ratios), 1);
  };
  return report(arguments, {row("image.correct_opencv", 4.5, correct_opencv),
                            row("image.correct_memcpy", wide ? 0.9 : 0.75, correct_copy),
                            row("image.rotate_opencv", 12, rotate_opencv),
                            row("image.rotate_memcpy", 0.45, rotate_copy)});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv)); }
