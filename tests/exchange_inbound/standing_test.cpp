// What the receiver's own trust documents say of a driver, and which rule that meets.
#include "core/exchange/inbound/standing.hpp"

#include "core/exchange/inbound/admission.hpp"
#include "tests/trust/trust_fixture.hpp"

namespace garita::exchange {
namespace {

using trust::day_ns;

class StandingTest : public trust::Trust {
 protected:
  StandingTest() {
    claims.driver_sha256 = base::sha256("so");
    claims.signer = base::sha256("signer");
    claims.shown.model = "A-6";
    claims.firmware = "4.1";
    claims.shown.box = 2;
    claims.shown.certified = true;
    books.authorities[claims.signer] = "mx";
    policy.roles.clear();
  }
  Facts facts() {
    if (!no_store) books.trust = TrustBook{policy, documents()};
    return facts_of(claims, books, now);
  }
  std::string standing() { return facts().certificate.value_or("nothing"); }
  // Of one rule that accepts what meets the condition.
  Verdict judged(const std::string& condition) {
    const auto read = parse_inbound(
        "schema = \"garita.inbound/1\"\n[[rule]]\naction = \"accept\"\nfrom = [\"mx\"]\n" + condition + "\n",
        "in.toml");
    EXPECT_TRUE(read.problems.empty()) << condition;
    return judge(read.policy, facts(), now);
  }
  std::string code(const std::string& condition) {
    const Verdict verdict = judged(condition);
    return verdict.action == Action::accept ? "taken" : verdict.code;
  }
  void revoke(const base::Digest& what, bool by_us = true) {
    (by_us ? us_list : mx_list) = list_of(by_us ? "us" : "mx");
    (by_us ? us_list : mx_list)->revoked.push_back({what, "test"});
  }

