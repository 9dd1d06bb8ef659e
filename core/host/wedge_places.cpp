#include "core/host/wedge_places.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "core/image/view.hpp"
#include "core/normalize/canonical.hpp"

namespace garita::host {
namespace {

constexpr size_t max_table_bytes = 64u << 10;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Up to the separator, which goes too.
std::string_view take_until(std::string_view& rest, char separator) {
  const size_t end = rest.find(separator);
  const std::string_view head = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return head;
}

template <typename Number>
bool take_number(std::string_view& rest, Number& out) {
  const std::string_view text = trimmed(take_until(rest, ','));
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

base::Error refused(std::string id, std::vector<base::Field> fields) {
  return {base::Outcome::no, std::move(id), std::move(fields)};
}

std::string text_of(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

// A range from a file may say anything: no sum of its two numbers is made.
bool is_in(int64_t row, int64_t first, int64_t count) {
  const int64_t from = std::max<int64_t>(first, 0);
  return row >= from && row - from < count;
}

// What the record marks as not measured, by canonical rows.
class Masks {
 public:
  Masks(const v1::View& view, const v1::Channel& channel, uint32_t columns)
      : channel_(channel),
        rows_(view.rows()),
        rear_first_(view.geometry().rows_rear_first()),
        columns_(columns) {}

  bool is_lost(uint64_t canonical_row) const {
    const auto row = stored(canonical_row);
    return std::any_of(
        channel_.lost_lines().begin(), channel_.lost_lines().end(),
        [&](const v1::RowRange& range) { return is_in(row, range.first_row(), range.rows()); });
  }

  // A flag a column of [first, first + usable.size()).
  void mark(uint64_t canonical_row, uint32_t first, std::vector<uint8_t>& usable) const {
    std::fill(usable.begin(), usable.end(), uint8_t{1});
    const auto row = stored(canonical_row);
    for (const v1::PixelRun& run : channel_.dead_pixels()) {
      if (!is_in(row, run.first_row(), run.rows())) continue;
      const int64_t low = std::clamp<int64_t>(run.first_column(), 0, columns_);
      const int64_t high = std::clamp<int64_t>(run.columns(), 0, columns_ - low) + low;
      for (int64_t column = std::max<int64_t>(low, first);
           column < high && column - first < std::ssize(usable); ++column)
        usable[static_cast<size_t>(column - first)] = 0;
    }
  }

 private:
  int64_t stored(uint64_t canonical_row) const {
    return static_cast<int64_t>(rear_first_ && canonical_row < rows_ ? rows_ - 1 - canonical_row
                                                                     : canonical_row);
  }

  const v1::Channel& channel_;
  uint64_t rows_;
  bool rear_first_;
  int64_t columns_;
};

}  // namespace

std::optional<SteelPlace> place_of(std::string_view line) {
  SteelPlace place;
  if (std::count(line.begin(), line.end(), ',') != 4) return std::nullopt;
  const bool whole = take_number(line, place.steel_mm) && take_number(line, place.first_row) &&
                     take_number(line, place.rows) && take_number(line, place.first_column) &&
                     take_number(line, place.columns);
  const bool sane = whole && place.steel_mm >= 0 && place.steel_mm <= normalize::max_steel_mm &&
                    place.rows > 0 && place.columns > 0;
  return sane ? std::optional(place) : std::nullopt;
}

base::Result<void> read_table(std::string_view text, std::string_view heading,
                              const std::function<bool(std::string_view line)>& take) {
  if (text.size() > max_table_bytes) return refused("host.steel_table", {{"line", "1"}});
  bool headed = false, is_empty = true;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view rest = take_until(text, '\n');
    const std::string_view line = trimmed(take_until(rest, '#'));
    if (line.empty()) continue;
    if (!headed && line == heading) {
      headed = true;
      continue;
    }
    if (!headed || !take(line)) return refused("host.steel_table", {{"line", std::to_string(number)}});
    is_empty = false;
  }
  if (is_empty) return refused("host.steel_table_empty", {});
  return {};
}

base::Result<normalize::SteelStep> measured(OpenPackage& package, const v1::View& view,
                                            const v1::Channel& channel, const package::PlaneInfo& plane,
                                            const SteelPlace& place) {
  const bool inside = place.first_row < plane.rows && place.rows <= plane.rows - place.first_row &&
                      place.first_column < plane.spec.columns &&
                      place.columns <= plane.spec.columns - place.first_column;
  if (!inside) return refused("host.steel_outside", {{"steel_mm", text_of(place.steel_mm)}});
  const Masks masks(view, channel, plane.spec.columns);
  normalize::StepMeter meter(place.columns);
  std::vector<uint16_t> row(plane.spec.columns);
  std::vector<uint8_t> usable(place.columns);
  for (uint64_t at = place.first_row; at < place.first_row + place.rows; ++at) {
    if (masks.is_lost(at)) continue;
    GARITA_TRY(package.reader.read_rows(plane, at, 1, std::as_writable_bytes(std::span(row))));
    masks.mark(at, place.first_column, usable);
    meter.add(std::span(row).subspan(place.first_column, place.columns), usable);
  }
  return meter.result(place.steel_mm);
}

const package::PlaneInfo* canonical_plane(const OpenPackage& package, const v1::View& view,
                                          const v1::Channel& channel) {
  const auto name =
      image::channel_name(channel.kind() == v1::Channel::KIND_VENDOR ? channel.vendor_code()
                                                                     : static_cast<uint32_t>(channel.kind()));
  const auto index = package.reader.find_plane(view.name(), name);
  if (!index) return nullptr;
  const package::PlaneInfo& plane = package.reader.planes()[*index];
  const bool canonical = view.transmission_scale() == normalize::canonical_span &&
                         plane.spec.sample_type == GARITA_SAMPLE_U16 && plane.slices <= 1;
  return canonical ? &plane : nullptr;
}

}  // namespace garita::host
