#include "core/exchange/audit/audit_log.hpp"

#include <gtest/gtest.h>
#include <atomic>
#include <thread>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/testing/temporary_folder.hpp"
#include "core/exchange/audit/checkpoint.hpp"
#include "core/exchange/audit/verify.hpp"

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;

class AuditTest : public ::testing::Test {
 protected:
  void write(int lines) {
    auto log = *AuditLog::open(audit_, clock_, 5);
    for (int i = 0; i < lines; ++i)
      ASSERT_TRUE(log.append("exchange.published", R"({"n":)" + std::to_string(++n_) + "}").ok());
  }

  trust::Envelope checkpoint() {
    return to_envelope(*make_checkpoint(audit_, "puente-iii", clock_.utc_ns()));
  }
  Checkpoint held(const trust::Envelope& envelope) { return *parse_checkpoint(envelope); }

  static std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void put(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  // The id of the first fault; "" for none.
  std::string fault(std::span<const trust::Envelope> kept = {}, const Witnesses& witnesses = {}) {
    const auto report = verify_audit(audit_, kept, witnesses);
    return report.faults.empty() ? "" : report.faults[0].id;
  }

  // What somebody does who may write to the folder and knows how: the chain is right again.
  void rewrite_live(const std::vector<std::string>& payloads) {
    fs::remove(live_segment(audit_));
    auto log = *base::HashLog::open(live_segment(audit_), clock_);
    for (const auto& payload : payloads) ASSERT_TRUE(log.append("exchange.published", payload).ok());
  }

  base::testing::TemporaryFolder folder_;
  const fs::path audit_ = folder_.path() / "audit";
  base::ManualClock clock_{1'772'000'000'000'000'000};
  int n_ = 0;
};

TEST_F(AuditTest, log_of_several_segments_verifies) {
  write(12);
  const auto report = verify_audit(audit_);
  for (const auto& error : report.faults) ADD_FAILURE() << error.id;
  EXPECT_EQ(report.segments, 3u);
  EXPECT_EQ(report.entries, 14u);  // 12 and the first lines of two segments
  EXPECT_EQ(*closed_segments(audit_), 2u);
}

// Those who open the live segment while another is closing it come to the next one, not to the closed.
TEST_F(AuditTest, writers_that_meet_where_a_segment_ends_lose_nothing) {
  constexpr uint64_t writers = 4, lines = 40, segment = 5;
  std::vector<std::thread> threads;
  std::atomic<uint64_t> written{0};
  for (uint64_t i = 0; i < writers; ++i)
    threads.emplace_back([&] {
      auto log = AuditLog::open(folder_.path(), base::system_clock(), segment);
      for (uint64_t line = 0; log && line < lines; ++line) written += log->append("meets", "{}").ok();
    });
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(written, writers * lines);
  const AuditReport report = verify_audit(folder_.path());
  EXPECT_TRUE(report.faults.empty());
  EXPECT_EQ(report.entries, writers * lines + report.segments - 1) << "and the first lines of segments";
}

TEST_F(AuditTest, every_changed_byte_is_noticed) {
  const size_t step = std::getenv("GARITA_LONG") != nullptr ? 1 : 13;
  write(7);
  for (const fs::path& path : {closed_segment(audit_, 1), live_segment(audit_)}) {
    const std::string whole = content(path);
    for (size_t at = 0; at + 1 < whole.size(); at += step) {
      std::string text = whole;
      text[at] = static_cast<char>(text[at] ^ 1);
      put(path, text);
      ASSERT_NE(fault(), "") << path << " byte " << at;
    }
    put(path, whole);
  }
  EXPECT_EQ(fault(), "");
}

TEST_F(AuditTest, missing_entry_is_noticed) {
  write(4);
  std::string text = content(live_segment(audit_));
  const size_t first = text.find('\n'), second = text.find('\n', first + 1);
  put(live_segment(audit_), text.erase(first, second - first));
  EXPECT_EQ(fault(), "base.log_broken");
}

TEST_F(AuditTest, missing_segment_is_noticed) {
  write(12);
  fs::remove(closed_segment(audit_, 1));
  EXPECT_EQ(fault(), "exchange.audit_missing");
}

TEST_F(AuditTest, segment_that_was_made_anew_does_not_join) {
  write(7);
  fs::remove(closed_segment(audit_, 1));
  auto log = *base::HashLog::open(closed_segment(audit_, 1), clock_);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(log.append("exchange.published", "{}").ok());
  EXPECT_EQ(fault(), "exchange.audit_segment");
}

TEST_F(AuditTest, truncated_log_is_noticed_by_a_kept_checkpoint_alone) {
  write(4);
  const std::vector<trust::Envelope> kept{checkpoint()};
  std::string text = content(live_segment(audit_));
  text.resize(text.rfind('\n', text.size() - 2) + 1);
  put(live_segment(audit_), text);
  EXPECT_EQ(fault(), "");  // the chain is right: it only ends earlier
  EXPECT_EQ(fault(kept), "exchange.audit_truncated");
}

TEST_F(AuditTest, history_that_was_written_anew_is_noticed_by_a_kept_checkpoint) {
  write(3);
  const std::vector<trust::Envelope> kept{checkpoint()};
  rewrite_live({R"({"n":1})", R"({"n":99})", R"({"n":3})"});
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(fault(kept), "exchange.audit_changed");
}

TEST_F(AuditTest, checkpoint_of_a_whole_log_holds_while_the_log_grows) {
  write(3);
  const std::vector<trust::Envelope> kept{checkpoint()};
  write(20);
  EXPECT_EQ(fault(kept), "");
}

TEST_F(AuditTest, torn_tail_is_cut_and_said) {
  write(2);
  std::ofstream(live_segment(audit_), std::ios::app) << R"({"sequence":3,"ut)";
  EXPECT_GT(verify_audit(audit_).torn_bytes, 0u);
  write(1);
  EXPECT_EQ(verify_audit(audit_).torn_bytes, 0u);
  EXPECT_NE(content(live_segment(audit_)).find("log.tail_cut"), std::string::npos);
  EXPECT_EQ(fault(), "");
}

