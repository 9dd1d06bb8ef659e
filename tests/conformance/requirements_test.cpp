// Requirements as data: whole in both languages, each with a rule and each rule with a requirement; the pages
// up to date.
#include <set>

#include "conformance/runner/catalogue_page.hpp"
#include "conformance/runner/verdict.hpp"
#include "core/load/manifest.hpp"
#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

const Catalogue& catalogue() { return Catalogue::built_in(); }

class Requirements : public Kit {
 protected:
  void SetUp() override {
    ::setenv("GARITA_CONFORM_RULES", GARITA_BIN_DIR "/garita-conform-rules", 1);
    auto listed = list_rules(folder.path());
    ASSERT_TRUE(listed) << base::render(listed.error(), base::Language::en);
    rules = *std::move(listed);
  }
  std::vector<RuleInfo> rules;
};

TEST_F(Requirements, are_read_as_they_stand) {
  const auto parsed = Catalogue::parse(embedded_files());
  ASSERT_TRUE(parsed) << base::render(parsed.error(), base::Language::en);
  EXPECT_GE(parsed->requirements().size(), 60u);
  EXPECT_GE(parsed->capabilities().size(), 30u);
}

TEST_F(Requirements, have_a_rule_each_and_every_rule_a_requirement) {
  for (const std::string& orphan : orphans(rules, catalogue())) ADD_FAILURE() << orphan << " is an orphan";
}

TEST_F(Requirements, without_a_rule_are_found_and_so_are_rules_without_one) {
  std::vector<RuleInfo> changed = rules;
  changed.front().requirements = {"GAR-NONE-001"};
  EXPECT_EQ(orphans(changed, catalogue()).size(), 2u);
}

TEST_F(Requirements, own_each_fault_that_a_mutant_is_refused_for) {
  struct Row {
    const char *id, *requirement, *text;
  };
  const Row refused[] = {
#define MUTANT(id, requirement, stage, status, text) {#id, requirement, text},
#include "conformance/mutants/mutants.def"
#undef MUTANT
  };
  for (const Row& row : refused) {
    EXPECT_NE(catalogue().find(row.requirement), nullptr) << row.id << " names " << row.requirement;
    if (*row.text == 0) continue;
    const bool owned = std::any_of(
        catalogue().requirements().begin(), catalogue().requirements().end(), [&](const Requirement& each) {
          return std::any_of(each.faults.begin(), each.faults.end(), [&](const std::string& fault) {
            return fault.substr(0, fault.find('@')) == std::string("load.") + row.text;
          });
        });
    EXPECT_TRUE(owned) << row.id << " is refused for load." << row.text << ", which no requirement owns";
  }
}

TEST_F(Requirements, name_only_faults_that_have_a_sentence) {
  for (const Requirement& each : catalogue().requirements())
    for (const std::string& fault : each.faults)
      EXPECT_NE(base::sentence(base::Language::en, fault.substr(0, fault.find('@'))), nullptr)
          << each.id << ' ' << fault;
}

TEST_F(Requirements, whose_fault_it_is_the_closest_match_says) {
  const auto owner = [](const char* id, const char* event, const char* field) {
    const Requirement* found =
        catalogue().owner_of({base::Outcome::no, id, {{"event", event}, {"field", field}}});
    return found ? found->id : "";
  };
  EXPECT_EQ(owner("load.text_too_long", "SCAN_BEGIN", "key"), "GAR-EVT-005");
  EXPECT_EQ(owner("load.text_too_long", "SCAN_BEGIN", "views.name"), "GAR-IMG-005");
  EXPECT_EQ(owner("load.strip_overrun", "CALIBRATION", ""), "GAR-CAL-003");
  EXPECT_EQ(owner("load.strip_overrun", "STRIP", ""), "GAR-IMG-010");
  EXPECT_EQ(owner("isolate.no_worker", "", ""), "");
}

TEST_F(Requirements, with_half_a_translation_are_refused) {
  const EmbeddedFile half{
      "x.toml",
      "since = '1.0'\nprofiles = ['all']\nverified_by = 'tool'\nforce = 'MUST'\nlevel = 1\nplace = 'x'\n"
      "[[requirement]]\nid = 'GAR-X-001'\ntext.en = 'a'\nwhy = {en = 'a', es = 'a'}\nhint = {en = 'a', es = "
      "'a'}\n"};
  const auto parsed = Catalogue::parse({&half, 1});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().field("what"), "GAR-X-001.text");
}

TEST_F(Requirements, list_every_capability_that_a_shipped_manifest_declares) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(GARITA_DRIVER_DIR)) {
    if (!entry.path().string().ends_with(load::manifest_suffix)) continue;
    const auto manifest = load::read_manifest(entry.path());
    ASSERT_TRUE(manifest);
    for (const std::string& word : manifest->capabilities)
      EXPECT_NE(catalogue().capability(word), nullptr) << entry.path() << ' ' << word;
  }
}

TEST_F(Requirements, pages_are_up_to_date) {
  const std::pair<const char*, base::Language> pages[] = {{"RULES.md", base::Language::en},
                                                          {"RULES.es.md", base::Language::es}};
  for (const auto& [name, language] : pages) {
    const auto written =
        base::read_text_file(std::filesystem::path(GARITA_SOURCE_DIR) / "conformance" / name, 1u << 20);
    ASSERT_TRUE(written);
    EXPECT_TRUE(*written == requirement_page(rules, catalogue(), language))
        << "make it again: garita-conform list --markdown"
        << (language == base::Language::es ? " --lang es" : "") << " > conformance/" << name;
  }
}

// The texts of the kit are composed of parts, so no source names them whole.
TEST_F(Requirements, every_text_that_the_kit_names_has_a_sentence) {
  size_t named = 0;
  for (const char* part : {"input", "requirements", "rules", "runner"})
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(GARITA_SOURCE_DIR) /
                                                                 "conformance" / part)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".hpp") continue;
      const std::string text = *base::read_text_file(entry.path(), 1u << 20);
      for (size_t at = 0; (at = text.find("\"conform.", at)) != std::string::npos; ++at) {
        const std::string id = text.substr(at + 1, text.find('"', at + 1) - at - 1);
        if (id.ends_with('_') || id == "conform.toml" || id == "conform.") continue;
        EXPECT_NE(base::sentence(base::Language::es, id), nullptr) << entry.path() << " names " << id;
        ++named;
      }
    }
  EXPECT_GT(named, 40u);
}

}  // namespace
}  // namespace garita::conformance
