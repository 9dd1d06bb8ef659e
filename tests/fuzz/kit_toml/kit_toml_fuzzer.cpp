// A text -> requirements, waivers or a plan of inputs, or an error that says what is wrong with it.
#include <cstdlib>
#include <string_view>

#include "conformance/input/plan.hpp"
#include "conformance/requirements/requirement.hpp"
#include "conformance/runner/waivers.hpp"

namespace {

void check(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::conformance;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const EmbeddedFile file{"fuzz.toml", text};
  const auto catalogue = Catalogue::parse({&file, 1});
  check(catalogue ? true : !catalogue.error().id.empty());
  if (catalogue)
    for (const Requirement& each : catalogue->requirements())
      check(catalogue->find(each.id) && each.level >= 1 && each.level <= max_level);

  const auto waivers = parse_waivers(text, "fuzz.toml");
  check(waivers ? waivers->size() <= max_waivers : !waivers.error().id.empty());
  const auto plans = parse_plan(text, "fuzz.toml");
  check(plans ? !plans->empty() && plans->size() <= max_inputs : !plans.error().id.empty());
  if (plans)
    for (const InputPlan& each : *plans)
      for (const std::string& source : each.source) (void)rooted(source, each.folder);
  return 0;
}
