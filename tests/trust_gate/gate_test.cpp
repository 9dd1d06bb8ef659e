// A certified driver runs and its records say by which certificate; one byte, one revocation, one nation
// less, and it does not.
#include "tests/trust_gate/gate_fixture.hpp"

namespace garita::trust_test {
namespace {

using Device = v1::Device;

TEST_F(Gate, a_certified_driver_runs_and_its_record_names_the_certificate) {
  certify();
  const Outcome ran = scan();
  ASSERT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_EQ(record().device().certificate_id(), id_of(certificate()));
  EXPECT_EQ(record().device().certification(), Device::CERTIFICATION_CERTIFIED);
  EXPECT_EQ(record().provenance().trust(), v1::Provenance::TRUST_CERTIFIED);
}

TEST_F(Gate, a_site_runs_a_certified_driver) {
  certify();
  const Outcome ran = site();
  EXPECT_EQ(packages(), 1u) << ran.out << ran.err;
  EXPECT_EQ(record().device().certificate_id(), id_of(certificate()));
}

TEST_F(Gate, firmware_that_nobody_tested_is_outside_the_certified_configuration) {
  install_authorities();
  trust::Certificate other = certificate();
  other.devices = {{"minimal", {"4.2"}}};
  ASSERT_EQ(install(to_envelope(other), {&mx, &us}).exit_code, 0);
  ASSERT_EQ(scan().exit_code, 0);
  EXPECT_EQ(record().device().certification(), Device::CERTIFICATION_OUTSIDE_CERTIFIED_CONFIGURATION);
  EXPECT_EQ(record().device().certificate_id(), id_of(other));
}

TEST_F(Gate, without_a_policy_everything_runs_and_the_record_says_open) {
  ASSERT_EQ(scan("").exit_code, 0);
  EXPECT_EQ(record().provenance().trust(), v1::Provenance::TRUST_OPEN);
  EXPECT_EQ(record().device().certification(), Device::CERTIFICATION_NONE);
  EXPECT_NE(run("garita show out/*.garita").out.find("OPEN"), std::string::npos);
}

TEST_F(Gate, a_driver_without_certificate_is_refused_and_told_how_to_get_one) {
  install_authorities();
  const Outcome ran = scan();
  EXPECT_EQ(ran.exit_code, 3) << ran.out;
  EXPECT_NE(ran.err.find("garita-conform certify"), std::string::npos) << ran.err;
  EXPECT_EQ(packages(), 0u);
}

TEST_F(Gate, a_site_without_a_root_admits_nobody) {
  const Outcome ran = scan();
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_NE(ran.err.find("trust root"), std::string::npos) << ran.err;
}

// ---- One byte

class Changed : public Gate, public ::testing::WithParamInterface<const char*> {};

TEST_P(Changed, a_file_of_one_other_byte_is_refused_at_load) {
  certify();
  const std::string name = std::string("package/") + GetParam();
  if (name.ends_with(".json"))
    write(name, read(name) + " ");
  else
    change_last_byte(name);
  EXPECT_EQ(scan().exit_code, 3);
  EXPECT_EQ(packages(), 0u);
  const Outcome ran = site();
  EXPECT_EQ(packages(), 0u) << ran.out << ran.err;
}

TEST_P(Changed, and_so_it_is_where_the_manifest_was_changed_to_match) {
  certify();
  const std::string name = std::string("package/") + GetParam();
  if (name.ends_with(".json"))
    write(name, read(name) + "\n");
  else
    change_last_byte(name), seal_package();
  const Outcome ran = scan();
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_NE(ran.err.find(GetParam()), std::string::npos) << ran.err;
  EXPECT_EQ(packages(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Files, Changed,
                         ::testing::Values("minimal_c.so", "minimal_c.garita.json", "table.txt"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

// ---- Revoked, expired, unsigned

TEST_F(Gate, either_nation_alone_stops_the_driver_at_its_next_load) {
  certify();
  for (const std::string role : {"mx", "us"}) {
    ASSERT_EQ(scan().exit_code, 0);
    trust::StatusList taken_back = list(role, 2);
    taken_back.revoked = {{to_envelope(certificate()).id(), "It sends what it should not."}};
    const base::SigningKey& key = role == "mx" ? mx : us;
    ASSERT_EQ(install(to_envelope(taken_back), {&key}).exit_code, 0);
    const Outcome ran = scan();
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_NE(ran.err.find("It sends what it should not."), std::string::npos) << ran.err;
    ASSERT_EQ(install(to_envelope(list(role, 3)), {&key}).exit_code, 0);  // it thinks better of it
  }
}

TEST_F(Gate, a_revoked_driver_stops_in_a_site_too) {
  certify();
  trust::StatusList taken_back = list("us", 2);
  taken_back.revoked = {{base::sha256(read("package/table.txt")), "a wrong table"}};
  ASSERT_EQ(install(to_envelope(taken_back), {&us}).exit_code, 0);
  const Outcome ran = site();
  EXPECT_EQ(packages(), 0u);
  EXPECT_NE(ran.out.find("trust.file_revoked"), std::string::npos) << ran.out << ran.err;
}

TEST_F(Gate, a_nation_that_has_not_signed_is_named) {
  install_authorities();
  const auto mx2 = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  trust::Root next = root(2);
  next.roles["mx"] = {1, {mx.public_key(), mx2.public_key()}};
  ASSERT_EQ(install(to_envelope(next), {&mx, &us}).exit_code, 0);
  ASSERT_EQ(install(to_envelope(certificate()), {&mx, &mx2}).exit_code, 0);
  const Outcome ran = scan();
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_NE(ran.err.find("'us'"), std::string::npos) << ran.err;
}

TEST_F(Gate, a_list_that_expired_warns_first_and_refuses_after_the_grace) {
  certify();
  trust::StatusList old = list("us", 2);
  old.expires_ns = now - day_ns;
  ASSERT_EQ(install(to_envelope(old), {&us}).exit_code, 0);
  const Outcome warned = scan();
  EXPECT_EQ(warned.exit_code, 0) << warned.err;
  EXPECT_NE(warned.err.find("in the grace"), std::string::npos) << warned.err;
  write("policy.toml", policy("grace_hours = 12\n"));
  EXPECT_EQ(scan().exit_code, 3);
}

TEST_F(Gate, older_documents_are_not_taken) {
  certify();
  ASSERT_EQ(install(to_envelope(list("us", 5)), {&us}).exit_code, 0);
  EXPECT_EQ(install(to_envelope(list("us", 4)), {&us}).exit_code, 1);
  ASSERT_EQ(install(to_envelope(root(2)), {&mx, &us}).exit_code, 0);
  const Outcome again = install(to_envelope(root(1)), {&mx, &us});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_NE(again.err.find("replaced already"), std::string::npos) << again.err;
}

// ---- No way around

TEST_F(Gate, inside_the_host_no_certificate_is_good_enough) {
  certify();
  const Outcome ran = scan("--policy policy.toml --in-process-unsafe");
  EXPECT_EQ(ran.exit_code, 3) << ran.out;
  EXPECT_NE(ran.err.find("certified"), std::string::npos) << ran.err;
}

TEST_F(Gate, a_box_weaker_than_the_policys_is_refused) {
  certify();
  EXPECT_EQ(scan("--policy policy.toml --box B0").exit_code, 3);
}

TEST_F(Gate, what_was_admitted_and_refused_stands_in_the_sites_log) {
  certify();
  ASSERT_EQ(scan().exit_code, 0);
  change_last_byte("package/table.txt"), seal_package();
  ASSERT_EQ(scan().exit_code, 3);
  const std::string log = read("state/audit/audit.log");
  EXPECT_NE(log.find("trust.installed"), std::string::npos);
  EXPECT_NE(log.find("trust.admitted"), std::string::npos);
  EXPECT_NE(log.find("trust.file_differs"), std::string::npos);
}

TEST_F(Gate, a_site_takes_up_a_driver_when_its_certificate_comes) {
  install_authorities();
  trust::Envelope envelope = to_envelope(certificate());
  for (const base::SigningKey* key : {&mx, &us}) ASSERT_TRUE(trust::add_signature(envelope, *key));
  write("certificate.json", trust::to_json(envelope));
  write("site.toml", read("policy.toml") + "[lanes.north.devices.one]\ndriver = \"minimal_c\"\n");
  const Outcome ran =
      run("bash -c 'timeout 60 garita run site.toml --state state --out out --driver-path package --json "
          ">events & "
          "for i in $(seq 1000); do grep -q trust.no_certificate events && break; sleep 0.05; done; "
          "garita trust install certificate.json --state state; wait %1'");
  EXPECT_EQ(packages(), 1u) << ran.out << ran.err << read("events");
}

TEST_F(Gate, the_state_of_trust_is_told_and_complained_about) {
  EXPECT_EQ(run("garita trust status --state state").exit_code, 1);
  certify();
  const Outcome good = run("garita trust status --state state --json");
  EXPECT_EQ(good.exit_code, 0) << good.out;
  EXPECT_EQ(json::parse(good.out)["certificates"][0]["id"], id_of(certificate()));
  trust::StatusList old = list("us", 2);
  old.expires_ns = now - day_ns;
  ASSERT_EQ(install(to_envelope(old), {&us}).exit_code, 0);
  const Outcome bad = run("garita trust status --state state --lang es");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_NE(bad.out.find("'us'"), std::string::npos) << bad.out;
}

}  // namespace
}  // namespace garita::trust_test
