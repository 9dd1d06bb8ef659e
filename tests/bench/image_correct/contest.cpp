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

constexpr size_t no_cache_bytes = 192u << 20;  // of each ring: six times the largest cache that we have met

size_t whole_lines(size_t count) { return (count + 31) / 32 * 32; }

}  // namespace

std::span<const PlaneSize> plane_sizes() { return sizes; }

CorrectContest::Samples CorrectContest::samples(size_t count) {
  const size_t bytes = whole_lines(count) * sizeof(uint16_t);
  auto* memory = static_cast<uint16_t*>(std::aligned_alloc(64, bytes));
  std::memset(memory, 1, bytes);
  return Samples(memory);
}

CorrectContest::Ring::Ring(size_t planes, size_t samples_each) {
  for (size_t i = 0; i < planes; ++i) planes_.push_back(samples(samples_each));
}

CorrectContest::CorrectContest(const PlaneSize& of)
    : rows_(of.rows),
      columns_(of.columns),
      stride_(whole_lines(of.columns)),
      turned_stride_(whole_lines(of.rows)),
      planes_((no_cache_bytes + raw_bytes() - 1) / raw_bytes()),
      raw_(planes_, size_t{rows_} * columns_),
      copy_(planes_, size_t{rows_} * columns_),
      ours_(planes_, stride_ * rows_),
      turned_(planes_, turned_stride_ * columns_),
      cv_straight_(planes_, size_t{rows_} * columns_),
      cv_turned_(planes_, size_t{rows_} * columns_) {
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
  fill_raw();
  prepare_opencv();
}

// The same in each, so that any two results can be compared.
void CorrectContest::fill_raw() {
  std::mt19937 engine(2);
  const uint16_t* const first = raw_.last();
  for (size_t i = 0; i < size_t{rows_} * columns_; ++i)
    raw_.last()[i] = static_cast<uint16_t>(500 + engine() % 59500);
  for (size_t i = 1; i < planes_; ++i) std::memcpy(raw_.next(), first, raw_bytes());
}

void CorrectContest::correct(bool turned) {
  normalize::CorrectJob job;
  job.raw = reinterpret_cast<const std::byte*>(raw_.next());
  job.raw_stride_bytes = columns_ * sizeof(uint16_t);
  job.rows = rows_, job.columns = columns_;
  job.dark = dark_.data(), job.gain = gain_.data();
  job.dose_q16 = dose_.data();
  job.out = turned ? turned_.next() : ours_.next();
  job.out_stride = turned ? turned_stride_ : stride_;
  job.past_cache = true;
  turned ? normalize::correct_transposed(job) : normalize::correct(job);
}

void CorrectContest::ours() { correct(false); }
void CorrectContest::ours_turned() { correct(true); }
void CorrectContest::copy() { std::memcpy(copy_.next(), raw_.next(), raw_bytes()); }

// As somebody would write it: to float, minus dark, times gain, dose row by row, offset, saturating back.
// Every matrix exists before.
void CorrectContest::opencv_into(cv::Mat& stored) {
  const cv::Mat raw(static_cast<int>(rows_), static_cast<int>(columns_), CV_16U, raw_.next());
  raw.convertTo(values_, CV_32F, 256.0);
  cv::subtract(values_, dark_mat_, values_);
  cv::multiply(values_, gain_mat_, values_);
  for (uint32_t row = 0; row < rows_; ++row) {
    cv::Mat line = values_.row(static_cast<int>(row));
    line *= factors_[row];
  }
  cv::add(values_, cv::Scalar(1024), values_);
  values_.convertTo(stored, CV_16U);
}

void CorrectContest::opencv() {
  cv::Mat stored(static_cast<int>(rows_), static_cast<int>(columns_), CV_16U, cv_straight_.next());
  opencv_into(stored);
}

void CorrectContest::opencv_turned() {
  opencv_into(stored_mat_);
  cv::Mat turned(static_cast<int>(columns_), static_cast<int>(rows_), CV_16U, cv_turned_.next());
  cv::transpose(stored_mat_, turned);
}

bool CorrectContest::agree() {
  ours();
  ours_turned();
  opencv_turned();
  for (uint32_t column = 0; column < columns_; ++column)
    for (uint32_t row = 0; row < rows_; ++row) {
      const int theirs = cv_turned_.last()[size_t{column} * rows_ + row];
      const int straight = ours_.last()[row * stride_ + column];
      const int turned = turned_.last()[column * turned_stride_ + row];
      if (straight != turned || std::abs(straight - theirs) > 1) return false;
    }
  return true;
}

void CorrectContest::prepare_opencv() {
  const auto height = static_cast<int>(rows_), width = static_cast<int>(columns_);
  dark_mat_ = cv::repeat(cv::Mat(1, width, CV_32F, dark_.data()), height, 1);
  gain_mat_ = cv::repeat(cv::Mat(1, width, CV_32F, gain_.data()), height, 1);
  for (const uint32_t dose : dose_) factors_.push_back(65536.0 / dose);
  values_ = cv::Mat::zeros(height, width, CV_32F);
  stored_mat_ = cv::Mat::zeros(height, width, CV_16U);
}

}  // namespace garita::bench
