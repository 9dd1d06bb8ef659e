// spine.correct_opencv and spine.correct_memcpy: correction, clamp and transpose in one fused pass, in raw
// bytes a second on one core, against the straightforward OpenCV route and against memcpy of the same raw
// bytes.
#include <cstdio>
#include <opencv2/core.hpp>

#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"
#include "tests/bench/image_correct/contest.hpp"

namespace garita::bench {
namespace {

int run(const Arguments& arguments) {
  cv::setNumThreads(1);
  std::vector<double> ours, opencv, copied;
  for (const PlaneSize& of : plane_sizes()) {
    CorrectContest contest(of);
    if (!contest.agree()) {
      std::fprintf(stderr, "bench: %s: ours and OpenCV's values differ; nothing was measured\n", of.name);
      return 1;
    }
    const auto laps =
        race({[&] { contest.ours_turned(); }, [&] { contest.copy(); }, [&] { contest.opencv_turned(); }},
             {arguments.rounds(9), 0.05, Cost::thread});
    const double gigabytes = static_cast<double>(contest.raw_bytes()) / 1e9;
    ours.push_back(gigabytes / laps[0].seconds);
    copied.push_back(gigabytes / laps[1].seconds);
    opencv.push_back(gigabytes / laps[2].seconds);
    std::printf("%-24s ours %.2f GB/s, memcpy %.2f (paired %.2f), OpenCV %.2f (paired %.1f)\n", of.name,
                ours.back(), copied.back(), paired_ratio(laps[0], laps[1]), opencv.back(),
                paired_ratio(laps[0], laps[2]));
  }
  return report(arguments,
                {rate_ratio("spine.correct_opencv", 5, geometric_mean(ours), geometric_mean(opencv)),
                 rate_ratio("spine.correct_memcpy", 0.35, geometric_mean(ours), geometric_mean(copied))});
}

}  // namespace
}  // namespace garita::bench

int main(int argc, char** argv) { return garita::bench::run(garita::bench::Arguments(argc, argv)); }
