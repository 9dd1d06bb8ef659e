#include "conformance/quality/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "conformance/quality/canvas.hpp"
#include "conformance/quality/spots.hpp"

namespace garita::quality {
namespace {

constexpr double left = 70, top = 30, width = 510, height = 300;  // of the area within 600 × 400
constexpr double least_log = 0.1;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[200];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string escaped(const std::string& text) {
  std::string own;
  for (const char c : text)
    own += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  return own;
}

// 1, 2 or 5 times a power of ten, so that most is at most five of it away from 0.
double tick_of(double most) {
  const double power = std::pow(10, std::floor(std::log10(most / 5)));
  for (const double step : {1.0, 2.0, 5.0, 10.0})
    if (step * power * 5 >= most * 0.999) return step * power;
  return 10 * power;
}

// From values to the 600 × 400 sheet.
class Axes {
 public:
  explicit Axes(const Plot& plot) : log_(plot.log_y) {
    for (const double x : plot.x) x_most_ = std::max(x_most_, x);
    for (size_t i = 0; i < plot.y.size(); ++i)
      y_most_ = std::max(y_most_, plot.y[i] + (log_ ? 0 : plot.u[i]));
    y_most_ = std::max(y_most_ * (log_ ? 2 : 1.05), plot.threshold.value_or(0) * 1.2);
    if (!(x_most_ > 0) || !std::isfinite(x_most_)) x_most_ = 1;
    if (!(y_most_ > 0) || !std::isfinite(y_most_)) y_most_ = 1;
  }

  double x(double value) const { return left + width * std::clamp(value / x_most_, 0.0, 1.0); }
  double y(double value) const {
    const double part = log_ ? std::log(std::max(value, least_log) / least_log) /
                                   std::log(std::max(y_most_, 2 * least_log) / least_log)
                             : value / y_most_;
    return top + height * (1 - std::clamp(part, 0.0, 1.0));
  }
  std::vector<double> x_ticks() const { return ticks(x_most_); }
  std::vector<double> y_ticks() const {
    if (!log_) return ticks(y_most_);
    std::vector<double> own;
    for (double at = least_log; at <= y_most_ && own.size() < 12; at *= 10) own.push_back(at);
    return own;
  }

 private:
  static std::vector<double> ticks(double most) {
    std::vector<double> own;
    const double step = tick_of(most);
    for (int i = 0; i <= 6 && i * step <= most * 1.001; ++i) own.push_back(i * step);
    return own;
  }

