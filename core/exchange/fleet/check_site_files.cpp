// A site's exchange.toml is its own affair; what it says of the things that the plan says too has to be the
// same.
#include <algorithm>

#include "core/exchange/fleet/problems.hpp"

namespace garita::exchange {
namespace {

class SiteFile {
 public:
  SiteFile(const FleetPlan& plan, const FleetSite& site, FleetProblems& problems)
      : plan_(plan), site_(site), key_("sites." + site.name + ".file"), problems_(problems) {}

  void check() {
    if (!problems_.needs(!site_.file.empty(), key_)) return;
    if (!site_.file_mistake.empty())
      return told("fleet.site_file", {{"file", site_.file}, {"reason", site_.file_mistake}});
    if (site_.said_name != site_.name)
      told("fleet.site_name", {{"file", site_.file}, {"given", site_.said_name}});
    if (site_.certificate.read && !is_vouched_for(*site_.certificate.read, site_.trusted))
      told("fleet.site_ca", {{"file", site_.file}, {"path", site_.certificate.path}});
    for (const std::string& partner : site_.exchanges_with)
      if (!site_.peers.contains(partner) && partner != site_.name)
        told("fleet.peer_missing", {{"file", site_.file}, {"peer", partner}});
    for (const auto& [name, peer] : site_.peers) check(name, peer);
  }

 private:
  void told(const char* id, std::vector<base::Field> fields) {
    fields.insert(fields.begin(), {"site", site_.name});
    problems_.add(key_, id, std::move(fields));
  }

  void check(const std::string& name, const FleetPeer& peer) {
    const bool planned = std::find(site_.exchanges_with.begin(), site_.exchanges_with.end(), name) !=
                         site_.exchanges_with.end();
    // Another way, to somebody who is no part of this fleet, is the site's own affair.
    if (!planned && (plan_.site(name) || peer.way.starts_with("nats")))
      told("fleet.peer_extra", {{"file", site_.file}, {"peer", name}});
    if (!planned) return;
    const std::string wanted = way_of(plan_, site_);
    check_way(name, peer.way, wanted);
    if (peer.receipts.starts_with("nats")) check_way(name, peer.receipts, wanted);
    same(name, "inbox_gb", peer.inbox_gb, site_.inbox_gb);
    same(name, "replicas", peer.replicas, plan_.replicas());
  }

  void check_way(const std::string& peer, const std::string& given, const std::string& wanted) {
    if (given != wanted)
      told("fleet.way", {{"file", site_.file}, {"peer", peer}, {"given", given}, {"wanted", wanted}});
  }

  void same(const std::string& peer, const char* setting, uint32_t given, uint32_t wanted) {
    if (given == wanted) return;
    told("fleet.peer_setting", {{"file", site_.file},
                                {"setting", "peers." + peer + "." + setting},
                                {"given", std::to_string(given)},
                                {"wanted", std::to_string(wanted)}});
  }

  const FleetPlan& plan_;
  const FleetSite& site_;
  const std::string key_;
  FleetProblems& problems_;
};

}  // namespace

void check_site_files(const FleetPlan& plan, FleetProblems& problems) {
  for (const FleetSite& site : plan.sites) SiteFile(plan, site, problems).check();
}

}  // namespace garita::exchange
