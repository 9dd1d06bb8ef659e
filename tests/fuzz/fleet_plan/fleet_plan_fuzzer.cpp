// A fleet.toml from whoever wrote it: every mistake is told in a sentence of both languages, and what has
// none cannot end a text of a server's configuration. Certificates are in the plan as they would be read; no
// file is.
#include <cstdint>
#include <cstdlib>

#include "core/base/text.hpp"
#include "core/host/exchange/fleet.hpp"

namespace {

using namespace garita;

// As if all files of the plan were there and right, so that rendering is reached.
void give_files(exchange::FleetPlan& plan) {
  size_t number = 0;
  const auto certificate = [&](exchange::FleetCertificateFile& file) {
    file.path = "x";
    file.read = exchange::FleetCertificate{"PEM\n", "n" + std::to_string(number++), {}, 0, INT64_MAX};
  };
  for (exchange::FleetServer& server : plan.servers) certificate(server.certificate);
  for (exchange::FleetSite& site : plan.sites) {
    certificate(site.certificate), certificate(site.program_certificate);
    site.file = "x", site.file_mistake.clear(), site.said_name = site.name;
    site.peers.clear();
    for (const std::string& peer : site.exchanges_with)
      site.peers[peer] = {exchange::way_of(plan, site), "", site.inbox_gb, plan.replicas()};
  }
}

// Certificates stand for no host here; that alone is let pass.
bool is_about_files(const exchange::FleetProblem& problem) {
  return problem.error.id == "fleet.certificate_host" || problem.error.id == "fleet.site_ca";
}

void check(const exchange::FleetPlan& plan) {
  for (const exchange::FleetFile& file : exchange::render_checked(plan).files) {
    int depth = 0;
    bool quoted = false;
    for (const char c : file.text) {
      if (c == '"') quoted = !quoted;
      if (c == '\n' && quoted) std::abort();
      if (!quoted && (c == '{' || c == '[')) ++depth;
      if (!quoted && (c == '}' || c == ']') && --depth < 0) std::abort();
    }
    if (quoted || depth != 0) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  host::CheckedFleet fleet = host::check_fleet_text(text, "/nowhere", base::Language::en, 1);
  for (const host::ConfigProblem& problem : fleet.problems)
    for (const base::Language language : {base::Language::en, base::Language::es})
      if (!base::sentence(language, problem.error.id)) std::abort();
  give_files(fleet.plan);
  for (const exchange::FleetProblem& problem : exchange::check_fleet(fleet.plan, 1))
    if (!is_about_files(problem)) return 0;
  check(fleet.plan);
  return 0;
}
