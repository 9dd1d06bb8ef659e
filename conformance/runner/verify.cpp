#include "conformance/runner/verify.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "conformance/runner/lines.hpp"
#include "conformance/runner/waivers.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

// What is said in one language or depends on the command line is not judged.
json without_words(json line) {
  line.erase("replay");
  for (const char* name : {"trouble"})
    if (line.contains(name) && line[name].is_object()) line[name].erase("text");
  if (line.contains("findings") && line["findings"].is_array())
    for (json& finding : line["findings"])
      for (const char* name : {"expected", "seen"})
        if (finding.is_object() && finding.contains(name) && finding[name].is_object())
          finding[name].erase("text");
  return line;
}

class Judge {
 public:
  Judge(const Bundle& bundle, const std::string& path) : bundle_(bundle), path_(path) {}

  base::Result<Verified> go() {
    GARITA_TRY(read_head());
    GARITA_TRY(check_driver());
    GARITA_TRY(check_inputs());
    for (const json& event : bundle_.events) GARITA_TRY(take(event));
    GARITA_TRY(check_rounds());
    GARITA_TRY(check_rules());
    GARITA_TRY(conclude());
    return std::move(own_);
  }

 private:
  base::Error contradiction(std::string what) const {
    return {base::Outcome::no, "evidence.contradiction", {{"path", path_}, {"what", std::move(what)}}};
  }

  // The value at a path of names; null where there is none.
  static const json& at(const json& from, std::initializer_list<const char*> names) {
    static const json nothing;
    const json* own = &from;
    for (const char* name : names) {
      if (!own->is_object() || !own->contains(name)) return nothing;
      own = &(*own)[name];
    }
    return *own;
  }
  static std::string text_at(const json& from, std::initializer_list<const char*> names) {
    const json& own = at(from, names);
    return own.is_string() ? own.get<std::string>() : "";
  }
  static uint64_t number_at(const json& from, const char* name) {
    const json& own = at(from, {name});
    return own.is_number_unsigned() ? own.get<uint64_t>() : 0;
  }

  base::Result<void> read_head() {
    if (bundle_.events.size() < 2 || bundle_.events.front()["event"] != "run_began" ||
        bundle_.events.back()["event"] != "run_ended")
      return contradiction("run_began … run_ended");
    began_ = bundle_.events.front();
    const std::string theirs = text_at(bundle_.head, {"suite", "catalogue_sha256"}),
                      ours = base::to_text(catalogue_digest());
    if (theirs != text_at(began_, {"catalogue"})) return contradiction("catalogue_sha256");
    if (theirs != ours)
      return base::Error{base::Outcome::incomplete,
                         "evidence.other_suite",
                         {{"path", path_},
                          {"theirs", theirs.substr(0, 12)},
                          {"ours", ours.substr(0, 12)},
                          {"suite", text_at(bundle_.head, {"suite", "version"}) + ' ' +
                                        text_at(bundle_.head, {"suite", "commit"}).substr(0, 12)}}};
    repeat_ = number_at(began_, "repeat");
    seed_ = number_at(began_, "seed");
    if (repeat_ == 0) return contradiction("repeat");
    return {};
  }

  base::Result<void> check_driver() {
    GARITA_TRY_ASSIGN(manifest, load::parse_manifest(bundle_.manifest, path_));
    const json& driver = at(bundle_.head, {"driver"});
    json files = json::array();
    for (const load::PackageFile& file : manifest.files)
      files.push_back({{"path", file.path}, {"sha256", base::to_text(file.sha256)}});
    const std::string sha256 = base::to_text(manifest.driver.sha256);
    if (text_at(driver, {"id"}) != manifest.id || text_at(driver, {"version"}) != manifest.version ||
        text_at(driver, {"sha256"}) != sha256 || at(driver, {"files"}) != files ||
        text_at(began_, {"id"}) != manifest.id || text_at(began_, {"version"}) != manifest.version ||
        text_at(began_, {"sha256"}) != sha256)
      return contradiction("driver");
    manifest_ = std::move(manifest);
    return {};
  }

  // The list in bundle.json is whole whether or not the bytes are there.
  base::Result<void> check_inputs() {
    std::map<std::string, std::string> listed;
    for (const json& input : at(bundle_.head, {"inputs"}))
      listed[text_at(input, {"name"})] = text_at(input, {"sha256"});
    const json& redacted = at(bundle_.head, {"redacted"});
    size_t held = 0;
    for (const auto& [name, member] : bundle_.members) {
      if (member_kind(name) != MemberKind::input) continue;
      const auto found = listed.find(name);
      if (found == listed.end() || found->second != base::to_text(member.sha256)) return contradiction(name);
      ++held;
    }
    if (redacted.is_boolean() && held == (redacted.get<bool>() ? 0 : listed.size())) return {};
    return contradiction("inputs");
  }

