// The device as the site uses it: unreachable, closed, cancelled, asked too early or again, with pauses.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "conformance/rules/rule.hpp"
#include "core/load/status.hpp"

namespace garita::conformance {
namespace {

class Device : public Rule {
 protected:
  // The least of three courses: a busy machine is late sometimes, a driver always.
  void expect_at_most(const Input& input, const Plan& plan, double limit_ms, const char* what,
                      const std::function<double(const Course&)>& measure);
  void expect_same(const Input& input, const Course& first, const Course& second, const char* what);
};

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.0f ms", value);
  return text;
}

void Device::expect_at_most(const Input& input, const Plan& plan, double limit_ms, const char* what,
                            const std::function<double(const Course&)>& measure) {
  double least_ms = 0;
  for (int i = 0; i < 3 && !ended(); ++i) {
    const Course seen = course(input, plan);
    if (ended()) return;
    least_ms = i == 0 ? measure(seen) : std::min(least_ms, measure(seen));
    if (least_ms <= limit_ms) return;
  }
  wrong_value(input, "garita/device.h", what, rounded(least_ms), "<= " + rounded(limit_ms));
}

void Device::expect_same(const Input& input, const Course& first, const Course& second, const char* what) {
  size_t different = 0;
  if (ended() || same_scans(first, second, different)) return;
  wrong_value(input, what, different != 0 ? "SCAN " + std::to_string(different) : "SCAN_END",
              std::to_string(second.scans.size()) + " / " + std::to_string(first.scans.size()),
              "the same scans");
}

bool is_device_trouble(const base::Error& error) {
  return load::class_of(error.status) == load::StatusClass::device;
}

RULE(Device, that_does_not_answer_is_told, "GAR-DEV-007") {
  judge_whole();
  for (const Input& input : inputs()) {
    if (ended() || input.streams.empty()) continue;  // an inbox is always there
    auto configuration = host::grant_configuration(manifest(), input.config);
    if (!configuration) continue;
    Plan plan;
    plan.play.unreachable = true;
    const Course seen = run(manifest(), input, *configuration, plan);
    const bool tries_again = !seen.fault && seen.errors.empty() && !seen.ended && seen.events == 0;
    const bool told = (seen.fault && is_device_trouble(*seen.fault)) ||
                      std::any_of(seen.errors.begin(), seen.errors.end(), is_device_trouble);
    if (told || tries_again) continue;
    if (seen.fault) return finding(input, *seen.fault, {base::Outcome::no, "conform.expected_loss", {}});
    wrong_value(input, "stream_open: DEVICE_LOST", "next", seen.ended ? "END" : "OK",
                "NOT_READY, DEVICE_LOST, TIMEOUT");
  }
}

RULE(Device, closes_in_time, "GAR-DEV-008") {
  for (const Input& input : inputs()) {
    if (ended()) return;
    Plan plan;
    plan.close_ms = 50;
    plan.close_after_events = 3;
    expect_at_most(input, plan, 1000, "close", [](const Course& seen) { return seen.close_late_ms; });
  }
}

RULE(Device, goes_on_with_the_next_scan_after_cancel, "GAR-DEV-009") {
  const auto& courses = whole();
  bool any = false;
  for (size_t i = 0; i < inputs().size() && !ended(); ++i) {
    if (courses[i].scans.size() < 2 || !courses[i].scans.back().complete()) continue;
    any = true;
    expect_repeatable(i);
    if (ended()) return;
    Plan plan;
    plan.cancel_after_strips = 1;
    const Course& seen = shared_course(inputs()[i], plan);
    if (ended()) return;
    const SeenScan& last = courses[i].scans.back();
    const bool there = std::any_of(seen.scans.begin(), seen.scans.end(),
                                   [&](const SeenScan& scan) { return same_scan(scan, last); });
    // Where what was read ahead or queued already was the last scan's, the cancel came too late to be judged
    // by it.
    const bool was_the_last = seen.cancelled == 0 || (!seen.scans.empty() && !seen.scans.back().complete() &&
                                                      seen.scans.back().begin.key == last.begin.key);
    if (!there && !was_the_last)
      wrong_value(inputs()[i], "cancel", "SCAN " + last.begin.key, std::to_string(seen.scans.size()),
                  "as without cancel");
  }
  if (!any) undeclared("input.two_scans");
}

RULE(Device, works_with_deadlines_in_the_past, "GAR-DEV-010") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    expect_repeatable(i);
    if (ended()) return;
    Plan plan;
    plan.next_ms = 0;
    expect_same(inputs()[i], courses[i], course(inputs()[i], plan), "deadline_ns < now_ns");
  }
}

