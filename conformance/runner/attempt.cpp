#include "conformance/runner/attempt.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> how_names = {"exited", "signalled", "timed_out", "not_started"};

ProcessEnd end_of(const json& given) {
  ProcessEnd end;
  const auto how = given.at("how").get<std::string>();
  size_t i = 0;
  while (i < how_names.size() && how != how_names[i]) ++i;
  if (i == how_names.size()) throw std::invalid_argument(how);
  end.how = static_cast<ProcessEnd::How>(i);
  end.code = given.at("code").get<int>();
  end.ms = given.at("ms").get<double>();
  end.residue = given.at("residue").get<std::vector<std::string>>();
  return end;
}

}  // namespace

json to_json(const ProcessEnd& end) {
  return {{"how", how_names[static_cast<size_t>(end.how)]},
          {"code", end.code},
          {"ms", end.ms},
          {"residue", end.residue}};
}

json to_json(const Attempt& attempt) {
  json pictures = json::array();
  for (const auto& picture : attempt.pictures) pictures.push_back(picture.filename().string());
  return {{"rule", attempt.rule},        {"requirements", attempt.requirements},
          {"round", attempt.round},      {"seed", attempt.seed},
          {"end", to_json(attempt.end)}, {"report", attempt.report ? json(*attempt.report) : json(nullptr)},
          {"pictures", pictures}};
}

std::optional<Attempt> attempt_of(const json& given) {
  try {
    Attempt own;
    own.rule = given.at("rule").get<std::string>();
    own.requirements = given.at("requirements").get<std::vector<std::string>>();
    own.round = given.at("round").get<uint32_t>();
    own.seed = given.at("seed").get<uint64_t>();
    own.end = end_of(given.at("end"));
    if (const json& report = given.at("report"); !report.is_null()) own.report = report.get<std::string>();
    for (const json& picture : given.at("pictures")) own.pictures.push_back(picture.get<std::string>());
    if (own.rule.empty() || own.requirements.empty()) return std::nullopt;
    return own;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace garita::conformance
