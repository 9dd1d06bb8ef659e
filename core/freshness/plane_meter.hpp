// The print of one plane, gathered while its rows pass, in memory that depends on its width alone.
//
// Of rows that RowChoice chooses residuals are taken, and the sums of their tiles go into the hash: no two
// exposures have the same. Of planes without noise all rows go into the hash. Of tiles that hold noise alone
// the pixel that stands out most becomes a mark, if it does so in all of its patch: that finds the same places
// however the plane is shifted, cut, mirrored or brightened. The marks that stand out most are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/freshness/noise_levels.hpp"
#include "core/freshness/plane_hash.hpp"
#include "core/freshness/print.hpp"
#include "core/freshness/residuals.hpp"
#include "core/freshness/row_choice.hpp"

namespace garita::freshness {

// What the plane is said to be.
struct PlaneTraits {
  std::string view, channel;
  uint32_t columns = 0;
  uint32_t sample_bytes = 2;
  bool noise = false;  // u8 or u16, in which quantum noise can be expected; else equality alone is looked for
  bool canonical = false;                          // 1024 + 57344·t
  bool raw_counts = false, fixed_pattern = false;  // as in the print
};

class PlaneMeter {
 public:
  explicit PlaneMeter(PlaneTraits traits);
  PlaneMeter(const PlaneMeter&) = delete;
  PlaneMeter& operator=(const PlaneMeter&) = delete;

  // The next rows, tight, little-endian.
  void add(base::Bytes pixels, uint32_t rows);

  PlanePrint finish();

  static constexpr uint32_t most_columns = 8192;  // residuals of wider planes: of the first ones

 private:
  struct Candidate {
    double prominence = 0;  // |d| in means of its tile
    uint32_t level = 0, magnitude = 0;
    Mark mark;
  };

  void add_row(base::Bytes row);
  void add_plain_row(base::Bytes row);
  void take_slab();
  void look_at_last_slab();
  void set_limits();
  void look_for_marks(uint64_t slab);
  void look_at(uint64_t slab, uint32_t tile_index, const Tile& tile, double prominence);
  void keep(Candidate candidate);
  void judge_noise(PlanePrint& print) const;
  std::optional<NoiseAt> open_beam() const;
  double limit_at(const Candidate& candidate, const std::optional<NoiseAt>& beam) const;

  const PlaneTraits traits_;
  PlaneHash hash_;
  uint64_t rows_ = 0, content_ = 0;
  // Of planes without noise, for their content: the row above, and what it was when the call was over.
  base::Bytes row_above_;
  std::vector<std::byte> last_row_;
  std::optional<RowChoice> choice_;
  std::optional<Residuals> residuals_;
  uint64_t next_row_ = 0,
           skipped_ = 0;               // the row's number for residuals_, and how much the plane's is greater
  std::optional<uint64_t> last_slab_;  // has not been looked at
  NoiseLevels levels_;                 // of all tiles
  NoiseLevels noisy_;                  // of those whose values are fine enough
  std::vector<double> limits_;         // of a tile's magnitude, at each level
  uint64_t slabs_ = 0;
  std::vector<Candidate> candidates_;  // a heap, the least prominent first
};

}  // namespace garita::freshness
