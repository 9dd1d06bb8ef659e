#include "core/exchange/fleet/check.hpp"

#include <algorithm>
#include <set>

#include "core/exchange/fleet/problems.hpp"
#include "core/exchange/transport/nats_names.hpp"
#include "core/exchange/transport/way.hpp"

namespace garita::exchange {
namespace {

// Of a host or an address: nothing that a server's configuration or a URL would read as anything else.
bool is_host(const std::string& text) {
  return !text.empty() && text.size() <= 253 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                  c == '-' || c == ':';
         });
}
// It comes to stand between quotes.
bool is_path(const std::string& text) {
  return text.starts_with('/') && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c >= 0x20 && c != 0x7F && c != '"' && c != '\\';
         });
}

void check_name(const std::string& key, const std::string& given, FleetProblems& problems) {
  if (problems.needs(!given.empty(), key) && !is_site_name(given))
    problems.add(key, "fleet.name", {{"key", key}, {"given", given}});
}
void check_host(const std::string& key, const std::string& given, FleetProblems& problems) {
  if (problems.needs(!given.empty(), key) && !is_host(given))
    problems.add(key, "fleet.host", {{"key", key}, {"given", given}});
}
void check_path(const std::string& key, const std::string& given, FleetProblems& problems) {
  if (problems.needs(!given.empty(), key) && !is_path(given))
    problems.add(key, "fleet.path", {{"key", key}, {"given", given}});
}

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

// A site's leaf node on loopback has a machine of its own, unless the hub is on loopback too: then all is one
// machine.
class Ports {
 public:
  Ports(bool one_machine, FleetProblems& problems) : one_machine_(one_machine), problems_(problems) {}

  void take(const std::string& host, uint16_t port, const std::string& key, const std::string& machine) {
    if (port == 0) return;
    const std::string where = !is_loopback(host) ? host : one_machine_ ? "127.0.0.1" : machine;
    const auto [other, is_new] = taken_.emplace(std::pair(where, port), key);
    if (!is_new)
      problems_.add(key, "fleet.port_twice",
                    {{"key", key}, {"other", other->second}, {"host", host}, {"port", std::to_string(port)}});
  }

 private:
  const bool one_machine_;
  FleetProblems& problems_;
  std::map<std::pair<std::string, uint16_t>, std::string> taken_;
};

void check_ports(const FleetPlan& plan, FleetProblems& problems) {
  Ports ports(std::any_of(plan.servers.begin(), plan.servers.end(),
                          [](const FleetServer& server) { return is_loopback(server.host); }),
              problems);
  for (const FleetServer& server : plan.servers) {
    const std::string key = "hub.servers." + server.name;
    ports.take(server.host, server.client_port, key + ".client_port", key);
    ports.take(server.host, server.leaf_port, key + ".leaf_port", key);
    if (plan.servers.size() > 1) ports.take(server.host, server.cluster_port, key + ".cluster_port", key);
  }
  for (const FleetSite& site : plan.sites)
    ports.take(site.leaf_host, site.leaf_port, "sites." + site.name + ".leaf_port", "sites." + site.name);
}

// What all streams may hold, over the servers that hold them.
uint64_t needed_gb(const FleetPlan& plan) {
  uint64_t all = 0;
  for (const FleetSite& site : plan.sites) all += uint64_t{site.inbox_gb} * site.exchanges_with.size();
  return plan.servers.empty() ? all : all * plan.replicas() / plan.servers.size();
}

void check_server(const FleetPlan& plan, const FleetServer& server, FleetProblems& problems) {
  const std::string key = "hub.servers." + server.name;
  check_name(key, server.name, problems);
  if (server.name.starts_with("leaf-"))  // the leaf nodes' names, and files
    problems.add(key, "fleet.name", {{"key", key}, {"given", server.name}});
  check_host(key + ".host", server.host, problems);
  check_host(key + ".bind", server.bind, problems);
  check_path(key + ".folder", server.folder, problems);
  check_path(key + ".store", server.store, problems);
  problems.needs(server.client_port > 0, key + ".client_port");
  problems.needs(server.leaf_port > 0, key + ".leaf_port");
  if (plan.servers.size() > 1) problems.needs(server.cluster_port > 0, key + ".cluster_port");
  if (problems.needs(server.store_gb > 0, key + ".store_gb") && server.store_gb < needed_gb(plan))
    problems.add(key + ".store_gb", "fleet.store_small",
                 {{"server", server.name},
                  {"given", std::to_string(server.store_gb)},
                  {"needed", std::to_string(needed_gb(plan))}});
}

