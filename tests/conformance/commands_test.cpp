// The commands as people and their machines use them: exit codes, JSON lines, JUnit, both languages.
#include <unistd.h>

#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

TEST_F(Kit, without_a_command_its_usage_goes_to_stderr_and_exits_2) {
  const Answer answer = kit("");
  EXPECT_EQ(answer.exit_code, 2);
  EXPECT_NE(answer.err.find("garita-conform run --driver"), std::string::npos);
}

TEST_F(Kit, its_usage_names_every_command_in_both_languages) {
  for (const char* language : {"en", "es"}) {
    const Answer answer = kit(std::string("help --lang ") + language);
    EXPECT_EQ(answer.exit_code, 0);
    for (const char* command : {"run", "verify", "report", "certify", "twin", "list", "quality", "selftest"})
      EXPECT_NE(answer.out.find(std::string("garita-conform ") + command), std::string::npos) << command;
  }
}

TEST_F(Kit, an_unknown_command_or_option_is_named_and_exits_2) {
  EXPECT_EQ(kit("bless").err,
            "garita-conform: There is no command 'bless'; `garita-conform help` lists them.\n");
  EXPECT_EQ(kit("bless --lang es").exit_code, 2);
  EXPECT_EQ(kit("run").exit_code, 2);
  EXPECT_NE(kit("run x --colour").err.find("--colour"), std::string::npos);
  EXPECT_EQ(kit("run x --level 4").exit_code, 2);
}

TEST_F(Kit, a_driver_that_is_not_there_exits_3) {
  const Answer answer = kit("run --driver nowhere/x.garita.json");
  EXPECT_EQ(answer.exit_code, 3);
  EXPECT_NE(answer.err.find("nowhere/x.garita.json"), std::string::npos);
}

TEST_F(Kit, a_stream_without_source_is_wrong_usage) {
  const Answer answer = kit("run --driver " + driver("minimal_cpp"));
  EXPECT_EQ(answer.exit_code, 2);
  EXPECT_NE(answer.err.find("scanner"), std::string::npos) << answer.err;
}

TEST_F(Kit, a_device_that_does_not_answer_is_incomplete_and_not_the_drivers_fault) {
  EXPECT_EQ(kit("run --driver " + driver("portal") + " --source scanner=tcp://127.0.0.1:1").exit_code, 4);
}

TEST_F(Kit, a_filter_that_chooses_nothing_is_wrong_usage) {
  EXPECT_EQ(kit("run --filter GAR-NONE --driver " + mutant("good") + leave()).exit_code, 2);
}

TEST_F(Kit, rules_that_can_all_not_be_judged_are_no_pass) {
  const Answer answer = kit("run --filter Streams.* --driver " + mutant("good"));  // no stream
  EXPECT_EQ(answer.exit_code, 4);
  EXPECT_TRUE(answer.last_line().starts_with("INCOMPLETE ")) << answer.out;
}

TEST_F(Kit, descriptors_that_it_may_not_look_at_are_skipped_and_no_pass) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give up the right to look";
  (void)leave();
  std::ofstream(folder / "input.toml") << "[[input]]\nrepeat_from = 0\nsource = [\"scanner=file:leave.bin\"]\n";
  const std::string run = "run --input input.toml --filter GAR-END-004 --driver " + mutant("descriptors_lost");
  EXPECT_EQ(kit(run).exit_code, 1);
  const Answer blind = kit(run, 300, "setpriv --bounding-set -sys_ptrace,-dac_override,-dac_read_search");
  EXPECT_EQ(blind.exit_code, 4) << blind.out << blind.err;
  EXPECT_NE(blind.out.find("not shown to this user: worker.descriptors (GAR-END-004)"), std::string::npos)
      << blind.out;
}

