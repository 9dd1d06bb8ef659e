#include "core/base/ids.hpp"
#include "core/base/testing/faulty_files.hpp"
#include "core/record/describe.hpp"
#include "core/record/json.hpp"
#include "tests/catalog/fixture.hpp"

namespace garita::catalog {
namespace {

using namespace testing;

class AddendaTest : public CatalogTest {
 protected:
  void SetUp() override {
    CatalogTest::SetUp();
    path_ = package("one", truck("CSQU3054383", "A1"));
  }
  package::Addenda read() { return package::read_addenda(path_, root_); }
  fs::path file() const { return package::addenda_path(path_); }
  std::string bytes() {
    std::ifstream in(file());
    return std::string((std::istreambuf_iterator<char>(in)), {});
  }
  void write(const std::string& text) { std::ofstream(file()) << text; }
  std::string fault_of(const std::string& text) {
    const auto addenda = package::parse_addenda(text, root_, "a");
    return addenda.fault ? addenda.fault->id : "";
  }
  // Two lines: held, then released.
  std::string two_lines() {
    EXPECT_TRUE(decide(path_, v1::Decision::VERDICT_HOLD).ok());
    EXPECT_TRUE(decide(path_, v1::Decision::VERDICT_RELEASE).ok());
    return bytes();
  }

  fs::path path_;
};

TEST_F(AddendaTest, a_package_without_addenda_has_none_and_no_fault) {
  EXPECT_TRUE(read().entries.empty());
  EXPECT_FALSE(read().fault);
  EXPECT_EQ(read().head, root_);
}

TEST_F(AddendaTest, what_was_said_is_read_in_its_order_with_who_said_it) {
  two_lines();
  const auto addenda = read();
  ASSERT_FALSE(addenda.fault);
  ASSERT_EQ(addenda.entries.size(), 2u);
  EXPECT_EQ(addenda.entries[0].addendum.decision().verdict(), v1::Decision::VERDICT_HOLD);
  EXPECT_EQ(addenda.entries[1].addendum.decision().verdict(), v1::Decision::VERDICT_RELEASE);
  EXPECT_EQ(addenda.entries[1].key_id, site_key().public_key().key_id());
  EXPECT_EQ(addenda.entries[1].addendum.made().utc_ns(), march);
}

TEST_F(AddendaTest, keys_of_both_algorithms_sign) {
  ASSERT_TRUE(decide(path_, v1::Decision::VERDICT_HOLD, strange_key()).ok());
  ASSERT_TRUE(decide(path_, v1::Decision::VERDICT_RELEASE).ok());
  const auto addenda = read();
  ASSERT_FALSE(addenda.fault);
  EXPECT_EQ(addenda.entries[0].algorithm, base::SignatureAlgorithm::ecdsa_p384);
}

TEST_F(AddendaTest, no_flipped_byte_goes_unseen) {
  const std::string good = two_lines();
  ASSERT_EQ(fault_of(good), "");
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    const auto addenda = package::parse_addenda(bad, root_, "a");
    EXPECT_TRUE(addenda.fault || addenda.torn_bytes > 0) << "byte " << i;
  }
}

TEST_F(AddendaTest, a_line_taken_out_of_the_middle_or_moved_is_seen) {
  const std::string good = two_lines();
  const size_t end = good.find('\n') + 1;
  EXPECT_EQ(fault_of(good.substr(end)), "package.addendum_chain");
  EXPECT_EQ(fault_of(good.substr(end) + good.substr(0, end)), "package.addendum_chain");
  EXPECT_EQ(fault_of(good.substr(0, end) + good.substr(0, end)), "package.addendum_chain");
}

TEST_F(AddendaTest, addenda_beside_another_package_are_seen) {
  const std::string good = two_lines();
  const auto addenda = package::parse_addenda(good, base::sha256("other"), "a");
  ASSERT_TRUE(addenda.fault);
  EXPECT_EQ(addenda.fault->id, "package.addendum_chain");
  EXPECT_EQ(addenda.fault->field("line"), "1");
}

TEST_F(AddendaTest, a_root_inside_that_is_another_packages_is_seen) {
  v1::Addendum content;
  content.mutable_decision()->set_verdict(v1::Decision::VERDICT_RELEASE);
  const auto other = base::sha256("other");
  ASSERT_TRUE(package::append_addendum(path_, other, content, site_key(), clock_).ok());
  std::string text = bytes();
  // Its chain is made to begin here, by a key that its forger has.
  const std::string previous = base::to_text(other);
  const std::string start = text.substr(0, text.rfind(previous)) + base::to_text(root_) + '"';
  const auto signature = site_key().sign("garita addendum 1\n" + start);
  write(start + ",\"key\":\"" + base::to_base64(site_key().public_key().der()) + "\",\"signature\":\"" +
        base::to_base64(*signature) + "\"}\n");
  ASSERT_TRUE(read().fault);
  EXPECT_EQ(read().fault->id, "package.addendum_other");
}

TEST_F(AddendaTest, a_torn_tail_is_said_and_cut_off_by_the_next) {
  const std::string good = two_lines();
  write(good + R"({"addendum":{"id":")");
  EXPECT_FALSE(read().fault);
  EXPECT_EQ(read().torn_bytes, 19u);
  ASSERT_TRUE(decide(path_, v1::Decision::VERDICT_SECONDARY).ok());
  EXPECT_EQ(read().entries.size(), 3u);
  EXPECT_EQ(read().torn_bytes, 0u);
}

TEST_F(AddendaTest, cut_anywhere_they_say_what_stood_before_and_nothing_else) {
  const std::string good = two_lines();
  const size_t first = good.find('\n') + 1;
  for (size_t size = 0; size < good.size(); ++size) {
    const auto addenda = package::parse_addenda(good.substr(0, size), root_, "a");
    EXPECT_FALSE(addenda.fault) << "cut at " << size;
    ASSERT_EQ(addenda.entries.size(), size < first ? 0u : 1u) << "cut at " << size;
    EXPECT_EQ(addenda.good_bytes + addenda.torn_bytes, size);
  }
}

TEST_F(AddendaTest, whatever_call_fails_what_was_said_before_stays) {
  using base::testing::FileCall;
  const std::string good = two_lines();
  base::testing::FaultyFileSystem files;
  v1::Addendum content;
  content.mutable_decision()->set_verdict(v1::Decision::VERDICT_SECONDARY);
  const auto add = [&] { return package::append_addendum(path_, root_, content, site_key(), clock_, files).ok(); };
  for (const FileCall call : {FileCall::append, FileCall::sync, FileCall::open, FileCall::read, FileCall::sync_folder}) {
    files.fail({.call = call, .at = 1'000'000});
    ASSERT_TRUE(add());
    const uint64_t calls = files.calls(call);
    for (uint64_t at = 1; at <= calls; ++at) {
      write(good);
      files.fail({.call = call, .at = at, .code = EIO, .partial_bytes = call == FileCall::append ? size_t{23} : 0});
      EXPECT_FALSE(add()) << "call " << static_cast<int>(call) << ' ' << at;
      const auto left = read();
      EXPECT_FALSE(left.fault);
      ASSERT_GE(left.entries.size(), 2u);
      EXPECT_EQ(bytes().substr(0, good.size()), good);
    }
    write(good);
  }
}

TEST_F(AddendaTest, nothing_is_written_behind_a_fault) {
  write("poem\n");
  const auto refused = decide(path_, v1::Decision::VERDICT_HOLD);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, "package.addendum_malformed");
  EXPECT_EQ(bytes(), "poem\n");
}

