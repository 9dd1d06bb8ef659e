#include "conformance/quality/profile.hpp"


#include <algorithm>
#include <cmath>

#include "core/base/file.hpp"
#include "core/base/toml.hpp"

namespace garita::quality {
namespace {

constexpr size_t max_limits = 256;

// 1: on the right side, -1: on the wrong one, 0: nearer than U.
int side_of(double distance, double u) {
  if (distance >= u) return 1;
  return distance < -u ? -1 : 0;
}

struct Bad {
  std::string what;
};

// A name that is not known is a mistyped one: a limit that nobody would look at.
void only(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table)
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) throw Bad{std::string(key.str())};
}

std::optional<double> number(const toml::table& table, const char* key) {
  if (!table.contains(key)) return std::nullopt;
  const auto value = table[key].value<double>();
  if (!value || !std::isfinite(*value)) throw Bad{key};
  return value;
}

std::optional<double> threshold(const toml::table& table, const char* key) {
  const auto value = number(table, key);
  if (value && !(*value > 0)) throw Bad{key};
  return value;
}

Rule rule_of(const toml::table& table) {
  if (!table.contains("decision")) return Rule::simple;
  const std::string name = table["decision"].value<std::string>().value_or("");
  if (name != "simple" && name != "guard_band") throw Bad{"decision"};
  return name == "simple" ? Rule::simple : Rule::guard_band;
}

Limit limit_of(const toml::node& node) {
  const toml::table* const table = node.as_table();
  if (!table) throw Bad{"limit"};
  only(*table, {"figure", "min", "max"});
  Limit own{(*table)["figure"].value<std::string>().value_or(""), number(*table, "min"),
            number(*table, "max")};
  if (own.figure.empty()) throw Bad{"limit.figure"};
  if (!own.min && !own.max) throw Bad{"limit." + own.figure};
  return own;
}

Profile profile_of(const toml::table& all) {
  only(all, {"name", "decision", "bsnr_threshold", "wire_threshold", "limit"});
  Profile own;
  own.name = all["name"].value<std::string>().value_or("");
  own.rule = rule_of(all);
  own.bsnr_threshold = threshold(all, "bsnr_threshold");
  own.wire_threshold = threshold(all, "wire_threshold");
  const toml::array* const limits = all["limit"].as_array();
  if (!limits || limits->empty() || limits->size() > max_limits) throw Bad{"limit"};
  for (const toml::node& node : *limits) own.limits.push_back(limit_of(node));
  return own;
}

}  // namespace

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "PASS";
    case Verdict::fail:
      return "FAIL";
    case Verdict::inconclusive:
      return "INCONCLUSIVE";
    case Verdict::not_measured:
      return "NOT_MEASURED";
  }
  return "";
}

base::Result<Profile> parse_profile(std::string_view text, const std::string& path) {
  const auto bad = [&](std::string what) {
    return base::Error{
        base::Outcome::usage, "quality.bad_profile", {{"path", path}, {"what", std::move(what)}}};
  };
  try {
    return profile_of(base::parse_toml(text));
  } catch (const Bad& reason) {
    return bad(reason.what);
  } catch (const toml::parse_error& error) {
    return bad(std::string(error.description()));
  }
}

base::Result<Profile> read_profile(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, 1u << 20));
  return parse_profile(text, path.string());
}

Verdict judge(const Limit& limit, Rule rule, const std::vector<Figure>& figures) {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const Figure& figure) { return figure.id == limit.figure; });
  if (found == figures.end()) return Verdict::not_measured;
  const double u = rule == Rule::guard_band ? found->u : 0;
  int side = 1;
  if (limit.min) {
    const int lower = side_of(found->value - *limit.min, u);
    side = std::min(side, found->at_least ? std::max(lower, 0) : lower);
  }
  if (limit.max) {
    const int upper = side_of(*limit.max - found->value, u);
    side = std::min(side, found->at_least ? std::min(upper, 0) : upper);
  }
  if (side == 0) return Verdict::inconclusive;
  return side > 0 ? Verdict::pass : Verdict::fail;
}

}  // namespace garita::quality
