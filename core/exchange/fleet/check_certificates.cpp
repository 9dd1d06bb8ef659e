// Who connects is known by its certificate alone, so each has one of its own, of a form that a server cannot
// take for another's.
#include <algorithm>

#include "core/base/clock.hpp"
#include "core/exchange/fleet/problems.hpp"

namespace garita::exchange {
namespace {

// A NAME that means the same in a subject, a server's configuration and its log.
bool is_plain(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

// nats-server looks for a user by these too, and our users are called "CN=NAME".
bool claims_a_user(const FleetCertificate& certificate) {
  return std::any_of(certificate.as.begin(), certificate.as.end(),
                     [](const std::string& name) { return name.find('=') != std::string::npos; });
}

class Certificates {
 public:
  Certificates(int64_t now_utc_ns, FleetProblems& problems) : now_(now_utc_ns), problems_(problems) {}

  // `host`: where a server shows it; "" for none. `what` is `key` or a key of the site's own file.
  void look(const std::string& key, const std::string& what, const FleetCertificateFile& file,
            const std::string& host) {
    if (file.path.empty()) return problems_.add(key, "fleet.missing", {{"key", what}});
    const std::vector<base::Field> named{{"key", what}, {"path", file.path}};
    if (!file.read) return problems_.add(key, "fleet.certificate_file", named);
    const FleetCertificate& certificate = *file.read;
    if (!is_plain(certificate.name) || claims_a_user(certificate))
      return problems_.add(key, "fleet.certificate_names", named);
    if (now_ < certificate.from_utc_ns || now_ >= certificate.until_utc_ns)
      problems_.add(key, "fleet.certificate_dates",
                    {{"key", what},
                     {"path", file.path},
                     {"from", base::format_utc(certificate.from_utc_ns, 0)},
                     {"until", base::format_utc(certificate.until_utc_ns, 0)}});
    if (!host.empty() && !stands_for(certificate, host))
      problems_.add(key, "fleet.certificate_host", {{"key", what}, {"path", file.path}, {"host", host}});
    const auto [other, is_new] = names_.emplace(certificate.name, what);
    if (!is_new)
      problems_.add(key, "fleet.identity_twice",
                    {{"key", what}, {"other", other->second}, {"name", "CN=" + certificate.name}});
  }

 private:
  const int64_t now_;
  FleetProblems& problems_;
  std::map<std::string, std::string> names_;
};

}  // namespace

void check_certificates(const FleetPlan& plan, int64_t now_utc_ns, FleetProblems& problems) {
  Certificates certificates(now_utc_ns, problems);
  for (const FleetServer& server : plan.servers) {
    const std::string key = "hub.servers." + server.name + ".certificate";
    certificates.look(key, key, server.certificate, server.host);
  }
  for (const FleetSite& site : plan.sites) {
    const std::string key = "sites." + site.name;
    certificates.look(key + ".certificate", key + ".certificate", site.certificate, site.leaf_host);
    if (site.file_mistake.empty() && !site.file.empty())
      certificates.look(key + ".file", site.file + ": certificate", site.program_certificate, "");
  }
}

}  // namespace garita::exchange
