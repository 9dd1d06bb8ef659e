#include "conformance/quality/object.hpp"


#include <algorithm>
#include <functional>

#include "core/base/file.hpp"
#include "core/base/toml.hpp"

namespace garita::quality {
namespace {

constexpr double max_mm = 1e6;

struct Bad {
  std::string what;
};

double number(const toml::node* node, const char* what, double low, double high) {
  const auto value = node ? node->value<double>() : std::nullopt;
  if (!value || !(*value >= low) || !(*value <= high)) throw Bad{what};
  return *value;
}

// A name that is not known is a mistyped one, and would leave out in silence what it should have asked for.
void only(const toml::table& table, std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : table)
    if (std::find(known.begin(), known.end(), key.str()) == known.end()) throw Bad{std::string(key.str())};
}

Rectangle rectangle(const toml::node* node, const char* what) {
  const toml::array* const array = node ? node->as_array() : nullptr;
  if (!array || array->size() != 4) throw Bad{what};
  double own[4];
  for (size_t i = 0; i < 4; ++i) own[i] = number(array->get(i), what, -max_mm, max_mm);
  if (!(own[0] < own[2]) || !(own[1] < own[3])) throw Bad{what};
  return {own[0], own[1], own[2], own[3]};
}

std::vector<Rectangle> rectangles(const toml::node* node, const char* what) {
  std::vector<Rectangle> own;
  if (!node) return own;
  const toml::array* const array = node->as_array();
  if (!array || array->size() > max_parts) throw Bad{what};
  for (const toml::node& each : *array) own.push_back(rectangle(&each, what));
  return own;
}

std::string name_of(const toml::table& table, const char* what) {
  const auto name = table["name"].value<std::string>();
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!name || name->empty() || name->size() > 40 || !std::all_of(name->begin(), name->end(), plain))
    throw Bad{what};
  return *name;
}

template <typename Take>
void each_of(const toml::table& all, const char* key, Take take) {
  if (!all.contains(key)) return;
  const toml::array* const array = all[key].as_array();
  if (!array || array->size() > max_parts) throw Bad{key};
  for (const toml::node& node : *array) {
    const toml::table* const table = node.as_table();
    if (!table) throw Bad{key};
    take(*table);
  }
}

std::pair<double, double> pair_of(const toml::node* node, const char* what) {
  const toml::array* const array = node ? node->as_array() : nullptr;
  if (!array || array->size() != 2) throw Bad{what};
  return {number(array->get(0), what, -max_mm, max_mm), number(array->get(1), what, -max_mm, max_mm)};
}

StepPart step_of(const toml::table& table) {
  only(table, {"thickness_mm", "place", "low", "high"});
  StepPart own{number(table.get("thickness_mm"), "step.thickness_mm", 0, max_mm),
               rectangle(table.get("place"), "step.place"), rectangles(table.get("low"), "step.low"),
               rectangles(table.get("high"), "step.high")};
  if (own.low.size() != own.high.size() || own.low.size() == 1 || own.low.size() > max_pairs)
    throw Bad{"step.low"};
  return own;
}

std::array<Rectangle, 3> marker_of(const toml::table& table) {
  only(table, {"corner", "along_x", "along_y"});
  const std::array<Rectangle, 3> own = {rectangle(table.get("corner"), "marker.corner"),
                                        rectangle(table.get("along_x"), "marker.along_x"),
                                        rectangle(table.get("along_y"), "marker.along_y")};
  const auto same = [](double a, double b) { return std::abs(a - b) < 1e-3; };
  const auto& [corner, x, y] = own;
  for (const Rectangle& each : {x, y})
    if (!same(each.width(), corner.width()) || !same(each.height(), corner.height())) throw Bad{"marker"};
  if (!same(x.y0, corner.y0) || !same(y.x0, corner.x0)) throw Bad{"marker"};
  if (std::abs(x.x0 - corner.x0) < 1.5 * corner.width()) throw Bad{"marker.along_x"};
  if (std::abs(y.y0 - corner.y0) < 1.5 * corner.height()) throw Bad{"marker.along_y"};
  return own;
}

// One rectangle, or a list of them.
std::vector<Rectangle> open_of(const toml::node* node) {
  const toml::array* const array = node ? node->as_array() : nullptr;
  if (!array || array->empty()) throw Bad{"open"};
  return array->get(0)->is_array() ? rectangles(node, "open") : std::vector{rectangle(node, "open")};
}

Side side_of(const std::string& name) {
  if (name == "left") return Side::left;
  if (name == "right") return Side::right;
  if (name == "top") return Side::top;
  if (name == "bottom") return Side::bottom;
  throw Bad{"extent.sides"};
}

ExtentPart extent_of(const toml::table& table) {
  only(table, {"sides", "distances_mm", "dynamic_range"});
  ExtentPart own;
  own.dynamic_range = number(table.get("dynamic_range"), "extent.dynamic_range", 1e-6, 1e9);
  const toml::array *const sides = table["sides"].as_array(), *const distances =
                                                                  table["distances_mm"].as_array();
  if (!sides || sides->empty() || sides->size() > 4) throw Bad{"extent.sides"};
  if (!distances || distances->empty() || distances->size() > max_parts) throw Bad{"extent.distances_mm"};
  for (const toml::node& each : *sides) own.sides.push_back(side_of(each.value<std::string>().value_or("")));
  for (const toml::node& each : *distances)
    own.distances_mm.push_back(number(&each, "extent.distances_mm", 0, max_mm));
  if (std::adjacent_find(own.distances_mm.begin(), own.distances_mm.end(), std::greater_equal<>()) !=
      own.distances_mm.end())
    throw Bad{"extent.distances_mm"};
  return own;
}

