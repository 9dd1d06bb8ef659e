#include "tools/garita-demo/contact_sheet.hpp"

#include <algorithm>
#include <cstring>

#include "core/host/open_package.hpp"
#include "core/host/render.hpp"
#include "core/picture/png.hpp"
#include "tools/garita-demo/plot.hpp"

namespace garita::demo {
namespace {

constexpr uint32_t most_across = 3, cell_width = 640, cell_height = 400, gap = 12;
constexpr uint8_t background = 24;

// Red, green and blue of a picture of any kind.
std::vector<uint8_t> colours_of(const picture::PngImage& image) {
  const size_t pixels = size_t{image.header.width} * image.header.height;
  if (image.header.kind == picture::PngKind::rgb8) return image.samples;
  std::vector<uint8_t> out(pixels * 3);
  const size_t step = picture::sample_bytes(image.header.kind), high = step - 1;  // of 16 bits the upper byte
  for (size_t i = 0; i < pixels; ++i) std::memset(&out[i * 3], image.samples[i * step + high], 3);
  return out;
}

// As large as it fits into a cell: each pixel the mean of what it covers.
picture::PngImage fitted(const picture::PngImage& image) {
  const double scale =
      std::max({1.0, double(image.header.width) / cell_width, double(image.header.height) / cell_height});
  picture::PngImage out;
  out.header.kind = picture::PngKind::rgb8;
  out.header.width = std::max(1u, static_cast<uint32_t>(image.header.width / scale));
  out.header.height = std::max(1u, static_cast<uint32_t>(image.header.height / scale));
  out.samples.resize(size_t{out.header.width} * out.header.height * 3);
  const std::vector<uint8_t> from = colours_of(image);
  for (uint32_t y = 0; y < out.header.height; ++y)
    for (uint32_t x = 0; x < out.header.width; ++x) {
      const auto x0 = static_cast<uint32_t>(x * scale), y0 = static_cast<uint32_t>(y * scale);
      const uint32_t x1 =
          std::min(image.header.width, std::max(x0 + 1, static_cast<uint32_t>((x + 1) * scale)));
      const uint32_t y1 =
          std::min(image.header.height, std::max(y0 + 1, static_cast<uint32_t>((y + 1) * scale)));
      for (uint32_t c = 0; c < 3; ++c) {
        uint32_t sum = 0;
        for (uint32_t v = y0; v < y1; ++v)
          for (uint32_t u = x0; u < x1; ++u) sum += from[(size_t{v} * image.header.width + u) * 3 + c];
        out.samples[(size_t{y} * out.header.width + x) * 3 + c] =
            static_cast<uint8_t>(sum / ((x1 - x0) * (y1 - y0)));
      }
    }
  return out;
}

base::Result<std::vector<picture::PngImage>> cells_of(const std::filesystem::path& path,
                                                      base::Language language) {
  GARITA_TRY_ASSIGN(package, host::open_package(path));
  std::vector<picture::PngImage> cells;
  for (int view = 0; view < package.record.views_size(); ++view) {
    GARITA_TRY_ASSIGN(image,
                      host::render_view(package, view, {.max_length = cell_width, .language = language}));
    cells.push_back(fitted(image));
  }
  if (const picture::PngImage chart = plot_readings(package.record); cells.empty() && !chart.samples.empty())
    cells.push_back(fitted(chart));
  return cells;
}

void paste(const picture::PngImage& cell, uint32_t left, uint32_t top, picture::PngImage& sheet) {
  for (uint32_t y = 0; y < cell.header.height; ++y)
    std::memcpy(&sheet.samples[(size_t{top + y} * sheet.header.width + left) * 3],
                &cell.samples[size_t{y} * cell.header.width * 3], size_t{cell.header.width} * 3);
}

}  // namespace

base::Result<unsigned> write_contact_sheet(const std::filesystem::path& target,
                                           const std::vector<std::filesystem::path>& packages,
                                           base::Language language) {
  std::vector<picture::PngImage> cells;
  for (const auto& package : packages) {
    GARITA_TRY_ASSIGN(own, cells_of(package, language));
    std::move(own.begin(), own.end(), std::back_inserter(cells));
  }
  if (cells.empty()) return 0u;
  const auto across = static_cast<uint32_t>(std::min<size_t>(most_across, cells.size()));
  const auto rows = static_cast<uint32_t>((cells.size() + across - 1) / across);
  picture::PngImage sheet;
  sheet.header.kind = picture::PngKind::rgb8;
  sheet.header.width = gap + across * (cell_width + gap);
  std::vector<uint32_t> tops = {gap};  // rows are as high as their highest cell
  for (uint32_t row = 0; row < rows; ++row) {
    uint32_t highest = 0;
    for (size_t i = row * across; i < std::min<size_t>(cells.size(), (row + 1) * across); ++i)
      highest = std::max(highest, cells[i].header.height);
    tops.push_back(tops.back() + highest + gap);
  }
  sheet.header.height = tops.back();
  sheet.samples.assign(size_t{sheet.header.width} * sheet.header.height * 3, background);
  for (size_t i = 0; i < cells.size(); ++i) {  // in the middle of their cells
    const uint32_t left = gap + static_cast<uint32_t>(i % across) * (cell_width + gap),
                   top = tops[i / across];
    const uint32_t high = tops[i / across + 1] - gap - top;
    paste(cells[i], left + (cell_width - cells[i].header.width) / 2,
          top + (high - cells[i].header.height) / 2, sheet);
  }
  GARITA_TRY(picture::write_png(target, sheet));
  return static_cast<unsigned>(cells.size());
}

}  // namespace garita::demo
