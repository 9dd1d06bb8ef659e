#include "core/normalize/calibration_store.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/normalize/correct.hpp"
#include "garita/status.h"

namespace garita::normalize {
namespace {

constexpr uint32_t q8_limit = 1U << 24;

base::Error fault(std::string_view key, uint64_t id, std::vector<base::Field> more = {}) {
  std::vector<base::Field> fields = {{"id", std::to_string(id)}};
  for (base::Field& field : more) fields.push_back(std::move(field));
  return {base::Outcome::incomplete, "normalize." + std::string(key), std::move(fields), GARITA_DATA_CORRUPT};
}

std::string_view role_name(uint32_t role) { return role == GARITA_CALIBRATION_DARK ? "dark" : "air"; }

uint64_t bytes_of(uint64_t rows, uint64_t columns,
                  uint32_t sample_type) {  // both roles and their coefficients
  return rows * columns * (sample_type == GARITA_SAMPLE_F64 ? 32 : 16);
}

// The first thing about a piece that cannot be, or nothing.
std::string_view misshapen(const image::Calibration& piece) {
  const uint32_t size = piece.sample_type == GARITA_SAMPLE_U32   ? 4
                        : piece.sample_type == GARITA_SAMPLE_F64 ? 8
                                                                 : 0;
  if (size == 0) return "sample_type";
  if (piece.columns == 0 || piece.columns > GARITA_MAX_COLUMNS) return "columns";
  if (piece.total_rows == 0) return "total_rows";
  if (piece.rows == 0 || piece.first_row > piece.total_rows ||
      piece.rows > piece.total_rows - piece.first_row)
    return "rows";
  if (piece.row_stride_bytes < uint64_t{piece.columns} * size ||
      piece.row_stride_bytes > GARITA_MAX_STRIP_BYTES)
    return "row_stride_bytes";
  return piece.memory ? "" : "memory";
}

template <typename T>
void copy_rows(const image::Calibration& piece, std::vector<T>& values) {
  const std::byte* from = piece.memory.get();
  for (uint32_t row = 0; row < piece.rows; ++row, from += piece.row_stride_bytes) {
    const size_t at = values.size();
    values.resize(at + piece.columns);
    std::memcpy(values.data() + at, from, piece.columns * sizeof(T));
  }
}

void note_dead(Correction& made, uint32_t row, uint32_t column) {
  ++made.dead_pixels;
  if (!made.dead.empty() && made.dead.back().row == row &&
      made.dead.back().first_column + made.dead.back().columns == column) {
    ++made.dead.back().columns;
  } else if (made.dead.size() < max_pixel_runs) {
    made.dead.push_back({row, column, 1});
  }
}

// d and g of every pixel, by the definition in correct.hpp; of F64 pairs the same in binary64 and counts.
std::shared_ptr<const Correction> correction_of(uint64_t id, std::shared_ptr<const CalibrationPlane> dark,
                                                std::shared_ptr<const CalibrationPlane> air) {
  auto made = std::make_shared<Correction>();
  made->id = id;
  made->rows = dark->rows, made->columns = dark->columns, made->sample_type = dark->sample_type;
  const size_t pixels = size_t{dark->rows} * dark->columns;
  const bool real = dark->sample_type == GARITA_SAMPLE_F64;
  if (real) {
    made->dark64 = dark->counts;
    made->gain64.resize(pixels);
  } else {
    made->dark32.assign(dark->q8.begin(), dark->q8.end());
    made->gain32.resize(pixels);
  }
  for (size_t i = 0; i < pixels; ++i) {
    bool dead = false;
    if (real) {
      const double step = air->counts[i] - dark->counts[i];
      dead = !(step >= 1.0) || !std::isfinite(step);
      made->gain64[i] = dead ? 0.0 : canonical_span / step;
    } else {
      made->gain32[i] = gain_of(dark->q8[i], air->q8[i]);
      dead = made->gain32[i] == 0.0F;
    }
    if (dead)
      note_dead(*made, static_cast<uint32_t>(i / dark->columns), static_cast<uint32_t>(i % dark->columns));
  }
  made->dark = std::move(dark);
  made->air = std::move(air);
  return made;
}

}  // namespace

base::Result<void> CalibrationStore::add(const image::Calibration& piece) {
  if (piece.role != GARITA_CALIBRATION_DARK && piece.role != GARITA_CALIBRATION_AIR)
    return fault("calibration_misshapen", piece.id, {{"what", "role"}});
  Entry& entry = entry_for(piece);
  Role& role = entry.roles[piece.role == GARITA_CALIBRATION_DARK ? 0 : 1];
  base::Result<void> taken = take(entry, role, piece);
  if (!taken) {
    entry.correction.reset();
    role = Role{};
    role.unusable = taken.error();
  }
  return taken;
}

CalibrationStore::Entry& CalibrationStore::entry_for(const image::Calibration& piece) {
  const auto known =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.id == piece.id; });
  if (known != entries_.end()) {
    if (piece.first_row == 0) entries_.splice(entries_.end(), entries_, known);  // begun again: the youngest
    return *known;
  }
  if (entries_.size() >= GARITA_MAX_CALIBRATIONS) entries_.pop_front();
  entries_.emplace_back().id = piece.id;
  return entries_.back();
}

