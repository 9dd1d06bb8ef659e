// spine.correct_opencv and spine.correct_memcpy: correction, clamp and transpose in one fused pass, in raw
// bytes a second on one core, against the straightforward OpenCV route and against memcpy of the same raw
// bytes. All memory is touched before the clock runs, and no side gets huge pages that the other does not.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <opencv2/core.hpp>
#include <random>
#include <vector>

#include "core/normalize/correct.hpp"
#include "tests/bench/common/race.hpp"
#include "tests/bench/common/results.hpp"

namespace garita::bench {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Samples = std::unique_ptr<uint16_t[], Free>;

Samples samples(size_t count) {
  const size_t bytes = (count * sizeof(uint16_t) + 63) / 64 * 64;
  auto* memory = static_cast<uint16_t*>(std::aligned_alloc(64, bytes));
  std::memset(memory, 1, bytes);
  return Samples(memory);
}

struct Class {
  const char* name;
  uint32_t rows, columns;
};
constexpr Class classes[] = {
    {"portal, 1504 detectors", 4096, 1504},
    {"rail, 672 detectors", 16384, 672},
    {"panel, 2048 x 2048", 2048, 2048},
    {"panel, 900 x 1500", 900, 1500},
};

// One class with all that its three runners need.
class Contest {
 public:
  explicit Contest(const Class& of)
      : rows_(of.rows),
        columns_(of.columns),
        stride_((of.rows + 31) / 32 * 32),
        raw_(samples(size_t{rows_} * columns_)),
        copy_(samples(size_t{rows_} * columns_)),
        ours_(samples(stride_ * columns_)) {
    std::mt19937 engine(1);
    const auto between = [&](uint32_t low, uint32_t high) {
      return low + static_cast<uint32_t>(engine() % (high - low));
    };
    for (uint32_t column = 0; column < columns_; ++column) {
      const uint32_t dark_q8 = between(256 * 500, 256 * 1500), air_q8 = between(256 * 40000, 256 * 60000);
      dark_.push_back(static_cast<float>(dark_q8));
      gain_.push_back(normalize::gain_of(dark_q8, air_q8));
    }
    for (uint32_t row = 0; row < rows_; ++row) dose_.push_back(between(62000, 69000));
    for (size_t i = 0; i < size_t{rows_} * columns_; ++i)
      raw_[i] = static_cast<uint16_t>(between(500, 60000));
    prepare_opencv();
  }

  size_t raw_bytes() const { return size_t{rows_} * columns_ * sizeof(uint16_t); }

  void fused() {
    normalize::CorrectJob job;
    job.raw = reinterpret_cast<const std::byte*>(raw_.get());
    job.raw_stride_bytes = columns_ * sizeof(uint16_t);
    job.rows = rows_, job.columns = columns_;
    job.dark = dark_.data(), job.gain = gain_.data();
    job.dose_q16 = dose_.data();
    job.out = ours_.get();
    job.out_stride = stride_;
    normalize::correct_transposed(job);
  }

  void copy() { std::memcpy(copy_.get(), raw_.get(), raw_bytes()); }

  // As somebody would write it: to float, minus dark, times gain, dose row by row, offset, saturating back,
  // transposed. Every matrix exists before.
  void opencv() {
    raw_mat_.convertTo(values_, CV_32F, 256.0);
    cv::subtract(values_, dark_mat_, values_);
    cv::multiply(values_, gain_mat_, values_);
    for (uint32_t row = 0; row < rows_; ++row) {
      cv::Mat line = values_.row(static_cast<int>(row));
      line *= factors_[row];
    }
    cv::add(values_, cv::Scalar(1024), values_);
    values_.convertTo(stored_, CV_16U);
    cv::transpose(stored_, turned_);
  }

  // Both must have done the same work: within one unit everywhere.
  bool agree() {
    fused();
    opencv();
    for (uint32_t column = 0; column < columns_; ++column)
      for (uint32_t row = 0; row < rows_; ++row)
        if (std::abs(ours_[column * stride_ + row] -
                     turned_.at<uint16_t>(static_cast<int>(column), static_cast<int>(row))) > 1)
          return false;
    return true;
  }

 private:
  void prepare_opencv() {
    const auto height = static_cast<int>(rows_), width = static_cast<int>(columns_);
    raw_mat_ = cv::Mat(height, width, CV_16U, raw_.get());
    dark_mat_ = cv::repeat(cv::Mat(1, width, CV_32F, dark_.data()), height, 1);
    gain_mat_ = cv::repeat(cv::Mat(1, width, CV_32F, gain_.data()), height, 1);
    for (const uint32_t dose : dose_) factors_.push_back(65536.0 / dose);
    values_ = cv::Mat::zeros(height, width, CV_32F);
    stored_ = cv::Mat::zeros(height, width, CV_16U);
    turned_ = cv::Mat::zeros(width, height, CV_16U);
  }

  uint32_t rows_, columns_;
  size_t stride_;
  Samples raw_, copy_, ours_;
  std::vector<float> dark_, gain_;
  std::vector<uint32_t> dose_;
  std::vector<double> factors_;
  cv::Mat raw_mat_, dark_mat_, gain_mat_, values_, stored_, turned_;
};

int run(const Arguments& arguments) {
  cv::setNumThreads(1);
  std::vector<double> ours, opencv, copied;
  for (const Class& of : classes) {
    Contest contest(of);
    if (!contest.agree()) {
      std::fprintf(stderr, "bench: %s: ours and OpenCV's values differ; nothing was measured\n", of.name);
      return 1;
    }
    const auto laps = race({[&] { contest.fused(); }, [&] { contest.copy(); }, [&] { contest.opencv(); }},
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
