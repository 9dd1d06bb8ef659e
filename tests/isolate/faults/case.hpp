// One case of the fault table: a row's driver in a box, and whether it was caught.
#pragma once

#include <string>

#include "core/isolate/session.hpp"
#include "tests/isolate/faults/rows.hpp"

namespace garita::isolate::faults {

struct Case {
  const Row& row;
  Box box = Box::B0;
  // As open_isolated has them: which program the worker is, and the like. Box, decoys, evidence and time to load are the
  // case's own.
  WorkerOptions options = {};
};

// Runs the driver once. "" where it was stopped as its row says (or tolerated, where the row says so) and nothing of it
// reads as whole that is not; else what was wrong.
std::string stopped(const Case& a_case);

// The same, and nothing may be left behind: its process is gone, its descriptors are back, and a good driver delivers a
// whole scan right after.
std::string caught(const Case& a_case);

}  // namespace garita::isolate::faults
