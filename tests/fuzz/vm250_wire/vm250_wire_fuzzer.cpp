// Lines off the wire -> messages. What is good must read again as it is written; what is refused must say
// why.
#include <cstdlib>
#include <string_view>

#include "drivers/vm250/alarm.hpp"
#include "drivers/vm250/wire.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::vm250;
  std::string_view left(reinterpret_cast<const char*>(data), size);
  Setup setup;
  Series gamma;
  while (!left.empty()) {
    const size_t end = std::min(left.find('\n'), left.size());
    const Parsed parsed = parse(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
    if (parsed.refusal != Refusal::none) {
      if (parsed.detail.empty() || name(parsed.refusal).empty()) std::abort();
      continue;
    }
    const Parsed again = parse(format(parsed.message, parsed.stamps));
    if (again.refusal != Refusal::none || again.message.index() != parsed.message.index()) std::abort();
    if (const auto* line = std::get_if<SetupLine>(&parsed.message)) setup.take(*line);
    if (const auto* counts = std::get_if<Counts>(&parsed.message))
      for (size_t panel = 0; panel < panels; ++panel) gamma[panel].push_back(counts->counts[panel]);
  }
  (void)judge(gamma, {1, 2, 3, 4}, setup);
  return 0;
}
