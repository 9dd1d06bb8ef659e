// What a simulator says on stdout as it works: sentences for people, or one JSON object a line for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::sim {

class Report {
 public:
  Report(base::Language language, bool json) : language_(language), json_(json) {}

  // event: "listening"; its sentence is sim.listening. Flushed at once: others wait for it.
  void say(std::string_view event, const std::vector<base::Field>& fields) const;

 private:
  base::Language language_;
  bool json_;
};

}  // namespace garita::sim
