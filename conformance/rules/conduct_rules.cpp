// Conduct: cancel, close, ends of streams, repetition, what is left behind.
#include <algorithm>

#include "conformance/rules/rule.hpp"
#include "core/load/status.hpp"

namespace garita::conformance {
namespace {

class Cancel : public Rule {
 protected:
  void judge_cancel(const Input& input, const Course& seen);
};
class Close : public Rule {};
class Streams : public Rule {
 protected:
  bool any_bytes() const;
  std::vector<uint64_t> cuts(const Input& input) const;
  // No scan that ends COMPLETE may be other than one of the whole run.
  void expect_no_half_scan(const Input& input, const Course& whole_run, const Course& seen);
};
class Repetition : public Rule {
 protected:
  void expect_same(const Input& input, const Course& first, const Course& second, const char* what);
};

constexpr uint32_t most_events_before_cancelled = 64;  // what was read ahead, and what the driver had queued

std::string number(uint64_t value) { return std::to_string(value); }

void Cancel::judge_cancel(const Input& input, const Course& seen) {
  if (ended() || !seen.cancel_sent) return;
  if (seen.cancelled != 1)
    return finding(input, "conform.saw_cancelled", {{"count", number(seen.cancelled)}},
                   "conform.expected_cancelled");
  if (seen.events_before_cancelled > most_events_before_cancelled)
    return finding(input, "conform.saw_cancel_late", {{"events", number(seen.events_before_cancelled)}},
                   "conform.expected_cancelled");
  if (seen.scan_open_at_cancelled && seen.outcome_after_cancel != GARITA_SCAN_ABORTED)
    finding(input, "conform.saw_no_abort", {{"outcome", number(seen.outcome_after_cancel.value_or(0))}},
            "conform.expected_abort");
}

RULE(Cancel, ends_the_scan_and_not_the_device, "GAR-DEV-002") {
  for (const Input& input : inputs()) {
    Plan plan;
    plan.cancel_after_strips = 1;
    const Course seen = course(input, plan);
    if (ended()) return;
    judge_cancel(input, seen);
    if (ended()) return;
    plan = {};
    plan.cancel_waiting = true;
    plan.play.ending = Ending::silent;
    judge_cancel(input, course(input, plan));
    if (ended()) return;
  }
}

RULE(Close, works_in_every_state, "GAR-DEV-003") {
  for (const Input& input : inputs()) {
    for (const uint32_t events : {1u, 2u, 4u, 8u}) {
      Plan plan;
      plan.close_after_events = events;
      const Course seen = course(input, plan);
      if (seen.stage == Course::Stage::closing && seen.fault && !ended()) return finding(input, *seen.fault);
      if (ended()) return;
    }
    Plan plan;
    plan.play.ending = Ending::silent;
    (void)course(input, plan);
    if (ended()) return;
    plan.play.ending = Ending::lost;
    (void)course(input, plan);
    if (ended()) return;
  }
}

bool Streams::any_bytes() const {
  return std::any_of(inputs().begin(), inputs().end(), [](const Input& input) { return input.has_bytes(); });
}

std::vector<uint64_t> Streams::cuts(const Input& input) const {
  uint64_t size = 0;
  for (const StreamInput& stream : input.streams) size = std::max<uint64_t>(size, stream.bytes.size());
  return {size / 2, size * 3 / 4 + seed() % 7, size > 0 ? size - 1 : 0};
}

void Streams::expect_no_half_scan(const Input& input, const Course& whole_run, const Course& seen) {
  for (const SeenScan& scan : seen.scans) {
    if (!scan.complete()) continue;
    const bool known = std::any_of(whole_run.scans.begin(), whole_run.scans.end(),
                                   [&](const SeenScan& other) { return same_scan(scan, other); });
    if (!known)
      return finding(input, "conform.saw_half_scan", {{"key", scan.begin.key}},
                     "conform.expected_no_half_scan");
  }
}

RULE(Streams, an_early_end_is_told, "GAR-DEV-004") {
  if (!any_bytes()) return undeclared("streams.bytes");
  const auto& courses = whole();
  for (size_t i = 0; i < inputs().size() && !ended(); ++i) {
    if (!inputs()[i].has_bytes()) continue;
    expect_repeatable(i);
    if (ended()) return;
    for (const uint64_t cut : cuts(inputs()[i])) {
      Plan plan;
      plan.play.cut_bytes = cut;
      const Course seen = course(inputs()[i], plan);
      if (ended()) return;
      expect_no_half_scan(inputs()[i], courses[i], seen);
      if (!ended() && seen.told_end && !seen.ended && seen.errors.empty() && seen.openings < 2)
        finding(inputs()[i], "conform.saw_silence_after_end", {{"bytes", number(cut)}},
                "conform.expected_end");
      if (ended()) return;
    }
  }
}

RULE(Streams, a_loss_is_told, "GAR-DEV-005") {
  if (!any_bytes()) return undeclared("streams.bytes");
  const auto& courses = whole();
  for (size_t i = 0; i < inputs().size() && !ended(); ++i) {
    if (!inputs()[i].has_bytes()) continue;
    expect_repeatable(i);
    if (ended()) return;
    for (const uint64_t cut : cuts(inputs()[i])) {
      Plan plan;
      plan.play.cut_bytes = cut;
      plan.play.ending = Ending::lost;
      const Course seen = course(inputs()[i], plan);
      if (ended()) return;
      expect_no_half_scan(inputs()[i], courses[i], seen);
      const bool told = !seen.told_end || !seen.errors.empty() || seen.openings >= 2;
      if (!ended() && !told)
        finding(inputs()[i], seen.ended ? "conform.saw_end_after_loss" : "conform.saw_silence_after_end",
                {{"bytes", number(cut)}}, "conform.expected_loss");
      if (ended()) return;
    }
  }
}

void Repetition::expect_same(const Input& input, const Course& first, const Course& second,
                             const char* what) {
  size_t different = 0;
  if (ended() || same_scans(first, second, different)) return;
  if (different != 0)
    return finding(input, std::string("conform.saw_other_scan_") + what, {{"number", number(different)}},
                   "conform.expected_same");
  finding(input, std::string("conform.saw_other_count_") + what,
          {{"first", number(first.scans.size())}, {"second", number(second.scans.size())}},
          "conform.expected_same");
}

RULE(Repetition, same_input_same_scans, "GAR-DET-001") {
  const auto& courses = whole();
  for (size_t i = 0; i < inputs().size() && !ended(); ++i)
    expect_same(inputs()[i], courses[i], course(inputs()[i]), "again");
}

RULE(Repetition, reads_may_be_cut_anywhere, "GAR-DET-002") {
  if (std::none_of(inputs().begin(), inputs().end(), [](const Input& input) { return input.has_bytes(); }))
    return undeclared("streams.bytes");
  const auto& courses = whole();
  for (size_t i = 0; i < inputs().size() && !ended(); ++i) {
    if (!inputs()[i].has_bytes()) continue;
    expect_repeatable(i);
    if (ended()) return;
    uint64_t bytes = 0;
    for (const StreamInput& stream : inputs()[i].streams) bytes += stream.bytes.size();
    Plan plan;
    plan.play.longest_read = bytes < (64u << 10) ? 7 : bytes < (1u << 20) ? 512 : 8191;
    plan.longest_ms = 60000;
    expect_same(inputs()[i], courses[i], course(inputs()[i], plan), "cut");
  }
}

class Box : public Rule {};

LOOK(Box, nothing_outside_is_attempted, "GAR-BOX-006") { judge_whole(); }

class Residue : public Rule {};

// The runner looks at what is left of this process and of its workers; here only something must have run.
LOOK(Residue, nothing_is_left_behind, "GAR-RES-001") { judge_whole(); }

}  // namespace
}  // namespace garita::conformance
