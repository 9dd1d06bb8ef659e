#include "core/normalize/plane_stream.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "core/normalize/correct.hpp"
#include "core/normalize/scale.hpp"
#include "garita/status.h"

namespace garita::normalize {
namespace {

bool small_integer(uint32_t sample_type) {
  return sample_type == GARITA_SAMPLE_U8 || sample_type == GARITA_SAMPLE_U16;
}

// Why a calibration that is there does not fit the view, or nothing.
const char* misfit(const Correction& correction, const image::View& view) {
  if (correction.columns != view.columns) return "columns";
  const uint32_t wanted = small_integer(view.sample_type) ? GARITA_SAMPLE_U32 : GARITA_SAMPLE_F64;
  if (correction.sample_type != wanted) return "sample_type";
  const bool frame = view.shape != GARITA_SHAPE_SCAN && correction.rows == view.rows;
  return correction.rows == 1 || frame ? nullptr : "total_rows";
}

template <typename T>
void turn_rows(std::byte* pixels, size_t rows, size_t columns) {
  T* row = reinterpret_cast<T*>(pixels);
  for (size_t i = 0; i < rows; ++i, row += columns) std::reverse(row, row + columns);
}

void turn_rows(std::byte* pixels, size_t rows, size_t columns, uint32_t sample_bytes) {
  switch (sample_bytes) {
    case 1:
      return turn_rows<uint8_t>(pixels, rows, columns);
    case 2:
      return turn_rows<uint16_t>(pixels, rows, columns);
    case 4:
      return turn_rows<uint32_t>(pixels, rows, columns);
    default:
      return turn_rows<uint64_t>(pixels, rows, columns);
  }
}

template <typename T>
void look_up(const std::byte* raw, const std::vector<uint16_t>& table, std::span<uint16_t> out) {
  for (size_t i = 0; i < out.size(); ++i) {
    T sample;
    std::memcpy(&sample, raw + i * sizeof(T), sizeof sample);
    out[i] = table[sample];
  }
}

// Appends to a list that may not grow for ever.
template <typename T>
void note(std::vector<T>& list, T entry, bool& cut) {
  if (list.size() < max_ranges)
    list.push_back(entry);
  else
    cut = true;
}

}  // namespace

PlaneFormat expected_format(const image::View& view) {
  PlaneFormat format;
  format.canonical =
      view.quantity == GARITA_QUANTITY_TRANSMISSION &&
      (view.fidelity == GARITA_FIDELITY_RAW_COUNTS || view.fidelity == GARITA_FIDELITY_TRANSMISSION ||
       view.fidelity == GARITA_FIDELITY_ATTENUATION);
  format.sample_type = format.canonical ? GARITA_SAMPLE_U16 : view.sample_type;
  format.columns = view.columns;
  return format;
}

PlaneStream::PlaneStream(const image::View& view, uint32_t view_index, uint32_t channel_index, RowSink& sink,
                         const Settings& settings, Buffers& buffers)
    : view_(view),
      sink_(sink),
      settings_(settings),
      buffers_(buffers),
      orientation_(orientation_of(view)),
      sample_bytes_(image::sample_size_bytes(view.sample_type)),
      meter_(view.columns) {
  report_.view = view_index;
  report_.channel = channel_index;
  report_.columns = view.columns;
  const PlaneFormat format = expected_format(view);
  report_.canonical = format.canonical;
  report_.sample_type = format.sample_type;
}

base::Result<void> PlaneStream::start(CalibrationStore& calibrations,
                                      std::optional<base::Error>& uncorrected) {
  started_ = true;
  PlaneFormat format = expected_format(view_);
  if (format.canonical && view_.fidelity == GARITA_FIDELITY_RAW_COUNTS) {
    const uint64_t id = view_.channels[report_.channel].calibration_id;
    base::Result<std::shared_ptr<const Correction>> found = calibrations.find(id);
    if (!found) {
      uncorrected = found.error();
    } else if (const char* what = misfit(**found, view_)) {
      uncorrected = base::Error{base::Outcome::incomplete,
                                "normalize.calibration_misfit",
                                {{"id", std::to_string(id)}, {"view", view_.name}, {"what", what}},
                                GARITA_DATA_CORRUPT};
    } else {
      correction_ = *found;
      report_.calibrated = true;
      report_.calibration_id = id;
      note_detector();
    }
    if (!correction_) format = {false, true, view_.sample_type, view_.columns, nullptr};
    way_ = !correction_                       ? Way::as_delivered
           : small_integer(view_.sample_type) ? Way::counts_binary32
                                              : Way::counts_binary64;
  } else if (format.canonical) {
    way_ = small_integer(view_.sample_type) ? Way::table : Way::values_binary64;
    if (way_ == Way::table) table_ = canonical_table(view_);
  }
  format.correction = correction_;
  report_.canonical = format.canonical;
  report_.uncorrected = format.uncorrected;
  report_.sample_type = format.sample_type;
  return sink_.plane(report_.view, report_.channel, format);
}

// Dead pixels of the calibration, as the report has them.
void PlaneStream::note_detector() {
  report_.dead_pixels = correction_->dead_pixels;
  uint64_t listed = 0;
  for (const PixelRun& run : correction_->dead) {
    const uint32_t column = canonical_column(orientation_, view_.columns, run.first_column, run.columns);
    report_.dead.push_back({0, run.row, correction_->rows == 1 ? 0U : 1U, column, run.columns});
    listed += run.columns;
  }
  report_.lists_cut = listed != report_.dead_pixels;
  detector_runs_ = report_.dead.size();
}

base::Result<void> PlaneStream::rows(const image::Strip& strip) {
  if (slices_.size() <= strip.slice) slices_.resize(size_t{strip.slice} + 1);
  const auto most = static_cast<uint32_t>(
      std::clamp<uint64_t>(settings_.block_bytes / (uint64_t{view_.columns} * sample_bytes_), 1, strip.rows));
  for (uint32_t first = 0; first < strip.rows; first += most) {
    Block next;
    next.slice = strip.slice;
    next.first = first;
    next.count = std::min(most, strip.rows - first);
    next.row = strip.first_row + first;
    next.raw = strip.memory.get() + first * strip.row_stride_bytes;
    next.stride_bytes = strip.row_stride_bytes;
    if (!strip.dose_q16.empty()) next.dose_q16 = strip.dose_q16.data() + first;
    GARITA_TRY(block(next));
    slices_[strip.slice].next_row += next.count;
    report_.rows += next.count;
  }
  note_lines(strip);
  return {};
}

base::Result<void> PlaneStream::block(Block block) {
  const size_t row_bytes = size_t{view_.columns} * sample_bytes_;
  // Binary32 correction takes its samples straight from the strip; all else, and raw that is kept, from one
  // copy.
  if (way_ != Way::counts_binary32 || settings_.keep_raw) {
    buffers_.raw.resize(std::max(buffers_.raw.size(), block.count * row_bytes));
    for (uint32_t i = 0; i < block.count; ++i)
      std::memcpy(buffers_.raw.data() + i * row_bytes, block.raw + i * block.stride_bytes, row_bytes);
    block.raw = buffers_.raw.data();
    block.stride_bytes = row_bytes;
  }
  const bool canonical = way_ != Way::as_delivered;
  if (settings_.keep_raw && canonical) {
    std::span<const uint32_t> doses;
    if (block.dose_q16) doses = {block.dose_q16, block.count};
    GARITA_TRY(sink_.raw_doses(report_.view, report_.channel, block.slice, block.row, block.count, doses));
    GARITA_TRY(sink_.raw_rows(report_.view, report_.channel, block.slice, block.row, block.count,
                              {block.raw, block.count * row_bytes}));
  }
  return sink_.rows(report_.view, report_.channel, block.slice, block.row, block.count,
                    canonical ? deliver_canonical(block) : deliver_as_is(block));
}

std::span<const std::byte> PlaneStream::deliver_as_is(const Block& block) {
  const std::span<std::byte> pixels = std::span(buffers_.raw).first(block.count * block.stride_bytes);
  if (orientation_.columns_flipped) turn_rows(pixels.data(), block.count, view_.columns, sample_bytes_);
  return pixels;
}

std::span<const std::byte> PlaneStream::deliver_canonical(const Block& block) {
  const size_t samples = size_t{block.count} * view_.columns;
  buffers_.canonical.resize(std::max(buffers_.canonical.size(), samples));
  const std::span<uint16_t> out = std::span(buffers_.canonical).first(samples);
  if (way_ == Way::counts_binary32) {
    correct_binary32(block, out);
  } else {
    for (uint32_t row = 0; row < block.count; ++row)
      convert_row(block, row, out.subspan(size_t{row} * view_.columns, view_.columns));
    report_.saturation += ends_of(out);
  }
  const std::span<std::byte> pixels = std::as_writable_bytes(out);
  if (orientation_.columns_flipped) turn_rows(pixels.data(), block.count, view_.columns, sizeof(uint16_t));
  measure(block, out);
  return pixels;
}

void PlaneStream::correct_binary32(const Block& block, std::span<uint16_t> out) {
  CorrectJob job;
  job.raw = block.raw;
  job.raw_stride_bytes = block.stride_bytes;
  job.sample_type = view_.sample_type;
  job.rows = block.count;
  job.columns = view_.columns;
  const size_t at = gain_row(block.row) * view_.columns;
  job.dark = correction_->dark32.data() + at;
  job.gain = correction_->gain32.data() + at;
  job.gain_stride = correction_->rows == 1 ? 0 : view_.columns;
  job.dose_q16 = block.dose_q16;
  job.out = out.data();
  job.out_stride = view_.columns;
  report_.saturation += correct(job);
}

void PlaneStream::convert_row(const Block& block, uint32_t row, std::span<uint16_t> out) {
  const std::span<const std::byte> raw(block.raw + row * block.stride_bytes, block.stride_bytes);
  buffers_.invalid.clear();
  const bool lost = block.dose_q16 && block.dose_q16[row] == 0;
  if (lost) {
    std::fill(out.begin(), out.end(), canonical_unmeasured);
  } else if (way_ == Way::table) {
    if (sample_bytes_ == 1)
      look_up<uint8_t>(raw.data(), table_, out);
    else
      look_up<uint16_t>(raw.data(), table_, out);
  } else if (way_ == Way::values_binary64) {
    values_to_canonical(raw, view_, out, buffers_.invalid);
  } else {
    const size_t at = gain_row(block.row + row) * view_.columns;
    const double factor = block.dose_q16 ? 65536.0 / block.dose_q16[row] : 1.0;
    counts_to_canonical(raw, view_.sample_type, correction_->dark64.data() + at,
                        correction_->gain64.data() + at, factor, out, buffers_.invalid);
  }
  note_invalid(block, row);
}

void PlaneStream::note_invalid(const Block& block, uint32_t row) {
  report_.invalid_samples += buffers_.invalid.size();
  for (size_t i = 0; i < buffers_.invalid.size();) {
    size_t end = i + 1;
    while (end < buffers_.invalid.size() && buffers_.invalid[end] == buffers_.invalid[end - 1] + 1) ++end;
    const auto count = static_cast<uint32_t>(end - i);
    const uint32_t column = canonical_column(orientation_, view_.columns, buffers_.invalid[i], count);
    note(report_.dead, DeadRun{block.slice, block.row + row, 1, column, count}, report_.lists_cut);
    i = end;
  }
}

void PlaneStream::measure(const Block& block, std::span<const uint16_t> out) {
  for (uint32_t row = 0; row < block.count; ++row)
    if (!block.dose_q16 || block.dose_q16[row] != 0)
      meter_.add(out.subspan(size_t{row} * view_.columns, view_.columns), usable_blocks(block.row + row));
}

// Blocks of a row without a dead detector element; empty where all are.
std::span<const uint8_t> PlaneStream::usable_blocks(uint64_t row) {
  if (detector_runs_ == 0) return {};
  const uint64_t key = gain_row(row);
  if (usable_row_ == key) return usable_;
  usable_row_ = key;
  const auto runs = std::span(report_.dead).first(detector_runs_);
  const auto from = std::lower_bound(runs.begin(), runs.end(), key, [](const DeadRun& run, uint64_t wanted) {
    return run.first_row < wanted;
  });
  usable_.assign(view_.columns / QualityMeter::block_columns + 1, 1);
  for (auto run = from; run != runs.end() && run->first_row == key; ++run)
    for (uint32_t at = run->first_column / QualityMeter::block_columns;
         at <= (run->first_column + run->columns - 1) / QualityMeter::block_columns; ++at)
      usable_[at] = 0;
  return usable_;
}

void PlaneStream::note_lines(const image::Strip& strip) {
  for (uint32_t row = 0; row < strip.dose_q16.size(); ++row) {
    if (strip.dose_q16[row] != 0) continue;
    const uint64_t at = strip.first_row + row;
    ++report_.lost_row_count;
    if (!report_.lost_rows.empty() && report_.lost_rows.back().slice == strip.slice &&
        report_.lost_rows.back().first_row + report_.lost_rows.back().rows == at)
      ++report_.lost_rows.back().rows;
    else
      note(report_.lost_rows, RowRange{strip.slice, at, 1}, report_.lists_cut);
  }
  std::optional<uint64_t>& last = slices_[strip.slice].last_line;
  for (size_t row = 0; row < strip.line_index.size(); ++row) {
    const uint64_t line = strip.line_index[row];
    if (last && line - *last > 1) {
      const uint64_t missing = line - *last - 1;
      report_.lost_line_count += std::min(missing, UINT64_MAX - report_.lost_line_count);
      note(report_.gaps, LineGap{strip.slice, strip.first_row + row, missing}, report_.lists_cut);
    }
    last = line;
  }
}

PlaneReport PlaneStream::report() const {
  PlaneReport report = report_;
  if (report.canonical) report.quality = meter_.result();
  return report;
}

}  // namespace garita::normalize