  bool log_;
  double x_most_ = 0, y_most_ = 0;
};

std::string points(const std::vector<Point>& places) {
  std::string text;
  for (const Point& each : places) text += formatted("%.2f,%.2f ", each.x, each.y);
  return text;
}

std::vector<Point> line_of(const Plot& plot, const Axes& axes, double u_factor) {
  std::vector<Point> own;
  for (size_t i = 0; i < plot.x.size(); ++i)
    own.push_back({axes.x(plot.x[i]), axes.y(plot.y[i] + u_factor * plot.u[i])});
  return own;
}

// There along the upper border of U, back along the lower one.
std::vector<Point> band_of(const Plot& plot, const Axes& axes) {
  auto own = line_of(plot, axes, 1), back = line_of(plot, axes, -1);
  own.insert(own.end(), back.rbegin(), back.rend());
  return own;
}

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return formatted("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor) + escaped(text) +
         "</text>";
}

Plot mtf_plot(const Curve& curve, base::Language language) {
  Plot own{"mtf_" + curve.name,
           base::text(language, "quality.plot_mtf") + " " + curve.name,
           base::text(language, "quality.plot_frequency"),
           "MTF",
           {},
           {},
           {},
           0.2};
  for (size_t i = 0; i < curve.transfer.mtf.size(); ++i) {
    own.x.push_back(Transfer::frequency_step * static_cast<double>(i) / curve.pitch_mm);
    own.y.push_back(curve.transfer.mtf[i]);
    own.u.push_back(curve.transfer.u_mtf[i]);
  }
  return own;
}

Plot noise_plot(const NoiseCurve& curve, base::Language language) {
  Plot own{std::string("nps_") + curve.axis,
           base::text(language, "quality.plot_nps") + " " + curve.axis,
           base::text(language, "quality.plot_frequency"),
           "NPS",
           curve.lp_mm,
           {},
           {}};
  for (const Value& power : curve.power) own.y.push_back(power.value), own.u.push_back(power.u);
  return own;
}

Plot step_plot(const Measured& measured, base::Language language) {
  Plot own{
      "steps", base::text(language, "quality.plot_steps"), "mm", "BSNR", {}, {}, {}, measured.bsnr_threshold,
      true};
  for (const Step& step : measured.steps)
    own.x.push_back(step.thickness_mm), own.y.push_back(step.bsnr.value), own.u.push_back(step.bsnr.u);
  return own;
}

}  // namespace

std::vector<Plot> plots_of(const Measured& measured, base::Language language) {
  std::vector<Plot> all;
  for (const Curve& curve : measured.curves) all.push_back(mtf_plot(curve, language));
  for (const NoiseCurve& curve : measured.noise) all.push_back(noise_plot(curve, language));
  if (measured.steps.size() > 1) all.push_back(step_plot(measured, language));
  return all;
}

std::string svg_of(const Plot& plot) {
  const Axes axes(plot);
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 400\" font-family=\"sans-serif\" "
      "font-size=\"13\"><rect width=\"600\" height=\"400\" fill=\"#fff\"/>";
  svg += "<polygon fill=\"#c6dbef\" points=\"" + points(band_of(plot, axes)) + "\"/>";
  svg += "<polyline fill=\"none\" stroke=\"#08519c\" stroke-width=\"2\" points=\"" +
         points(line_of(plot, axes, 0)) + "\"/>";
  if (plot.threshold)
    svg += formatted("<path stroke=\"#a50f15\" stroke-dasharray=\"4\" d=\"M%.0f %.2fh%.0f\"/>", left,
                     axes.y(*plot.threshold), width);
  svg +=
      formatted("<path fill=\"none\" stroke=\"#000\" d=\"M%.0f %.0fv%.0fh%.0f\"/>", left, top, height, width);
  for (const double tick : axes.x_ticks())
    svg += text_at(axes.x(tick), top + height + 18, "middle", formatted("%.3g", tick));
  for (const double tick : axes.y_ticks())
    svg += text_at(left - 6, axes.y(tick) + 4, "end", formatted("%.3g", tick));
  svg += text_at(left + width / 2, top + height + 42, "middle", plot.x_label) +
         text_at(left + width / 2, top - 12, "middle", plot.title) +
         text_at(6, top - 12, "start", plot.y_label) + "</svg>\n";
  return svg;
}

picture::PngImage png_of(const Plot& plot) {
  constexpr double zoom = 2;
  const Axes axes(plot);
  Canvas canvas(600 * 2, 400 * 2);
  const auto zoomed = [](std::vector<Point> places) {
    for (Point& each : places) each.x *= zoom, each.y *= zoom;
    return places;
  };
  canvas.fill_between(zoomed(line_of(plot, axes, 1)), zoomed(line_of(plot, axes, -1)), {198, 219, 239});
  canvas.polyline(zoomed(line_of(plot, axes, 0)), {8, 81, 156}, 3);
  if (plot.threshold)
    canvas.polyline(zoomed({{left, axes.y(*plot.threshold)}, {left + width, axes.y(*plot.threshold)}}),
                    {165, 15, 21}, 2);
  canvas.polyline(zoomed({{left, top}, {left, top + height}, {left + width, top + height}}), {0, 0, 0}, 2);
  for (const double tick : axes.x_ticks())
    canvas.number(formatted("%.3g", tick), zoom * axes.x(tick), zoom * (top + height + 8),
                  Canvas::At::middle);
  for (const double tick : axes.y_ticks())
    canvas.number(formatted("%.3g", tick), zoom * (left - 6), zoom * axes.y(tick) - 7, Canvas::At::end);
  return canvas.image({{"Title", plot.name}});
}

picture::PngImage regions_picture(const Image& image, const std::vector<Region>& regions) {
  constexpr uint32_t longest = 1600;
  const uint32_t factor = (std::max(image.rows, image.columns) + longest - 1) / longest;
  const uint32_t columns = (image.columns + factor - 1) / factor, rows = (image.rows + factor - 1) / factor;
  const double open = std::max(open_level(image), 1.0);
  Canvas canvas(columns, rows);
  for (uint32_t row = 0; row < rows; ++row)
    for (uint32_t column = 0; column < columns; ++column) {
      const double t = image.at(uint64_t{row} * factor, uint64_t{column} * factor) / open;
      const double grey = 255 * (1 + std::log(std::clamp(t, 1e-3, 1.0)) / std::log(1e3));
      const auto level = static_cast<uint8_t>(std::lround(grey));
      canvas.set(column, row, {level, level, level});
    }
  static constexpr Colour colours[] = {{0, 200, 0},   {230, 0, 0},   {40, 90, 255}, {240, 220, 0},
                                       {0, 220, 220}, {230, 0, 230}, {255, 140, 0}};
  for (const Region& each : regions) {
    const double x0 = static_cast<double>(each.place.column0) / factor,
                 x1 = static_cast<double>(each.place.column1) / factor,
                 y0 = static_cast<double>(each.place.row0) / factor,
                 y1 = static_cast<double>(each.place.row1) / factor;
    canvas.polyline({{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}},
                    colours[static_cast<size_t>(each.kind)], 1);
  }
  return canvas.image({});
}

}  // namespace garita::quality
