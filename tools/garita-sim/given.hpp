// What a simulated device says and shows because it was told to, not by lot: `garita-sim NAME … --given
// plate=ABC1234,again=1`, the same words for every family. All else stays as the seed has it, down to the
// last pixel: so one thing can be changed and nothing else.
//
//   plate, container, serial   that text
//   ahead                      seconds by which its clock is ahead of ours; may be negative
//   again                      1: the first passage comes again and again
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace garita::sim {

struct Given {
  std::string plate, container, serial;  // empty: by lot
  int64_t ahead_s = 0;
  bool again = false;
};

// Errors: sim.bad_value {option}.
base::Result<Given> parse_given(std::string_view text);

// Of this process; main sets it before a simulator runs.
Given& given();

// What is given, else what was drawn.
std::string plate_or(std::string drawn);
std::string container_or(std::string drawn);
std::string serial_or(std::string drawn);
uint64_t passage_or(uint64_t number);

// The device's clock, right but for what is given.
int64_t now_utc_ns();

}  // namespace garita::sim
