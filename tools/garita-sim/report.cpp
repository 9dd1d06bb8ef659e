#include "tools/garita-sim/report.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace garita::sim {

void Report::say(std::string_view event, const std::vector<base::Field>& fields) const {
  std::string line = base::text(language_, "sim." + std::string(event), fields);
  if (json_) {
    nlohmann::json object = {{"event", event}};
    for (const base::Field& field : fields) object[field.name] = field.value;
    line = object.dump();
  }
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace garita::sim