TEST_F(Kit, json_lines_begin_and_end_and_tell_each_rule) {
  const Answer answer =
      kit("run --json --out copy.jsonl --filter Images.* --driver " + mutant("good") + leave());
  const auto lines = answer.lines();
  ASSERT_GT(lines.size(), 4u);
  EXPECT_EQ(lines.front()["event"], "run_began");
  EXPECT_EQ(lines.back()["event"], "run_ended");
  EXPECT_EQ(lines.back()["verdict"], "PASS");
  EXPECT_EQ(lines.size(), 2 + 2 * lines.front()["rules"].get<size_t>());
  EXPECT_EQ(*base::read_text_file(folder / "copy.jsonl", 1u << 24), answer.out);
}

TEST_F(Kit, junit_counts_cases_and_failures) {
  EXPECT_EQ(
      kit("run --junit junit.xml --filter Images.* --driver " + mutant("strip_gap") + leave()).exit_code, 1);
  const auto xml = base::read_text_file(folder / "junit.xml", 1u << 24);
  ASSERT_TRUE(xml);
  EXPECT_NE(xml->find("failures=\"1\""), std::string::npos) << *xml;
  EXPECT_NE(xml->find("<testcase classname=\"Images\" name=\"rows_come_without_gaps_or_repeats\""),
            std::string::npos);
  EXPECT_NE(xml->find("<failure type=\"FAIL\" message=\"Driver kit_strip_gap delivered row"),
            std::string::npos);
}

// A rules program that is not ours: what the runner must bear.
class ForeignRules : public Kit {
 protected:
  Answer with_rule(const std::string& script, const std::string& options = "") {
    const std::string program = folder / "rules";
    std::ofstream(program)
        << "#!/bin/sh\ncase $1 in --list) echo '{\"rule\":\"A.b\",\"requirements\":[\"GAR-BOX-003\"]}';;\n"
        << "--rule) " << script << ";; *) exec " GARITA_BIN_DIR "/garita-conform-rules \"$@\";; esac\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("GARITA_CONFORM_RULES", program.c_str(), 1);
    const Answer answer = kit("run --json " + options + " --driver " + mutant("good") + leave());
    ::unsetenv("GARITA_CONFORM_RULES");
    return answer;
  }
  std::string verdict(const Answer& answer) { return verdicts(answer)["A.b"]["verdict"]; }
};

TEST_F(ForeignRules, beyond_its_time_a_rule_is_a_hang) {
  const Answer answer = with_rule("sleep 1000", "--time-limit-s 1");
  EXPECT_EQ(verdict(answer), "HANG");
  EXPECT_EQ(answer.exit_code, 1);
}

TEST_F(ForeignRules, a_rule_that_crashes_itself_is_a_harness_error) {
  const Answer answer = with_rule("kill -SEGV $$");
  EXPECT_EQ(verdict(answer), "HARNESS_ERROR");
  EXPECT_EQ(answer.exit_code, 4);
}

TEST_F(ForeignRules, a_report_that_is_no_json_is_a_harness_error) {
  EXPECT_EQ(verdict(with_rule("while [ $1 != --report ]; do shift; done; echo '{\"outcome\":' >$2")),
            "HARNESS_ERROR");
}

TEST_F(ForeignRules, without_a_list_nothing_is_run) {
  ::setenv("GARITA_CONFORM_RULES", "/bin/false", 1);
  EXPECT_EQ(kit("run --driver " + mutant("good") + leave()).exit_code, 4);
  ::unsetenv("GARITA_CONFORM_RULES");
}

TEST_F(Kit, list_names_rules_in_both_languages_and_as_json) {
  EXPECT_NE(kit("list --filter GAR-IMG-015").out.find("Rows of a channel come without gaps"),
            std::string::npos);
  EXPECT_NE(kit("list --filter GAR-IMG-015 --lang es").out.find("Las filas de un canal"), std::string::npos);
  const auto list = nlohmann::json::parse(kit("list --json").out);
  EXPECT_GE(list.size(), 60u);
  EXPECT_LT(nlohmann::json::parse(kit("list --json --level 1").out).size(), list.size());
  EXPECT_NE(kit("list --capabilities").out.find("shape.scan"), std::string::npos);
}

}  // namespace
}  // namespace garita::conformance
