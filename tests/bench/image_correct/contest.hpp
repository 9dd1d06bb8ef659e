// Raw counts → canonical: ours, memcpy of the same raw bytes, and the straightforward OpenCV route, over
// planes of the sizes that scanners have. All memory is touched before the clock runs, and no side gets huge
// pages that the other does not.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

namespace garita::bench {

struct PlaneSize {
  const char* name;
  uint32_t rows, columns;
};
std::span<const PlaneSize> plane_sizes();

// One plane with all that its runners need. Turned: columns become rows, a picture that stands upright.
class CorrectContest {
 public:
  explicit CorrectContest(const PlaneSize& of);

  size_t raw_bytes() const { return size_t{rows_} * columns_ * sizeof(uint16_t); }
  void ours();
  void ours_turned();
  void copy();
  void opencv();
  void opencv_turned();
  // Both must have done the same work: within one unit everywhere.
  bool agree();

 private:
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  using Samples = std::unique_ptr<uint16_t[], Free>;

  static Samples samples(size_t count);
  void correct(bool turned);
  void prepare_opencv();

  uint32_t rows_, columns_;
  size_t stride_, turned_stride_;
  Samples raw_, copy_, ours_, turned_;
  std::vector<float> dark_, gain_;
  std::vector<uint32_t> dose_;
  std::vector<double> factors_;
  cv::Mat raw_mat_, dark_mat_, gain_mat_, values_, stored_mat_, turned_mat_;
};

}  // namespace garita::bench
