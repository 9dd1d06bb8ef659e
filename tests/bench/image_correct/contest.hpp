// Raw counts → canonical: ours, memcpy of the same raw bytes, and the straightforward OpenCV route, over
// planes of the sizes that scanners have. All memory is touched before the clock runs, and no side gets huge
// pages that the other does not. What comes from a scanner and what goes into a package is in no cache: each
// call takes the next of so many planes, for raw and for result, that none of them has remained in one.
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
  // Planes of one size, each in its turn.
  class Ring {
   public:
    Ring(size_t planes, size_t samples_each);
    uint16_t* next() { return planes_[at_ = (at_ + 1) % planes_.size()].get(); }
    uint16_t* last() const { return planes_[at_].get(); }

   private:
    std::vector<Samples> planes_;
    size_t at_ = 0;
  };

  static Samples samples(size_t count);
  void fill_raw();
  void correct(bool turned);
  void prepare_opencv();
  void opencv_into(cv::Mat& stored);

  uint32_t rows_, columns_;
  size_t stride_, turned_stride_;
  size_t planes_;
  Ring raw_, copy_, ours_, turned_, cv_straight_, cv_turned_;
  std::vector<float> dark_, gain_;
  std::vector<uint32_t> dose_;
  std::vector<double> factors_;
  cv::Mat dark_mat_, gain_mat_, values_, stored_mat_;
};

}  // namespace garita::bench