uint64_t CalibrationStore::bytes_without(const Role& role) const {
  uint64_t sum = 0;
  for (const Entry& entry : entries_)
    for (const Role& other : entry.roles)
      if (other.plane && &other != &role)
        sum += bytes_of(other.plane->rows, other.plane->columns, other.plane->sample_type) / 2;
  return sum;
}

base::Result<void> CalibrationStore::begin_role(Entry& entry, Role& role, const image::Calibration& piece) {
  const uint64_t bytes = bytes_of(piece.total_rows, piece.columns, piece.sample_type) / 2;
  if (bytes_without(role) + bytes > max_bytes_) return fault("calibration_too_large", piece.id);
  // Sent again: what was whole together belongs together, so the other role goes too.
  if (entry.roles[0].whole() && entry.roles[1].whole()) entry.roles[0] = entry.roles[1] = Role{};
  entry.correction.reset();
  role = Role{};
  role.plane = std::make_shared<CalibrationPlane>();
  role.plane->rows = piece.total_rows;
  role.plane->columns = piece.columns;
  role.plane->sample_type = piece.sample_type;
  role.plane->averaged = piece.averaged;
  role.plane->time = piece.time;
  return {};
}

base::Result<void> CalibrationStore::take(Entry& entry, Role& role, const image::Calibration& piece) {
  if (const std::string_view what = misshapen(piece); !what.empty())
    return fault("calibration_misshapen", piece.id, {{"what", std::string(what)}});
  if (piece.first_row == 0) GARITA_TRY(begin_role(entry, role, piece));
  if (role.unusable) return *role.unusable;
  if (!role.plane || piece.first_row != role.rows_filled)
    return fault(
        "calibration_out_of_order", piece.id,
        {{"expected", std::to_string(role.rows_filled)}, {"given", std::to_string(piece.first_row)}});
  CalibrationPlane& plane = *role.plane;
  if (plane.columns != piece.columns || plane.rows != piece.total_rows ||
      plane.sample_type != piece.sample_type)
    return fault("calibration_misshapen", piece.id, {{"what", "total_rows"}});
  const auto before = static_cast<ptrdiff_t>(size_t{role.rows_filled} * plane.columns);
  role.rows_filled += piece.rows;
  if (plane.sample_type == GARITA_SAMPLE_U32) {
    copy_rows(piece, plane.q8);
    if (std::any_of(plane.q8.begin() + before, plane.q8.end(),
                    [](uint32_t value) { return value >= q8_limit; }))
      return fault("calibration_out_of_range", piece.id);
  } else {
    copy_rows(piece, plane.counts);
    if (!std::all_of(plane.counts.begin() + before, plane.counts.end(),
                     [](double v) { return std::isfinite(v); }))
      return fault("calibration_not_finite", piece.id);
  }
  return {};
}

base::Result<std::shared_ptr<const Correction>> CalibrationStore::find(uint64_t id) {
  const auto known =
      std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.id == id; });
  if (known == entries_.end()) return fault("calibration_missing", id);
  Entry& entry = *known;
  for (const Role& role : entry.roles)
    if (role.unusable) return *role.unusable;
  for (uint32_t i = 0; i < 2; ++i)
    if (!entry.roles[i].whole())
      return fault("calibration_unfinished", id, {{"role", std::string(role_name(i + 1))}});
  const CalibrationPlane& dark = *entry.roles[0].plane;
  const CalibrationPlane& air = *entry.roles[1].plane;
  if (dark.rows != air.rows || dark.columns != air.columns || dark.sample_type != air.sample_type)
    return fault("calibration_pair", id);
  if (!entry.correction) entry.correction = correction_of(id, entry.roles[0].plane, entry.roles[1].plane);
  return entry.correction;
}

}  // namespace garita::normalize
