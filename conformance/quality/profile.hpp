// PROFILE.toml: the limits that a site or a tender states, and how a value near a limit is judged.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/quality/figure.hpp"
#include "core/base/result.hpp"

namespace garita::quality {

enum class Verdict { pass, fail, inconclusive, not_measured };

const char* word(Verdict verdict);

struct Limit {
  std::string figure;  // its id
  std::optional<double> min, max;
};

// simple: the value decides. Guard band: the limit is moved by U to both sides, and between is INCONCLUSIVE.
enum class Rule { simple, guard_band };

struct Profile {
  std::string name;
  Rule rule = Rule::simple;
  std::optional<double> bsnr_threshold, wire_threshold;
  std::vector<Limit> limits;
};

// Errors: quality.bad_profile {path, what}.
base::Result<Profile> parse_profile(std::string_view text, const std::string& path);
base::Result<Profile> read_profile(const std::filesystem::path& path);

// A figure that is only known to be at least its value never fails a lower limit and never passes an upper
// one: where the value does not decide, INCONCLUSIVE.
Verdict judge(const Limit& limit, Rule rule, const std::vector<Figure>& figures);

}  // namespace garita::quality
