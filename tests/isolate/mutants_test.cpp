// Every broken driver through a worker: the in-process rows end as they do in-process, and the deadly ones, which no process
// survives, end their worker alone, classified, with the sentence of their row.
#include <vector>

#include "tests/isolate/workers.hpp"

namespace garita::isolate {
namespace {

using testing::in_ms;
using testing::manifest_of;

enum class Stage { LOAD, OPEN, NEXT, CLOSE, PASSES };

struct Row {
  const char* folder;
  const char* id;
  const char* requirement;
  Stage stage;
  garita_status status;
  std::string text;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.id << " (" << row.requirement << ")"; }

const Row survivable[] = {
#define MUTANT(id, requirement, stage, status, text) \
  {"mutants", #id, requirement, Stage::stage, status, std::string("load.") + text},
#include "conformance/mutants/mutants.def"
#undef MUTANT
};

const Row deadly[] = {
#define MUTANT(id, requirement, stage, status, text) {"deadly", #id, requirement, Stage::stage, status, text},
#include "conformance/mutants/deadly.def"
#undef MUTANT
};

struct Outcome {
  Stage stage = Stage::PASSES;
  base::Error error;
  std::vector<image::Event> events;

  template <typename T>
  size_t count() const {
    size_t found = 0;
    for (const image::Event& event : events) found += std::holds_alternative<T>(event);
    return found;
  }
};

void pump(load::Session& session, Outcome& outcome) {
  for (int i = 0; i < 20000; ++i) {
    load::Next next = session.next(in_ms(50));
    if (next.status == GARITA_END) return;
    if (next.status == GARITA_OK) outcome.events.push_back(std::move(next.event));
    if (next.status < 100) continue;
    outcome.stage = Stage::NEXT;
    outcome.error = next.error;
    EXPECT_EQ(next.status, next.error.status);
    if (next.status < 300) {
      EXPECT_EQ(session.next(0).status, next.status) << "dead stays dead";
    }
    return;
  }
  ADD_FAILURE() << "the driver never ends";
}

Outcome run(const Row& row) {
  Outcome outcome;
  load::testing::MemoryServices services;
  WorkerOptions options;
  options.load_ms = row.folder == std::string("deadly") ? 400 : 10000;
  auto session = open_isolated(manifest_of(row.folder, std::string("mutant_") + row.id), services, "M1", "lane 1",
                               in_ms(50), options);
  if (!session) {
    outcome.error = session.error();
    const std::string_view event = outcome.error.field("event");
    outcome.stage = event == "open" ? Stage::OPEN : Stage::LOAD;
    return outcome;
  }
  pump(**session, outcome);
  const base::Result<void> closed = (*session)->close(in_ms(50));
  if (!closed && outcome.stage == Stage::PASSES) outcome.stage = Stage::CLOSE, outcome.error = closed.error();
  EXPECT_TRUE((*session)->close(in_ms(50)).ok()) << "the second close does nothing";
  return outcome;
}

class InWorker : public ::testing::TestWithParam<Row> {};

std::string id_of(const ::testing::TestParamInfo<Row>& info) { return info.param.id; }

INSTANTIATE_TEST_SUITE_P(Mutants, InWorker, ::testing::ValuesIn(survivable), id_of);
INSTANTIATE_TEST_SUITE_P(Deadly, InWorker, ::testing::ValuesIn(deadly), id_of);

void expect_sentence(const base::Error& error, const Row& row) {
  EXPECT_EQ(error.id, row.text);
  EXPECT_EQ(error.status, row.status);
  EXPECT_EQ(error.field("driver"), std::string("mutant_") + row.id);
  for (base::Language language : {base::Language::en, base::Language::es}) {
    const std::string sentence = base::render(error, language);
    EXPECT_EQ(sentence.find('{'), std::string::npos) << sentence;
    EXPECT_NE(sentence.find(row.id), std::string::npos) << sentence;
  }
}

TEST_P(InWorker, a_driver_stops_where_its_row_says_and_reads_as_whole_only_where_it_passes) {
  const Row& row = GetParam();
  const Outcome outcome = run(row);
  EXPECT_EQ(outcome.stage, row.stage) << base::render(outcome.error, base::Language::en);
  if (row.stage != Stage::PASSES) expect_sentence(outcome.error, row);
  const bool ends_first =
      row.stage == Stage::PASSES || row.stage == Stage::CLOSE || row.id == std::string("scan_end_twice");
  EXPECT_EQ(outcome.count<image::ScanEnd>() == 0, !ends_first);
}

class AfterDeath : public ::testing::TestWithParam<Row> {};

INSTANTIATE_TEST_SUITE_P(Deadly, AfterDeath, ::testing::ValuesIn(deadly), id_of);

TEST_P(AfterDeath, nothing_is_left_and_the_next_scan_is_whole) {
  const Row good{"mutants", "good", "", Stage::PASSES, GARITA_OK, ""};
  (void)run(good);  // launcher and sealed copies stay
  const load::Manifest manifest = manifest_of("deadly", std::string("mutant_") + GetParam().id);
  (void)run(GetParam());
  const long before = testing::open_descriptors();
  (void)run(GetParam());
  const Outcome outcome = run(good);
  EXPECT_EQ(testing::open_descriptors(), before);
  EXPECT_EQ(outcome.count<image::ScanEnd>(), 1u);
  EXPECT_EQ(outcome.count<image::Strip>(), 4u);
}

Outcome run_deadly(const std::string& id) {
  for (const Row& row : deadly)
    if (row.id == id) return run(row);
  ADD_FAILURE() << "no row " << id;
  return {};
}

TEST(Death, names_the_signal_and_the_exit_code) {
  EXPECT_EQ(run_deadly("segv_in_next").error.field("signal"), "SIGSEGV");
  EXPECT_EQ(run_deadly("fpe_in_next").error.field("signal"), "SIGFPE");
  EXPECT_EQ(run_deadly("exit_7_in_next").error.field("code"), "7");
}

TEST(Death, in_the_middle_of_a_scan_keeps_what_was_delivered) {
  const Outcome outcome = run_deadly("segv_in_next");
  EXPECT_EQ(outcome.count<image::ScanBegin>(), 1u);
  EXPECT_EQ(outcome.count<image::Strip>(), 2u);
  EXPECT_EQ(outcome.error.field("event"), "next");
}

}  // namespace
}  // namespace garita::isolate
