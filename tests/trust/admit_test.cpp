// Admission: all right is admitted, and each single thing that is wrong is refused with its own sentence.
#include "core/trust/admit.hpp"

#include "tests/trust/trust_fixture.hpp"

namespace garita::trust {
namespace {

TEST_F(Trust, a_driver_certified_by_both_nations_is_admitted_under_its_certificate) {
  const auto admission = ask();
  ASSERT_EQ(id_of(admission), "admitted");
  EXPECT_EQ(admission->certificate, to_envelope(certificate).id());
  EXPECT_FALSE(admission->open);
  EXPECT_TRUE(admission->warnings.empty());
}

TEST_F(Trust, an_open_policy_admits_all_and_says_so) {
  const auto admission = admit(Policy{}, candidate, Documents{}, now);
  ASSERT_TRUE(admission);
  EXPECT_TRUE(admission->open);
}

TEST_F(Trust, one_byte_changed_in_any_file_is_refused_by_its_name) {
  for (size_t i = 0; i < candidate.files.size(); ++i) {
    const Candidate before = candidate;
    candidate.files[i].sha256[31] ^= 1;
    const auto refused = ask();
    ASSERT_EQ(id_of(refused), "trust.file_differs");
    EXPECT_EQ(refused.error().field("file"), candidate.files[i].name);
    candidate = before;
  }
}

TEST_F(Trust, a_file_more_or_less_than_certified_is_refused) {
  candidate.files.push_back({"extra.so", base::sha256("x")});
  EXPECT_EQ(answer(), "trust.file_differs");
  candidate.files.resize(2);
  EXPECT_EQ(answer(), "trust.file_missing");
}

TEST_F(Trust, either_nation_alone_revokes_by_certificate_or_by_file) {
  us_list = list_of("us", 2);
  us_list->revoked = {{to_envelope(certificate).id(), "sends data"}};
  EXPECT_EQ(answer(), "trust.revoked");
  us_list.reset();
  for (const Subject& file : candidate.files) {
    mx_list = list_of("mx", 2);
    mx_list->revoked = {{file.sha256, "crashes"}};
    EXPECT_EQ(answer(), "trust.file_revoked");
  }
}

TEST_F(Trust, a_status_list_warns_when_it_expires_and_refuses_after_the_grace) {
  us_list = list_of("us");
  us_list->expires_ns = now + 1;
  EXPECT_TRUE(ask()->warnings.empty());
  us_list->expires_ns = now;
  ASSERT_EQ(answer(), "admitted");
  EXPECT_EQ(ask()->warnings.at(0).id, "trust.status_stale");
  us_list->expires_ns = now - policy.status_grace_ns;
  EXPECT_EQ(answer(), "trust.status_expired");
}

TEST_F(Trust, without_a_list_of_each_authority_nothing_is_admitted) {
  Documents some = documents();
  some.status.erase("us");
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.status_missing");
}

TEST_F(Trust, one_nation_missing_is_refused_though_the_other_signs_twice) {
  Documents some = documents();
  some.certificates = {sign(to_envelope(certificate), {&mx, &mx2})};
  const auto refused = admit(policy, candidate, some, now);
  ASSERT_EQ(id_of(refused), "trust.certificate_role");
  EXPECT_EQ(refused.error().field("role"), "us");
}

TEST_F(Trust, one_key_under_many_ids_counts_once) {
  root.roles["mx"].threshold = 2;
  Documents some = documents();
  Envelope& envelope = some.certificates[0];
  for (const char* id : {"another", "", "third"}) {
    envelope.signatures.push_back(envelope.signatures[0]);
    envelope.signatures.back().key_id = id;
  }
  const auto refused = admit(policy, candidate, some, now);
  ASSERT_EQ(id_of(refused), "trust.certificate_role");
  EXPECT_EQ(refused.error().field("found"), "1");
}

TEST_F(Trust, a_certificate_of_one_person_is_refused) {
  policy.roles = {"mx"};
  Documents some = documents();
  some.certificates = {sign(to_envelope(certificate), {&mx})};
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.two_persons");
}

TEST_F(Trust, a_role_that_the_policy_names_twice_does_not_make_two_persons_of_one) {
  policy.roles = {"mx", "mx"};
  Documents some = documents();
  some.certificates = {sign(to_envelope(certificate), {&mx})};
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.two_persons");
}

TEST_F(Trust, what_is_wrong_with_a_root_or_a_list_that_lies_there_is_told) {
  const base::Error wrong{base::Outcome::no, "trust.not_as_taken", {{"what", "status-us-7.json"}}, 0};
  Documents some = documents();
  some.status.erase("us");
  some.faults = {{"us", wrong}};
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.not_as_taken");
  some.root.reset();
  some.faults = {{"", wrong}};
  const auto refused = admit(policy, candidate, some, now);
  ASSERT_EQ(id_of(refused), "trust.not_as_taken");
  EXPECT_EQ(refused.error().outcome, base::Outcome::not_loaded);
}

TEST_F(Trust, a_payload_changed_after_signing_is_refused) {
  Documents some = documents();
  std::string& payload = some.certificates[0].payload;
  payload.replace(payload.find("\"level\":2"), 9, "\"level\":3");
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.certificate_role");
}

TEST_F(Trust, the_refusal_of_the_certificate_that_came_furthest_is_told) {
  Documents some = documents();
  Certificate low = certificate;
  low.level = 1;
  some.certificates = {sign(to_envelope(certificate), {&mx}), sign(to_envelope(low), {&mx, &us})};
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.level_low");
  some.certificates.push_back(sign(to_envelope(certificate), {&mx, &us}));
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "admitted");
}

TEST_F(Trust, firmware_that_was_not_tested_is_outside_the_certified_configuration) {
  EXPECT_TRUE(certificate.covers("A-6", "4.2"));
  EXPECT_FALSE(certificate.covers("A-6", "4.3"));
  EXPECT_FALSE(certificate.covers("B-6", "4.2"));
  EXPECT_FALSE(certificate.covers("A-6", ""));
  certificate.devices[0].firmware.push_back("-");
  EXPECT_TRUE(certificate.covers("A-6", ""));
}

// What is right the moment before and wrong then, or right and wrong by one step.
class Broken : public Trust {
 public:
  void set(const std::string& what) {
    if (what == "certificate_expired") certificate.expires_ns = now;
    if (what == "certificate_early") certificate.issued_ns = now + clock_tolerance_ns + 1;
    if (what == "suite_expired") certificate.suite_accepted_until_ns = now;
    if (what == "waiver_expired") certificate.waivers[0].expires_ns = now;
    if (what == "abi_other") candidate.abi = "1.1";
    if (what == "level_low") policy.level = 3;
    if (what == "profile_other") policy.profiles = {"cabinet", "transmission"};
    if (what == "box_weak") candidate.box = 1;
    if (what == "simulated") policy.pilot = false;
    if (what == "unofficial") policy.pilot = certificate.simulated_device = certificate.official = false;
    if (what == "root_expired") root.expires_ns = now;
    if (what == "clock_behind") root.issued_ns = now + clock_tolerance_ns + 1;
    if (what == "policy_empty") policy.roles.clear();
    if (what == "policy_role") policy.roles.push_back("ca");
  }
  void set_right(const std::string& what) {
    if (what == "certificate_expired") certificate.expires_ns = now + 1;
    if (what == "certificate_early") certificate.issued_ns = now + clock_tolerance_ns;
    if (what == "suite_expired") certificate.suite_accepted_until_ns = now + 1;
    if (what == "waiver_expired") certificate.waivers[0].expires_ns = now + 1;
    if (what == "level_low") policy.level = 1;
    if (what == "profile_other") policy.profiles.clear();
    if (what == "box_weak") candidate.box = 3;
    if (what == "root_expired") root.expires_ns = now + 1;
    if (what == "clock_behind") root.issued_ns = now + clock_tolerance_ns;
  }
};

TEST_F(Broken, each_broken_thing_is_refused_by_its_name_and_just_before_it_all_is_well) {
  for (const char* what : {"certificate_expired", "certificate_early", "suite_expired", "waiver_expired",
                           "abi_other", "level_low", "profile_other", "box_weak", "simulated", "unofficial",
                           "root_expired", "clock_behind", "policy_empty", "policy_role"}) {
    const auto root_before = root;
    const auto candidate_before = candidate;
    const auto policy_before = policy;
    certificate = right_certificate();
    set_right(what);
    EXPECT_EQ(answer(), "admitted") << what;
    set(what);
    EXPECT_EQ(answer(), std::string("trust.") + what);
    root = root_before, candidate = candidate_before, policy = policy_before;
  }
}

TEST_F(Trust, a_driver_without_certificate_or_root_is_told_how_to_get_one) {
  Documents some = documents();
  some.certificates.clear();
  const auto refused = admit(policy, candidate, some, now);
  ASSERT_EQ(id_of(refused), "trust.no_certificate");
  EXPECT_NE(base::render(refused.error(), base::Language::en).find("garita-conform certify"),
            std::string::npos);
  some.root.reset();
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.no_root");
}

TEST_F(Trust, certificates_of_other_drivers_say_nothing_about_this_one) {
  Documents some = documents();
  candidate.driver = "org.example.other";
  candidate.files[0].sha256 = base::sha256("other");
  EXPECT_EQ(id_of(admit(policy, candidate, some, now)), "trust.no_certificate");
}

}  // namespace
}  // namespace garita::trust
