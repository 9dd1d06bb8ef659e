#include "tests/bench/common/results.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

namespace garita::bench {
namespace {

using Json = nlohmann::ordered_json;

const char* sign(const Row& row) { return row.direction == Direction::at_least ? ">=" : "<="; }

Json json_of(const Row& row) {
  return {{"name", row.name},       {"value", row.value},
          {"unit", row.unit},       {"target", row.target},
          {"direction", sign(row)}, {"met", row.met()},
          {"ours", row.ours},       {"peer", row.peer ? Json(*row.peer) : Json(nullptr)}};
}

bool fails(const std::filesystem::path& path, const char* what) {
  std::fprintf(stderr, "bench: %s: %s\n", path.c_str(), what);
  return false;
}

bool has_name(const Json& row, const std::string& name) {
  return row.is_object() && row.contains("name") && row["name"] == name;
}

}  // namespace

Row rate_ratio(std::string name, double target, double ours, double peer) {
  return {std::move(name), ours / peer, "ratio", target, Direction::at_least, ours, peer};
}

bool merge_rows(const std::filesystem::path& path, const std::vector<Row>& rows) {
  Json all = Json::array();
  if (std::ifstream in(path); in) {
    all = Json::parse(in, nullptr, false);
    if (!all.is_array()) return fails(path, "is not an array of rows; remove it");
  }
  for (const Row& row : rows) {
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Json& other) { return has_name(other, row.name); });
    if (same == all.end())
      all.push_back(json_of(row));
    else
      *same = json_of(row);
  }
  const std::filesystem::path beside = path.string() + ".new";
  std::ofstream out(beside);
  out << all.dump(1) << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(beside, path, error);
  return (out && !error) || fails(path, "cannot be written");
}

Arguments::Arguments(int argc, char** argv, const std::vector<std::string>& own) {
  for (int i = 1; i < argc; i += 2) {
    const std::string key = argv[i];
    const bool known =
        key == "--json" || key == "--rounds" ||
        std::any_of(own.begin(), own.end(), [&](const std::string& name) { return key == "--" + name; });
    if (!known || i + 1 == argc) {
      std::fprintf(stderr, "%s: '%s' is unknown or lacks its value; known: --json --rounds", argv[0],
                   key.c_str());
      for (const std::string& name : own) std::fprintf(stderr, " --%s", name.c_str());
      std::fprintf(stderr, "\n");
      std::exit(2);
    }
    given_.emplace_back(key.substr(2), argv[i + 1]);
  }
}

std::string Arguments::value(const std::string& key, const std::string& otherwise) const {
  for (const auto& [name, given] : given_)
    if (name == key) return given;
  return otherwise;
}

unsigned Arguments::rounds(unsigned otherwise) const {
  const std::string given = value("rounds");
  return given.empty() ? otherwise : static_cast<unsigned>(std::strtoul(given.c_str(), nullptr, 10));
}

int report(const Arguments& arguments, const std::vector<Row>& rows) {
  for (const Row& row : rows)
    std::printf("%-28s %9.3f %s %g %s  ours %.4g peer %.4g  %s\n", row.name.c_str(), row.value, sign(row),
                row.target, row.unit.c_str(), row.ours, row.peer.value_or(0), row.met() ? "met" : "MISSED");
  const std::string json = arguments.value("json");
  return json.empty() || merge_rows(json, rows) ? 0 : 1;
}

}  // namespace garita::bench