  base::Result<void> take(const json& event) {
    const std::string kind = event["event"];
    if (kind == "attempt_ended") return take_attempt(event);
    if (kind == "rule_ended") {
      const std::string rule = text_at(event, {"rule"});
      if (rule.empty() || !told_.emplace(rule, event).second) return contradiction(rule);
      order_.push_back(rule);
    } else if (kind == "canary_ended") {
      if (canary_) return contradiction(kind);
      canary_ = look_at_canary(text_at(event, {"report"})).stopped;
    } else if (kind == "run_began" || kind == "run_ended") {
      if (&event != (kind == "run_began" ? &bundle_.events.front() : &bundle_.events.back()))
        return contradiction(kind);
    } else if (kind != "rule_began" && kind != "observed") {
      return contradiction(kind);
    }
    return {};
  }

  base::Result<void> take_attempt(const json& event) {
    const auto attempt = attempt_of(event);
    if (!attempt || attempt->round >= repeat_ || attempt->seed != round_seed(seed_, attempt->round))
      return contradiction(text_at(event, {"rule"}));
    if (!attempts_[attempt->rule].emplace(attempt->round, judge(*attempt)).second)
      return contradiction(attempt->rule);
    ++own_.attempts;
    return {};
  }

  // Every rule once, and again in every round if it ran the driver.
  base::Result<void> check_rounds() {
    for (const auto& [rule, rounds] : attempts_) {
      const auto first = rounds.find(0);
      if (first == rounds.end()) return contradiction(rule);
      const size_t due = first->second.courses != 0 ? repeat_ : 1;
      if (rounds.size() != due || !told_.contains(rule)) return contradiction(rule);
    }
    return {};
  }

  // Nothing that the level and the profiles ask for is left out.
  base::Result<void> check_rules() {
    own_.rules = told_.size();
    if (told_.size() != attempts_.size() || told_.size() != number_at(began_, "rules"))
      return contradiction("rules");
    for (const json& profile : at(began_, {"profiles"}))
      if (profile.is_string()) profiles_.push_back(profile.get<std::string>());
    if (!text_at(began_, {"filter"}).empty()) return {};
    std::set<std::string> proved;
    for (const auto& [rule, rounds] : attempts_)
      proved.insert(rounds.begin()->second.requirements.begin(), rounds.begin()->second.requirements.end());
    for (const Requirement& each : Catalogue::built_in().requirements())
      if (static_cast<uint64_t>(each.level) <= number_at(began_, "level") && each.holds_for(profiles_) &&
          !proved.contains(each.id))
        return contradiction(each.id);
    return {};
  }

  base::Result<void> conclude() {
    std::vector<Waiver> waivers;
    if (!bundle_.waivers.empty()) {
      GARITA_TRY_ASSIGN(parsed, parse_waivers(bundle_.waivers, path_));
      waivers = std::move(parsed);
    }
    const std::string day = text_at(began_, {"utc"}).substr(0, 10);
    for (const std::string& rule : order_) {
      std::vector<RuleResult> repetitions;
      for (auto& [round, result] : attempts_[rule]) repetitions.push_back(result);
      const RuleResult result =
          waived(combine(std::move(repetitions)), waivers, manifest_.id, manifest_.version, day);
      own_.total.add(result);
      const json &told = told_[rule], found = rule_ended_line(result, base::Language::en, "");
      if (without_words(told) != without_words(found))
        differ(rule, text_at(told, {"verdict"}), name_of(result.verdict));
    }
    own_.total.canary_stopped = canary_.value_or(false);
    const bool all = text_at(began_, {"filter"}).empty();
    own_.total.level = level_reached(own_.total, text_at(began_, {"truth", "kind"}), profiles_,
                                     all ? static_cast<int>(number_at(began_, "level")) : 0);
    if (bundle_.events.back() != ended_line(own_.total))
      differ("run_ended", text_at(bundle_.events.back(), {"verdict"}), own_.total.verdict());
    return {};
  }

  void differ(const std::string& rule, const std::string& told, const std::string& found) {
    own_.differences.push_back(
        {base::Outcome::no, "evidence.differs", {{"rule", rule}, {"told", told}, {"found", found}}});
  }

  const Bundle& bundle_;
  const std::string path_;
  json began_;
  load::Manifest manifest_;
  uint64_t repeat_ = 1, seed_ = 1;
  std::optional<bool> canary_;
  std::map<std::string, std::map<uint32_t, RuleResult>> attempts_;
  std::map<std::string, json> told_;
  std::vector<std::string> order_, profiles_;
  Verified own_;
};

}  // namespace

base::Result<Verified> judge_again(const Bundle& bundle, const std::string& path) {
  return Judge(bundle, path).go();
}

}  // namespace garita::conformance
