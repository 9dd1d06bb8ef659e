// Puts chunks at the end of a file and keeps the contents of the package in step: below the writer and
// redact.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/package/contents.hpp"

namespace garita::package {

// A package under its temporary name `<path>.partial`. One thread at a time.
class ChunkWriter {
 public:
  // "base.file_exists" where either name is taken.
  static base::Result<ChunkWriter> create(base::FileSystem& files, const std::filesystem::path& path,
                                          const Header& header);
  ChunkWriter(ChunkWriter&& other) noexcept = default;
  ChunkWriter& operator=(ChunkWriter&&) = delete;
  ~ChunkWriter();  // removes the file unless committed or kept

  // A part begins; its number is contents().parts.size() before the call.
  base::Result<void> head(const Head& head, base::Bytes salt, base::Bytes value);
  base::Result<void> tail(uint32_t part, const Tail& tail, base::Bytes salt, base::Bytes value);
  base::Result<void> hide_part(const base::Digest& root);
  base::Result<void> hide_body(uint32_t part, const base::Digest& root);
  base::Result<void> hide_leaf(uint32_t part, const base::Digest& hash);
  // `path`: of the leaf; salt and value as they are to be hashed and stored.
  base::Result<void> leaf(uint32_t part, std::string_view path, base::Bytes salt, base::Bytes value);
  // The same where its hash, salted_leaf() of the three, is known, without copying the value: it stands in
  // the chunk behind leaf_room bytes, which are filled.
  base::Result<void> leaf_in_place(uint32_t part, const base::Digest& hash, base::Bytes salt,
                                   std::span<std::byte> chunk);
  base::Result<void> statement(ChunkType type, uint64_t ordinal, base::Bytes body);
  base::Result<void> end();  // index and footer
  base::Result<void> sync() { return file_->sync(); }
  base::Result<void> commit();  // syncs, gives the name
  void keep() { kept_ = true; }

  const Contents& contents() const { return contents_; }
  uint64_t size_bytes() const { return size_bytes_; }
  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& partial_path() const { return partial_path_; }

 private:
  ChunkWriter(base::FileSystem& files, std::filesystem::path path, std::unique_ptr<base::WritableFile> file);
  base::Result<void> put(const Frame& frame, base::Bytes first, base::Bytes second = {},
                         base::Bytes third = {});
  void note_leaf(uint32_t part, const StoredLeaf& leaf);

  base::FileSystem* files_;
  std::filesystem::path path_, partial_path_;
  std::unique_ptr<base::WritableFile> file_;  // null once committed, or moved from
  uint64_t size_bytes_ = 0;
  bool kept_ = false;
  Contents contents_;
  std::vector<std::byte> buffer_;
};

}  // namespace garita::package
