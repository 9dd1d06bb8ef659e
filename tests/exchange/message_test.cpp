// What travels: read as it was written, and refused where anything of it is wrong.
#include "tests/exchange/sites.hpp"

#include "core/base/merkle.hpp"
#include "core/base/text.hpp"
#include "garita/wire/message.pb.h"

namespace garita::exchange {
namespace {

using namespace testing;

Manifest manifest_of(const std::string& bytes) {
  Manifest manifest{.size_bytes = bytes.size(), .place = {.lane = {1, 2, 3}, .sequence = 7}};
  for (size_t at = 0; at < bytes.size(); at += chunk_bytes)
    manifest.chunks.push_back(base::leaf_hash(std::string_view(bytes).substr(at, chunk_bytes)));
  manifest.content = base::merkle_root(manifest.chunks);
  return manifest;
}

Chunk chunk_of(const std::string& data) {
  return {.content = {9}, .index = 3, .hash = base::leaf_hash(data), .data = data};
}

std::string error_of(const base::Result<Opened>& opened) { return opened ? "" : opened.error().id; }

class Messages : public ::testing::Test {
 protected:
  std::string sealed(const What& what) const { return *mx_.seal_message("us", what); }

  // A message of mx in which one thing is different, signed anew.
  template <typename Change>
  std::string forged(const What& what, Change change) const {
    wire::SignedMessage outer;
    wire::Body body;
    EXPECT_TRUE(outer.ParseFromString(sealed(what)) && body.ParseFromString(outer.body()));
    change(body, outer);
    outer.set_body(body.SerializeAsString());
    outer.set_signature(std::string(base::Bytes(*key_of("mx").sign(signed_bytes(outer.body()))).text()));
    return outer.SerializeAsString();
  }

