// How each call answers: statuses, outputs, sizes, exceptions, errors, deadlines.
#include <algorithm>
#include <cstdio>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

class Calls : public Rule {
 protected:
  // The least lateness of three courses: a busy machine is late sometimes, a driver always.
  void expect_punctual(const Input& input, const Plan& plan);
};

constexpr int repetitions = 3;
constexpr double grace_ms = 100;

std::string as_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f", value);
  return text;
}

void Calls::expect_punctual(const Input& input, const Plan& plan) {
  const double allowed_ms = std::max<double>(grace_ms, manifest().limits.decode_ms);
  double least_ms = 0;
  for (int i = 0; i < repetitions && !ended(); ++i) {
    const Course seen = course(input, plan);
    least_ms = i == 0 ? seen.late_ms : std::min(least_ms, seen.late_ms);
    if (least_ms <= allowed_ms) return;
  }
  if (!ended())
    finding(input, "conform.saw_late", {{"late_ms", as_text(least_ms)}}, "conform.expected_punctual",
            {{"limit_ms", as_text(allowed_ms)}});
}

LOOK(Calls, no_exception_leaves_the_driver, "GAR-ABI-005") { judge_whole(); }
LOOK(Calls, statuses_are_those_of_the_abi, "GAR-ABI-006") { judge_whole(); }
LOOK(Calls, outputs_are_filled, "GAR-ABI-007") { judge_whole(); }
LOOK(Calls, struct_sizes_are_true, "GAR-ABI-008") { judge_whole(); }
LOOK(Calls, functions_are_there, "GAR-ABI-010") { judge_whole(); }
LOOK(Calls, texts_and_arrays_are_well_formed, "GAR-ABI-012") { judge_whole(); }
LOOK(Calls, open_and_close_answer_ok, "GAR-ABI-013") { judge_whole(); }

// A message that fills all of its 480 bytes had no NUL; one with U+FFFD was no UTF-8.
void check_sentence(const std::string& message, std::string& wrong_id) {
  if (message.empty())
    wrong_id = "conform.saw_no_sentence";
  else if (message.size() >= GARITA_ERROR_MESSAGE_BYTES)
    wrong_id = "conform.saw_unterminated";
  else if (message.find("\xEF\xBF\xBD") != std::string::npos)
    wrong_id = "conform.saw_not_utf8";
}

RULE(Calls, errors_carry_a_sentence, "GAR-ABI-014") {
  std::vector<base::Error> errors;
  std::vector<Stand::Refusal> refusals;
  const Input* where = nullptr;
  for (const Input& input : inputs()) {
    Plan plan;
    plan.play.ending = Ending::lost;
    for (const uint64_t cut : {UINT64_MAX, uint64_t{1}}) {
      plan.play.cut_bytes = cut;
      auto configuration = host::grant_configuration(manifest(), input.config);
      if (!configuration) continue;
      const Course seen = run(manifest(), input, *configuration, plan);
      where = &input;
      if (seen.fault) errors.push_back(*seen.fault);
      errors.insert(errors.end(), seen.errors.begin(), seen.errors.end());
      refusals.insert(refusals.end(), seen.refusals.begin(), seen.refusals.end());
    }
  }
  std::string wrong;
  for (const base::Error& error : errors) {
    if (error.id != "load.answered" && error.id != "load.answered_silent") return (void)judge(error, *where);
    check_sentence(std::string(error.field("message")), wrong);
    if (!wrong.empty())
      return finding(
          *where, wrong,
          {{"call", std::string(error.field("event"))}, {"status", std::string(error.field("status"))}},
          "conform.expected_sentence");
  }
  for (const Stand::Refusal& refusal : refusals) {
    check_sentence(refusal.message, wrong);
    if (!wrong.empty())
      return finding(*where, wrong, {{"call", "object_reject"}, {"status", std::to_string(refusal.code)}},
                     "conform.expected_sentence");
  }
}

LOOK(Calls, none_crashes, "GAR-BOX-001") { judge_whole(); }
LOOK(Calls, none_ends_process_or_thread, "GAR-BOX-002") { judge_whole(); }

LOOK(Calls, each_comes_back, "GAR-BOX-003") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    if (courses[i].stalled)
      finding(inputs()[i], "conform.saw_no_end", {{"events", std::to_string(courses[i].events)}});
}

RULE(Calls, next_keeps_its_deadline, "GAR-BOX-004") {
  for (const Input& input : inputs()) {
    Plan plan;
    plan.next_ms = 20;
    expect_punctual(input, plan);
    if (ended() || input.streams.empty()) continue;
    plan.play.ending = Ending::silent;  // nothing to do but wait
    expect_punctual(input, plan);
  }
}

LOOK(Calls, good_input_gives_no_error, "GAR-DEV-001") { judge_whole(); }

}  // namespace
}  // namespace garita::conformance