RULE(Device, stays_at_its_end, "GAR-DEV-011") {
  const auto& courses = whole();
  bool any = false;
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    if (!courses[i].ended) continue;
    any = true;
    Plan plan;
    plan.calls_after_end = 3;
    const Course& seen = shared_course(inputs()[i], plan);
    if (!ended() && seen.after_end != GARITA_END)
      wrong_value(inputs()[i], "next, behind END", "status", std::to_string(seen.after_end), "END");
  }
  if (!any && !ended()) undeclared("input.end");
}

RULE(Device, waits_until_its_deadline, "GAR-DEV-012") {
  judge_whole();
  for (const Input& input : inputs()) {
    if (ended() || input.streams.empty()) continue;
    Plan plan;
    plan.play.ending = Ending::silent;
    plan.quiet_ms = 1000;  // as GAR-RES-004, which looks at the same course
    const Course& seen = shared_course(input, plan);
    if (!ended() && seen.early_timeouts > 4)
      wrong_value(input, "next", "TIMEOUT before deadline_ns", std::to_string(seen.early_timeouts), "0");
  }
}

RULE(Device, hears_cancel_while_it_waits, "GAR-DEV-013") {
  for (const Input& input : inputs()) {
    if (ended() || input.streams.empty()) continue;
    Plan plan;
    plan.cancel_waiting = true;
    plan.play.ending = Ending::silent;
    expect_at_most(input, plan, 1000, "next after cancel",
                   [](const Course& seen) { return seen.cancel_answer_ms; });
  }
}

// ---- streams ----

class Manners : public Device {};

LOOK(Manners, opens_what_the_manifest_declares, "GAR-STR-001") {
  each_course([this](const Input& input, const Course& course) {
    if (!course.strange_streams.empty())
      wrong_value(input, "stream_open", "name", course.strange_streams.front(), "manifest.streams");
  });
}

LOOK(Manners, writes_only_where_it_may, "GAR-STR-002") {
  each_course([this](const Input& input, const Course& course) {
    if (!course.misused_streams.empty())
      wrong_value(input, "stream_write", "direction", course.misused_streams.front() + ": in", "out, inout");
  });
}

RULE(Manners, bears_pauses, "GAR-STR-003") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    if (inputs()[i].streams.empty()) continue;
    expect_repeatable(i);
    if (ended()) return;
    Plan plan;
    plan.next_ms = 20;
    plan.play.stalls = 12;
    expect_same(inputs()[i], courses[i], course(inputs()[i], plan), "TIMEOUT");
  }
}

LOOK(Manners, logs_with_measure, "GAR-RES-002") {
  constexpr uint64_t lines_a_scan = 200;
  each_course([this](const Input& input, const Course& course) {
    const uint64_t allowed = lines_a_scan * (1 + course.scans.size());
    if (course.log.lines > allowed)
      wrong_value(input, "host->log", "lines", std::to_string(course.log.lines),
                  "<= " + std::to_string(allowed));
  });
}

LOOK(Manners, logs_what_can_be_read, "GAR-RES-003") {
  each_course([this](const Input& input, const Course& course) {
    if (course.log.unreadable != 0) wrong_value(input, "host->log", "text", course.log.worst, "UTF-8");
  });
}

}  // namespace
}  // namespace garita::conformance
