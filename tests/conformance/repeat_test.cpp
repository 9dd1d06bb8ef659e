// Repetition, stability and waivers: what may be said after more than one look.
#include "conformance/runner/run.hpp"
#include "conformance/runner/waivers.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

RuleResult ended(Verdict verdict, uint64_t seed = 1) {
  RuleResult own{.rule = "A.b", .requirements = {"GAR-IMG-019"}, .verdict = verdict};
  own.seed = seed;
  own.courses = 1;
  return own;
}

TEST(Repetitions, that_agree_are_that_verdict) {
  EXPECT_EQ(combine({ended(Verdict::pass), ended(Verdict::pass)}).verdict, Verdict::pass);
  EXPECT_EQ(combine({ended(Verdict::crash), ended(Verdict::crash)}).verdict, Verdict::crash);
  EXPECT_EQ(combine({ended(Verdict::pass), ended(Verdict::pass)}).repetitions.size(), 2u);
}

TEST(Repetitions, that_disagree_are_unstable_and_show_the_one_that_failed) {
  const RuleResult result =
      combine({ended(Verdict::pass, 1), ended(Verdict::pass, 2), ended(Verdict::fail, 3)});
  EXPECT_EQ(result.verdict, Verdict::unstable);
  EXPECT_EQ(result.seed, 3u);
  EXPECT_TRUE(is_against_driver(result.verdict));
}

TEST(Repetitions, with_an_error_of_the_harness_never_count_against_the_driver) {
  EXPECT_EQ(combine({ended(Verdict::fail), ended(Verdict::harness_error)}).verdict, Verdict::harness_error);
}

TEST(Repetitions, have_seeds_far_apart_and_the_first_is_the_one_that_was_given) {
  EXPECT_EQ(round_seed(7, 0), 7u);
  EXPECT_NE(round_seed(7, 1), round_seed(7, 2));
  EXPECT_NE(round_seed(7, 1), round_seed(8, 1));
}

class Waivers : public ::testing::Test {
 protected:
  static std::string text(const std::string& requirement = "GAR-IMG-019",
                          const std::string& expires = "2026-12-31") {
    return "[[waiver]]\ndriver = \"com.acme.x1\"\nfrom = \"1.0.0\"\nto = \"1.9\"\nrequirement = \"" +
           requirement + "\"\nreason = \"firmware 2\"\napprover = \"A. P.\"\nexpires = \"" + expires + "\"\n";
  }
  static Verdict verdict(Verdict before, const std::string& version = "1.2.3",
                         const std::string& day = "2026-06-01", const std::string& driver = "com.acme.x1") {
    const auto waivers = parse_waivers(text(), "w");
    return waived(ended(before), *waivers, driver, version, day).verdict;
  }
};

TEST_F(Waivers, turn_a_failure_into_waived) {
  EXPECT_EQ(verdict(Verdict::fail), Verdict::waived);
  EXPECT_EQ(verdict(Verdict::unstable), Verdict::waived);
  EXPECT_EQ(verdict(Verdict::fail, "1.9", "2026-12-31"), Verdict::waived);
}

TEST_F(Waivers, of_another_driver_version_or_time_change_nothing) {
  EXPECT_EQ(verdict(Verdict::fail, "2.0"), Verdict::fail);
  EXPECT_EQ(verdict(Verdict::fail, "0.9"), Verdict::fail);
  EXPECT_EQ(verdict(Verdict::fail, "1.10"), Verdict::fail);
  EXPECT_EQ(verdict(Verdict::fail, "1.2.3", "2026-06-01", "com.acme.x2"), Verdict::fail);
  EXPECT_EQ(verdict(Verdict::fail, "1.2.3", "2027-01-01"), Verdict::fail);
}

TEST_F(Waivers, never_excuse_a_driver_that_calls_out_nor_touch_a_pass) {
  EXPECT_EQ(verdict(Verdict::egress), Verdict::egress);
  EXPECT_EQ(verdict(Verdict::pass), Verdict::pass);
  EXPECT_EQ(verdict(Verdict::harness_error), Verdict::harness_error);
}

TEST_F(Waivers, that_ended_say_so_in_the_finding) {
  const auto waivers = parse_waivers(text(), "w");
  const RuleResult result = waived(ended(Verdict::fail), *waivers, "com.acme.x1", "1.0", "2027-01-01");
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].seen.id, "conform.waiver_expired");
}

TEST_F(Waivers, for_requirements_that_there_are_not_are_refused) {
  EXPECT_FALSE(parse_waivers(text("GAR-IMG-999"), "w"));
  EXPECT_FALSE(parse_waivers(text("GAR-IMG-019", "2026-13-01"), "w"));
  EXPECT_FALSE(parse_waivers(text("GAR-IMG-019", "always"), "w"));
  EXPECT_FALSE(parse_waivers(text() + "extra = 1\n", "w"));
  EXPECT_FALSE(parse_waivers("[[waiver]]\ndriver = \"x\"\n", "w"));
  EXPECT_FALSE(parse_waivers("not toml", "w"));
  EXPECT_FALSE(parse_waivers("", "w"));
}

