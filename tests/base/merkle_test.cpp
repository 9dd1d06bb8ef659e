#include "core/base/merkle.hpp"

#include <gtest/gtest.h>

#include "core/base/ids.hpp"

namespace garita::base {
namespace {

std::vector<Digest> leaves(size_t count) {
  std::vector<Digest> out;
  for (size_t i = 0; i < count; ++i) out.push_back(leaf_hash(std::to_string(i)));
  return out;
}

// RFC 6962, 2.1, word for word: slow, and by another way than the code.
Digest root_by_definition(std::span<const Digest> leaf_hashes) {
  if (leaf_hashes.empty()) return sha256("");
  if (leaf_hashes.size() == 1) return leaf_hashes[0];
  size_t split = 1;
  while (2 * split < leaf_hashes.size()) split *= 2;
  std::string input = "\x01";
  for (const auto part : {leaf_hashes.first(split), leaf_hashes.subspan(split)}) {
    const Digest hash = root_by_definition(part);
    input.append(hash.begin(), hash.end());
  }
  return sha256(input);
}

// Leaves and roots of the tests of the Certificate Transparency reference implementation.
TEST(Merkle, roots_of_the_reference_implementation_hold) {
  const char* data[] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const char* roots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  std::vector<Digest> hashes;
  for (size_t i = 0; i < 8; ++i) {
    hashes.push_back(leaf_hash(*from_hex(data[i])));
    EXPECT_EQ(to_text(merkle_root(hashes)), roots[i]) << i + 1;
  }
}

TEST(Merkle, empty_tree_is_the_hash_of_nothing) {
  EXPECT_EQ(merkle_root({}), sha256(""));
  EXPECT_EQ(MerkleTree().root(), sha256(""));
}

TEST(Merkle, growing_tree_has_the_root_of_the_definition_at_every_size) {
  const auto all = leaves(130);
  MerkleTree tree;
  for (size_t size = 1; size <= all.size(); ++size) {
    tree.append(all[size - 1]);
    ASSERT_EQ(tree.root(), root_by_definition(std::span(all).first(size))) << size;
    ASSERT_LE(tree.peaks().size(), 8u);
  }
}

TEST(Merkle, tree_goes_on_from_its_peaks) {
  const auto all = leaves(77);
  MerkleTree tree;
  for (size_t i = 0; i < 53; ++i) tree.append(all[i]);
  auto resumed = MerkleTree::resume(tree.size(), tree.peaks());
  ASSERT_TRUE(resumed);
  for (size_t i = 53; i < 77; ++i) resumed->append(all[i]);
  EXPECT_EQ(resumed->root(), merkle_root(all));
}

TEST(Merkle, peaks_that_do_not_fit_the_size_are_refused) {
  const auto two = leaves(2);
  EXPECT_FALSE(MerkleTree::resume(4, two));
  EXPECT_FALSE(MerkleTree::resume(0, two));
  EXPECT_FALSE(MerkleTree::resume(3, {}));
}

TEST(Inclusion, every_leaf_of_every_tree_is_proved) {
  const auto all = leaves(33);
  for (size_t size = 1; size <= all.size(); ++size) {
    const auto tree = std::span(all).first(size);
    for (size_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(tree, index);
      ASSERT_TRUE(verify_inclusion(all[index], index, size, proof, merkle_root(tree)))
          << index << " of " << size;
    }
  }
}

TEST(Inclusion, another_leaf_place_size_or_root_is_not_proved) {
  const auto all = leaves(21);
  const Digest root = merkle_root(all);
  const auto proof = inclusion_proof(all, 13);
  ASSERT_TRUE(verify_inclusion(all[13], 13, 21, proof, root));
  EXPECT_FALSE(verify_inclusion(all[12], 13, 21, proof, root));
  EXPECT_FALSE(verify_inclusion(all[13], 13, 21, proof, all[0]));
  for (uint64_t index = 0; index < 40; ++index) {
    EXPECT_EQ(verify_inclusion(all[13], index, 21, proof, root), index == 13) << index;
  }
  EXPECT_FALSE(verify_inclusion(all[13], 13, 13, proof, root));
  EXPECT_FALSE(verify_inclusion(all[13], 13, 0, proof, root));
}

TEST(Inclusion, damaged_proof_is_refused) {
  const auto all = leaves(21);
  const Digest root = merkle_root(all);
  const auto proof = inclusion_proof(all, 13);
  for (size_t i = 0; i < proof.size(); ++i) {
    auto damaged = proof;
    damaged[i][i] ^= 1;
    EXPECT_FALSE(verify_inclusion(all[13], 13, 21, damaged, root)) << i;
  }
  auto longer = proof;
  longer.push_back(root);
  EXPECT_FALSE(verify_inclusion(all[13], 13, 21, longer, root));
  EXPECT_FALSE(verify_inclusion(all[13], 13, 21, std::span(proof).first(proof.size() - 1), root));
}

TEST(Inclusion, leaf_out_of_range_has_no_proof) { EXPECT_TRUE(inclusion_proof(leaves(4), 4).empty()); }

}  // namespace
}  // namespace garita::base
