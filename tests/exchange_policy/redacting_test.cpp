// The golden matrix recipient × field, and the property that no withheld value is in a copy in any form; each
// with its positive control: the same search finds the value where it was not withheld.
#include "tests/exchange_policy/sample.hpp"

namespace garita::exchange::testing {
namespace {

using Party = std::pair<const char*, const char*>;
constexpr Party parties[] = {{"own.archive", "keep"},
                             {"us.cbp", "risk"},
                             {"us.cbp", "statistics"},
                             {"us.usda", "statistics"},
                             {"carrier", "receipt"}};

TEST_F(SharingTest, golden_policy_has_no_mistake) {
  const auto read = parse_sharing(golden("sharing.toml"), "sharing.toml");
  for (const auto& problem : read.problems) ADD_FAILURE() << base::render(problem, base::Language::en);
}

// A field that is new stands in no golden line: whoever adds one sees here who will get it, and writes the
// line. Columns: archive, cbp risk, cbp statistics, usda statistics, carrier; + goes, - stays.
TEST_F(SharingTest, matrix_of_recipients_and_fields_is_the_golden_one) {
  const std::string expected = golden("matrix.txt");
  for (const record::FieldInfo& field : record::dictionary()) {
    std::string line;
    for (const auto& [to, purpose] : parties)
      line += rule(to, purpose).field(first_of(field.pattern)).goes ? '+' : '-';
    line += ' ' + field.pattern + '\n';
    EXPECT_NE(expected.find('\n' + line), std::string::npos) << line;
  }
}

TEST_F(SharingTest, copies_verify_against_the_original_signature) {
  for (const auto& [to, purpose] : parties) {
    copy_for(to, purpose);
    const auto report = package::verify(package_name(sealed_.root), {}, files_);
    EXPECT_FALSE(report.outcome()) << to;
    EXPECT_EQ(report.root, sealed_.root) << to;
  }
}

TEST_F(SharingTest, fields_of_a_copy_are_those_of_the_matrix) {
  for (const auto& [to, purpose] : parties) {
    Haystack copy;
    copy.add(copy_for(to, purpose));
    copy.add(package_name(sealed_.root));
    for (const std::string& path : fields_)
      EXPECT_EQ(copy.has(value_of(path)), rule(to, purpose).field(path).goes) << to << ' ' << path;
  }
}

TEST_F(SharingTest, names_of_withheld_fields_are_told_only_where_the_rule_says_so) {
  Haystack silent, telling;
  silent.add(copy_for("carrier", "receipt"));
  telling.add(copy_for("us.usda", "statistics"));
  EXPECT_FALSE(silent.has("conveyance.vin"));
  EXPECT_TRUE(telling.has("conveyance.vin"));
  EXPECT_FALSE(telling.has(value_of("conveyance.vin")));
}

TEST_F(SharingTest, attachments_and_their_names_are_gone_where_withheld) {
  Haystack all, none;
  all.add(copy_for("own.archive", "keep"));
  none.add(copy_for("us.cbp", "risk"));
  for (const char* role : {"1", "2", "3", "4", "256"}) {
    for (const std::string& needle :
         {std::string("name-of-file-") + role, std::string("content of file ") + role}) {
      EXPECT_TRUE(all.has(needle)) << needle;
      EXPECT_FALSE(none.has(needle)) << needle;
    }
  }
}

// The bytes of one significance of some samples: as codec 1 packs them.
std::string low_bytes(package::Reader& reader, const package::PlaneInfo& plane) {
  std::vector<std::byte> row(plane.spec.columns * size_t{2});
  EXPECT_TRUE(reader.read_rows(plane, plane.rows / 2, 1, row).ok());
  std::string out;
  for (size_t i = 0; i < std::min<size_t>(row.size(), 64); i += 2) out += static_cast<char>(row[i]);
  return out;
}

TEST_F(SharingTest, pixels_are_in_a_copy_as_its_rule_says) {
  auto reader = *opened();
  std::vector<std::pair<package::PlaneInfo, std::string>> needles;
  for (const auto& plane : reader.planes()) needles.emplace_back(plane, low_bytes(reader, plane));
  for (const auto& plane : reader.overviews()) needles.emplace_back(plane, low_bytes(reader, plane));
  ASSERT_EQ(needles.size(), 3u);
  for (const auto& [to, purpose] : parties) {
    Haystack copy;
    copy.add(copy_for(to, purpose));
    for (const auto& [plane, needle] : needles) {
      const bool raw = plane.spec.role == package::RasterRole::raw;
      const bool goes = raw ? rule(to, purpose).raw_plane().goes : rule(to, purpose).plane(plane.level).goes;
      EXPECT_EQ(copy.has(needle), goes) << to << ' ' << plane.level;
    }
  }
}

TEST_F(SharingTest, reduced_plane_says_what_it_was_and_shows_its_overview_alone) {
  policy_ = parse_sharing(
                "schema = \"garita.sharing/1\"\n[[rule]]\nto = [\"x\"]\npurpose = [\"y\"]\n"
                "planes = \"reduced\"\nfactor = 4\n",
                "p")
                .policy;
  copy_for("x", "y");
  auto reader = *package::Reader::open(package_name(sealed_.root), {}, files_);
  ASSERT_EQ(reader.planes().size(), 1u);
  EXPECT_EQ(reader.planes()[0].withheld, package::Withheld::body);
  ASSERT_EQ(reader.overviews().size(), 1u);
  std::vector<std::byte> row(reader.overviews()[0].spec.columns * size_t{2});
  EXPECT_TRUE(reader.read_rows(reader.overviews()[0], 0, 1, row).ok());
}

TEST_F(SharingTest, no_rule_makes_no_copy) {
  const auto done = redact_for(path_, "memory/none.garita", policy_, "us.dea", "risk", files_);
  EXPECT_EQ(done.error().id, "exchange.no_rule");
  EXPECT_FALSE(files_.open("memory/none.garita").ok());
}

TEST_F(SharingTest, explanation_names_the_deciding_line_and_no_value) {
  auto reader = *opened();
  const auto lines = *explain(reader, policy_, "us.cbp", "risk");
  EXPECT_EQ(lines.size(), fields_.size() + 2 + 1 + 1 + 5);
  for (const Explained& line : lines) {
    EXPECT_GT(line.decision.line, 0u) << line.place;
    EXPECT_EQ(line.place.find("value "), std::string::npos);
    if (line.place == "conveyance.vin") {
      EXPECT_EQ(line.decision.why, Why::field_held);
    }
  }
}

// Whatever a policy says: what is not given is nowhere. 40 policies by chance, 6 in the ordinary run.
TEST_F(SharingTest, random_policy_leaves_no_withheld_value_in_its_copy) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto* classes = v1::Redaction_descriptor();
  const int rounds = std::getenv("GARITA_LONG") ? 40 : 6;
  for (int round = 0; round < rounds; ++round) {
    SharingRule rule;
    rule.line = 1;
    rule.to["x"] = rule.purpose["y"] = 1;
    for (int i = 1; i < classes->value_count(); ++i)
      if (random() % 2 == 0) rule.classes[static_cast<v1::Redaction>(i)] = 2;
    for (int i = 0; i < 4; ++i) rule.give[record::dictionary()[random() % fields_.size()].pattern] = 3;
    for (int i = 0; i < 4; ++i) rule.withhold[record::dictionary()[random() % fields_.size()].pattern] = 4;
    rule.names = random() % 2 == 0;
    policy_.rules = {rule};
    Haystack copy;
    copy.add(copy_for("x", "y"));
    for (const std::string& path : fields_)
      ASSERT_EQ(copy.has(value_of(path)), rule.field(path).goes) << path;
  }
}

}  // namespace
}  // namespace garita::exchange::testing
