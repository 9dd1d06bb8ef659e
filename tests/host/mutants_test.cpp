// Every broken driver through the whole host: nothing that reads as whole is partial, and metadata never costs a scan.
#include <algorithm>
#include <optional>

#include "core/base/digest.hpp"
#include "tests/host/run_fixture.hpp"

namespace garita::host {
namespace {

enum class Stage { LOAD, OPEN, NEXT, CLOSE, PASSES };

struct Row {
  const char* id;
  Stage stage;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.id; }

const Row rows[] = {
#define MUTANT(id, requirement, stage, status, text) {#id, Stage::stage},
#include "conformance/mutants/mutants.def"
#undef MUTANT
};

std::vector<Row> rows_at(std::initializer_list<Stage> stages) {
  std::vector<Row> found;
  for (const Row& row : rows)
    if (std::find(stages.begin(), stages.end(), row.stage) != stages.end()) found.push_back(row);
  return found;
}

class Mutants : public testing::Run, public ::testing::WithParamInterface<Row> {
 protected:
  void SetUp() override { options.patience_ms = 0; }
  void TearDown() override {
    for (const auto& package : packages()) {
      EXPECT_EQ(package.extension(), ".garita") << package << " was left behind";
      EXPECT_EQ(package::verify(package).outcome(), std::nullopt) << package;
    }
  }
};
class Unopened : public Mutants {};
class Liars : public Mutants {};
class Tolerated : public Mutants {};

std::string id_of(const ::testing::TestParamInfo<Row>& info) { return info.param.id; }
INSTANTIATE_TEST_SUITE_P(Host, Unopened, ::testing::ValuesIn(rows_at({Stage::LOAD, Stage::OPEN})), id_of);
INSTANTIATE_TEST_SUITE_P(Host, Liars, ::testing::ValuesIn(rows_at({Stage::NEXT, Stage::CLOSE})), id_of);
INSTANTIATE_TEST_SUITE_P(Host, Tolerated, ::testing::ValuesIn(rows_at({Stage::PASSES})), id_of);

TEST_P(Unopened, leave_nothing_and_one_sentence) {
  const auto ran = run(GetParam().id);
  ASSERT_FALSE(ran);
  EXPECT_FALSE(base::render(ran.error(), base::Language::en).empty());
  EXPECT_TRUE(packages().empty());
}

TEST_P(Liars, leave_the_scan_incomplete_with_a_reason) {
  EXPECT_FALSE(run(GetParam().id));
  for (const Recorded& scan : seen.scans) {
    if (scan.complete()) continue;  // ended well before the lie
    EXPECT_FALSE(scan.record.completeness().reason().empty());
    EXPECT_NE(scan.path.string().find("-incomplete"), std::string::npos);
  }
}

TEST_P(Tolerated, run_to_their_end) {
  const auto ran = run(GetParam().id);
  EXPECT_TRUE(ran) << base::render(ran.error(), base::Language::en);
  EXPECT_GE(seen.scans.size(), 1u);
}

using Host = testing::Run;

// The record of the one scan of a mutant that only lies in metadata: whole, and the value kept aside.
struct Metadata {
  const char* id;
  const char* path;  // of the field that is flagged
};

class SuspectMetadata : public testing::Run, public ::testing::WithParamInterface<Metadata> {};

INSTANTIATE_TEST_SUITE_P(Host, SuspectMetadata,
                         ::testing::Values(Metadata{"attribute_nan", "conveyance.speed_mps"}, Metadata{"attribute_infinite", "conveyance.speed_mps"},
                                           Metadata{"attribute_not_utf8", "conveyance.containers[0].number"}, Metadata{"attribute_check_digit", "conveyance.containers[0].number"},
                                           Metadata{"attribute_wrong_type", "conveyance.containers[0].number"}, Metadata{"attachment_name_path", "attachments[0].name"}),
                         [](const auto& row) { return std::string(row.param.id); });

TEST_P(SuspectMetadata, is_kept_and_flagged_and_costs_nothing) {
  ASSERT_TRUE(run(GetParam().id));
  ASSERT_EQ(seen.scans.size(), 1u);
  EXPECT_TRUE(seen.scans[0].complete()) << seen.scans[0].record.completeness().reason();
  ASSERT_EQ(seen.scans[0].record.suspect_size(), 1);
  EXPECT_EQ(seen.scans[0].record.suspect(0).path(), GetParam().path);
}

TEST_F(Host, a_good_driver_gives_a_whole_package_that_reads_back) {
  ASSERT_TRUE(run("good"));
  ASSERT_EQ(seen.scans.size(), 1u);
  auto package = open_package(seen.scans[0].path);
  ASSERT_TRUE(package) << base::render(package.error(), base::Language::en);
  EXPECT_EQ(package->record.completeness().state(), v1::Completeness::STATE_COMPLETE);
  EXPECT_EQ(package->record.device().driver_sha256().size(), 32u);
  EXPECT_EQ(package->record.provenance().trust(), v1::Provenance::TRUST_OPEN);
}

TEST_F(Host, a_scan_key_that_comes_twice_is_stored_once) {
  ASSERT_TRUE(run("scan_key_doubled"));
  EXPECT_EQ(summary.packages, 1u);
  EXPECT_EQ(summary.duplicates, 1u);
  EXPECT_EQ(packages().size(), 1u);
}

TEST_F(Host, a_second_run_into_the_same_folder_stores_nothing_twice) {
  ASSERT_TRUE(run("scan_key_doubled"));
  ASSERT_TRUE(run("scan_key_doubled"));
  EXPECT_EQ(packages().size(), 1u);
}

TEST_F(Host, a_missing_calibration_makes_the_scan_incomplete_and_says_so) {
  ASSERT_TRUE(run("calibration_missing"));
  ASSERT_EQ(seen.scans.size(), 1u);
  EXPECT_FALSE(seen.scans[0].complete());
  EXPECT_FALSE(seen.scans[0].record.completeness().reason().empty());
}

TEST_F(Host, an_incomplete_scan_is_dropped_where_the_policy_says_so) {
  options.keep_incomplete = false;
  ASSERT_TRUE(run("calibration_missing"));
  EXPECT_EQ(summary.dropped, 1u);
  EXPECT_TRUE(packages().empty());
}

TEST_F(Host, an_out_folder_that_cannot_be_written_is_named) {
  options.manifest = mutant("good");
  options.out = "/proc/nowhere";
  options.state = folder / "state";
  const auto ran = run_scan(options, stop, seen, summary);
  ASSERT_FALSE(ran);
  EXPECT_NE(base::render(ran.error(), base::Language::en).find("/proc/nowhere"), std::string::npos);
}

}  // namespace
}  // namespace garita::host
