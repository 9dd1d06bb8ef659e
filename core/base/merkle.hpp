// The tree of hashes of RFC 6962, section 2.1.
//
//   leaf  = SHA-256(0x00 ‖ data)          node = SHA-256(0x01 ‖ left ‖ right)
//   root() of n leaves = node(root of the first k, root of the rest), k the greatest power of two < n;
//   root() of none = SHA-256 of nothing
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"

namespace garita::base {

Digest leaf_hash(Bytes data);
Digest node_hash(const Digest& left, const Digest& right);

Digest merkle_root(std::span<const Digest> leaf_hashes);

// The audit path of leaf `index`, lowest sibling first. Empty where index is out of range (and for a tree of
// one leaf).
std::vector<Digest> inclusion_proof(std::span<const Digest> leaf_hashes, uint64_t index);
bool verify_inclusion(const Digest& leaf_hash, uint64_t index, uint64_t size, std::span<const Digest> proof,
                      const Digest& root);

// A tree that grows: remembers one hash for each complete subtree, at most 64, however many leaves it has.
class MerkleTree {
 public:
  MerkleTree() = default;
  // Goes on from peaks() and size(); nullopt where their counts do not fit.
  static std::optional<MerkleTree> resume(uint64_t size, std::span<const Digest> peaks);

  void append(const Digest& leaf_hash);
  Digest root() const;  // equals merkle_root() of all leaves so far
  uint64_t size() const { return size_; }
  std::span<const Digest> peaks() const { return peaks_; }  // complete subtrees, the largest first

 private:
  uint64_t size_ = 0;
  std::vector<Digest> peaks_;
};

}  // namespace garita::base
