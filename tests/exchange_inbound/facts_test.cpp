#include "core/exchange/inbound/facts.hpp"

#include "tests/package/fixture.hpp"

namespace garita::exchange {
namespace {

class FactsTest : public package::testing::PackageTest {
 protected:
  Facts facts(const std::vector<package::Leaf>& record) {
    auto writer = *create();
    EXPECT_TRUE(writer.finish(record).ok());
    auto reader = *opened();
    return facts_of(*claims_of(reader), books_, 0);
  }

  Books books_;
};

TEST_F(FactsTest, empty_record_shows_nothing) {
  const Facts none = facts({});
  EXPECT_FALSE(none.authority || none.certified || none.level || none.box || none.ended_utc_ns ||
               none.complete);
  EXPECT_TRUE(none.fidelity.empty());
}

TEST_F(FactsTest, authority_is_who_signed_and_not_what_the_record_says) {
  books_.authorities[package::testing::test_key().public_key().key_id()] = "mx";
  EXPECT_EQ(facts({{"site.country", "tUS"}}).authority, "mx");
}

TEST_F(FactsTest, record_is_read_by_its_paths) {
  const Facts read = facts({{"device.box", "tB2"},
                            {"device.certification", "ecertified"},
                            {"time.ended.utc_ns", std::string("i\x01\0\0\0\0\0\0\0", 9)},
                            {"views[0].fidelity", "eraw_counts"},
                            {"views[1].fidelity", "edisplay"},
                            {"completeness.state", "ecomplete"},
                            {"freshness.verdict", "ereplayed"}});
  EXPECT_EQ(read.box, 2u);
  EXPECT_EQ(read.certified, true);
  EXPECT_EQ(read.ended_utc_ns, 1);
  EXPECT_EQ(read.fidelity, (std::set<std::string>{"display", "raw_counts"}));
  EXPECT_EQ(read.complete, true);
  EXPECT_EQ(read.freshness, "replayed");
}

TEST_F(FactsTest, values_of_another_type_or_size_show_nothing) {
  const Facts read = facts({{"device.box", "tB12"},
                            {"time.ended.utc_ns", "i12"},
                            {"completeness.state", ""},
                            {"provenance.replayed", "b"}});
  EXPECT_FALSE(read.box || read.ended_utc_ns || read.complete || read.replayed);
}

TEST_F(FactsTest, driver_is_named_by_its_digest_of_32_bytes_and_no_other) {
  const auto digest = base::sha256("so");
  const std::string bytes(digest.begin(), digest.end());
  const auto said = [&](const std::string& value) {
    (void)files_.remove(path_);
    auto writer = *create();
    EXPECT_TRUE(writer.finish(std::vector<package::Leaf>{{"device.driver_sha256", value}}).ok());
    auto reader = *opened();
    return claims_of(reader)->driver_sha256;
  };
  EXPECT_EQ(said("y" + bytes), digest);
  EXPECT_FALSE(said("y" + bytes.substr(1)));
  EXPECT_FALSE(said("t" + bytes));
}

TEST_F(FactsTest, without_a_trust_store_nothing_is_known_of_certificates) {
  const Facts none = facts({{"device.certificate_id", "tabc"}, {"device.certification", "ecertified"}});
  EXPECT_FALSE(none.certificate || none.level || none.suite || none.truth);
  EXPECT_TRUE(none.signed_by.empty());
}

}  // namespace
}  // namespace garita::exchange