TEST_F(AddendaTest, a_full_disk_leaves_what_was_there) {
  const std::string good = two_lines();
  base::testing::FaultyFileSystem files;
  files.fail({.call = base::testing::FileCall::append});
  v1::Addendum content;
  content.mutable_decision()->set_verdict(v1::Decision::VERDICT_HOLD);
  EXPECT_FALSE(package::append_addendum(path_, root_, content, site_key(), clock_, files).ok());
  EXPECT_EQ(bytes(), good);
}

TEST_F(AddendaTest, what_the_record_does_not_allow_is_refused_and_names_the_field) {
  v1::Addendum content;
  EXPECT_EQ(package::check_addendum(content).error().id, "package.addendum_refused");
  content.mutable_decision()->set_officer_id(std::string(65, 'x'));
  EXPECT_EQ(package::check_addendum(content).error().field("field"), "decision.officer_id");
  content.mutable_decision()->set_officer_id("MX-1\x01");
  EXPECT_FALSE(package::append_addendum(path_, root_, content, site_key(), clock_).ok());
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(AddendaTest, texts_with_quotes_and_marks_of_the_format_come_back_as_they_went) {
  v1::Addendum content;
  content.mutable_finding()->set_found(true);
  content.mutable_finding()->set_place(R"(door","previous":"0","key":" ñ \)");
  ASSERT_TRUE(package::append_addendum(path_, root_, content, site_key(), clock_).ok());
  ASSERT_FALSE(read().fault);
  EXPECT_EQ(read().entries[0].addendum.finding().place(), content.finding().place());
}

TEST(AddendumJson, comes_back_as_it_went) {
  v1::Addendum addendum;
  addendum.mutable_made()->set_utc_ns(-1);
  addendum.mutable_correction()->set_path("conveyance.axles");
  addendum.mutable_correction()->mutable_value()->set_integer(-9'007'199'254'740'993);
  const auto read = record::addendum_from_json(record::to_json(addendum, 0));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->SerializeAsString(), addendum.SerializeAsString());
}

TEST(AddendumJson, members_that_a_newer_version_wrote_are_passed_over) {
  const auto read =
      record::addendum_from_json(R"({"request":{"why":1},"decision":{"verdict":"hold","mood":"good"}})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->decision().verdict(), v1::Decision::VERDICT_HOLD);
}

TEST(AddendumJson, what_two_readers_could_take_differently_is_refused) {
  for (const char* bad :
       {"", "[]", "{", "{} {}", R"({"id":1})", R"({"id":"a","id":"b"})",
        R"({"decision":{"verdict":"maybe"}})", R"({"decision":{},"finding":{}})",
        R"({"made":{"utc":"2026-03-01T00:00:00Z","utc_ns":1}})", R"({"made":{"utc_ns":9223372036854775808}})",
        R"({"made":{"utc_ns":1.5}})", R"({"decision":7})", R"({"finding":{"found":"yes"}})",
        R"({"package_root":"abc"})", R"({"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}})"})
    EXPECT_FALSE(record::addendum_from_json(bad).ok()) << bad;
}

TEST(AddendumDescription, speaks_both_languages) {
  v1::Addendum addendum;
  addendum.mutable_decision()->set_verdict(v1::Decision::VERDICT_HOLD);
  addendum.mutable_decision()->set_officer_id("MX-1");
  const auto en = record::describe(addendum, base::Language::en),
             es = record::describe(addendum, base::Language::es);
  ASSERT_EQ(en.size(), 2u);
  EXPECT_EQ(en[0].group + " " + en[0].value, "Decision hold");
  EXPECT_EQ(es[0].group + " " + es[0].value, "Decisión retener");
}

}  // namespace
}  // namespace garita::catalog
