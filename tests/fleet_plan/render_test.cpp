// What is rendered is what was agreed on, and a NATS server takes it.
#include <cstdlib>

#include "tests/cli/program.hpp"
#include "tests/exchange/nats_server.hpp"
#include "tests/fleet_plan/plan.hpp"

namespace garita::fleet_test {
namespace {

class Render : public Plan {
 protected:
  cli_test::Outcome run(const std::string& command) { return cli_test::run(folder, command); }
  std::string rendered(const std::string& name) {
    for (const exchange::FleetFile& file : render().files)
      if (file.name == name) return file.text;
    return "";
  }
  static std::string golden(const std::string& name) {
    return text_of(fs::path(GARITA_SOURCE_DIR) / "tests/fleet_plan/golden" / name);
  }
  void all_in_place() {
    machine = (folder / "out").string();
    for (const auto& [site, peers] : sites) write_site(site);
    write_plan();
  }
  void expect_taken(const std::string& name) {
    const auto outcome = run(std::string(exchange::testing::NatsServer::program) + " -t -c out/" + name);
    EXPECT_EQ(outcome.exit_code, 0) << name << outcome.out << outcome.err;
  }
};

TEST_F(Render, servers_and_leaf_nodes_are_as_they_were) {
  EXPECT_EQ(rendered("hub-1.conf"), golden("hub-1.conf"));
  EXPECT_EQ(rendered("leaf-us.conf"), golden("leaf-us.conf"));
  hubs = 3;
  for (const auto& [site, peers] : sites) write_site(site);
  write_plan();
  EXPECT_EQ(rendered("hub-2.conf"), golden("hub-2-of-3.conf"));
}

TEST_F(Render, no_private_key_is_rendered) {
  for (const exchange::FleetFile& file : render().files)
    EXPECT_EQ(file.text.find("PRIVATE"), std::string::npos) << file.name;
}

TEST_F(Render, nats_server_takes_what_is_rendered) {
  if (!exchange::testing::NatsServer::installed()) GTEST_SKIP() << "SKIPPED, not a pass: no nats-server";
  for (hubs = 1; hubs <= 3; hubs += 2) {
    all_in_place();
    const auto outcome = run("garita fleet render fleet.toml --out out");
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    for (const auto& file : fs::directory_iterator(folder / "keys"))
      if (file.path().extension() == ".key") fs::copy(file.path(), folder / "out" / file.path().filename());
    for (unsigned i = 1; i <= hubs; ++i) expect_taken("hub-" + std::to_string(i) + ".conf");
    for (const auto& [site, peers] : sites) expect_taken("leaf-" + site + ".conf");
    fs::remove_all(folder / "out");
  }
}

TEST_F(Render, a_folder_with_something_in_it_stays_as_it_is) {
  fs::create_directories(folder / "out");
  write(folder / "out" / "hub-1.conf", "mine");
  EXPECT_EQ(run("garita fleet render fleet.toml --out out").exit_code, 2);
  EXPECT_EQ(text_of(folder / "out" / "hub-1.conf"), "mine");
  for (const auto& file : fs::directory_iterator(folder.path()))
    EXPECT_NE(file.path().extension(), ".part") << file;
  fs::remove(folder / "out" / "hub-1.conf");
  EXPECT_EQ(run("garita fleet render fleet.toml --out out/").exit_code, 0);
  EXPECT_TRUE(fs::exists(folder / "out" / "hub-1.conf"));
}

TEST_F(Render, a_plan_with_mistakes_renders_nothing) {
  write(folder / "fleet.toml", replaced(text_of(folder / "fleet.toml"), "store_gb = 5", "store_gb = 1"));
  const auto checked = run("garita fleet check fleet.toml");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_NE(checked.err.find("needs 4 GB"), std::string::npos) << checked.err;
  EXPECT_EQ(run("garita fleet render fleet.toml --out out").exit_code, 1);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(Render, check_says_so_in_two_languages_and_for_programs) {
  EXPECT_EQ(run("garita fleet check fleet.toml --lang es").exit_code, 0);
  const auto json = nlohmann::json::parse(run("garita fleet check fleet.toml --json").out);
  EXPECT_EQ(json["good"], true);
  EXPECT_EQ(json["sites"], 3);
  EXPECT_EQ(run("garita fleet check none.toml").exit_code, 3);
  EXPECT_EQ(run("garita fleet").exit_code, 2);
}

TEST_F(Render, keys_are_made_for_a_host_and_never_over_old_ones) {
  EXPECT_EQ(run("garita fleet keys --out new --name hub-9 --host hub9.example.org").exit_code, 0);
  const auto made = exchange::read_fleet_certificate(text_of(folder / "new" / "hub-9.crt"), "hub-9");
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->name, "hub-9");
  EXPECT_TRUE(exchange::stands_for(*made, "hub9.example.org"));
  EXPECT_FALSE(exchange::stands_for(*made, "hub8.example.org"));
  EXPECT_NE(run("garita fleet keys --out new --name hub-9 --host hub9.example.org").exit_code, 0);
  EXPECT_EQ(run("garita fleet keys --out new --name hub-8 --host 'a,IP:1.2.3.4'").exit_code, 2);
  EXPECT_EQ(run("garita fleet keys --out new --name hub-8").exit_code, 2);
}

}  // namespace
}  // namespace garita::fleet_test
