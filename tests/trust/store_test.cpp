// The folder: what was taken once is not undone by putting older files back.
#include "core/trust/store.hpp"

#include "core/base/testing/temporary_folder.hpp"
#include "tests/trust/trust_fixture.hpp"

namespace garita::trust {
namespace {

namespace fs = std::filesystem;

class TrustStore : public Trust {
 protected:
  std::string put(const Envelope& envelope) { return put(envelope, envelope.id()); }
  std::string put(const Envelope& envelope, std::optional<base::Digest> expected) {
    auto store = Store::open(folder / "trust");
    return store ? answer_of(store->install(envelope, expected)) : id_with_sentence(store.error());
  }
  // What a host that starts now would answer.
  std::string admitted() {
    const auto store = Store::open(folder / "trust");
    return store ? id_of(admit(policy, candidate, store->documents(), now)) : id_with_sentence(store.error());
  }
  std::string list_says(const std::string& role) {
    const auto store = Store::open(folder / "trust");
    if (!store) return id_with_sentence(store.error());
    if (store->documents().status.contains(role)) return "right";
    for (const Fault& fault : store->documents().faults)
      if (fault.role == role) return id_with_sentence(fault.error);
    return "none";
  }
  Root next_root() const {
    Root next = root;
    ++next.version;
    return next;
  }
  Envelope signed_root(const Root& own) { return sign(to_envelope(own), {&mx, &us}); }
  Envelope signed_list(uint64_t number) { return sign(to_envelope(list_of("us", number)), {&us}); }
  Envelope signed_certificate() { return sign(to_envelope(certificate), {&mx, &us}); }
  void fill() {
    ASSERT_EQ(put(signed_root(root)), "right");
    ASSERT_EQ(put(signed_list(5)), "right");
    ASSERT_EQ(put(sign(to_envelope(list_of("mx")), {&mx})), "right");
    ASSERT_EQ(put(signed_certificate()), "right");
    ASSERT_EQ(admitted(), "admitted");
  }
  fs::path file(const std::string& name) { return folder / "trust" / name; }
  void change_a_byte(const std::string& name) {
    std::string text = *base::read_text_file(file(name), 1u << 20);
    const size_t at = text.find("\"payload\": \"") + 40;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    ASSERT_TRUE(base::write_file(file(name), text));
  }

