// The same scans again and again: the last is as the first, and nothing grows. And what a driver takes of the
// machine.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "conformance/rules/rule.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t mib = 1u << 20;

class Endurance : public Rule {
 protected:
  // An input, and the same again and again.
  struct Long {
    size_t once;  // of the inputs
    Input many;
    uint64_t rounds;
  };
  // look(that, one round's course, the long course), for each input that may be played again and again, or that
  // a variant has so (changed = "times").
  template <typename Look>
  void each_long(Look look);

 private:
  static const std::vector<Long>& long_inputs(const std::vector<Input>& inputs, const std::vector<Input>& variants,
                                              const std::vector<Course>& courses);
};

constexpr uint64_t wanted_scans = 600;            // what begins to go wrong at 500 is seen
constexpr uint64_t most_pixel_bytes = 512 * mib;  // of all of them
constexpr uint64_t most_input_bytes = 192 * mib;

uint64_t pixel_bytes(const Course& course) {
  uint64_t sum = 0;
  for (const SeenScan& scan : course.scans)
    for (const image::Strip& strip : scan.strips) sum += strip.rows * strip.row_stride_bytes;
  return sum;
}

uint64_t input_bytes(const Input& input) {
  uint64_t sum = 0;
  for (const StreamInput& stream : input.streams) sum += stream.bytes.size();
  for (const ObjectInput& object : input.objects) sum += object.file.bytes.size();
  return sum;
}

uint64_t rounds_of(const Input& input, const Course& course) {
  const uint64_t scans = std::max<size_t>(1, course.scans.size());
  const uint64_t by_pixels = most_pixel_bytes / std::max<uint64_t>(1, pixel_bytes(course));
  const uint64_t by_input = most_input_bytes / std::max<uint64_t>(1, input_bytes(input));
  return std::max<uint64_t>(4, std::min({(wanted_scans + scans - 1) / scans, by_pixels, by_input}));
}

// Files may always come again; a stream where its recording says from where.
bool may_repeat(const Input& input, const Course& course) {
  if (course.scans.empty() || !course.scans.back().complete()) return false;
  return input.streams.empty() ? !input.objects.empty() : input.repeat_from >= 0 && input.objects.empty();
}

const std::vector<Endurance::Long>& Endurance::long_inputs(const std::vector<Input>& inputs,
                                                           const std::vector<Input>& variants,
                                                           const std::vector<Course>& courses) {
  static std::vector<Long> own;
  if (!own.empty()) return own;
  for (size_t i = 0; i < courses.size(); ++i) {
    const size_t scans = courses[i].scans.size();
    if (may_repeat(inputs[i], courses[i])) {
      const uint64_t rounds = rounds_of(inputs[i], courses[i]);
      own.push_back({i, repeated(inputs[i], rounds), rounds});
      own.back().many.scans = scans * rounds;
    }
    for (const Input& variant : variants)
      if (scans != 0 && variant.changed == "times" && variant.like == inputs[i].name)
        own.push_back({i, variant, variant.scans / scans});
  }
  return own;
}

template <typename Look>
void Endurance::each_long(Look look) {
  const auto& courses = whole();
  if (ended()) return;
  const auto& all = long_inputs(inputs(), variants(), courses);
  if (all.empty()) return undeclared("input.repeat");
  for (const Long& each : all) {
    if (ended()) return;
    expect_repeatable(each.once);
    if (ended()) return;
    Plan plan;
    plan.longest_ms = 100'000;
    const Course& seen = shared_course(each.many, plan);
    if (!ended()) look(each, courses[each.once], seen);
  }
}

RULE(Endurance, the_last_scan_is_as_the_first, "GAR-END-001") {
  each_long([this](const Long& each, const Course& once, const Course& seen) {
    const size_t scans = once.scans.size();
    for (size_t i = 0; i < seen.scans.size(); ++i)
      if (!same_pixels(seen.scans[i], once.scans[i % scans]))
        return wrong_value(each.many, "SCAN " + std::to_string(i + 1), "pixels", "changed",
                           "as of SCAN " + std::to_string(i % scans + 1));
  });
}

