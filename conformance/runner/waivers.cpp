#include "conformance/runner/waivers.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "core/base/clock.hpp"
#include "core/base/toml.hpp"

namespace garita::conformance {
namespace {

constexpr std::string_view midnight = "T00:00:00Z";

base::Error bad(const std::string& path, std::string what) {
  return {base::Outcome::usage, "conform.bad_waivers", {{"path", path}, {"what", std::move(what)}}};
}

// "1.10.2" -> {1, 10, 2}; "1.0" is "1".
std::optional<std::vector<uint64_t>> numbers_of(std::string_view version) {
  std::vector<uint64_t> own;
  for (const char* at = version.data(); own.size() < 8;) {
    uint64_t number = 0;
    const char* const end = version.data() + version.size();
    const auto [stopped, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    own.push_back(number);
    if (stopped == end) {
      while (!own.empty() && own.back() == 0) own.pop_back();
      return own;
    }
    if (*stopped != '.') return std::nullopt;
    at = stopped + 1;
  }
  return std::nullopt;
}

bool is_for(const Waiver& waiver, std::string_view driver, std::string_view version) {
  const auto own = numbers_of(version);
  return waiver.driver == driver && own && *numbers_of(waiver.from) <= *own && *own <= *numbers_of(waiver.to);
}

base::Result<Waiver> waiver_of(const toml::table& given, const std::string& path) {
  Waiver own;
  const std::pair<const char*, std::string*> fields[] = {
      {"driver", &own.driver},           {"from", &own.from},     {"to", &own.to},
      {"requirement", &own.requirement}, {"reason", &own.reason}, {"approver", &own.approver},
      {"expires", &own.expires}};
  if (given.size() != std::size(fields)) return bad(path, "[[waiver]]");
  for (const auto& [name, field] : fields) {
    const auto value = given[name].value<std::string>();
    if (!value || value->empty()) return bad(path, name);
    *field = *value;
  }
  if (!Catalogue::built_in().find(own.requirement)) return bad(path, own.requirement);
  if (!numbers_of(own.from)) return bad(path, own.from);
  if (!numbers_of(own.to)) return bad(path, own.to);
  if (own.expires.size() != 10 || !base::parse_utc(own.expires + std::string(midnight)))
    return bad(path, own.expires);
  return own;
}

bool can_be_waived(Verdict verdict) { return is_against_driver(verdict) && verdict != Verdict::egress; }

}  // namespace

base::Result<std::vector<Waiver>> parse_waivers(std::string_view text, const std::string& path) {
  std::vector<Waiver> all;
  try {
    const toml::table table = base::parse_toml(text);
    const toml::array* rows = table["waiver"].as_array();
    if (!rows || table.size() != 1 || rows->size() > max_waivers) return bad(path, "[[waiver]]");
    for (const toml::node& row : *rows) {
      if (!row.is_table()) return bad(path, "[[waiver]]");
      GARITA_TRY_ASSIGN(waiver, waiver_of(*row.as_table(), path));
      all.push_back(std::move(waiver));
    }
  } catch (const toml::parse_error& error) {
    return bad(path, std::string(error.description()));
  }
  return all;
}

RuleResult waived(RuleResult result, const std::vector<Waiver>& waivers, std::string_view driver,
                  std::string_view version, std::string_view day) {
  if (!can_be_waived(result.verdict) || result.requirements.empty()) return result;
  std::string by;
  for (const std::string& id : result.requirements) {
    const Waiver* valid = nullptr;
    for (const Waiver& each : waivers) {
      if (each.requirement != id || !is_for(each, driver, version)) continue;
      if (day <= each.expires)
        valid = &each;
      else
        result.findings.push_back(
            {{},
             {base::Outcome::no, "conform.waiver_expired", {{"requirement", id}, {"expires", each.expires}}},
             ""});
    }
    if (!valid) return result;
    by += (by.empty() ? "" : "; ") + id + ": " + valid->reason + " (" + valid->approver + ", " +
          valid->expires + ")";
  }
  result.verdict = Verdict::waived;
  result.waiver = by;
  return result;
}

}  // namespace garita::conformance
