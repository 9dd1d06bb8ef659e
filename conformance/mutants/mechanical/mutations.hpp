// Every place of a source where one token can be made wrong, and how.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace garita::conformance::mechanical {

struct Mutation {
  std::string rule;  // "boundary", … as README.md has them
  size_t offset = 0, length = 0;
  std::string after;  // what stands there then
  uint32_t line = 0;  // from 1

  std::string before(std::string_view source) const { return std::string(source.substr(offset, length)); }
};

// In the order of the source. Nothing in comments, strings, preprocessor lines, static_assert, or
// declarations that begin with constexpr, using, template, struct, class, enum: the compiler holds most of
// those.
std::vector<Mutation> mutations_of(std::string_view source);

std::string mutated(std::string_view source, const Mutation& mutation);

// `count` of them or all, by lot: the same for the same seed, spread evenly over rules.
std::vector<Mutation> sample(std::vector<Mutation> all, size_t count, uint64_t seed);

}  // namespace garita::conformance::mechanical