WirePart wire_of(const toml::table& table) {
  only(table, {"diameter_mm", "place"});
  return {number(table.get("diameter_mm"), "wire.diameter_mm", 1e-6, max_mm),
          rectangle(table.get("place"), "wire.place")};
}

// Tables that stand once.
void single_parts(const toml::table& all, Object& own) {
  if (all.contains("open")) own.open = open_of(all.get("open"));
  if (const toml::table* const table = all["marker"].as_table()) own.marker = marker_of(*table);
  if (const toml::table* const table = all["extent"].as_table()) own.extent = extent_of(*table);
  if (const toml::table* const table = all["rectangle"].as_table()) {
    only(*table, {"place", "width_mm", "height_mm"});
    own.rectangle = rectangle(table->get("place"), "rectangle.place");
    own.rectangle_width_mm = number(table->get("width_mm"), "rectangle.width_mm", 1e-3, max_mm);
    own.rectangle_height_mm = number(table->get("height_mm"), "rectangle.height_mm", 1e-3, max_mm);
  }
  for (const char* key : {"marker", "extent", "rectangle"})
    if (all.contains(key) && !all[key].is_table()) throw Bad{key};
  if (all.contains("noise_lp_mm")) own.noise_lp_mm = number(all.get("noise_lp_mm"), "noise_lp_mm", 1e-6, 1e6);
}

void check_order(const Object& own) {
  for (size_t i = 1; i < own.steps.size(); ++i)
    if (!(own.steps[i - 1].thickness_mm < own.steps[i].thickness_mm)) throw Bad{"step.thickness_mm"};
  for (size_t i = 1; i < own.wires.size(); ++i)
    if (!(own.wires[i - 1].diameter_mm > own.wires[i].diameter_mm)) throw Bad{"wire.diameter_mm"};
}

Object object_of(const toml::table& all) {
  only(all, {"name", "y", "anchor", "marker", "open", "rectangle", "noise_lp_mm", "edge", "material", "step",
             "wire", "extent"});
  Object own;
  own.name = all["name"].value<std::string>().value_or("");
  const std::string y = all.contains("y") ? all["y"].value<std::string>().value_or("") : "down";
  if (y != "down" && y != "up") throw Bad{"y"};
  own.y_up = y == "up";
  single_parts(all, own);
  each_of(all, "anchor", [&](const toml::table& table) {
    only(table, {"mm", "pixel"});
    const auto mm = pair_of(table.get("mm"), "anchor.mm"),
               pixel = pair_of(table.get("pixel"), "anchor.pixel");
    own.anchors.push_back({mm.first, mm.second, pixel.first, pixel.second});
  });
  each_of(all, "edge", [&](const toml::table& table) {
    only(table, {"name", "place"});
    own.edges.push_back({name_of(table, "edge.name"), rectangle(table.get("place"), "edge.place")});
  });
  each_of(all, "material", [&](const toml::table& table) {
    only(table, {"name", "place"});
    own.materials.push_back(
        {name_of(table, "material.name"), rectangle(table.get("place"), "material.place")});
  });
  each_of(all, "step", [&](const toml::table& table) { own.steps.push_back(step_of(table)); });
  each_of(all, "wire", [&](const toml::table& table) { own.wires.push_back(wire_of(table)); });
  check_order(own);
  return own;
}

}  // namespace

base::Result<Object> parse_object(std::string_view text, const std::string& path) {
  const auto bad = [&](std::string what) {
    return base::Error{
        base::Outcome::usage, "quality.bad_object", {{"path", path}, {"what", std::move(what)}}};
  };
  try {
    return object_of(base::parse_toml(text));
  } catch (const Bad& reason) {
    return bad(reason.what);
  } catch (const toml::parse_error& error) {
    return bad(std::string(error.description()));
  }
}

base::Result<Object> read_object(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, 1u << 20));
  return parse_object(text, path.string());
}

base::Result<Frame> Frame::from(const std::vector<Anchor>& anchors) {
  const base::Error bad{base::Outcome::usage, "quality.bad_anchors", {}};
  if (anchors.size() != 2) return bad;
  const Anchor &a = anchors[0], &b = anchors[1];
  Frame own;
  own.scale_x_ = (b.column - a.column) / (b.x_mm - a.x_mm);
  own.scale_y_ = (b.row - a.row) / (b.y_mm - a.y_mm);
  const auto usable = [](double scale) { return std::abs(scale) >= 1e-3 && std::abs(scale) <= 1e4; };
  if (!usable(own.scale_x_) || !usable(own.scale_y_)) return bad;
  own.origin_x_ = a.column - a.x_mm * own.scale_x_;
  own.origin_y_ = a.row - a.y_mm * own.scale_y_;
  return own;
}

std::optional<Pixels> Frame::pixels(const Rectangle& place) const {
  const auto inside = [](double a, double b, size_t& first, size_t& behind) {
    const double low = std::ceil(std::min(a, b) - 1e-6), high = std::floor(std::max(a, b) + 1e-6);
    if (!(low >= 0) || !(high > low) || high > 4e9) return false;
    first = static_cast<size_t>(low), behind = static_cast<size_t>(high);
    return true;
  };
  Pixels own;
  const bool some =
      inside(origin_x_ + place.x0 * scale_x_, origin_x_ + place.x1 * scale_x_, own.column0, own.column1) &&
      inside(origin_y_ + place.y0 * scale_y_, origin_y_ + place.y1 * scale_y_, own.row0, own.row1);
  return some ? std::optional(own) : std::nullopt;
}

}  // namespace garita::quality
