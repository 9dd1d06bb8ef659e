#include "tests/bench/image_correct/contest.hpp"

#include <algorithm>
#include <cstring>
#include <random>

#include "core/normalize/correct.hpp"

namespace garita::bench {
namespace {

constexpr PlaneSize sizes[] = {
    {"portal, 1504 detectors", 4096, 1504},
    {"rail, 672 detectors", 16384, 672},
    {"panel, 2048 x 2048", 2048, 2048},
    {"panel, 900 x 1500", 900, 1500},
};

size_t whole_lines(size_t count) { return (count + 31) / 32 * 32; }

}  // namespace

std::span<const PlaneSize> plane_sizes() { return sizes; }

CorrectContest::Samples CorrectContest::samples(size_t count) {
  const size_t bytes = whole_lines(count) * sizeof(uint16_t);
  auto* memory = static_cast<uint16_t*>(std::aligned_alloc(64, bytes));
  std::memset(memory, 1, bytes);
  return Samples(memory);
}

CorrectContest::CorrectContest(const PlaneSize& of)
    : rows_(of.rows),
      columns_(of.columns),
      stride_(whole_lines(of.columns)),
      turned_stride_(whole_lines(of.rows)),
      raw_(samples(size_t{rows_} * columns_)),
      copy_(samples(size_t{rows_} * columns_)),
      ours_(samples(stride_ * rows_)),
      turned_(samples(turned_stride_ * columns_)) {
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
  for (size_t i = 0; i < size_t{rows_} * columns_; ++i) raw_[i] = static_cast<uint16_t>(between(500, 60000));
  prepare_opencv();
}

void CorrectContest::correct(bool turned) {
  normalize::CorrectJob job;
  job.raw = reinterpret_cast<const std::byte*>(raw_.get());
  job.raw_stride_bytes = columns_ * sizeof(uint16_t);
  job.rows = rows_, job.columns = columns_;
  job.dark = dark_.data(), job.gain = gain_.data();
  job.dose_q16 = dose_.data();
  job.out = turned ? turned_.get() : ours_.get();
  job.out_stride = turned ? turned_stride_ : stride_;
  job.past_cache = true;
  turned ? normalize::correct_transposed(job) : normalize::correct(job);
}

void CorrectContest::ours() { correct(false); }
void CorrectContest::ours_turned() { correct(true); }
void CorrectContest::copy() { std::memcpy(copy_.get(), raw_.get(), raw_bytes()); }

// As somebody would write it: to float, minus dark, times gain, dose row by row, offset, saturating back.
// Every matrix exists before.
void CorrectContest::opencv() {
  raw_mat_.convertTo(values_, CV_32F, 256.0);
  cv::subtract(values_, dark_mat_, values_);
  cv::multiply(values_, gain_mat_, values_);
  for (uint32_t row = 0; row < rows_; ++row) {
    cv::Mat line = values_.row(static_cast<int>(row));
    line *= factors_[row];
  }
  cv::add(values_, cv::Scalar(1024), values_);
  values_.convertTo(stored_mat_, CV_16U);
}

void CorrectContest::opencv_turned() {
  opencv();
  cv::transpose(stored_mat_, turned_mat_);
}

bool CorrectContest::agree() {
  ours();
  ours_turned();
  opencv_turned();
  for (uint32_t column = 0; column < columns_; ++column)
    for (uint32_t row = 0; row < rows_; ++row) {
      const int theirs = turned_mat_.at<uint16_t>(static_cast<int>(column), static_cast<int>(row));
      const int straight = ours_[row * stride_ + column], turned = turned_[column * turned_stride_ + row];
      if (straight != turned || std::abs(straight - theirs) > 1) return false;
    }
  return true;
}

void CorrectContest::prepare_opencv() {
  const auto height = static_cast<int>(rows_), width = static_cast<int>(columns_);
  raw_mat_ = cv::Mat(height, width, CV_16U, raw_.get());
  dark_mat_ = cv::repeat(cv::Mat(1, width, CV_32F, dark_.data()), height, 1);
  gain_mat_ = cv::repeat(cv::Mat(1, width, CV_32F, gain_.data()), height, 1);
  for (const uint32_t dose : dose_) factors_.push_back(65536.0 / dose);
  values_ = cv::Mat::zeros(height, width, CV_32F);
  stored_mat_ = cv::Mat::zeros(height, width, CV_16U);
  turned_mat_ = cv::Mat::zeros(width, height, CV_16U);
}

}  // namespace garita::bench