  Claims claims;
  Books books;
  bool no_store = false;
};

TEST_F(StandingTest, certificate_that_holds_gives_level_suite_truth_and_who_signed) {
  const Facts known = facts();
  EXPECT_EQ(known.certificate, "holds");
  EXPECT_EQ(known.level, 2u);
  EXPECT_EQ(known.suite, "0.1.0");
  EXPECT_EQ(known.truth, "twin");
  EXPECT_EQ(known.signed_by, (std::set<std::string>{"mx", "us"}));
}

TEST_F(StandingTest, certificate_is_found_by_its_id_where_the_digest_is_withheld) {
  claims.driver_sha256.reset();
  EXPECT_EQ(standing(), "nothing");
  claims.certificate_id = base::to_text(to_envelope(certificate).id());
  EXPECT_EQ(standing(), "holds");
  claims.certificate_id = base::to_text(base::sha256("another"));
  EXPECT_EQ(standing(), "unknown");
}

TEST_F(StandingTest, word_of_the_record_makes_no_certificate) {
  claims.driver_sha256 = base::sha256("another driver");
  claims.certificate_id = base::to_text(to_envelope(certificate).id());
  EXPECT_EQ(standing(), "unknown");
  EXPECT_EQ(code("certified = true"), "certificate_unknown");
}

TEST_F(StandingTest, roles_that_the_receiver_asks_for_are_those_that_count) {
  policy.roles = {"mx"};
  EXPECT_EQ(standing(), "unsigned") << "one person alone";
  policy.roles = {"mx", "us"};
  EXPECT_EQ(standing(), "holds");
  policy.roles = {"mx", "ca"};
  EXPECT_EQ(standing(), "unchecked") << "an authority that the root does not have";
}

TEST_F(StandingTest, another_certificate_that_holds_vouches_for_the_same_files) {
  trust::Certificate other = certificate;
  other.level = 3;
  certificate.expires_ns = now - 1;
  books.trust = TrustBook{policy, documents()};
  books.trust->documents.certificates.push_back(sign(to_envelope(other), {&mx, &us}));
  EXPECT_EQ(facts_of(claims, books, now).level, 3u);
}

// ---- What becomes of it, by the rule that asks

class StandingTable;
struct State {
  const char* name;
  const char* standing;
  void (*make)(StandingTable&);
};

class StandingTable : public StandingTest, public ::testing::WithParamInterface<State> {
 public:
  using StandingTest::certificate;
  using StandingTest::claims;
  using StandingTest::mx;
  using StandingTest::mx_list;
  using StandingTest::no_store;
  using StandingTest::now;
  using StandingTest::policy;
  using StandingTest::revoke;
  using StandingTest::root;
  using StandingTest::us_list;
};

TEST_P(StandingTable, is_told_and_meets_no_rule_that_asks_for_more) {
  GetParam().make(*this);
  const std::string word = GetParam().standing, reason = "certificate_" + word;
  EXPECT_EQ(standing(), word);
  ASSERT_TRUE(is_reason(reason));
  for (const char* condition :
       {"certificate = [\"holds\"]", "signed_by = [\"us\"]", "level = 1", "suite = [\"0.1.0\"]",
        "truth = [\"twin\", \"object\", \"none\"]", "certified = true"})
    EXPECT_EQ(code(condition), reason) << condition;
  EXPECT_EQ(code("certificate = [\"" + word + "\"]"), "taken") << "a rule of its own";
  EXPECT_EQ(code("certified = false"), "taken");
  EXPECT_EQ(code(""), "taken") << "a rule that does not ask";
}

INSTANTIATE_TEST_SUITE_P(
    Each, StandingTable,
    ::testing::Values(
        State{"certificate_revoked_by_us", "revoked",
              [](StandingTable& its) { its.revoke(to_envelope(its.certificate).id()); }},
        State{"certificate_revoked_by_mx", "revoked",
              [](StandingTable& its) { its.revoke(to_envelope(its.certificate).id(), false); }},
        State{"file_revoked", "revoked", [](StandingTable& its) { its.revoke(base::sha256("lut")); }},
        State{"driver_revoked_that_was_never_certified", "revoked",
              [](StandingTable& its) {
                its.claims.driver_sha256 = base::sha256("other");
                its.revoke(base::sha256("other"));
              }},
        State{"expired", "expired", [](StandingTable& its) { its.certificate.expires_ns = its.now; }},
        State{"not_valid_yet", "expired",
              [](StandingTable& its) { its.certificate.issued_ns = its.now + day_ns; }},
        State{"suite_expired", "expired",
              [](StandingTable& its) { its.certificate.suite_accepted_until_ns = its.now; }},
        State{"waiver_expired", "expired",
              [](StandingTable& its) { its.certificate.waivers[0].expires_ns = its.now; }},
        State{"signed_by_too_few", "unsigned",
              [](StandingTable& its) { its.root.roles["us"].keys = {trust::new_key().public_key()}; }},
        State{"other_model", "outside", [](StandingTable& its) { its.claims.shown.model = "A-7"; }},
        State{"other_firmware", "outside", [](StandingTable& its) { its.claims.firmware = "5.0"; }},
        State{"other_model_and_firmware_withheld", "outside",
              [](StandingTable& its) { its.claims.shown.model = "A-7", its.claims.firmware.reset(); }},
        State{"weaker_box", "outside", [](StandingTable& its) { its.claims.shown.box = 1; }},
        State{"simulated", "pilot", [](StandingTable& its) { its.policy.pilot = false; }},
        State{"other_driver", "unknown",
              [](StandingTable& its) { its.claims.driver_sha256 = base::sha256("other"); }},
        State{"root_expired", "unchecked", [](StandingTable& its) { its.root.expires_ns = its.now; }},
        State{"clock_behind", "unchecked",
              [](StandingTable& its) {
                its.us_list = trust::StatusList{"us", 1, its.now + day_ns, its.now + 9 * day_ns, {}};
              }},
        State{"list_out_of_date", "unchecked",
              [](StandingTable& its) {
                its.us_list = trust::StatusList{"us", 1, its.now - 20 * day_ns, its.now - 9 * day_ns, {}};
              }}),
    [](const auto& test) { return test.param.name; });

TEST_F(StandingTest, withheld_model_and_box_are_not_held_against_the_driver) {
  claims.shown.model.reset(), claims.firmware.reset(), claims.shown.box.reset();
  EXPECT_EQ(standing(), "holds");
}

TEST_F(StandingTest, certificate_that_holds_meets_what_it_says_and_no_more) {
  EXPECT_EQ(code("level = 2"), "taken");
  EXPECT_EQ(code("level = 3"), "level_low");
  EXPECT_EQ(code("suite = [\"0.2.0\"]"), "suite_other");
  EXPECT_EQ(code("truth = [\"object\"]"), "truth_weak");
  EXPECT_EQ(code("signed_by = [\"mx\", \"us\"]"), "taken");
  EXPECT_EQ(code("signed_by = [\"mx\", \"ca\"]"), "certificate_unsigned");
  EXPECT_EQ(code("certified = true"), "taken");
}

TEST_F(StandingTest, without_a_store_or_a_root_such_rules_take_nothing_and_that_is_told) {
  no_store = true;
  for (const char* condition : {"certificate = [\"holds\"]", "signed_by = [\"us\"]", "level = 1"})
    EXPECT_EQ(code(condition), "not_shown") << condition;
  EXPECT_EQ(code("certified = true"), "taken") << "by the record's word";
  EXPECT_EQ(trust_lack(books, "in.toml", 5)->id, "exchange.trust_missing");
  books.trust = TrustBook{policy, {}};
  EXPECT_EQ(code("level = 1"), "certificate_unchecked");
  EXPECT_EQ(trust_lack(books, "in.toml", 5)->id, "trust.no_root");
  books.trust = TrustBook{policy, documents()};
  EXPECT_FALSE(trust_lack(books, "in.toml", 5));
}

TEST_F(StandingTest, first_line_about_certificates_is_found_in_any_order) {
  const auto line = [](const std::string& rules) {
    return first_about_certificates(
        parse_inbound("schema = \"garita.inbound/1\"\n[[rule]]\naction = \"refuse\"\n" + rules, "in").policy);
  };
  EXPECT_EQ(line("code = \"agency_policy\"\ncomplete = true\n"), 0u);
  EXPECT_EQ(line("code = \"agency_policy\"\ntruth = [\"none\"]\nlevel = 1\n"), 5u);
}

TEST_F(StandingTest, word_that_no_standing_has_is_a_mistake) {
  const auto read = parse_inbound(
      "schema = \"garita.inbound/1\"\n[[rule]]\naction = \"accept\"\n"
      "from = [\"mx\"]\ncertificate = [\"fine\"]\nsigned_by = [\"No Role\"]\n",
      "in.toml");
  ASSERT_EQ(read.problems.size(), 2u);
  EXPECT_EQ(read.problems[0].id, "exchange.policy_word");
}

}  // namespace
}  // namespace garita::exchange
