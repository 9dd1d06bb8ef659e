// A content on its way in: one file that grows at its end, so that what is there of it is one number. Chunks
// that come early wait in memory for their turn; what falls out of there, or is lost when the program dies,
// is asked for again.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "core/exchange/messages/message.hpp"

namespace garita::exchange {

inline constexpr size_t max_early_chunks = 16;  // 8 MiB of memory a content

// One thread at a time.
class Growing {
 public:
  // Goes on where an earlier life of the program stopped: whole chunks are read and hashed again, a torn one
  // is cut off.
  static base::Result<Growing> open(const std::filesystem::path& path, base::FileSystem& files);

  // A chunk whose hash was checked. One that is there already, or too far ahead, changes nothing. After an
  // error (the disk is full) it has the chunks that it had before.
  base::Result<void> take(const Chunk& chunk, base::Bytes data);

  // Holds what is there against the manifest and cuts off what is not the manifest's.
  base::Result<void> agree_with(const Manifest& manifest);

  uint32_t chunks() const { return static_cast<uint32_t>(hashes_.size()); }
  uint64_t size_bytes() const { return file_->size_bytes(); }
  const std::filesystem::path& path() const { return path_; }
  base::Result<void> sync() { return file_->sync(); }

 private:
  explicit Growing(std::filesystem::path path) : path_(std::move(path)) {}
  base::Result<void> append(const base::Digest& hash, base::Bytes data);
  base::Result<void> cut_to(size_t chunks);
  bool ended() const { return file_->size_bytes() < uint64_t{hashes_.size()} * chunk_bytes; }

  struct Early {
    base::Digest hash;
    std::string data;
  };

  std::filesystem::path path_;
  std::unique_ptr<base::WritableFile> file_;
  std::vector<base::Digest> hashes_;  // of the chunks in the file; all but the last are full
  std::map<uint32_t, Early> early_;
};

}  // namespace garita::exchange
