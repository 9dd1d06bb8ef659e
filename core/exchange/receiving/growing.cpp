#include "core/exchange/receiving/growing.hpp"

#include <algorithm>

#include "core/base/merkle.hpp"

namespace garita::exchange {

base::Result<Growing> Growing::open(const std::filesystem::path& path, base::FileSystem& files) {
  Growing growing(path);
  GARITA_TRY_ASSIGN(file, files.append_to(path, 0600));
  growing.file_ = std::move(file);
  const uint64_t whole = std::min<uint64_t>(growing.file_->size_bytes() / chunk_bytes, max_chunks);
  GARITA_TRY(growing.file_->truncate(whole * chunk_bytes));  // a last, shorter chunk comes again
  if (whole == 0) return growing;
  GARITA_TRY_ASSIGN(reader, files.open(path));
  std::vector<std::byte> buffer(chunk_bytes);
  for (uint64_t i = 0; i < whole; ++i) {
    GARITA_TRY(reader->read(i * chunk_bytes, buffer));
    growing.hashes_.push_back(base::leaf_hash(buffer));
  }
  return growing;
}

base::Result<void> Growing::take(const Chunk& chunk, base::Bytes data) {
  if (chunk.index < hashes_.size()) return {};
  if (chunk.index > hashes_.size()) {
    if (early_.size() < max_early_chunks && chunk.index < hashes_.size() + 2 * max_early_chunks)
      early_.try_emplace(chunk.index, Early{chunk.hash, std::string(data.text())});
    return {};
  }
  GARITA_TRY(append(chunk.hash, data));
  for (auto next = early_.begin(); next != early_.end() && next->first <= hashes_.size();
       next = early_.erase(next))
    if (next->first == hashes_.size()) GARITA_TRY(append(next->second.hash, next->second.data));
  return {};
}

// Behind a chunk that is not full there is no other: what follows it is not of this content.
base::Result<void> Growing::append(const base::Digest& hash, base::Bytes data) {
  if (ended()) return {};
  auto appended = file_->append(data);
  if (!appended) {
    GARITA_TRY(cut_to(hashes_.size()));
    return appended;
  }
  hashes_.push_back(hash);
  return {};
}

base::Result<void> Growing::cut_to(size_t chunks) {
  GARITA_TRY(file_->truncate(std::min<uint64_t>(uint64_t{chunks} * chunk_bytes, file_->size_bytes())));
  hashes_.resize(chunks);
  return {};
}

base::Result<void> Growing::agree_with(const Manifest& manifest) {
  const size_t most = std::min(hashes_.size(), manifest.chunks.size());
  const auto wrong =
      std::mismatch(hashes_.begin(), hashes_.begin() + static_cast<ptrdiff_t>(most), manifest.chunks.begin());
  const size_t good = static_cast<size_t>(wrong.first - hashes_.begin());
  std::erase_if(early_, [&](const auto& each) {
    return each.first >= manifest.chunks.size() || manifest.chunks[each.first] != each.second.hash;
  });
  if (good < hashes_.size()) GARITA_TRY(cut_to(good));
  // Right hashes and a wrong size: chunks that are not full in the middle, which no sender of ours makes.
  if (hashes_.size() == manifest.chunks.size() && file_->size_bytes() != manifest.size_bytes)
    return cut_to(0);
  return {};
}

}  // namespace garita::exchange
