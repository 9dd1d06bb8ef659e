// Two years of traffic at nine sites, as a catalog sees it, and the questions that people ask about it.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/catalog/reader.hpp"

namespace garita::bench {

// Row n of the traffic, the same each time: sites of unequal traffic, vehicles that come again and again, one
// container in three trips, few alarms, fewer detections, nearly everything released.
catalog::Entry passage(uint64_t n);

struct Question {
  std::string kind;
  catalog::Query query;
  bool has_answer = true;  // else nothing may be found
};
// `count` questions of each kind about the first `rows` passages.
std::vector<Question> questions(uint64_t rows, size_t count);

}  // namespace garita::bench
