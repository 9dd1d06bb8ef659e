// The tool that breaks drivers: it finds the places, leaves alone what it must, and remembers what it judged.
#include <gtest/gtest.h>

#include <set>

#include "conformance/mutants/mechanical/ledger.hpp"
#include "conformance/mutants/mechanical/mutations.hpp"
#include "conformance/mutants/mechanical/shell.hpp"
#include "conformance/mutants/mechanical/tokens.hpp"
#include "conformance/mutants/mechanical/workshop.hpp"
#include "core/base/file.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::conformance::mechanical {
namespace {

// What each rule makes of the body of a function.
std::vector<std::string> made(const std::string& body, const std::string& rule) {
  const std::string source = "int f(int a, int b) {\n" + body + "\n}\n";
  std::vector<std::string> own;
  for (const Mutation& each : mutations_of(source)) {
    const std::string text = mutated(source, each);
    if (each.rule == rule) own.push_back(text.substr(22, text.size() - 22 - 3));
  }
  return own;
}
using Texts = std::vector<std::string>;

TEST(Mutations, move_boundaries_and_leave_templates_alone) {
  EXPECT_EQ(made("if (a < b) return 7;", "boundary"), Texts{"if (a <= b) return 7;"});
  EXPECT_EQ(made("std::vector<int> x; return a >= b;", "boundary"),
            Texts{"std::vector<int> x; return a > b;"});
}

TEST(Mutations, turn_equality_logic_and_arithmetic_round) {
  EXPECT_EQ(made("return a == b;", "equality"), Texts{"return a != b;"});
  EXPECT_EQ(made("return a && b;", "logic"), Texts{"return a || b;"});
  EXPECT_EQ(made("auto&& x = a; return x;", "logic"), Texts{});
  EXPECT_EQ(made("return a + b;", "arithmetic"), Texts{"return a - b;"});
  EXPECT_EQ(made("a += b;", "arithmetic"), Texts{"a -= b;"});
}

TEST(Mutations, count_one_too_far) {
  EXPECT_EQ(made("return a + 16u;", "off_by_one"), Texts{"return a + 17u;"});
  EXPECT_EQ(made("return 0x10 + 1.5 + 010;", "off_by_one"), Texts{});
  EXPECT_EQ(made("return 0;", "off_by_one"), Texts{"return 1;"});
}

TEST(Mutations, swap_plain_operands_alone) {
  EXPECT_EQ(made("return a - b;", "swap"), Texts{"return b - a;"});
  EXPECT_EQ(made("return x.a - b;", "swap"), Texts{});
  EXPECT_EQ(made("return a - b(1);", "swap"), Texts{});
}

TEST(Mutations, lose_signs_branches_ends_and_returns) {
  EXPECT_EQ(made("return -a;", "sign"), Texts{"return a;"});
  EXPECT_EQ(made("if (a) b = 1;", "branch"), Texts{"if (false && (a)) b = 1;"});
  EXPECT_EQ(made("if (const auto x = a; x > b) b = 1;", "branch"),
            Texts{"if (const auto x = a; false && (x > b)) b = 1;"});
  EXPECT_EQ(made("if (auto x = a) b = 1;", "branch"), Texts{});
  EXPECT_EQ(made("return load_little(a);", "endian"), Texts{"return load_big(a);"});
  EXPECT_EQ(made("return 1;", "return").size(), 1u);
}

TEST(Mutations, return_nothing_where_nothing_is_returned) {
  const auto all = mutations_of("void f() { g(); }\nResult h() { g(); }\n");
  std::vector<std::string> returns;
  for (const Mutation& each : all)
    if (each.rule == "return") returns.push_back(each.after);
  EXPECT_EQ(returns, (Texts{" return;", " return {};"}));
}

TEST(Mutations, leave_comments_strings_lines_of_the_preprocessor_and_constants_alone) {
  for (const char* body :
       {"// a < b", "/* a < b */", "auto s = \"a < 1\";", "auto s = R\"x(a < 1)\" + )x\";", "auto c = '1';",
        "\n#if A < 2\n#endif", "static_assert(a < 2);", "constexpr int x[] = {1, 2};"})
    for (const char* rule : {"boundary", "off_by_one", "arithmetic"})
      EXPECT_EQ(made(body, rule), Texts{}) << body;
  EXPECT_TRUE(mutations_of("int table[] = {1, 2, 3};\nnamespace a { int x = 1 + 2; }\n").empty());
}

TEST(Tokens, end_where_a_broken_source_ends) {
  for (const char* text : {"\"abc", "R\"x(abc", "/* abc", "'", "#define x \\", "R\"", "0x", "a\\"})
    EXPECT_LE(tokens_of(text).size(), 3u) << text;
}

TEST(Sample, is_the_same_for_the_same_seed_and_spreads_over_rules) {
  const std::string source = "int f(int a, int b) { if (a < b && b > 3) return a + b - 1; return -a * 7; }";
  const auto keys = [](const std::vector<Mutation>& all) {
    std::set<std::string> own;
    for (const Mutation& each : all) own.insert(each.rule + std::to_string(each.offset));
    return own;
  };
  const auto all = mutations_of(source);
  EXPECT_EQ(keys(sample(all, 5, 3)), keys(sample(all, 5, 3)));
  EXPECT_NE(keys(sample(all, 5, 3)), keys(sample(all, 5, 4)));
  EXPECT_EQ(sample(all, 1000, 3).size(), all.size());
  std::set<std::string> rules;
  for (const Mutation& each : sample(all, 4, 3)) rules.insert(each.rule);
  EXPECT_EQ(rules.size(), 4u);
}

TEST(ShippedDrivers, have_places_of_every_rule) {
  std::set<std::string> rules;
  size_t files = 0;
  for (const Family& family : families(GARITA_SOURCE_DIR))
    for (const auto& file : family.sources) {
      const auto text = base::read_text_file(file, 4u << 20);
      ASSERT_TRUE(text);
      ++files;
      const auto all = mutations_of(*text);
      EXPECT_GT(all.size(), 10u) << file;
      for (const Mutation& each : all) {
        rules.insert(each.rule);
        EXPECT_NE(mutated(*text, each), *text) << file << ":" << each.line;
      }
    }
  EXPECT_GE(files, 12u);
  for (const char* rule :
       {"boundary", "equality", "logic", "off_by_one", "arithmetic", "branch", "return", "endian"})
    EXPECT_TRUE(rules.contains(rule)) << rule;
}

class Ledger : public ::testing::Test {
 protected:
  static Entry entry(const std::string& verdict, uint32_t line = 3) {
    Entry own;
    own.family = "portal", own.file = "drivers/portal/wire.cpp", own.rule = "boundary", own.before = "<";
    own.after = "<=", own.source = "if (a < b)", own.line = line, own.column = 4, own.verdict = verdict;
    return own;
  }
  base::testing::TemporaryFolder folder;
};

TEST_F(Ledger, remembers_what_was_judged_and_passes_over_a_line_that_was_cut) {
  const auto path = folder / "journal.jsonl";
  EXPECT_TRUE(read_journal(path).empty());
  ASSERT_TRUE(append(path, entry("killed")));
  const auto file = base::real_file_system().append_to(path, 0644);
  ASSERT_TRUE(file && (*file)->append(base::Bytes("{\"family\":\"por")));
  const auto journal = read_journal(path);
  ASSERT_EQ(journal.size(), 1u);
  EXPECT_EQ(journal.at(entry("", 99).key()).verdict, "killed");  // the same one, wherever its line has moved
}

TEST_F(Ledger, counts_neither_stillborn_nor_errors_and_keeps_reasons) {
  const auto path = folder / "mechanical.json";
  ASSERT_TRUE(base::write_file(
      path,
      base::Bytes(
          "{\"survivors\":[{\"file\":\"drivers/portal/wire.cpp\",\"source\":\"if (a < b)\",\"column\":4,"
          "\"rule\":\"boundary\",\"before\":\"<\",\"after\":\"<=\",\"reason\":\"equivalent: b is never "
          "a\"}]}")));
  Entry killed = entry("killed");
  killed.column = 9;
  const auto total =
      write_results(path, {1, {entry("survived"), killed, entry("stillborn"), entry("error")}, {}});
  ASSERT_TRUE(total);
  EXPECT_EQ(total->first, 2u);
  EXPECT_EQ(total->second, 1u);
  EXPECT_NE(base::read_text_file(path, 1u << 20)->find("equivalent: b is never a"), std::string::npos);
}

TEST(Shell, takes_what_a_program_prints_until_a_line_is_enough) {
  const Ran whole = run_until("timeout 20 printf 'a\\nb\\n'", [](const std::string&) { return false; });
  EXPECT_EQ(whole.lines, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(whole.exit_code, 0);
  const Ran cut = run_until("timeout 60 sh -c 'echo a; echo b; exec sleep 50'",
                            [](const std::string& line) { return line == "b"; });
  EXPECT_EQ(cut.lines, (std::vector<std::string>{"a", "b"}));
  EXPECT_NE(cut.exit_code, 0) << "ended before its time";
}

}  // namespace
}  // namespace garita::conformance::mechanical
