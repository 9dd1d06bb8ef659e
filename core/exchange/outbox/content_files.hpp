// Files named by what is in them: FOLDER/HEX, HEX the Merkle root of the chunks' leaf hashes.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/file.hpp"
#include "core/exchange/outbox/outbox.hpp"

namespace garita::exchange {

// Written and synced under a name that nobody reads yet; gone again unless it is committed.
struct NewContent {
  base::AtomicFile file;
  std::vector<base::Digest> chunks;
  base::Digest root{};
  uint64_t size_bytes = 0;
};

class ContentFiles {
 public:
  ContentFiles(std::filesystem::path folder, base::FileSystem& files)
      : folder_(std::move(folder)), files_(&files) {}

  std::filesystem::path path(const base::Digest& content) const { return folder_ / base::to_text(content); }
  // "exchange.content_size".
  base::Result<NewContent> write(const Outbox::Source& source) const;
  // Under its name, on the disk; another with the same name is the same content.
  base::Result<void> commit(NewContent& content) const;
  base::Result<void> remove(const base::Digest& content) const;  // not there is right

  std::vector<base::Digest> list() const;
  // What a program that died while it wrote has left, once it is a day old: younger ones may be somebody's.
  void sweep_unfinished() const;

 private:
  std::filesystem::path folder_;
  base::FileSystem* files_;
};

}  // namespace garita::exchange
