// Every broken driver of conformance/mutants, in this process: refused where its row says, with its own
// sentence, or taken to the end.
#include <gtest/gtest.h>

#include <cmath>

#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "core/load/in_process.hpp"
#include "core/load/testing/memory_services.hpp"

namespace garita::load {
namespace {

enum class Stage { LOAD, OPEN, NEXT, CLOSE, PASSES };

struct Row {
  const char* id;
  const char* requirement;
  Stage stage;
  garita_status status;
  const char* text;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.id << " (" << row.requirement << ")"; }

const Row rows[] = {
#define MUTANT(id, requirement, stage, status, text) {#id, requirement, Stage::stage, status, text},
#include "conformance/mutants/mutants.def"
#undef MUTANT
};

// What became of a driver: where it stopped and why, and what it delivered until then.
struct Outcome {
  Stage stage = Stage::PASSES;
  base::Error error;
  std::vector<image::Event> events;
  Counts counts;
  long strips_alive = 0;

  template <typename T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const image::Event& event : events)
      if (const T* own = std::get_if<T>(&event)) found.push_back(*own);
    return found;
  }
};

constexpr uint64_t far = UINT64_MAX / 4;

base::Result<Manifest> manifest_of(const std::string& id) {
  const std::string name = "mutant_" + id;
  return read_manifest(std::string(GARITA_BINARY_DIR "/lib/garita/mutants/") + name + "/" + name +
                       ".garita.json");
}

void pump(Session& session, Outcome& outcome) {
  for (int i = 0; i < 20000; ++i) {
    Next next = session.next(far);
    if (next.status == GARITA_END) return;
    if (next.status == GARITA_OK) outcome.events.push_back(std::move(next.event));
    if (next.status < 100) continue;
    outcome.stage = Stage::NEXT;
    outcome.error = next.error;
    EXPECT_EQ(next.status, next.error.status);
    return;
  }
  ADD_FAILURE() << "the driver never ends";
}

Outcome run(const std::string& id) {
  Outcome outcome;
  const base::Result<Manifest> manifest = manifest_of(id);
  if (!manifest) {
    ADD_FAILURE() << base::render(manifest.error(), base::Language::en);
    return outcome;
  }
  base::Result<std::shared_ptr<const Library>> library = Library::load(*manifest);
  if (!library) return outcome.stage = Stage::LOAD, outcome.error = library.error(), outcome;
  testing::MemoryServices services;
  {
    base::Result<std::unique_ptr<Session>> session = open_in_process(*library, services, "M1", "lane 1", far);
    if (!session) return outcome.stage = Stage::OPEN, outcome.error = session.error(), outcome;
    pump(**session, outcome);
    outcome.counts = (*session)->counts();
    const base::Result<void> closed = (*session)->close(far);
    if (!closed && outcome.stage == Stage::PASSES)
      outcome.stage = Stage::CLOSE, outcome.error = closed.error();
    EXPECT_TRUE((*session)->close(far).ok()) << "the second close does nothing";
  }
  outcome.events.shrink_to_fit();
  outcome.strips_alive = services.strips_alive();
  return outcome;
}

class Mutant : public ::testing::TestWithParam<Row> {};

// The error is the row's own, and reads as a sentence in both languages.
void expect_sentence(const base::Error& error, const Row& row) {
  EXPECT_EQ(error.id, std::string("load.") + row.text);
  EXPECT_EQ(error.status, row.status);
  EXPECT_EQ(error.field("driver"), std::string("mutant_") + row.id);
  for (base::Language language : {base::Language::en, base::Language::es}) {
    const std::string sentence = base::render(error, language);
    EXPECT_EQ(sentence.find('{'), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(row.id), std::string::npos) << sentence;
  }
}

TEST_P(Mutant, stops_where_its_row_says_and_reads_as_whole_only_where_it_passes) {
  const Row& row = GetParam();
  const Outcome outcome = run(row.id);
  EXPECT_EQ(outcome.stage, row.stage) << base::render(outcome.error, base::Language::en);
  if (row.stage != Stage::PASSES) expect_sentence(outcome.error, row);
  const bool ends_first =
      row.stage == Stage::PASSES || row.stage == Stage::CLOSE || row.id == std::string("scan_end_twice");
  EXPECT_EQ(outcome.all<image::ScanEnd>().empty(), !ends_first);
}

INSTANTIATE_TEST_SUITE_P(Rows, Mutant, ::testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.id); });

TEST(Mutants, the_good_one_delivers_all_of_its_scan) {
  const Outcome outcome = run("good");
  EXPECT_EQ(outcome.all<image::Calibration>().size(), 2u);
  ASSERT_EQ(outcome.all<image::ScanBegin>().size(), 1u);
  EXPECT_EQ(outcome.all<image::ScanBegin>()[0].key, "scan-1");
  EXPECT_EQ(outcome.all<image::Strip>().size(), 4u);
  EXPECT_EQ(outcome.all<image::Detection>().size(), 1u);
  EXPECT_EQ(outcome.all<image::Reading>()[0].values.size(), 3u);
  EXPECT_EQ(outcome.all<image::Attachment>().size(), 2u);
  ASSERT_EQ(outcome.all<image::ScanEnd>().size(), 1u);
  EXPECT_EQ(outcome.all<image::ScanEnd>()[0].outcome, GARITA_SCAN_COMPLETE);
  EXPECT_EQ(outcome.counts.unknown_events, 0u);
}

