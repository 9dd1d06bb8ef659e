#include "core/picture/drawing/furniture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>

#include "core/base/utf8.hpp"
#include "core/picture/drawing/dual.hpp"

namespace garita::picture {
namespace {

const cv::Scalar ink(40, 44, 52), faint(150, 156, 165), paper(250, 250, 248);
constexpr int font = cv::FONT_HERSHEY_SIMPLEX;

// All measures in one place, grown with the picture so that it reads the same at any size.
struct Measures {
  explicit Measures(int width) : unit(std::clamp(width / 1000.0, 0.8, 3.0)) {}
  int px(double size) const { return static_cast<int>(std::lround(size * unit)); }
  double text() const { return 0.46 * unit; }
  int line() const { return std::max(1, px(1)); }
  double unit;
};

cv::Size text_size(const std::string& text, const Measures& m) {
  int below = 0;
  return cv::getTextSize(text, font, m.text(), m.line(), &below);
}

void write(cv::Mat3b& page, const std::string& text, cv::Point baseline, const Measures& m,
           const cv::Scalar& colour = ink) {
  cv::putText(page, text, baseline, font, m.text(), colour, m.line(), cv::LINE_AA);
}

std::string word(base::Language language, const char* id) { return plain_letters(base::text(language, id)); }

// Cut so that it fits, with three dots.
std::string fitted_text(std::string text, int width, const Measures& m) {
  if (text_size(text, m).width <= width) return text;
  while (!text.empty() && text_size(text + "...", m).width > width) text.pop_back();
  return text + "...";
}

// A ramp from dark to light with a word behind it; answers where the next may begin.
template <typename ColourAt>
int ramp(cv::Mat3b& page, cv::Rect box, const std::string& label, const Measures& m,
         const ColourAt& colour_at) {
  for (int x = 0; x < box.width; ++x) {
    const cv::Vec3b colour =
        colour_at(static_cast<float>(x) / static_cast<float>(std::max(1, box.width - 1)));
    page(cv::Rect(box.x + x, box.y, 1, box.height)).setTo(colour);
  }
  cv::rectangle(page, box, faint, 1);
  const int text_x = box.x + box.width + m.px(8);
  write(page, label, {text_x, box.y + box.height - m.px(3)}, m);
  return text_x + text_size(label, m).width;
}

void draw_materials(cv::Mat3b& page, cv::Point at, const Furniture& furniture, const Measures& m) {
  const char* between = furniture.calibrated ? "picture.light" : "picture.inorganic";
  const std::array<std::pair<Material, const char*>, 3> entries = {
      {{organic, "picture.organic"}, {inorganic, between}, {metal, "picture.metal"}}};
  const int height = m.px(15);
  int x = at.x;
  for (const auto& [material, id] : entries)
    x = ramp(page, {x, at.y, m.px(64), height}, word(furniture.language, id), m,
             [place = static_cast<float>(material)](float share) {
               return vec(material_colour(0.12F + 0.76F * share, place, 1));
             }) +
        m.px(22);
  if (furniture.calibrated)
    x = ramp(page, {x, at.y, m.px(44), height}, word(furniture.language, "picture.untold"), m,
             [](float share) { return vec(material_colour(0.12F + 0.76F * share, 1, 0)); }) +
        m.px(22);
  const float black = furniture.calibrated ? 0.0F : 0.03F;
  ramp(page, {x, at.y, m.px(22), height}, word(furniture.language, "picture.opaque"), m,
       [black](float) { return vec(material_colour(black, 1, 0)); });
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 0.0995 ? "%.1f" : "%.0f", value * 100);
  return text.data();
}

// From dark to light with what both ends and the middle mean: transmission in percent, or mm of steel.
void draw_ramp(cv::Mat3b& page, cv::Point at, const Furniture& furniture, const Measures& m) {
  const Brightness brightness(furniture.window);
  const auto label_of = [&](float share) {
    const double t = brightness.transmission_of(share);
    return furniture.steel_label ? plain_letters(furniture.steel_label(t)) : number(t);
  };
  std::string label;
  if (furniture.transmission)
    label = word(furniture.language, furniture.steel_label ? "picture.steel" : "picture.transmission") + " " +
            label_of(0) + " - " + label_of(0.5F) + " - " + label_of(1) +
            (furniture.steel_label ? " mm" : " %");
  ramp(page, {at.x, at.y, m.px(180), m.px(15)}, label, m,
       [&](float share) { return vec(furniture.pseudo ? pseudo_colour(share) : grey(share)); });
}

void draw_scale(cv::Mat3b& page, int right, int y, const Furniture& furniture, const Measures& m) {
  const double metres = round_length(furniture.metres_per_pixel * page.cols * 0.16);
  const int length = static_cast<int>(std::lround(metres / furniture.metres_per_pixel));
  if (length < m.px(10)) return;
  std::array<char, 32> label{};
  if (metres >= 1)
    std::snprintf(label.data(), label.size(), "%.0f m", metres);
  else if (metres >= 0.01)
    std::snprintf(label.data(), label.size(), "%.0f cm", metres * 100);
  else
    std::snprintf(label.data(), label.size(), "%g mm", metres * 1000);
  const cv::Size size = text_size(label.data(), m);
  const int left = right - length, height = m.px(7);
  cv::rectangle(page, cv::Rect(left, y, length, height), ink, cv::FILLED);
  if (length >= m.px(40))  // the second half light: a length to take half of
    cv::rectangle(page,
                  cv::Rect(left + length / 2, y + m.line(), length / 2 - m.line(), height - 2 * m.line()),
                  paper, cv::FILLED);
  write(page, label.data(), {left - m.px(8) - size.width, y + (height + size.height) / 2}, m);
}

}  // namespace

