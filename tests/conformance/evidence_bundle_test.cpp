// Evidence bundles as files: what was written is read, and nothing that was touched is.
#include <zstd.h>

#include <gtest/gtest.h>

#include "conformance/evidence/bundle.hpp"
#include "conformance/evidence/tar.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/base/testing/temporary_folder.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

class EvidenceBundle : public ::testing::Test {
 protected:
  // Three events, one input, one picture.
  void write(const base::SigningKey* key = nullptr, size_t input_bytes = 300) {
    Chain chain;
    for (const char* name : {"one", "two", "three"}) chain.add({{"event", name}});
    auto bundle = BundleWriter::create(path());
    ASSERT_TRUE(bundle);
    ASSERT_TRUE(bundle->add("bundle.json", canonical({{"format", "test"}})));
    ASSERT_TRUE(bundle->add("manifest.garita.json", "{}"));
    ASSERT_TRUE(bundle->add("inputs/0-0/0.bin", std::string(input_bytes, 'x')));
    ASSERT_TRUE(bundle->add("pictures/a.png", "png"));
    ASSERT_TRUE(bundle->finish(chain, key));
  }

  std::filesystem::path path() const { return folder_ / "run.tar.zst"; }
  base::Result<Bundle> read() const { return read_bundle(path()); }
  std::string refusal() const {
    const auto bundle = read();
    return bundle ? "" : bundle.error().id;
  }

  std::string packed() const { return *base::read_text_file(path(), 1u << 26); }
  void put(const std::string& bytes) { ASSERT_TRUE(base::write_file(path(), bytes)); }

  std::string unpacked() const {
    const std::string from = packed();
    std::string to(1u << 24, '\0');
    to.resize(ZSTD_decompress(to.data(), to.size(), from.data(), from.size()));
    return to;
  }
  static std::string frame_of(const std::string& tar, bool checksum = true) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum);
    std::string to(ZSTD_compressBound(tar.size()), '\0');
    to.resize(ZSTD_compress2(context, to.data(), to.size(), tar.data(), tar.size()));
    ZSTD_freeCCtx(context);
    return to;
  }
  void pack(const std::string& tar) { put(frame_of(tar)); }

  // The header of the member with another name in it, its checksum right.
  void rename(const std::string& from, const std::string& to) {
    std::string tar = unpacked();
    const size_t at = tar.find(from + std::string(1, '\0'));
    TarBlock block;
    std::copy_n(tar.begin() + static_cast<std::ptrdiff_t>(at), block.size(), block.begin());
    const TarBlock other = tar_header(to, read_tar_header(block)->size_bytes);
    std::copy(other.begin(), other.end(), tar.begin() + static_cast<std::ptrdiff_t>(at));
    pack(tar);
  }

  // Swaps text of one length in the unpacked bytes.
  void replace(const std::string& from, const std::string& to) {
    std::string tar = unpacked();
    const size_t at = tar.find(from);
    ASSERT_NE(at, std::string::npos);
    pack(tar.replace(at, from.size(), to));
  }

  base::testing::TemporaryFolder folder_;
};

TEST_F(EvidenceBundle, is_read_as_it_was_written) {
  write();
  const auto bundle = read();
  ASSERT_TRUE(bundle) << base::render(bundle.error(), base::Language::en);
  EXPECT_EQ(bundle->events.size(), 3u);
  EXPECT_EQ(bundle->events[1]["event"], "two");
  EXPECT_EQ(bundle->members.at("inputs/0-0/0.bin").size_bytes, 300u);
  EXPECT_EQ(bundle->pictures.at("pictures/a.png"), "png");
  EXPECT_FALSE(bundle->signer);
}

TEST_F(EvidenceBundle, with_any_byte_changed_is_refused_or_says_exactly_the_same) {
  write();
  const std::string whole = packed(), right = unpacked();
  size_t refused = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x11);
    put(changed);
    if (read())
      EXPECT_EQ(unpacked(), right) << "byte " << i;
    else
      ++refused;
  }
  EXPECT_GT(refused, whole.size() * 98 / 100);
}

TEST_F(EvidenceBundle, cut_anywhere_is_refused) {
  write();
  const std::string whole = packed();
  for (size_t size = 0; size < whole.size(); ++size) {
    put(whole.substr(0, size));
    EXPECT_NE(refusal(), "") << size;
  }
}

TEST_F(EvidenceBundle, with_anything_behind_it_is_refused) {
  write();
  const std::string whole = packed();
  put(whole + "x");
  EXPECT_EQ(refusal(), "evidence.frame");
  put(whole + whole);
  EXPECT_EQ(refusal(), "evidence.frame");
  pack(unpacked() + std::string(tar_block_bytes, '\0'));
  EXPECT_EQ(refusal(), "evidence.frame");
}

TEST_F(EvidenceBundle, without_a_checksum_in_its_frame_is_refused) {
  write();
  put(frame_of(unpacked(), false));
  EXPECT_EQ(refusal(), "evidence.frame");
}

TEST_F(EvidenceBundle, with_a_changed_event_is_refused_at_that_line) {
  write();
  replace("\"two\"", "\"wto\"");
  const auto bundle = read();
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().id, "evidence.chain");
  EXPECT_EQ(bundle.error().field("line"), "3");  // the line behind it does not vouch for it
}

