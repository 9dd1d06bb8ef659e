#include "core/base/merkle.hpp"

#include <bit>

namespace garita::base {

Digest leaf_hash(Bytes data) {
  thread_local Sha256 hash;
  constexpr uint8_t prefix[1] = {0x00};
  return hash.update(prefix).update(data).finish();
}

Digest node_hash(const Digest& left, const Digest& right) {
  thread_local Sha256 hash;
  constexpr uint8_t prefix[1] = {0x01};
  return hash.update(prefix).update(left).update(right).finish();
}

Digest merkle_root(std::span<const Digest> leaf_hashes) {
  MerkleTree tree;
  for (const Digest& leaf : leaf_hashes) tree.append(leaf);
  return tree.root();
}

std::vector<Digest> inclusion_proof(std::span<const Digest> leaf_hashes, uint64_t index) {
  std::vector<Digest> proof;
  if (index >= leaf_hashes.size()) return proof;
  while (leaf_hashes.size() > 1) {
    const size_t split = std::bit_floor(leaf_hashes.size() - 1);
    const auto left = leaf_hashes.first(split), right = leaf_hashes.subspan(split);
    const bool goes_left = index < split;
    proof.push_back(merkle_root(goes_left ? right : left));
    leaf_hashes = goes_left ? left : right;
    if (!goes_left) index -= split;
  }
  return {proof.rbegin(), proof.rend()};
}

// RFC 9162, 2.1.3.2: `index` and `last` are the places of the leaf and of the last leaf on the level reached.
bool verify_inclusion(const Digest& leaf_hash, uint64_t index, uint64_t size, std::span<const Digest> proof,
                      const Digest& root) {
  if (index >= size) return false;
  uint64_t last = size - 1;
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      hash = node_hash(sibling, hash);
      while (index % 2 == 0 && index != 0) index /= 2, last /= 2;  // levels where the node had no sibling
    } else {
      hash = node_hash(hash, sibling);
    }
    index /= 2, last /= 2;
  }
  return last == 0 && hash == root;
}

std::optional<MerkleTree> MerkleTree::resume(uint64_t size, std::span<const Digest> peaks) {
  if (static_cast<size_t>(std::popcount(size)) != peaks.size()) return std::nullopt;
  MerkleTree tree;
  tree.size_ = size;
  tree.peaks_.assign(peaks.begin(), peaks.end());
  return tree;
}

void MerkleTree::append(const Digest& leaf_hash) {
  Digest hash = leaf_hash;
  // Each one bit at the low end of the count is a complete subtree as large as the one in hand: they join.
  for (uint64_t bits = size_; bits & 1; bits >>= 1) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Digest MerkleTree::root() const {
  if (peaks_.empty()) return sha256({});
  Digest hash = peaks_.back();
  for (size_t i = peaks_.size() - 1; i > 0; --i) hash = node_hash(peaks_[i - 1], hash);
  return hash;
}

}  // namespace garita::base