RULE(Endurance, no_scan_is_missing, "GAR-END-002") {
  each_long([this](const Long& each, const Course& once, const Course& seen) {
    const size_t complete = static_cast<size_t>(std::count_if(
        seen.scans.begin(), seen.scans.end(), [](const SeenScan& scan) { return scan.complete(); }));
    const size_t of_once = static_cast<size_t>(std::count_if(
        once.scans.begin(), once.scans.end(), [](const SeenScan& scan) { return scan.complete(); }));
    const size_t wanted = of_once * each.rounds;
    if (complete != wanted)
      wrong_value(each.many, "SCAN_END", "COMPLETE", std::to_string(complete), std::to_string(wanted));
  });
}

RULE(Endurance, memory_does_not_grow, "GAR-END-003") {
  constexpr uint64_t slack = 8 * mib;
  each_long([this](const Long& each, const Course&, const Course& seen) {
    if (seen.early.memory_bytes != 0 && seen.late.memory_bytes > seen.early.memory_bytes + slack)
      wrong_value(each.many, "worker", "RssAnon", std::to_string(seen.late.memory_bytes / mib) + " MiB",
                  "<= " + std::to_string((seen.early.memory_bytes + slack) / mib) + " MiB");
  });
}

RULE(Endurance, descriptors_do_not_add_up, "GAR-END-004") {
  constexpr uint32_t at_a_moment = 4;  // the host's own: what it happens to hand over while it is looked at
  bool shown = false;                  // an ordinary user is not let see them
  each_long([&](const Long& each, const Course&, const Course& seen) {
    shown = shown || seen.early.descriptors != 0;
    const uint32_t allowed = seen.early.descriptors + at_a_moment;
    if (seen.early.descriptors != 0 && seen.late.descriptors > allowed)
      wrong_value(each.many, "worker", "descriptors", std::to_string(seen.late.descriptors),
                  "<= " + std::to_string(allowed));
  });
  if (!shown) undeclared("worker.descriptors");
}

RULE(Endurance, threads_do_not_add_up, "GAR-END-005") {
  each_long([this](const Long& each, const Course&, const Course& seen) {
    const uint32_t allowed = seen.early.threads + 1;
    if (seen.early.threads != 0 && seen.late.threads > allowed)
      wrong_value(each.many, "worker", "threads", std::to_string(seen.late.threads),
                  "<= " + std::to_string(allowed));
  });
}

// ---- what one course takes ----

class Resources : public Rule {};

RULE(Resources, nothing_is_computed_while_nothing_comes, "GAR-RES-004") {
  constexpr double most = 0.2;
  judge_whole();
  for (const Input& input : inputs()) {
    if (ended() || input.streams.empty()) continue;
    Plan plan;
    plan.play.ending = Ending::silent;
    plan.quiet_ms = 1000;
    const Course& seen = shared_course(input, plan);
    if (ended()) return;
    if (seen.early_timeouts > 4) return blocked("GAR-DEV-012");
    if (seen.quiet_share > most) {
      char text[32];
      std::snprintf(text, sizeof text, "%.0f %%", seen.quiet_share * 100);
      wrong_value(input, "next: TIMEOUT", "processor", text, "<= 20 %");
    }
  }
}

LOOK(Resources, threads_are_those_declared, "GAR-RES-005") {
  constexpr uint32_t of_the_worker = 3;
  each_course([this](const Input& input, const Course& course) {
    const uint32_t allowed = manifest().limits.max_threads + of_the_worker;
    if (course.late.threads > allowed)
      wrong_value(input, "manifest.limits", "max_threads",
                  std::to_string(course.late.threads - of_the_worker),
                  "<= " + std::to_string(manifest().limits.max_threads));
  });
}

