// Reports: what a page and a JUnit file say, and that neither believes what it prints.
#include "conformance/report/html.hpp"
#include "conformance/report/junit.hpp"
#include "conformance/report/plot.hpp"
#include "conformance/requirements/requirement.hpp"
#include "core/base/text.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

using base::Language;
using nlohmann::json;

json began() {
  return {{"event", "run_began"}, {"driver", "x1"}, {"version", "1.0"},
          {"id", "com.acme.x1"},  {"sha256", "ab"}, {"seed", 7}};
}

json failed_rule(const std::string& seen = "12") {
  return {{"event", "rule_ended"},
          {"rule", "Images.doses_are_relative_to_the_air_lines"},
          {"requirements", {"GAR-IMG-019"}},
          {"verdict", "FAIL"},
          {"ms", 12.5},
          {"seed", 7},
          {"findings",
           {{{"expected", nullptr},
             {"seen", {{"id", "conform.saw_dose"}, {"fields", {{"mean", seen}, {"lost", "0"}}}}},
             {"input", "two lorries"}}}},
          {"replay", "garita-conform run --seed 7"}};
}

RunReport report_of(const std::vector<json>& lines) {
  std::vector<json> events = {began()};
  events.insert(events.end(), lines.begin(), lines.end());
  events.push_back({{"event", "run_ended"}, {"verdict", "FAIL"}, {"failed", 1}});
  const auto run = run_of(events, "x");
  return run ? *run : RunReport();
}

size_t count(const std::string& text, const std::string& what) {
  size_t found = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(HtmlReport, tells_a_failure_whole_in_both_languages) {
  const std::string page = html(report_of({failed_rule()}), Language::en);
  const Requirement* requirement = Catalogue::built_in().find("GAR-IMG-019");
  ASSERT_NE(requirement, nullptr);
  for (const std::string& text :
       {requirement->text.en, requirement->text.es, requirement->hint.en, requirement->hint.es,
        std::string("The mean dose is 12"), std::string("two lorries"),
        std::string("garita-conform run "), std::string("--seed"), std::string("Consejo")}) {
    EXPECT_NE(page.find(text.substr(0, text.find_first_of("\"'&<>"))), std::string::npos) << text;
  }
}

TEST(HtmlReport, needs_nothing_from_outside_and_runs_no_script) {
  const std::string page = html(report_of({failed_rule()}), Language::es);
  for (const char* outside : {"http://", "https://", "<script", "src=\"/", "@import", "url("})
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(page.find("<html lang=\"es\">"), std::string::npos);
}

TEST(HtmlReport, prints_what_a_driver_says_as_text_only) {
  json rule = failed_rule("<script>alert(1)</script>\" onload='x'");
  rule["rule"] = "A.<b>";
  rule["replay"] = "</code><img src=x onerror=1>";
  RunReport run = report_of({rule});
  run.driver = "<title>";
  const std::string page = html(run, Language::en);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<img src=x"), std::string::npos);
  EXPECT_EQ(count(page, "<title>"), 1u);
}

TEST(HtmlReport, of_events_with_anything_in_them_is_still_a_page) {
  for (const json& odd : {json(1), json("x"), json::array({1, "x", nullptr}), json::object({{"id", 3}})}) {
    json rule = failed_rule();
    for (const char* name : {"findings", "requirements", "ms", "trouble", "repetitions"}) rule[name] = odd;
    const json observed = {{"event", "observed"},
                           {"inputs", json::array({odd, {{"scans", odd}, {"latency", odd}}})}};
    EXPECT_NE(html(report_of({rule, observed}), Language::en).find("</html>"), std::string::npos);
  }
}

TEST(HtmlReport, every_word_of_it_is_in_the_catalogue) {
  const std::string page = html(report_of({failed_rule()}), Language::en);
  EXPECT_EQ(page.find("report."), std::string::npos) << page.substr(page.find("report."), 60);
}

TEST(Reports, of_what_is_no_run_are_refused) {
  EXPECT_FALSE(run_of({}, "x"));
  EXPECT_FALSE(run_of_lines("not json\n", "x"));
  EXPECT_FALSE(run_of_lines("{\"event\":\"rule_ended\"}\n", "x"));
  EXPECT_FALSE(run_of_lines(began().dump() + "\n[1]\n", "x"));
}

TEST(Plots, need_two_points_and_hold_every_value) {
  EXPECT_EQ(plot({{{0, 1}}}, {"s", "ms", "t"}), "");
  EXPECT_EQ(plot({{{1, 1}, {1, 2}}}, {"s", "ms", "t"}), "");
  const std::string svg = plot({{{0, 0}, {1, 250}, {2, 3}}}, {"s", "ms", "latency"});
  EXPECT_NE(svg.find("aria-label=\"latency\""), std::string::npos);
  EXPECT_NE(svg.find(">200<"), std::string::npos) << svg;
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(JUnitReport, has_the_sentence_the_hint_and_the_picture_of_a_failure) {
  RunReport run = report_of({failed_rule()});
  run.rules[0].pictures = {"difference.png"};
  const std::string xml = junit(run, Language::en, "out.files");
  EXPECT_NE(xml.find("<failure type=\"FAIL\" message=\"The mean dose is 12"), std::string::npos) << xml;
  EXPECT_NE(xml.find("hint "), std::string::npos);
  EXPECT_NE(xml.find("[[ATTACHMENT|out.files/difference.png]]"), std::string::npos);
  EXPECT_NE(xml.find("tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\""), std::string::npos);
}

TEST(JUnitReport, writes_pictures_of_failures_beside_it) {
  base::testing::TemporaryFolder folder;
  RunReport run = report_of({failed_rule()});
  run.rules[0].pictures = {"difference.png", "../outside.png"};
  run.pictures["pictures/difference.png"] = "png";
  ASSERT_TRUE(write_junit(run, Language::en, folder / "cases.xml"));
  EXPECT_TRUE(std::filesystem::exists(folder / "cases.xml.files/difference.png"));
  EXPECT_FALSE(std::filesystem::exists(folder / "outside.png"));
}

TEST_F(Kit, a_report_is_made_from_a_bundle_and_from_lines) {
  ASSERT_EQ(kit("run --out lines.jsonl --evidence run.tar.zst --filter 'GAR-IMG-01*' --driver " +
                mutant("strip_gap") + leave())
                .exit_code,
            1);
  EXPECT_EQ(kit("report run.tar.zst --html a.html --junit a.xml").exit_code, 0);
  EXPECT_EQ(kit("report lines.jsonl --html b.html --lang es").exit_code, 0);
  const auto from_bundle = base::read_text_file(folder / "a.html", 1u << 26),
             from_lines = base::read_text_file(folder / "b.html", 1u << 26);
  ASSERT_TRUE(from_bundle && from_lines);
  EXPECT_NE(from_bundle->find("GAR-IMG-015"), std::string::npos);
  EXPECT_NE(from_lines->find("GAR-IMG-015"), std::string::npos);
  EXPECT_EQ(kit("report run.tar.zst").exit_code, 2);
  EXPECT_EQ(kit("report nothing.jsonl --html c.html").exit_code, 3);
}

}  // namespace
}  // namespace garita::conformance
