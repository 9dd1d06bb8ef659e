#include "core/export/dicos_text.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/utf8.hpp"
#include "core/export/tdr.hpp"

namespace garita::exporter {
namespace {

constexpr size_t max_own_bytes = 1024;  // as much of a text as drivers/dicos reads

std::string without_outer_blanks(std::string text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// Where row `y` crosses the polygon's edges, ascending.
void crossings(const std::vector<double>& polygon, double y, std::vector<double>& out) {
  out.clear();
  const size_t corners = polygon.size() / 2;
  for (size_t i = 0; i < corners; ++i) {
    const size_t k = (i + 1) % corners;
    const double x0 = polygon[2 * i], y0 = polygon[2 * i + 1], x1 = polygon[2 * k], y1 = polygon[2 * k + 1];
    if ((y0 <= y) == (y1 <= y)) continue;
    out.push_back(x0 + (y - y0) / (y1 - y0) * (x1 - x0));
  }
  std::sort(out.begin(), out.end());
}

}  // namespace

std::string dicos_text(std::string_view text, size_t letters) {
  std::string out;
  for (size_t count = 0; !text.empty() && count < letters; ++count) {
    const base::CodePoint next = base::first_code_point(text);
    const std::string_view bytes = text.substr(0, next.size_bytes);
    text.remove_prefix(next.size_bytes);
    if (next.value == '\\')
      out += '/';
    else if (next.value < 0x20 || next.value == 0x7F)
      out += ' ';
    else if (next.valid)
      out += bytes;
    else
      out += '?';
  }
  return without_outer_blanks(std::move(out));
}

std::string dicos_own_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const base::CodePoint next = base::first_code_point(text);
    const std::string_view bytes = text.substr(0, next.size_bytes);
    text.remove_prefix(next.size_bytes);
    if (out.size() + bytes.size() > max_own_bytes) break;
    if (next.value < 0x20 || next.value == 0x7F)
      out += ' ';
    else if (next.valid)
      out += bytes;
    else
      out += '?';
  }
  return without_outer_blanks(std::move(out));
}

dicos::Stamp dicos_stamp(int64_t utc_ns) {
  const std::string iso = base::format_utc(utc_ns, 6);  // 2026-03-01T12:34:56.500000Z
  if (iso.size() < 19) return {};
  const auto cut = [&](size_t at, size_t count) { return iso.substr(at, count); };
  std::string time = cut(11, 2) + cut(14, 2) + cut(17, 2);
  if (iso.size() > 20 && iso[19] == '.') time += cut(19, iso.size() - 20);
  return {cut(0, 4) + cut(5, 2) + cut(8, 2), std::move(time)};
}

std::vector<uint8_t> dicos_bitmap(const dicos::Box& box, const std::vector<double>& polygon) {
  const auto columns = static_cast<uint64_t>(box.extents[0]), rows = static_cast<uint64_t>(box.extents[1]),
             slices = static_cast<uint64_t>(box.extents[2]);
  std::vector<uint8_t> bits((columns * rows * slices + 7) / 8);
  const bool whole = polygon.size() < 6;
  std::vector<double> edges;
  for (uint64_t row = 0; row < rows; ++row) {
    edges = {box.base[0], box.base[0] + box.extents[0]};
    if (!whole) crossings(polygon, box.base[1] + static_cast<double>(row) + 0.5, edges);
    for (size_t i = 0; i + 1 < edges.size(); i += 2) {
      // Pixels with their middle in [from, to).
      const double from = std::ceil(edges[i] - box.base[0] - 0.5),
                   to = std::ceil(edges[i + 1] - box.base[0] - 0.5);
      const auto first = static_cast<uint64_t>(std::clamp(from, 0.0, box.extents[0]));
      const auto end = static_cast<uint64_t>(std::clamp(to, 0.0, box.extents[0]));
      for (uint64_t slice = 0; slice < slices; ++slice)
        for (uint64_t bit = (slice * rows + row) * columns + first;
             bit < (slice * rows + row) * columns + end; ++bit)
          bits[bit / 8] = static_cast<uint8_t>(bits[bit / 8] | 1U << bit % 8);
    }
  }
  return bits;
}

std::string dicos_uid(const base::Digest& root, std::string_view name) {
  base::Sha256 hash;
  hash.update(std::as_bytes(std::span(root)));
  hash.update(std::as_bytes(std::span(name)));
  const base::Digest digest = hash.finish();
  // 16 bytes to decimal, digit by digit; set as a UUID of version 8 (RFC 9562), which 2.25 stands for.
  std::vector<unsigned> number(digest.begin(), digest.begin() + 16);
  number[6] = (number[6] & 0x0F) | 0x80;
  number[8] = (number[8] & 0x3F) | 0x80;
  std::string digits;
  while (std::any_of(number.begin(), number.end(), [](unsigned byte) { return byte != 0; })) {
    unsigned rest = 0;
    for (unsigned& byte : number) {
      const unsigned value = rest * 256 + byte;
      byte = value / 10;
      rest = value % 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + rest));
  }
  return "2.25." + digits;
}

}  // namespace garita::exporter
