// The rows of the fault table: the mutants' own, and those of the driver that trespasses on order.
#pragma once

#include <string>
#include <vector>

#include "core/isolate/wire/box.hpp"
#include "garita/status.h"

namespace garita::isolate::faults {

enum class Stage { LOAD, OPEN, NEXT, CLOSE, PASSES };

struct Row {
  enum class Kind { mutant, deadly, breach, bomb };
  Kind kind = Kind::mutant;
  std::string id, requirement;
  Stage stage = Stage::NEXT;
  garita_status status = GARITA_OK;
  std::string
      text;  // the sentence's id; of a breach what its evidence must hold; of a bomb the most that it may get
  std::string orders;   // of breach and bomb
  Box least = Box::B0;  // the boxes from this one on promise to catch it
};

const std::vector<Row>& rows();

}  // namespace garita::isolate::faults