  Keyring mx_ = ring_of("mx", "us"), us_ = ring_of("us", "mx");
};

TEST_F(Messages, come_out_as_they_went_in) {
  const Manifest manifest = manifest_of(bytes_of(1, 3 * chunk_bytes + 5));
  const auto opened = us_.open(sealed(manifest));
  ASSERT_TRUE(opened.ok()) << opened.error().id;
  EXPECT_EQ(opened->peer, "mx");
  const auto& read = std::get<Manifest>(opened->message.what);
  EXPECT_EQ(read.content, manifest.content);
  EXPECT_EQ(read.chunks, manifest.chunks);
  EXPECT_EQ(read.size_bytes, manifest.size_bytes);
  EXPECT_EQ(read.place, manifest.place);

  const std::string data = bytes_of(2, chunk_bytes);
  const auto chunk = us_.open(sealed(chunk_of(data)));
  ASSERT_TRUE(chunk.ok());
  EXPECT_EQ(chunk->message.data, data);
  EXPECT_EQ(std::get<Chunk>(chunk->message.what).index, 3u);

  const auto receipt = us_.open(sealed(Receipt{manifest.content, manifest.place, 42}));
  ASSERT_TRUE(receipt.ok());
  EXPECT_EQ(std::get<Receipt>(receipt->message.what).received_utc_ns, 42);
  const auto progress = us_.open(sealed(Progress{manifest.content, manifest.place, 2, Hold::disk_full}));
  ASSERT_TRUE(progress.ok());
  EXPECT_EQ(std::get<Progress>(progress->message.what).hold, Hold::disk_full);
}

TEST_F(Messages, of_the_largest_chunk_and_the_longest_manifest_fit_into_every_transport) {
  EXPECT_LE(sealed(chunk_of(bytes_of(1, chunk_bytes))).size(), max_message_bytes);
  Manifest manifest{.size_bytes = uint64_t{max_chunks} * chunk_bytes, .place = {{}, 1}};
  manifest.chunks.resize(max_chunks);
  manifest.content = base::merkle_root(manifest.chunks);
  const std::string longest = sealed(manifest);
  EXPECT_LE(longest.size(), max_message_bytes);
  EXPECT_TRUE(us_.open(longest).ok());
}

TEST_F(Messages, with_any_bit_flipped_or_any_end_missing_are_refused_or_are_no_other) {
  const std::string good = sealed(Receipt{{1}, {{2}, 3}, 4});
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(us_.open(bad).ok()) << bit;
  }
  for (size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(us_.open(good.substr(0, size)).ok()) << size;
}

TEST_F(Messages, for_another_by_a_stranger_or_by_an_expired_key_are_refused_and_named) {
  const Receipt receipt{{1}, {{2}, 3}, 4};
  EXPECT_EQ(error_of(ring_of("other", "mx").open(sealed(receipt))), "exchange.message_foreign");
  EXPECT_EQ(error_of(us_.open(*ring_of("stranger", "us").seal_message("us", receipt))),
            "exchange.signer_unknown");
  base::ManualClock clock(1'000);
  const Keyring until(key_of("us"), {{"mx", key_of("mx").public_key(), 2'000}}, clock);
  EXPECT_TRUE(until.open(sealed(receipt)).ok());
  clock.advance(1'000);
  EXPECT_EQ(error_of(until.open(sealed(receipt))), "exchange.signer_expired");
}

TEST_F(Messages, signed_by_one_peer_in_the_name_of_another_are_refused) {
  wire::SignedMessage outer;
  ASSERT_TRUE(
      outer.ParseFromString(*ring_of("stranger", "us").seal_message("us", Receipt{{1}, {{2}, 3}, 4})));
  outer.set_from(std::string(base::Bytes(key_of("mx").public_key().key_id()).text()));
  EXPECT_EQ(error_of(us_.open(outer.SerializeAsString())), "exchange.signature_wrong");
}

TEST_F(Messages, that_a_peer_signs_but_that_make_no_sense_are_refused) {
  const std::string data = bytes_of(2, 100);
  const Manifest manifest = manifest_of(bytes_of(1, chunk_bytes + 1));
  using Body = wire::Body;
  using Outer = wire::SignedMessage;
  const std::string bad[] = {
      forged(manifest, [](Body& body, Outer&) { body.mutable_manifest()->set_size_bytes(0); }),
      forged(manifest, [](Body& body, Outer&) { body.mutable_manifest()->set_size_bytes(~uint64_t{0}); }),
      forged(manifest, [](Body& body, Outer&) { body.mutable_manifest()->set_sequence(0); }),
      forged(manifest, [](Body& body, Outer&) { body.mutable_manifest()->set_sequence(~uint64_t{0}); }),
      forged(manifest, [](Body& body, Outer&) { body.mutable_manifest()->set_lane("../../etc/passwords"); }),
      forged(manifest,
             [](Body& body, Outer&) { body.mutable_manifest()->set_content("../../../etc/passwd"); }),
      forged(manifest,
             [](Body& body, Outer&) { body.mutable_manifest()->mutable_chunks()->append(32, 'x'); }),
      forged(manifest, [](Body& body, Outer&) { body.mutable_manifest()->mutable_chunks()->front() ^= 1; }),
      forged(manifest, [](Body&, Outer& outer) { outer.set_data("more"); }),
      forged(chunk_of(data), [](Body&, Outer& outer) { outer.clear_data(); }),
      forged(chunk_of(data), [](Body&, Outer& outer) { outer.mutable_data()->front() ^= 1; }),
      forged(chunk_of(data), [](Body& body, Outer&) { body.mutable_chunk()->set_index(max_chunks); }),
      forged(chunk_of(data), [](Body& body, Outer&) { body.clear_what(); }),
  };
  for (size_t i = 0; i < std::size(bad); ++i) {
    const auto opened = us_.open(bad[i]);
    ASSERT_FALSE(opened.ok()) << i;
    EXPECT_EQ(opened.error().id, "exchange.message_malformed") << i;
    for (const auto language : {base::Language::en, base::Language::es})
      EXPECT_NE(base::render(opened.error(), language), opened.error().id);
  }
}

TEST_F(Messages, of_a_later_version_are_refused_as_such) {
  EXPECT_EQ(
      error_of(us_.open(forged(Receipt{{1}, {{2}, 3}, 4}, [](auto&, auto& outer) { outer.set_version(2); }))),
      "exchange.message_newer");
}

TEST(MessageName, is_known_and_is_never_a_path) {
  const std::string hex(64, 'a');
  EXPECT_TRUE(is_message_name(message_name(Chunk{.index = 12})));
  EXPECT_TRUE(is_message_name(message_name(Receipt{{1}, {{2}, ~uint64_t{0} >> 2}, 4})));
  EXPECT_TRUE(is_message_name(hex + ".c00000012"));
  for (const std::string& bad :
       {std::string(), hex, hex + ".c", hex + ".x0", "../" + hex + ".c0", hex + ".c../..", hex + ".cG",
        hex + ".c" + std::string(100, '0'), "." + hex + ".c00000001.abc.part"})
    EXPECT_FALSE(is_message_name(bad)) << bad;
}

}  // namespace
}  // namespace garita::exchange