void check_partners_of(const FleetPlan& plan, const FleetSite& site, FleetProblems& problems) {
  const std::string key = "sites." + site.name + ".exchanges_with";
  std::set<std::string> seen;
  for (const std::string& partner : site.exchanges_with) {
    const std::vector<base::Field> both{{"site", site.name}, {"partner", partner}};
    const FleetSite* other = plan.site(partner);
    if (!seen.insert(partner).second)
      problems.add(key, "fleet.partner_twice", both);
    else if (partner == site.name)
      problems.add(key, "fleet.partner_self", both);
    else if (!other)
      problems.add(key, "fleet.partner_unknown", both);
    else if (std::find(other->exchanges_with.begin(), other->exchanges_with.end(), site.name) ==
             other->exchanges_with.end())
      problems.add(key, "fleet.partner_one_sided", both);
  }
  // A list of rights that is empty gives all of them, to nats-server.
  if (site.exchanges_with.empty()) problems.add(key, "fleet.partner_none", {{"site", site.name}});
}

// "a-b" to "c" and "a" to "b-c" have one name; accounts part them, so it is one of the receivers' nation.
void check_streams(const FleetPlan& plan, FleetProblems& problems) {
  std::map<std::pair<std::string, std::string>, std::string> taken;
  for (const FleetSite& site : plan.sites)
    for (const std::string& partner : site.exchanges_with) {
      const std::string stream = nats_stream(partner, site.name), pair = partner + " > " + site.name;
      const auto [other, is_new] = taken.emplace(std::pair(site.nation, stream), pair);
      if (!is_new && other->second != pair)
        problems.add("sites." + site.name + ".exchanges_with", "fleet.stream_twice",
                     {{"stream", stream}, {"pair", pair}, {"other", other->second}});
    }
}

}  // namespace

void check_servers(const FleetPlan& plan, FleetProblems& problems) {
  check_name("hub.domain", plan.domain, problems);
  if (plan.servers.size() != 1 && plan.servers.size() != 3)
    problems.add("hub.servers", "fleet.servers_count", {{"count", std::to_string(plan.servers.size())}});
  for (const FleetServer& server : plan.servers) check_server(plan, server, problems);
  check_ports(plan, problems);
  std::set<std::string> nations;
  for (const std::string& nation : plan.nations) {
    check_name("hub.nations", nation, problems);
    if (!nations.insert(nation).second)
      problems.add("hub.nations", "fleet.nation_twice", {{"nation", nation}});
  }
}

void check_partners(const FleetPlan& plan, FleetProblems& problems) {
  problems.needs(!plan.sites.empty(), "sites");
  for (const FleetSite& site : plan.sites) {
    const std::string key = "sites." + site.name;
    check_name(key, site.name, problems);
    if (problems.needs(!site.nation.empty(), key + ".nation") &&
        std::find(plan.nations.begin(), plan.nations.end(), site.nation) == plan.nations.end())
      problems.add(key + ".nation", "fleet.nation_unknown", {{"site", site.name}, {"nation", site.nation}});
    problems.needs(site.inbox_gb > 0, key + ".inbox_gb");
    problems.needs(site.leaf_port > 0, key + ".leaf_port");
    check_host(key + ".leaf_host", site.leaf_host, problems);
    check_path(key + ".folder", site.folder, problems);
    check_partners_of(plan, site, problems);
  }
  check_streams(plan, problems);
}

std::vector<FleetProblem> check_fleet(const FleetPlan& plan, int64_t now_utc_ns) {
  FleetProblems problems;
  check_servers(plan, problems);
  check_partners(plan, problems);
  check_certificates(plan, now_utc_ns, problems);
  check_site_files(plan, problems);
  return problems.take();
}

std::string host_and_port(const std::string& host, uint16_t port) {
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string way_of(const FleetPlan& plan, const FleetSite& site) {
  return "nats+tls://" + host_and_port(site.leaf_host, site.leaf_port) + "/" + plan.domain;
}

}  // namespace garita::exchange
