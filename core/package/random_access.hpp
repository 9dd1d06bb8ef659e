// Chunks of a package at known places: below Reader.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/package/contents.hpp"

namespace garita::package {

// An open file and what is proved of it: every hash in `contents` is bound by the signature of `signer`.
struct Proved {
  std::unique_ptr<base::RandomAccessFile> file;
  std::filesystem::path path;
  uint64_t size_bytes = 0;
  Contents contents;
  base::Digest root{};
  Signer signer;
  bool sealed = false;
};

// By header, footer, index, heads, tails and seal; a torn file by a walk to its last checkpoint, if allowed.
base::Result<Proved> open_proved(const std::filesystem::path& path, bool allow_torn, base::FileSystem& files);

// The value of leaf `ordinal` of a part's body, equal to its hash in the tree. `leaf_path` as it was hashed.
// `buffer` holds the chunk. "package.withheld", "package.hash_mismatch", "package.malformed".
base::Result<base::Bytes> read_leaf(const Proved& proved, uint32_t part, uint64_t ordinal,
                                    std::string_view leaf_path, std::vector<std::byte>& buffer);

}  // namespace garita::package
