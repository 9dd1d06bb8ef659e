// A site's configuration from whoever wrote it: understood or refused with places in the file, never beyond
// what its descriptor allows.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/text.hpp"
#include "core/host/site/config_reader.hpp"
#include "garita/config/site.pb.h"

namespace {

using namespace garita;

// What the reader let pass keeps the limits of site.proto.
void check(const config::SiteFile& site) {
  if (site.lanes_size() > 1024) std::abort();
  for (const auto& [name, lane] : site.lanes()) {
    if (name.empty() || name.size() > 64 || name.find('/') != std::string::npos || lane.devices_size() > 16)
      std::abort();
    for (const auto& [device, settings] : lane.devices())
      if (device.empty() || device.size() > 64 || settings.driver().size() > 64 ||
          settings.config_size() > 256)
        std::abort();
  }
  const config::Retention& retention = site.policy().retention();
  if (retention.has_days() && (retention.days() < 1 || retention.days() > 36500)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  config::SiteFile site;
  const host::ReadConfig read = host::read_config(text, site);
  if (read.problems.size() > host::max_config_problems) std::abort();
  uint32_t line = 0;
  for (const host::ConfigProblem& problem : read.problems) {
    if (problem.place.line < line || base::render(problem.error, base::Language::es).empty()) std::abort();
    line = problem.place.line;
  }
  check(site);
  (void)host::nearest(text.substr(0, 80), {"direction", "subject", "pairing", "devices"});
  return 0;
}
