#include "core/exchange/fleet/render.hpp"

#include "core/exchange/fleet/rights.hpp"
#include "core/exchange/messages/message.hpp"

namespace garita::exchange {
namespace {

// A message and its headers.
constexpr size_t max_payload_bytes = max_message_bytes + (64u << 10);
constexpr const char *hubs = "hubs.pem", *leaves = "leaves.pem";

// Lines of a configuration, set in as deep as they stand. Values are names, hosts and paths that
// check_fleet() let pass: nothing in them ends a text.
class Lines {
 public:
  void line(const std::string& text) { text_ += std::string(2 * depth_, ' ') + text + '\n'; }
  void open(const std::string& text) { line(text), ++depth_; }
  void close(const char* text = "}") { --depth_, line(text); }
  void said(const std::string& key, const std::string& value) { line(key + ": \"" + value + '"'); }
  void number(const std::string& key, uint64_t value) { line(key + ": " + std::to_string(value)); }
  void list(const std::string& key, const std::vector<std::string>& values) {
    open(key + ": [");
    for (const std::string& value : values) line('"' + value + '"');
    close("]");
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  size_t depth_ = 0;
};

std::string leaf_name(const FleetSite& site) { return "leaf-" + site.name; }

// `asks`, of the other end: "verify", "verify_and_map" (the certificate's name is the user), or nothing.
void tls(Lines& out, const std::string& folder, const std::string& own, const std::string& trusted,
         const std::string& asks) {
  out.open("tls {");
  out.said("cert_file", folder + "/" + own + ".crt");
  out.said("key_file", folder + "/" + own + ".key");
  out.said("ca_file", folder + "/" + trusted);
  if (!asks.empty()) out.line(asks + ": true");
  out.close();
}

void user(Lines& out, const FleetCertificateFile& certificate, const FleetRights& rights) {
  out.open("{");
  out.said("user", "CN=" + certificate.read->name);
  out.open("permissions {");
  out.open("publish {");
  out.list("allow", rights.publish);
  out.close();
  out.open("subscribe {");
  out.list("allow", rights.subscribe);
  out.close();
  out.close();
  out.close();
}

// ---- The hub

void accounts(Lines& out, const FleetPlan& plan) {
  out.open("accounts {");
  for (const std::string& nation : plan.nations) {
    const FleetShare share = share_of(plan, nation);
    out.open('"' + nation + "\" {");
    if (share.streams > 0) {
      out.open("jetstream {");
      out.number("max_memory", 0);
      out.number("max_file", share.bytes);
      out.number("max_streams", share.streams);
      out.number("max_consumers", share.streams);
      out.close();
    }
    out.open("users: [");
    for (const FleetSite& site : plan.sites)
      if (site.nation == nation) user(out, site.certificate, rights_of(plan, site));
    out.close("]");
    // Services, since who publishes to a stream waits for its answer.
    out.open("exports: [");
    for (const FleetTrade& trade : exports_of(plan, nation))
      out.line("{ service: \"" + trade.subjects + "\", accounts: [\"" + trade.nation + "\"] }");
    out.close("]");
    out.open("imports: [");
    for (const FleetTrade& trade : imports_of(plan, nation))
      out.line("{ service: { account: \"" + trade.nation + "\", subject: \"" + trade.subjects + "\" } }");
    out.close("]");
    out.close();
  }
  out.close();
}

void cluster(Lines& out, const FleetPlan& plan, const FleetServer& own) {
  out.open("cluster {");
  out.said("name", "garita");
  out.said("listen", host_and_port(own.bind, own.cluster_port));
  out.said("cluster_advertise", host_and_port(own.host, own.cluster_port));
  tls(out, own.folder, own.name, hubs, "verify");
  std::vector<std::string> others;
  for (const FleetServer& server : plan.servers)
    if (server.name != own.name) others.push_back("tls://" + host_and_port(server.host, server.cluster_port));
  out.list("routes", others);
  out.close();
}

std::string hub_text(const FleetPlan& plan, const FleetServer& server) {
  Lines out;
  out.said("server_name", server.name);
  out.said("listen", host_and_port("127.0.0.1", server.client_port));  // sites come through leaf nodes
  out.number("max_payload", max_payload_bytes);
  tls(out, server.folder, server.name, leaves, "verify_and_map");
  out.open("jetstream {");
  out.said("domain", plan.domain);
  out.said("store_dir", server.store);
  out.number("max_memory_store", 0);
  out.number("max_file_store", server.store_gb << 30);
  out.close();
  out.open("leafnodes {");
  out.said("listen", host_and_port(server.bind, server.leaf_port));
  out.said("advertise", host_and_port(server.host, server.leaf_port));  // by the name that it can prove
  tls(out, server.folder, server.name, leaves, "verify_and_map");
  out.close();
  if (plan.servers.size() > 1) cluster(out, plan, server);
  accounts(out, plan);
  return out.take();
}

// ---- The leaf nodes

std::string leaf_text(const FleetPlan& plan, const FleetSite& site) {
  const std::string name = leaf_name(site);
  std::vector<std::string> urls;
  for (const FleetServer& server : plan.servers)
    urls.push_back("tls://" + host_and_port(server.host, server.leaf_port));
  Lines out;
  out.said("server_name", name);
  out.said("listen", host_and_port(site.leaf_host, site.leaf_port));
  out.number("max_payload", max_payload_bytes);
  tls(out, site.folder, name, name + ".clients.pem", "verify_and_map");
  out.open("leafnodes {");
  out.open("remotes: [");
  out.open("{");
  out.list("urls", urls);
  out.said("account", site.name);
  tls(out, site.folder, name, hubs, "");
  out.close();
  out.close("]");
  out.close();
  out.open("accounts {");
  out.open('"' + site.name + "\" {");
  out.open("users: [");
  user(out, site.program_certificate, rights_of(plan, site));
  out.close("]");
  out.close();
  out.close();
  return out.take();
}

void add_hub(const FleetPlan& plan, const FleetServer& server, RenderedFleet& rendered) {
  const std::string& name = server.name;
  rendered.files.push_back({name + ".conf", hub_text(plan, server)});
  rendered.files.push_back({name + ".crt", server.certificate.read->pem});
  FleetMachine machine{
      name, server.host, server.folder, {name + ".conf", name + ".crt", leaves}, name + ".key"};
  if (plan.servers.size() > 1) machine.files.push_back(hubs);
  rendered.machines.push_back(std::move(machine));
}

void add_leaf(const FleetPlan& plan, const FleetSite& site, RenderedFleet& rendered) {
  const std::string name = leaf_name(site), clients = name + ".clients.pem";
  rendered.files.push_back({name + ".conf", leaf_text(plan, site)});
  rendered.files.push_back({name + ".crt", site.certificate.read->pem});
  rendered.files.push_back({clients, site.program_certificate.read->pem});
  rendered.machines.push_back(
      {name, site.leaf_host, site.folder, {name + ".conf", name + ".crt", clients, hubs}, name + ".key"});
}

}  // namespace

base::Result<RenderedFleet> render_fleet(const FleetPlan& plan, int64_t now_utc_ns) {
  if (auto problems = check_fleet(plan, now_utc_ns); !problems.empty())
    return std::move(problems.front().error);
  return render_checked(plan);
}

RenderedFleet render_checked(const FleetPlan& plan) {
  RenderedFleet rendered;
  FleetFile servers{hubs, ""}, sites{leaves, ""};
  for (const FleetServer& server : plan.servers) {
    add_hub(plan, server, rendered);
    servers.text += server.certificate.read->pem;
  }
  for (const FleetSite& site : plan.sites) {
    add_leaf(plan, site, rendered);
    sites.text += site.certificate.read->pem;
  }
  rendered.files.push_back(std::move(servers));
  rendered.files.push_back(std::move(sites));
  return rendered;
}

}  // namespace garita::exchange
