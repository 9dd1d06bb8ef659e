#include "conformance/rules/report.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "conformance/rules/trace.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

json to_json(const base::Error& error) {
  json fields = json::object();
  for (const base::Field& field : error.fields) fields[field.name] = field.value;
  return {{"id", error.id}, {"fields", fields}};
}

const char* name_of(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::pass:
      return "pass";
    case Outcome::Kind::fail:
      return "fail";
    case Outcome::Kind::undeclared:
      return "undeclared";
    case Outcome::Kind::blocked:
      return "blocked";
    case Outcome::Kind::harness:
      return "harness";
  }
  return "harness";
}

}  // namespace

bool write_report(const std::filesystem::path& path, const Outcome& outcome, const std::string& rule) {
  json findings = json::array();
  for (const Outcome::Finding& each : outcome.findings)
    findings.push_back(
        {{"expected", to_json(each.expected)}, {"seen", to_json(each.seen)}, {"input", each.input}});
  json all = {{"outcome", name_of(outcome.kind)},
                    {"findings", findings},
                    {"courses", noted_courses()},
                    {"detail", outcome.detail},
                    {"trouble", to_json(outcome.trouble)}};
  if (!rule.empty()) all["rule"] = rule;
  std::ofstream file(path, std::ios::binary | (rule.empty() ? std::ios::trunc : std::ios::app));
  file << all.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  return file.flush().good();
}

}  // namespace garita::conformance
