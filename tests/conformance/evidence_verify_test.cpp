// `garita-conform verify`: a run judged again from what it saw.
#include "conformance/evidence/bundle.hpp"
#include "conformance/runner/verify.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

class Evidence : public Kit {
 protected:
  std::string bundle() const { return folder / "run.tar.zst"; }
  Answer run(const std::string& id, const std::string& options = "--filter 'GAR-IMG-01*'") {
    return kit("run --evidence run.tar.zst " + options + " --driver " + mutant(id) + leave());
  }
  Answer verify(const std::string& options = "") { return kit("verify run.tar.zst " + options); }

  using Change = std::function<void(std::vector<json>&)>;
  void forge(const Change& change) { Kit::forge(bundle(), change); }

  static json& first(std::vector<json>& events, const std::string& kind, const std::string& rule) {
    for (json& event : events)
      if (event["event"] == kind && event.value("rule", "") == rule) return event;
    ADD_FAILURE() << kind << ' ' << rule;
    return events.front();
  }
  const std::string gaps_ = "Images.rows_come_without_gaps_or_repeats";
};

TEST_F(Evidence, of_a_passed_run_verifies) {
  ASSERT_EQ(run("good").exit_code, 0);
  const Answer answer = verify();
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  EXPECT_NE(answer.last_line().find("verdict PASS for org.garita"), std::string::npos) << answer.out;
  EXPECT_NE(answer.out.find("not signed"), std::string::npos);
}

TEST_F(Evidence, of_a_failed_run_verifies_too) {
  ASSERT_EQ(run("strip_gap").exit_code, 1);
  const Answer answer = verify("--json");
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  EXPECT_EQ(json::parse(answer.out)["verdict"], "FAIL");
}

TEST_F(Evidence, tells_driver_kit_and_machine) {
  ASSERT_EQ(run("good").exit_code, 0);
  const auto read = read_bundle(bundle());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->head["driver"]["name"], "kit_good");
  EXPECT_EQ(read->head["suite"]["catalogue_sha256"].get<std::string>().size(), 64u);
  for (const char* name : {"kernel", "glibc", "box", "policy_sha256"})
    EXPECT_NE(read->head["environment"][name], "") << name;
  EXPECT_TRUE(read->members.contains("inputs/0-0/0.bin"));
}

TEST_F(Evidence, redacted_holds_digests_of_inputs_and_no_bytes) {
  ASSERT_EQ(run("good", "--redact-payload --filter 'GAR-IMG-01*'").exit_code, 0);
  const auto read = read_bundle(bundle());
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->members.contains("inputs/0-0/0.bin"));
  EXPECT_TRUE(read->pictures.empty());
  EXPECT_EQ(read->head["inputs"][0]["sha256"].get<std::string>().size(), 64u);
  EXPECT_EQ(verify().exit_code, 0);
}

TEST_F(Evidence, with_a_verdict_told_better_is_found_out_by_name) {
  ASSERT_EQ(run("strip_gap").exit_code, 1);
  forge([&](std::vector<json>& events) {
    first(events, "rule_ended", gaps_)["verdict"] = "PASS";
    events.back()["verdict"] = "PASS";
  });
  const Answer answer = verify();
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.out.find(gaps_ + ": told PASS, but its raw events give FAIL."), std::string::npos)
      << answer.out;
}

TEST_F(Evidence, with_a_raw_report_made_better_is_found_out_too) {
  ASSERT_EQ(run("strip_gap").exit_code, 1);
  forge([&](std::vector<json>& events) {
    first(events, "attempt_ended", gaps_)["report"] = R"({"outcome":"pass","findings":[]})";
  });
  EXPECT_EQ(verify().exit_code, 1);
}

TEST_F(Evidence, with_a_rule_left_out_contradicts_itself) {
  ASSERT_EQ(run("strip_gap").exit_code, 1);
  forge([&](std::vector<json>& events) {
    std::erase_if(events, [&](const json& event) { return event.value("rule", "") == gaps_; });
  });
  const Answer answer = verify();
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.err.find("contradicts itself at rules"), std::string::npos) << answer.err;
}

TEST_F(Evidence, with_rules_left_out_of_the_plan_as_well_contradicts_the_requirements) {
  ASSERT_EQ(run("strip_gap").exit_code, 1);
  forge([&](std::vector<json>& events) { events.front()["filter"] = ""; });
  const Answer answer = verify();
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.err.find("contradicts itself at GAR-"), std::string::npos) << answer.err;
}

TEST_F(Evidence, of_another_driver_than_its_manifest_contradicts_itself) {
  ASSERT_EQ(run("good").exit_code, 0);
  forge([&](std::vector<json>& events) { events.front()["sha256"] = std::string(64, '0'); });
  EXPECT_EQ(verify().exit_code, 1);
}

TEST_F(Evidence, of_a_kit_with_other_requirements_is_left_to_that_kit) {
  ASSERT_EQ(run("good").exit_code, 0);
  const auto read = read_bundle(bundle());
  json head = read->head;
  head["suite"]["catalogue_sha256"] = std::string(64, 'a');
  Chain chain;
  for (json event : read->events) {
    if (event["event"] == "run_began") event["catalogue"] = std::string(64, 'a');
    chain.add(event);
  }
  auto writer = BundleWriter::create(bundle());
  ASSERT_TRUE(writer->add("bundle.json", canonical(head)));
  ASSERT_TRUE(writer->add("manifest.garita.json", read->manifest));
  ASSERT_TRUE(writer->finish(chain, nullptr));
  EXPECT_EQ(verify().exit_code, 4);
}

TEST_F(Evidence, signed_is_demanded_by_key) {
  const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  ASSERT_TRUE(key->save(folder / "lab.pem"));
  ASSERT_EQ(run("good", "--sign-key lab.pem --filter 'GAR-IMG-01*'").exit_code, 0);
  const std::string id = base::to_text(key->public_key().key_id());
  EXPECT_EQ(verify("--signer " + id).exit_code, 0);
  EXPECT_EQ(verify("--signer " + std::string(64, '0')).exit_code, 1);
  forge([](std::vector<json>&) {});
  EXPECT_EQ(verify("--signer " + id).exit_code, 1);
}

TEST_F(Evidence, that_is_no_bundle_is_refused_in_one_sentence) {
  std::ofstream(folder / "run.tar.zst") << "not a bundle";
  const Answer answer = verify("--lang es");
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_NE(answer.err.find("no es un solo cuadro zstd"), std::string::npos) << answer.err;
  std::filesystem::remove(folder / "run.tar.zst");
  EXPECT_EQ(verify().exit_code, 3);
}

TEST_F(Evidence, without_the_canary_stopped_there_is_no_verdict) {
  ::setenv("GARITA_CONFORM_CANARY", mutant("good").c_str(), 1);  // a driver that calls nobody
  const Answer answer = run("good");
  ::unsetenv("GARITA_CONFORM_CANARY");
  EXPECT_EQ(answer.exit_code, 4) << answer.out;
  EXPECT_NE(answer.out.find("HARNESS_ERROR"), std::string::npos);
  EXPECT_TRUE(answer.last_line().starts_with("INCOMPLETE ")) << answer.out;
  EXPECT_EQ(verify().exit_code, 0);
}

}  // namespace
}  // namespace garita::conformance