TEST_F(AuditTest, change_of_segments_that_was_cut_is_finished) {
  write(5);
  {
    auto next = *base::HashLog::open(audit_ / "audit.next", clock_);
    auto full = *base::HashLog::open(live_segment(audit_), clock_);
    const nlohmann::json begun = {{"segment", 2},
                                  {"entries", full.size()},
                                  {"head", base::to_text(full.head())},
                                  {"root", base::to_text(full.root())}};
    ASSERT_TRUE(next.append("segment.begun", begun.dump()).ok());
  }
  fs::rename(live_segment(audit_), closed_segment(audit_, 1));
  write(1);
  EXPECT_EQ(fault(), "");
  EXPECT_EQ(verify_audit(audit_).segments, 2u);
}

class WitnessTest : public AuditTest {
 protected:
  void SetUp() override {
    write(3);
    root_.roles["mx"].keys = {mx_.public_key()};
    root_.roles["us"].keys = {us_.public_key()};
  }
  const base::SigningKey mx_ = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  const base::SigningKey us_ = *base::SigningKey::generate(base::SignatureAlgorithm::ecdsa_p384);
  trust::Root root_;
  const Witnesses both_{&root_, {"mx", "us"}};
};

TEST_F(WitnessTest, checkpoint_counts_when_both_nations_cosigned_it) {
  std::vector<trust::Envelope> kept{checkpoint()};
  ASSERT_TRUE(cosign(kept[0], audit_, nullptr, mx_).ok());
  EXPECT_EQ(fault(kept, both_), "trust.role_missing");
  ASSERT_TRUE(cosign(kept[0], audit_, nullptr, us_).ok());
  EXPECT_EQ(fault(kept, both_), "");
  EXPECT_EQ(verify_audit(audit_, kept, both_).proved_entries, 3u);
}

TEST_F(WitnessTest, witness_signs_no_second_history) {
  const Checkpoint seen = held(checkpoint());
  write(1);
  auto grown = checkpoint();
  EXPECT_TRUE(cosign(grown, audit_, &seen, mx_).ok());
  rewrite_live({"{}", "{}", "{}", "{}"});
  auto other = checkpoint();
  EXPECT_EQ(cosign(other, audit_, &seen, mx_).error().id, "exchange.audit_changed");
}

TEST_F(WitnessTest, witness_signs_nothing_that_says_less_than_before) {
  write(1);
  const Checkpoint seen = held(checkpoint());
  std::string text = content(live_segment(audit_));
  text.resize(text.rfind('\n', text.size() - 2) + 1);
  put(live_segment(audit_), text);
  auto less = checkpoint();
  EXPECT_EQ(cosign(less, audit_, &seen, mx_).error().id, "exchange.audit_backwards");
}

TEST_F(WitnessTest, checkpoint_that_the_log_does_not_hold_is_not_signed) {
  auto envelope = checkpoint();
  rewrite_live({"{}", "{}", "{}"});
  EXPECT_EQ(cosign(envelope, audit_, nullptr, mx_).error().id, "exchange.audit_changed");
}

TEST_F(AuditTest, exported_entry_proves_itself_against_its_segments_root) {
  write(12);
  uint64_t proved = 0;
  const auto told = export_audit(audit_, "exchange.", [&](std::string_view text) -> base::Result<void> {
    const auto json = nlohmann::json::parse(text);
    std::vector<base::Digest> proof;
    for (const auto& digest : json["proof"]) proof.push_back(*base::parse_digest(digest.get<std::string>()));
    const auto leaf = base::leaf_hash(json["line"].get<std::string>());
    const auto root = *base::parse_digest(json["root"].get<std::string>());
    proved += base::verify_inclusion(leaf, json["index"], json["entries"], proof, root);
    EXPECT_FALSE(
        base::verify_inclusion(base::leaf_hash("another"), json["index"], json["entries"], proof, root));
    return {};
  });
  EXPECT_EQ(*told, 12u);
  EXPECT_EQ(proved, 12u);
}

}  // namespace
}  // namespace garita::exchange
