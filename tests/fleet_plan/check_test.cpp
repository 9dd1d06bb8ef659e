// Each mistake of a plan is found, and the plan without it has none.
#include "tests/fleet_plan/plan.hpp"

namespace garita::fleet_test {
namespace {

class Check : public Plan {
 protected:
  std::vector<std::string> ids(const host::CheckedFleet& checked) {
    std::vector<std::string> all;
    for (const auto& problem : checked.problems) {
      all.push_back(problem.error.id);
      for (const auto language : {base::Language::en, base::Language::es}) {
        const std::string said = base::render(problem.error, language);
        EXPECT_EQ(said.find('{'), said.npos) << said;
        EXPECT_NE(base::sentence(language, problem.error.id), nullptr) << problem.error.id;
      }
    }
    return all;
  }
  // Of a plan in which the first `what` is `by`.
  std::vector<std::string> with(const std::string& what, const std::string& by) {
    return ids(check(replaced(text_of(folder / "fleet.toml"), what, by)));
  }
  std::vector<std::string> with_site(const std::string& what, const std::string& by) {
    const fs::path file = folder / "mx" / "exchange.toml";
    const std::string before = text_of(file);
    write(file, replaced(before, what, by));
    const auto found = ids(check());
    write(file, before);
    return found;
  }
  using Ids = std::vector<std::string>;
};

TEST_F(Check, plan_without_mistakes_has_none) {
  EXPECT_EQ(ids(check()), Ids{});
  hubs = 3;
  for (const auto& [site, peers] : sites) write_site(site);
  write_plan();
  EXPECT_EQ(ids(check()), Ids{});
}

TEST_F(Check, each_mistake_of_the_plan_is_found) {
  struct Row {
    const char *what, *by, *id;
  };
  const Row rows[] = {{"garita.fleet/1", "garita.fleet/2", "fleet.schema"},
                      {"domain = \"hub\"", "domain = \"h.ub\"", "fleet.name"},
                      {"[sites.mx]", "[sites.\"m.x\"]", "config.bad_name"},
                      {"[sites.mx]", "[sites.\"m>\"]", "config.bad_name"},
                      {"[hub.servers.hub-1]", "[hub.servers.\"hub*\"]", "config.bad_name"},
                      {"[hub.servers.hub-1]", "[hub.servers.leaf-mx]", "fleet.name"},
                      {"host = \"127.0.0.1\"", "host = \"h\\nx\"", "config.control_character"},
                      {"bind = \"127.0.0.1\"", "bind = \"0.0.0.0\\\" }\"", "fleet.host"},
                      {"store = \"/var", "store = \"var", "fleet.path"},
                      {"/etc/garita/nats", "/etc/\\\"garita", "fleet.path"},
                      {"store_gb = 5", "store_gb = 3", "fleet.store_small"},
                      {"store_gb = 5", "store_gigabytes = 5", "config.unknown_key"},
                      {"client_port = 4301", "client_port = 7401", "fleet.port_twice"},
                      {"client_port = 4301", "client_port = 4222", "fleet.port_twice"},
                      {"client_port = 4301", "client_port = 70000", "config.out_of_range"},
                      {"nations = [\"MX\", ", "nations = [\"MX\", \"MX\", ", "fleet.nation_twice"},
                      {"nation = \"MX\"", "nation = \"GT\"", "fleet.nation_unknown"},
                      {"exchanges_with = [\"ca\", \"mx\"]", "exchanges_with = [\"ca\", \"mx\", \"ca\"]",
                       "fleet.partner_twice"},
                      {"keys/hub-1.crt", "keys/hub-9.crt", "fleet.certificate_file"},
                      {"keys/hub-1.crt", "keys/mx.pub", "fleet.certificate_file"},
                      {"keys/leaf-mx.crt", "keys/leaf-us.crt", "fleet.identity_twice"},
                      {"mx/exchange.toml", "mx/none.toml", "fleet.site_file"},
                      {"mx/exchange.toml", "us/exchange.toml", "fleet.site_name"}};
  for (const Row& row : rows) {
    const Ids found = with(row.what, row.by);
    EXPECT_TRUE(std::find(found.begin(), found.end(), row.id) != found.end())
        << row.by << ": " << ::testing::PrintToString(found);
  }
}

TEST_F(Check, each_mistake_about_partners_is_found) {
  EXPECT_EQ(with("exchanges_with = [\"ca\", \"mx\"]", "exchanges_with = [\"ca\"]"),
            (Ids{"fleet.partner_one_sided", "fleet.peer_extra"}));
  EXPECT_EQ(with("exchanges_with = [\"ca\", \"mx\"]", "exchanges_with = [\"ca\", \"mx\", \"us\"]"),
            Ids{"fleet.partner_self"});
  EXPECT_EQ(with("exchanges_with = [\"ca\", \"mx\"]", "exchanges_with = [\"ca\", \"mx\", \"gt\"]"),
            (Ids{"fleet.peer_missing", "fleet.partner_unknown"}));
  const Ids none = with("exchanges_with = [\"us\"]", "exchanges_with = []");
  EXPECT_TRUE(std::find(none.begin(), none.end(), "fleet.partner_none") != none.end());
}

TEST_F(Check, two_servers_are_no_cluster) {
  hubs = 2;
  write_plan();
  const Ids found = ids(check());
  EXPECT_TRUE(std::find(found.begin(), found.end(), "fleet.servers_count") != found.end());
}

TEST_F(Check, what_a_site_says_otherwise_is_found) {
  struct Row {
    const char *what, *by, *id;
  };
  const Row rows[] = {{"nats+tls://", "nats://", "fleet.way"},
                      {":4222/", ":4229/", "fleet.way"},
                      {"/hub\"", "/other\"", "fleet.way"},
                      {"/hub\"", "\"", "fleet.way"},
                      {"replicas = 1", "replicas = 3", "fleet.peer_setting"},
                      {"inbox_gb = 1", "inbox_gb = 2", "fleet.peer_setting"},
                      {"site = \"mx\"", "site = \"mex\"", "fleet.site_name"},
                      {"keys/leaf-mx.crt", "keys/leaf-us.crt", "fleet.site_ca"},
                      {"keys/mx.tls.crt", "keys/none.crt", "fleet.certificate_file"},
                      {"keys/mx.tls.crt", "keys/leaf-mx.crt", "fleet.identity_twice"},
                      {"schema", "shema", "fleet.site_file"}};
  for (const Row& row : rows) EXPECT_EQ(with_site(row.what, row.by), Ids{row.id}) << row.by;
}

TEST_F(Check, streams_that_would_have_one_name_are_found) {
  exchange::FleetPlan plan;
  plan.nations = {"MX", "US"};
  const auto site = [&](const std::string& name, const std::string& nation, const std::string& partner) {
    exchange::FleetSite& added = plan.sites.emplace_back();
    added.name = name, added.nation = nation, added.exchanges_with = {partner};
  };
  site("a-b", "MX", "c"), site("a", "MX", "b-c"), site("c", "US", "a-b"), site("b-c", "US", "a");
  const auto found = exchange::check_fleet(plan, 0);
  const auto twice = [](const auto& problem) { return problem.error.id == "fleet.stream_twice"; };
  EXPECT_EQ(std::count_if(found.begin(), found.end(), twice), 1);
  plan.sites.back().nation = "MX";  // an account of its own
  const auto apart = exchange::check_fleet(plan, 0);
  EXPECT_EQ(std::count_if(apart.begin(), apart.end(), twice), 0);
}

TEST_F(Check, certificate_that_names_another_host_or_holds_no_more_is_found) {
  EXPECT_EQ(with("host = \"127.0.0.1\"", "host = \"127.0.0.2\""), Ids{"fleet.certificate_host"});
  constexpr int64_t two_years_ns = int64_t{2} * 365 * 86'400 * 1'000'000'000;
  const auto later = host::check_fleet_text(text_of(folder / "fleet.toml"), folder.path(), base::Language::en,
                                            base::system_clock().utc_ns() + two_years_ns);
  EXPECT_EQ(ids(later), Ids(7, "fleet.certificate_dates"));
}

TEST_F(Check, certificate_that_claims_to_be_another_by_its_other_names_is_found) {
  exchange::FleetPlan plan = check().plan;
  EXPECT_TRUE(exchange::check_fleet(plan, base::system_clock().utc_ns()).empty());
  plan.sites.front().certificate.read->as = {"CN=leaf-us"};
  const auto found = exchange::check_fleet(plan, base::system_clock().utc_ns());
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().error.id, "fleet.certificate_names");
  EXPECT_FALSE(exchange::render_fleet(plan, base::system_clock().utc_ns()).ok());
}

TEST_F(Check, empty_text_is_told_what_is_missing_and_broken_text_only_that) {
  EXPECT_GT(check("").problems.size(), 2u);
  EXPECT_EQ(ids(check("[hub\n")), Ids{"config.syntax"});
}

TEST_F(Check, mistakes_are_told_with_their_lines) {
  const std::string text = replaced(text_of(folder / "fleet.toml"), "domain = \"hub\"", "domain = \"h b\"");
  const auto found = check(text);
  ASSERT_FALSE(found.good());
  bool told = false;
  for (const auto& problem : found.problems)
    told = told || (problem.error.id == "fleet.name" && problem.place.line == 3);
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace garita::fleet_test