TEST(Mutants, strips_go_back_when_the_last_event_is_gone) {
  Outcome outcome = run("good");
  EXPECT_EQ(outcome.strips_alive, 8);
  EXPECT_EQ(run("strip_gap").all<image::Strip>().size(), 2u);
}

TEST(Mutants, a_strip_keeps_what_the_driver_wrote) {
  const image::Strip strip = run("good").all<image::Strip>().at(0);
  EXPECT_EQ(strip.rows, 4u);
  EXPECT_EQ(strip.line_index, (std::vector<uint64_t>{1000, 1001, 1002, 1003}));
  EXPECT_EQ(strip.dose_q16, std::vector<uint32_t>(4, GARITA_DOSE_ONE));
  for (size_t i = 0; i < 64; ++i) EXPECT_EQ(strip.memory.get()[i], std::byte{0x40});
}

TEST(Mutants, an_unknown_event_is_dropped_and_counted) {
  EXPECT_EQ(run("event_kind_unknown").counts.unknown_events, 1u);
  EXPECT_EQ(run("event_kind_flood").counts.unknown_events, 4999u);
  EXPECT_EQ(run("calibration_role_unknown").counts.unknown_events, 2u);
  EXPECT_EQ(run("reading_kind_unknown").counts.unknown_events, 1u);
}

TEST(Mutants, a_text_of_ten_megabytes_is_cut_where_the_record_sees_it) {
  const Outcome outcome = run("attribute_10_mb");
  EXPECT_EQ(outcome.all<image::ScanBegin>().at(0).attributes.at(0).value.text.size(),
            GARITA_MAX_VALUE_BYTES + 1);
  EXPECT_EQ(outcome.counts.cut_texts, 1u);
}

TEST(Mutants, attributes_beyond_the_limit_are_dropped_and_counted) {
  const Outcome many = run("attributes_too_many");
  EXPECT_EQ(many.all<image::ScanBegin>().at(0).attributes.size(), GARITA_MAX_ATTRIBUTES);
  EXPECT_EQ(many.counts.dropped_attributes, 5000 - GARITA_MAX_ATTRIBUTES);
  const Outcome large = run("attributes_too_large");
  EXPECT_EQ(large.all<image::ScanBegin>().at(0).attributes.size(), 15u);
  EXPECT_EQ(large.counts.dropped_attributes, 5u);
  EXPECT_EQ(run("attribute_type_unknown").counts.unknown_values, 1u);
}

TEST(Mutants, a_bad_attribute_value_arrives_as_its_bytes) {
  EXPECT_EQ(run("attribute_not_utf8").all<image::ScanBegin>().at(0).attributes.at(0).value.text,
            "CSQU\xC3\x28");
  EXPECT_EQ(run("attribute_nul").all<image::ScanBegin>().at(0).attributes.at(0).value.text.size(), 11u);
  EXPECT_TRUE(std::isnan(run("attribute_nan").all<image::ScanBegin>().at(0).attributes.at(1).value.real));
}

TEST(Mutants, a_text_for_people_is_made_readable) {
  EXPECT_EQ(run("detection_label_not_utf8").all<image::Detection>().at(0).label, "caf\xEF\xBF\xBD");
  EXPECT_EQ(run("attachment_name_not_utf8").all<image::Attachment>().at(0).name, "caf\xEF\xBF\xBD.jpg");
  EXPECT_EQ(run("reason_not_utf8").all<image::ScanEnd>().at(0).reason, "parada\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Mutants, unknown_sides_become_unknown_and_an_unknown_outcome_a_fault) {
  const image::View view = run("view_sides_unknown").all<image::ScanBegin>().at(0).views.at(0);
  EXPECT_EQ(view.quantity, GARITA_QUANTITY_OTHER);
  EXPECT_EQ(view.column_zero, GARITA_COLUMN_ZERO_UNKNOWN);
  EXPECT_EQ(run("outcome_unknown").all<image::ScanEnd>().at(0).outcome, GARITA_SCAN_FAULT);
}

TEST(Mutants, a_message_without_nul_is_read_no_further_than_its_struct) {
  EXPECT_EQ(run("open_without_nul").error.field("message"), std::string(GARITA_ERROR_MESSAGE_BYTES, 'x'));
  EXPECT_EQ(run("open_message_not_utf8").error.field("message"), "caf\xEF\xBF\xBD");
}

TEST(Mutants, two_drivers_of_one_id_are_both_refused) {
  const std::vector<std::filesystem::path> here = {GARITA_BINARY_DIR "/lib/garita/mutants"};
  const std::vector<Found> found = find_drivers(here);
  EXPECT_EQ(found.size(), std::size(rows));
  for (const Found& driver : found) {
    ASSERT_FALSE(driver.manifest.ok());
    EXPECT_EQ(driver.manifest.error().id, "load.two_drivers_one_id");
  }
}

}  // namespace
}  // namespace garita::load
