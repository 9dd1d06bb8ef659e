// What a measurement prints.
#pragma once

#include <string>

#include "conformance/quality/measure.hpp"
#include "conformance/quality/profile.hpp"
#include "core/base/text.hpp"

namespace garita::quality {

struct Judged {
  Limit limit;
  Verdict verdict = Verdict::not_measured;
};

std::vector<Judged> judged(const Profile& profile, const Measured& measured);
// FAIL before INCONCLUSIVE and what was not measured, which is before PASS.
Verdict worst(const std::vector<Judged>& all);

// What the report says beside the figures.
struct About {
  std::string object, profile;  // their names; may be empty
  Rule rule = Rule::simple;
  uint32_t bridged_lines = 0;  // of the image
};

std::string table(const Measured& measured, const std::vector<Judged>& limits, const About& about,
                  base::Language language);
// One object: object, placement, figures [{id, value, u, k, unit, method, at_least}], not_measured,
// bridged_lines, profile, decision, limits [{figure, min, max, verdict}], verdict (null without limits).
std::string json_of(const Measured& measured, const std::vector<Judged>& limits, const About& about);

}  // namespace garita::quality