TEST_F(Kit, a_waived_failure_passes_and_says_who_said_so) {
  std::ofstream(folder / "waivers.toml")
      << "[[waiver]]\ndriver = \"org.garita.kit_strip_gap\"\nfrom = \"0\"\nto = \"99\"\nrequirement = "
         "\"GAR-IMG-015\"\n"
      << "reason = \"a test\"\napprover = \"the laboratory\"\nexpires = \"2199-01-01\"\n";
  const auto read = nlohmann::json::parse(*base::read_text_file(mutant("strip_gap"), 1u << 20));
  const auto text = *base::read_text_file(folder / "waivers.toml", 1u << 20);
  std::string own = text;
  own.replace(own.find("org.garita.kit_strip_gap"), 24, read["id"].get<std::string>());
  std::ofstream(folder / "waivers.toml") << own;
  const Answer answer =
      kit("run --waivers waivers.toml --filter 'GAR-IMG-015' --evidence run.tar.zst --driver " +
          mutant("strip_gap") + leave());
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
  EXPECT_NE(answer.out.find("WAIVED"), std::string::npos);
  EXPECT_NE(answer.out.find("the laboratory"), std::string::npos);
  EXPECT_EQ(kit("verify run.tar.zst").exit_code, 0);
}

// Rules of ours that pass by their seed: even ones fail.
class Wavering : public Kit {
 protected:
  Answer run(const std::string& courses, const std::string& options) {
    const std::string program = folder / "rules";
    std::ofstream(program)
        << "#!/bin/sh\ncase $1 in\n--list) echo "
           "'{\"rule\":\"A.b\",\"requirements\":[\"GAR-BOX-003\"]}';;\n--rule)\n"
        << "while [ $# -gt 1 ]; do case $1 in --seed) seed=$2;; --report) report=$2;; esac; shift; done\n"
        << "echo $seed >>'" << (folder / "seeds").string()
        << "'\nkind=pass; [ $((seed % 2)) = 0 ] && kind=fail\n"
        << "echo "
           "'{\"outcome\":\"'$kind'\",\"findings\":[],\"detail\":\"\",\"trouble\":{\"id\":\"\",\"fields\":{}}"
           ",\"courses\":"
        << courses << "}' >$report;;\n*) exec " GARITA_BIN_DIR "/garita-conform-rules \"$@\";;\nesac\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("GARITA_CONFORM_RULES", program.c_str(), 1);
    const Answer answer = kit("run --json " + options + " --driver " + mutant("good") + leave());
    ::unsetenv("GARITA_CONFORM_RULES");
    return answer;
  }
  size_t times() const {
    std::ifstream seeds(folder / "seeds");
    size_t count = 0;
    for (std::string line; std::getline(seeds, line);) ++count;
    return count;
  }
};

TEST_F(Wavering, passes_once_and_is_unstable_when_repeated) {
  EXPECT_EQ(verdicts(run("[{}]", "--seed 7"))["A.b"]["verdict"], "PASS");
  const Answer answer = run("[{}]", "--seed 7 --repeat 12");
  EXPECT_EQ(verdicts(answer)["A.b"]["verdict"], "UNSTABLE");
  EXPECT_EQ(answer.exit_code, 1);
  EXPECT_EQ(times(), 13u);
}

TEST_F(Wavering, a_rule_that_never_runs_the_driver_is_run_once) {
  const Answer answer = run("[]", "--seed 7 --official");
  EXPECT_EQ(verdicts(answer)["A.b"]["verdict"], "PASS");
  EXPECT_EQ(times(), 1u);
}

TEST_F(Wavering, official_is_five_times_and_takes_no_choice_of_rules) {
  (void)run("[{}]", "--official");
  EXPECT_EQ(times(), 5u);
  EXPECT_EQ(kit("run --official --filter 'A*' --driver " + mutant("good")).exit_code, 2);
  EXPECT_EQ(kit("run --repeat 0 --driver " + mutant("good")).exit_code, 2);
}

TEST_F(Wavering, repeated_verifies_from_its_evidence) {
  (void)run("[{}]", "--seed 7 --repeat 3 --filter 'A.*' --evidence run.tar.zst");
  const Answer answer = kit("verify run.tar.zst");
  EXPECT_EQ(answer.exit_code, 0) << answer.out << answer.err;
}

TEST_F(Kit, a_replay_command_names_the_seed_that_failed) {
  const Answer answer = kit("run --seed 9 --filter GAR-IMG-015 --driver " + mutant("strip_gap") + leave());
  EXPECT_NE(answer.out.find("--seed 9 --filter Images.rows_come_without_gaps_or_repeats"), std::string::npos)
      << answer.out;
}

TEST_F(Kit, a_driver_that_calls_out_is_egress) {
  const std::string phone_home = GARITA_BINARY_DIR "/lib/garita/examples/phone_home/phone_home.garita.json";
  const Answer answer = kit("run --json --filter GAR-BOX-006 --driver " + phone_home);
  const auto all = verdicts(answer);
  ASSERT_FALSE(all.empty()) << answer.err;
  EXPECT_EQ(all.begin()->second["verdict"], "EGRESS") << answer.out;
}

}  // namespace
}  // namespace garita::conformance