LOOK(Resources, memory_is_that_declared, "GAR-RES-006") {
  constexpr uint64_t of_the_worker = 8 * mib;
  each_course([this](const Input& input, const Course& course) {
    const uint64_t allowed = manifest().limits.memory_mb * mib + of_the_worker;
    if (course.late.memory_bytes > allowed)
      wrong_value(input, "manifest.limits", "memory_mb", std::to_string(course.late.memory_bytes / mib),
                  "<= " + std::to_string(manifest().limits.memory_mb));
  });
}

LOOK(Resources, keeps_pace_with_a_device, "GAR-THR-001") {
  constexpr uint64_t start_ns = 500'000'000, a_mib_ns = 200'000'000;  // 5 MiB/s on one processor
  each_course([this](const Input& input, const Course& course) {
    const uint64_t bytes = std::max(pixel_bytes(course), input_bytes(input));
    const uint64_t allowed_ns = start_ns + bytes * a_mib_ns / mib;
    if (course.late.cpu_ns > allowed_ns)
      wrong_value(input, "worker", "processor", std::to_string(course.late.cpu_ns / 1'000'000) + " ms",
                  "<= " + std::to_string(allowed_ns / 1'000'000) + " ms");
  });
}

// ---- determinism beyond pixels ----

class Told : public Rule {};

bool same_value(const image::Value& a, const image::Value& b) {
  if (a.type != b.type) return false;
  if (a.type == GARITA_VALUE_TIME) return true;  // may be that of the host's arrival
  return a.integer == b.integer && a.text == b.text &&
         (a.real == b.real || (a.real != a.real && b.real != b.real));
}

bool same_values(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
           return x == y || (std::isnan(x) && std::isnan(y));
         });
}

std::string first_difference(const SeenScan& a, const SeenScan& b) {
  if (a.attributes.size() != b.attributes.size()) return "ATTRIBUTES";
  for (size_t i = 0; i < a.attributes.size(); ++i)
    if (a.attributes[i].key != b.attributes[i].key ||
        !same_value(a.attributes[i].value, b.attributes[i].value))
      return a.attributes[i].key;
  for (size_t i = 0; i < std::min(a.detections.size(), b.detections.size()); ++i)
    if (a.detections[i].category != b.detections[i].category ||
        a.detections[i].first_row != b.detections[i].first_row)
      return "DETECTION";
  for (size_t i = 0; i < std::min(a.readings.size(), b.readings.size()); ++i)
    if (!same_values(a.readings[i].values, b.readings[i].values)) return "READING";
  for (size_t i = 0; i < std::min(a.strips.size(), b.strips.size()); ++i)
    if (a.strips[i].rows == b.strips[i].rows && a.strips[i].dose_q16 != b.strips[i].dose_q16)
      return "dose_q16";
  return {};
}

RULE(Told, same_input_tells_the_same, "GAR-DET-003") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    expect_repeatable(i);
    if (ended()) return;
    const Course& again = shared_course(inputs()[i], {});
    for (size_t k = 0; k < std::min(again.scans.size(), courses[i].scans.size()) && !ended(); ++k) {
      const std::string what = first_difference(courses[i].scans[k], again.scans[k]);
      if (!what.empty())
        wrong_value(inputs()[i], "SCAN " + std::to_string(k + 1), what, "changed", "the same in every run");
    }
  }
}

RULE(Told, deadlines_change_nothing, "GAR-DET-004") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i) {
    expect_repeatable(i);
    if (ended()) return;
    Plan plan;
    plan.next_ms = 400;
    size_t different = 0;
    const Course seen = course(inputs()[i], plan);
    if (!ended() && !same_scans(courses[i], seen, different))
      wrong_value(inputs()[i], "deadline_ns: 400 ms", "SCAN " + std::to_string(different), "changed",
                  "as with 50 ms");
  }
}

}  // namespace
}  // namespace garita::conformance