TEST_F(EvidenceBundle, with_a_changed_input_is_refused_by_name) {
  write();
  replace("xxxx", "xyxx");
  const auto bundle = read();
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().id, "evidence.seal");
  EXPECT_EQ(bundle.error().field("member"), "inputs/0-0/0.bin");
}

TEST_F(EvidenceBundle, with_bytes_between_members_is_refused) {
  write();
  std::string tar = unpacked();
  tar[tar_block_bytes + 100] = '?';  // behind the few bytes of bundle.json
  pack(tar);
  EXPECT_EQ(refusal(), "evidence.member");
}

TEST_F(EvidenceBundle, never_has_a_member_outside_its_own_few_places) {
  for (const char* name :
       {"../../etc/passwd", "/etc/passwd", "inputs/../0.bin", "inputs/0-0/../../x", "inputs/.hidden/x",
        "pictures/a/b.png", "pictures/", "other.json", "inputs/0-0/a b"}) {
    write();
    rename("inputs/0-0/0.bin", name);
    EXPECT_EQ(refusal(), "evidence.member") << name;
  }
}

TEST_F(EvidenceBundle, has_no_links_or_devices) {
  for (const char type : {'1', '2', '3', '5', 'L', 'x'}) {
    write();
    std::string tar = unpacked();
    tar[156] = type;
    pack(tar);
    EXPECT_EQ(refusal(), "evidence.member") << type;
  }
}

TEST_F(EvidenceBundle, has_each_member_once_and_in_its_place) {
  write();
  rename("pictures/a.png", "inputs/0-0/0.bin");
  EXPECT_EQ(refusal(), "evidence.order");
  write();
  rename("pictures/a.png", "inputs/0-0/0.aaa");
  EXPECT_EQ(refusal(), "evidence.order");
}

TEST_F(EvidenceBundle, that_unpacks_to_too_much_is_not_read_on) {
  write(nullptr, 8u << 20);
  EXPECT_LT(packed().size(), 10000u);
  const auto file = base::real_file_system().open(path());
  const auto bundle = read_bundle(**file, "bomb", {.total_bytes = 1u << 20});
  ASSERT_FALSE(bundle);
  EXPECT_EQ(bundle.error().id, "evidence.too_large");
}

TEST_F(EvidenceBundle, that_only_claims_a_huge_member_costs_nothing) {
  write();
  std::string tar = unpacked();
  const TarBlock header = tar_header("bundle.json", (uint64_t{1} << 33) - 1);
  std::copy(header.begin(), header.end(), tar.begin());
  pack(tar);
  EXPECT_EQ(refusal(), "evidence.too_large");
}

TEST_F(EvidenceBundle, signed_tells_whose_key_it_was) {
  const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ecdsa_p384);
  write(&*key);
  const auto bundle = read();
  ASSERT_TRUE(bundle);
  ASSERT_TRUE(bundle->signer);
  EXPECT_EQ(*bundle->signer, key->public_key());
}

TEST_F(EvidenceBundle, with_the_signature_of_another_run_is_refused) {
  const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  write(&*key);
  const std::string other = unpacked();
  write(&*key, 301);
  std::string own = unpacked();
  const size_t at = other.find("\"signature\":\""), here = own.find("\"signature\":\"");
  pack(own.replace(here, 140, other.substr(at, 140)));
  EXPECT_EQ(refusal(), "evidence.signature");
}

TEST(CanonicalJson, has_one_form_of_everything) {
  EXPECT_TRUE(parse_canonical(R"({"a":1,"b":[true,"x"]})"));
  for (const char* other : {R"({"a": 1})", R"({"b":1,"a":2})", R"({"a":1,"a":1})", R"({"a":1} )",
                            "{\"a\":\"\\u0041\"}", R"({"a":1e0})", "", "[", "nul"})
    EXPECT_FALSE(parse_canonical(other)) << other;
}

TEST(CanonicalJson, deeper_than_we_write_is_refused_before_it_is_parsed) {
  EXPECT_TRUE(parse_canonical(std::string(max_json_depth, '[') + std::string(max_json_depth, ']')));
  EXPECT_FALSE(parse_canonical(std::string(1u << 20, '[')));
  EXPECT_TRUE(parse_canonical(R"(["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["])"));
}

TEST(EventChain, names_the_first_line_that_is_left_out_or_moved) {
  Chain chain;
  for (int i = 0; i < 4; ++i) chain.add({{"event", std::to_string(i)}});
  std::vector<std::string> lines;
  for (size_t at = 0; at < chain.text().size(); at = chain.text().find('\n', at) + 1)
    lines.push_back(chain.text().substr(at, chain.text().find('\n', at) + 1 - at));
  const auto broken_at = [](const std::string& text) {
    const auto read = read_chain(text, "x");
    return read ? "" : std::string(read.error().field("line"));
  };
  EXPECT_EQ(broken_at(lines[0] + lines[1] + lines[2] + lines[3]), "");
  EXPECT_EQ(broken_at(lines[0] + lines[2] + lines[3]), "2");
  EXPECT_EQ(broken_at(lines[0] + lines[2] + lines[1] + lines[3]), "2");
  EXPECT_EQ(broken_at(lines[0] + lines[1] + lines[1]), "3");
  EXPECT_EQ(broken_at(lines[0] + "{}\n"), "2");
  EXPECT_EQ(broken_at(lines[0] + lines[1].substr(0, 20)), "2");
}

}  // namespace
}  // namespace garita::conformance
