// The table of defences: one row each, and what notices where it is off.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/isolate/wire/box.hpp"

namespace garita::isolate::defences {

struct Setup {
  Box box = Box::B0;
  std::filesystem::path worker;  // a program whose name switches defences off
};

struct Defence {
  std::string name;  // as base::weakened has it
  Box box = Box::B1;
  // Switched off as well, so that this one stands alone: most acts meet several walls, and the first one answers.
  std::string in_front;
  std::string what;  // what notices
  std::function<std::string(const Setup&)> check;  // "": it stands; else what was seen
  std::string of_worker_alone = {};  // off in the worker alone, which checks the same before the host does
  bool as_root_alone = false;
  bool slow = false;  // with GARITA_LONG alone
};

const std::vector<Defence>& defences();

}  // namespace garita::isolate::defences
