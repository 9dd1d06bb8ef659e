#include "conformance/quality/report.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace garita::quality {
namespace {

using nlohmann::json;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[200];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

const char* word(Rule rule) { return rule == Rule::simple ? "simple" : "guard_band"; }

std::string line_of(const Figure& figure, base::Language language) {
  const char* sign = figure.at_least ? ">=" : "";
  return formatted("%-34s %2s%12.5g +- %-10.2g %-12s", figure.id.substr(0, 100).c_str(), sign, figure.value,
                   figure.u, figure.unit.c_str()) +
         base::text(language, std::string("quality.method_") + quality::word(figure.method)) + "\n";
}

std::string line_of(const Judged& judged) {
  std::string text = formatted("%-12s %-28s", quality::word(judged.verdict),
                               base::printable(judged.limit.figure, 100).c_str());
  if (judged.limit.min) text += formatted(" >= %g", *judged.limit.min);
  if (judged.limit.max) text += formatted(" <= %g", *judged.limit.max);
  return text + "\n";
}

json json_of(const Figure& figure) {
  return {{"id", figure.id},
          {"value", figure.value},
          {"u", figure.u},
          {"k", 2},
          {"unit", figure.unit},
          {"method", word(figure.method)},
          {"at_least", figure.at_least}};
}

json json_of(const Judged& judged) {
  json own = {{"figure", judged.limit.figure}, {"verdict", word(judged.verdict)}};
  if (judged.limit.min) own["min"] = *judged.limit.min;
  if (judged.limit.max) own["max"] = *judged.limit.max;
  return own;
}

json json_of(const Placement& placement) {
  return {{"by", placement.by_marker ? "marker" : "anchors"},
          {"pitch_x_mm", placement.pitch_x_mm},
          {"pitch_y_mm", placement.pitch_y_mm},
          {"x_mirrored", placement.x_mirrored},
          {"y_mirrored", placement.y_mirrored}};
}

}  // namespace

std::vector<Judged> judged(const Profile& profile, const Measured& measured) {
  std::vector<Judged> all;
  for (const Limit& limit : profile.limits)
    all.push_back({limit, judge(limit, profile.rule, measured.figures)});
  return all;
}

Verdict worst(const std::vector<Judged>& all) {
  const auto any = [&](Verdict verdict) {
    return std::any_of(all.begin(), all.end(), [&](const Judged& each) { return each.verdict == verdict; });
  };
  for (const Verdict verdict : {Verdict::fail, Verdict::not_measured, Verdict::inconclusive})
    if (any(verdict)) return verdict;
  return Verdict::pass;
}

std::string table(const Measured& measured, const std::vector<Judged>& limits, const About& about,
                  base::Language language) {
  std::string text;
  for (const Figure& each : measured.figures) text += line_of(each, language);
  for (const std::string& id : measured.not_measured)
    text +=
        formatted("%-34s ", id.substr(0, 100).c_str()) + base::text(language, "quality.not_measured") + "\n";
  if (measured.placement.x_mirrored || measured.placement.y_mirrored)
    text += base::text(language, measured.placement.x_mirrored && measured.placement.y_mirrored
                                     ? "quality.turned"
                                     : "quality.mirrored") +
            "\n";
  if (about.bridged_lines > 0) {
    const base::Field count{"count", std::to_string(about.bridged_lines)};
    text += base::text(language, "quality.bridged", {&count, 1}) + "\n";
  }
  if (!limits.empty()) text += "\n";
  for (const Judged& each : limits) text += line_of(each);
  if (!limits.empty()) text += std::string(word(worst(limits))) + "\n";
  return text;
}

std::string json_of(const Measured& measured, const std::vector<Judged>& limits, const About& about) {
  json all = {{"object", about.object},
              {"placement", json_of(measured.placement)},
              {"figures", json::array()},
              {"not_measured", measured.not_measured},
              {"bridged_lines", about.bridged_lines},
              {"profile", about.profile},
              {"decision", word(about.rule)},
              {"limits", json::array()}};
  for (const Figure& each : measured.figures) all["figures"].push_back(json_of(each));
  for (const Judged& each : limits) all["limits"].push_back(json_of(each));
  all["verdict"] = limits.empty() ? json(nullptr) : json(word(worst(limits)));
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace garita::quality
