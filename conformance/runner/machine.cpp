#include "conformance/runner/machine.hpp"

#include "conformance/report/junit.hpp"
#include "conformance/runner/lines.hpp"
#include "core/base/file.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

void put(std::ostream& out, const json& line) {
  out << line.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
}

json line_of(const RuleResult& result, base::Language language, const Options& options) {
  return rule_ended_line(result, language, replay_command(options, result.rule, result.seed));
}

}  // namespace

void JsonLines::began(const RunPlan& plan) { put(out_, began_line(plan, options_)); }
void JsonLines::rule_began(const RuleInfo& rule) { put(out_, rule_began_line(rule)); }
void JsonLines::rule_ended(const RuleResult& result) { put(out_, line_of(result, language_, options_)); }
void JsonLines::ended(const Total& total) { put(out_, ended_line(total)); }

void JUnit::began(const RunPlan& plan) { events_.push_back(began_line(plan, options_)); }
void JUnit::rule_ended(const RuleResult& result) { events_.push_back(line_of(result, language_, options_)); }

void JUnit::attempt_ended(const Attempt& attempt) {
  if (attempt.pictures.empty()) return;
  events_.push_back(attempt_line(attempt));
  pictures_.insert(pictures_.end(), attempt.pictures.begin(), attempt.pictures.end());
}

void JUnit::ended(const Total& total) {
  events_.push_back(ended_line(total));
  auto run = run_of(events_, path_.string());
  if (!run) {
    written_ = run.error();
    return;
  }
  for (const auto& picture : pictures_)
    if (auto bytes = base::read_text_file(picture, max_report_bytes))
      run->pictures["pictures/" + picture.filename().string()] = std::move(*bytes);
  written_ = write_junit(*run, language_, path_);
}

}  // namespace garita::conformance