double round_length(double most) {
  if (!(most > 0) || !std::isfinite(most)) return 0;
  const double power = std::pow(10, std::floor(std::log10(most) + 1e-9));
  for (const double factor : {5.0, 2.0})
    if (factor * power <= most * (1 + 1e-9)) return factor * power;
  return power;
}

cv::Mat3b furnish(const cv::Mat3b& image, const Furniture& furniture) {
  const Measures m(std::max(image.cols, 640));
  const int margin = m.px(16), top = furniture.caption.empty() ? margin : m.px(40);
  // Scale and legend share a line where it is wide enough.
  const bool two_lines = image.cols < 860 * m.unit && furniture.metres_per_pixel > 0;
  const int bottom = m.px(two_lines ? 74 : 46);
  const int width = std::max(image.cols + 2 * margin, 640);
  cv::Mat3b page(image.rows + top + bottom, width);
  page.setTo(paper);
  const cv::Rect area((width - image.cols) / 2, top, image.cols, image.rows);
  image.copyTo(page(area));
  cv::rectangle(page, cv::Rect(area.x - 1, area.y - 1, area.width + 2, area.height + 2), faint, 1);
  write(page, fitted_text(plain_letters(furniture.caption), width - 2 * margin, m), {margin, m.px(26)}, m);

  const int y = top + image.rows + m.px(16);
  if (furniture.materials)
    draw_materials(page, {margin, y}, furniture, m);
  else
    draw_ramp(page, {margin, y}, furniture, m);
  if (furniture.metres_per_pixel > 0)
    draw_scale(page, width - margin, two_lines ? y + m.px(34) : y + m.px(4), furniture, m);
  return page;
}

// ---- Letters
// -------------------------------------------------------------------------------------------------------

namespace {

// U+00A0 … U+00FF in the letters of ASCII.
constexpr std::array<const char*, 96> latin1 = {
    " ", "!",  "c", "#", "$", "Y", "|",  "S", "\"", "(c)", "a", "<<", "-",   "-",   "(R)", "-",
    "o", "+-", "2", "3", "'", "u", "P",  "-", ",",  "1",   "o", ">>", "1/4", "1/2", "3/4", "?",
    "A", "A",  "A", "A", "A", "A", "AE", "C", "E",  "E",   "E", "E",  "I",   "I",   "I",   "I",
    "D", "N",  "O", "O", "O", "O", "O",  "x", "O",  "U",   "U", "U",  "U",   "Y",   "Th",  "ss",
    "a", "a",  "a", "a", "a", "a", "ae", "c", "e",  "e",   "e", "e",  "i",   "i",   "i",   "i",
    "d", "n",  "o", "o", "o", "o", "o",  "/", "o",  "u",   "u", "u",  "u",   "y",   "th",  "y"};

const char* likeness(char32_t letter) {
  if (letter >= 0xA0 && letter <= 0xFF) return latin1[letter - 0xA0];
  switch (letter) {
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2212:
      return "-";
    case 0x2018:
    case 0x2019:
      return "'";
    case 0x201C:
    case 0x201D:
      return "\"";
    case 0x2022:
    case 0x2027:
      return "-";
    case 0x2026:
      return "...";
    case 0x2190:
      return "<-";
    case 0x2192:
      return "->";
    case 0x2264:
      return "<=";
    case 0x2265:
      return ">=";
    case 0x03BC:
      return "u";
    default:
      return "?";
  }
}

}  // namespace

std::string plain_letters(std::string_view utf8) {
  std::string plain;
  while (!utf8.empty()) {
    const base::CodePoint next = base::first_code_point(utf8);
    utf8.remove_prefix(next.size_bytes);
    if (next.value >= 0x20 && next.value < 0x7F)
      plain += static_cast<char>(next.value);
    else if (next.value < 0x20)
      plain += ' ';
    else
      plain += likeness(next.value);
  }
  return plain;
}

}  // namespace garita::picture