  base::testing::TemporaryFolder folder;
};

TEST_F(TrustStore, an_empty_folder_has_no_root_and_admits_nobody) { EXPECT_EQ(admitted(), "trust.no_root"); }

TEST_F(TrustStore, what_was_installed_admits_after_a_restart) {
  fill();
  EXPECT_EQ(admitted(), "admitted");
}

TEST_F(TrustStore, the_same_document_again_changes_nothing) {
  fill();
  EXPECT_EQ(put(signed_root(root), std::nullopt), "right");
  EXPECT_EQ(put(signed_list(5)), "right");
  EXPECT_EQ(put(signed_certificate()), "right");
  EXPECT_EQ(admitted(), "admitted");
}

TEST_F(TrustStore, a_first_root_needs_the_digest_that_people_compared) {
  auto store = Store::open(folder / "trust");
  const auto done = store->install(signed_root(root));
  ASSERT_EQ(answer_of(done), "trust.root_unpinned");
  EXPECT_EQ(done.error().field("digest"), base::to_text(to_envelope(root).id()));
  EXPECT_EQ(put(signed_root(root), base::sha256("another")), "trust.root_unpinned");
  EXPECT_EQ(put(signed_root(root)), "right");
}

TEST_F(TrustStore, an_older_list_is_refused_and_so_is_another_of_the_same_number) {
  fill();
  ASSERT_EQ(put(signed_list(7)), "right");
  EXPECT_EQ(put(signed_list(6)), "trust.rolled_back");
  StatusList other = list_of("us", 7);
  other.revoked = {{base::sha256("x"), "other"}};
  EXPECT_EQ(put(sign(to_envelope(other), {&us})), "trust.rolled_back");
}

TEST_F(TrustStore, a_refused_list_of_a_role_without_one_leaves_the_store_readable) {
  ASSERT_EQ(put(signed_root(root)), "right");
  EXPECT_EQ(put(sign(to_envelope(list_of("us", 3)), {&mx})), "trust.role_missing");
  EXPECT_EQ(put(signed_certificate()), "right");
  EXPECT_EQ(admitted(), "trust.status_missing");
}

TEST_F(TrustStore, an_older_list_in_the_place_of_the_newest_holds_nothing) {
  fill();
  fs::copy_file(file("status-us-5.json"), folder / "old.json");
  ASSERT_EQ(put(signed_list(6)), "right");
  fs::copy_file(folder / "old.json", file("status-us-6.json"), fs::copy_options::overwrite_existing);
  EXPECT_EQ(list_says("us"), "trust.not_as_taken");
  EXPECT_EQ(admitted(), "trust.not_as_taken");
  EXPECT_EQ(put(signed_list(7)), "right");  // the newest mends it
  EXPECT_EQ(admitted(), "admitted");
}

TEST_F(TrustStore, an_older_root_in_the_place_of_the_newest_holds_nothing_until_that_one_is_installed_again) {
  fill();
  ASSERT_EQ(put(signed_root(next_root())), "right");
  fs::copy_file(file("root-1.json"), file("root-2.json"), fs::copy_options::overwrite_existing);
  EXPECT_EQ(admitted(), "trust.not_as_taken");
  EXPECT_EQ(put(signed_root(root)), "trust.rolled_back");
  EXPECT_EQ(put(signed_root(next_root()), std::nullopt), "right");
  EXPECT_EQ(admitted(), "admitted");
}

TEST_F(TrustStore, a_root_that_was_taken_away_admits_nobody) {
  fill();
  fs::remove(file("root-1.json"));
  EXPECT_NE(admitted(), "admitted");
}

TEST_F(TrustStore, a_root_is_followed_by_the_very_next_version_alone) {
  fill();
  Root later = next_root();
  later.version = 3;
  EXPECT_EQ(put(signed_root(later)), "trust.rolled_back");
  EXPECT_EQ(put(sign(to_envelope(next_root()), {&mx}), std::nullopt), "trust.role_missing");
  EXPECT_EQ(put(signed_root(next_root()), std::nullopt), "right");
}

TEST_F(TrustStore, a_list_of_keys_that_were_rotated_out_no_longer_counts) {
  fill();
  Root next = next_root();
  next.roles["us"].keys = {stranger.public_key()};
  ASSERT_EQ(put(sign(to_envelope(next), {&mx, &us, &stranger})), "right");
  EXPECT_EQ(list_says("us"), "trust.role_missing");
  EXPECT_EQ(put(signed_list(7)), "trust.role_missing");
  EXPECT_EQ(put(sign(to_envelope(list_of("us", 4)), {&stranger})), "trust.rolled_back");
  EXPECT_EQ(put(sign(to_envelope(list_of("us", 6)), {&stranger})), "right");
  EXPECT_EQ(list_says("us"), "right");
}

TEST_F(TrustStore, a_revocation_stops_the_driver_at_the_next_load) {
  fill();
  StatusList list = list_of("us", 6);
  list.revoked = {{to_envelope(certificate).id(), "phones home"}};
  ASSERT_EQ(put(sign(to_envelope(list), {&us})), "right");
  EXPECT_EQ(admitted(), "trust.revoked");
}

TEST_F(TrustStore, a_byte_changed_in_the_root_or_a_list_admits_nobody) {
  for (const char* name : {"root-1.json", "status-us-5.json", "status-mx-1.json"}) {
    fill();
    change_a_byte(name);
    EXPECT_NE(admitted(), "admitted") << name;
    fs::remove_all(folder / "trust");
  }
}

TEST_F(TrustStore, a_byte_changed_in_a_certificate_leaves_its_driver_without_one) {
  fill();
  change_a_byte("certificate-" + base::to_text(to_envelope(certificate).id()) + ".json");
  EXPECT_EQ(admitted(), "trust.no_certificate");
  EXPECT_EQ(Store::open(folder / "trust")->documents().faults.size(), 1u);
}

TEST_F(TrustStore, a_book_of_what_was_seen_that_cannot_be_read_admits_nobody) {
  fill();
  ASSERT_TRUE(base::write_file(file("seen.json"), std::string_view("{\"schema\":\"garita.seen/1\"}")));
  EXPECT_EQ(admitted(), "trust.field");
}

TEST_F(TrustStore, a_certificate_of_one_person_is_not_taken) {
  ASSERT_EQ(put(signed_root(root)), "right");
  EXPECT_EQ(put(sign(to_envelope(certificate), {&mx, &stranger})), "trust.two_persons");
}

TEST_F(TrustStore, a_list_or_certificate_before_the_root_is_not_taken) {
  EXPECT_EQ(put(signed_list(1)), "trust.no_root");
  EXPECT_EQ(put(signed_certificate()), "trust.no_root");
}

TEST_F(TrustStore, old_lists_are_forgotten_but_the_one_before) {
  fill();
  for (const uint64_t number : {6, 9, 12}) ASSERT_EQ(put(signed_list(number)), "right");
  EXPECT_FALSE(fs::exists(file("status-us-6.json")));
  EXPECT_TRUE(fs::exists(file("status-us-9.json")));
  EXPECT_TRUE(fs::exists(file("status-us-12.json")));
  EXPECT_TRUE(fs::exists(file("status-mx-1.json")));
}

}  // namespace
}  // namespace garita::trust
