// Files in memory: so that a package can be opened thousands of times, damaged in another way each time.
#pragma once

#include <algorithm>
#include <map>
#include <memory>

#include "core/base/file.hpp"

namespace garita::package::testing {

using Content = std::shared_ptr<std::vector<std::byte>>;

class MemoryReadFile final : public base::RandomAccessFile {
 public:
  explicit MemoryReadFile(Content content) : content_(std::move(content)) {}

  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    if (*read_some(offset, out) == out.size()) return {};
    return base::Error{base::Outcome::not_loaded, "base.file_short", {}};
  }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    if (offset >= content_->size()) return size_t{0};
    const size_t size = std::min<uint64_t>(out.size(), content_->size() - offset);
    std::copy_n(content_->begin() + static_cast<ptrdiff_t>(offset), size, out.begin());
    return size;
  }
  base::Result<uint64_t> size_bytes() const override { return uint64_t{content_->size()}; }

 private:
  Content content_;
};

class MemoryWriteFile final : public base::WritableFile {
 public:
  explicit MemoryWriteFile(Content content) : content_(std::move(content)) {}

  base::Result<void> append(base::Bytes bytes) override {
    content_->insert(content_->end(), bytes.begin(), bytes.end());
    return {};
  }
  base::Result<void> sync() override { return {}; }
  base::Result<void> truncate(uint64_t size_bytes) override {
    return content_->resize(size_bytes), base::Result<void>();
  }
  uint64_t size_bytes() const override { return content_->size(); }

 private:
  Content content_;
};

class MemoryFiles final : public base::FileSystem {
 public:
  void clear() { files_.clear(); }
  // What lies under a name, made empty where missing.
  std::vector<std::byte>& content(const Path& path) {
    auto& content = files_[path];
    if (!content) content = std::make_shared<std::vector<std::byte>>();
    return *content;
  }

  base::Result<std::unique_ptr<base::WritableFile>> create(const Path& path, mode_t) override {
    content(path).clear();
    return std::unique_ptr<base::WritableFile>(std::make_unique<MemoryWriteFile>(files_[path]));
  }
  base::Result<std::unique_ptr<base::WritableFile>> append_to(const Path& path, mode_t) override {
    content(path);
    return std::unique_ptr<base::WritableFile>(std::make_unique<MemoryWriteFile>(files_[path]));
  }
  base::Result<std::unique_ptr<base::RandomAccessFile>> open(const Path& path) override {
    if (!files_.contains(path)) return base::Error{base::Outcome::not_loaded, "base.file_missing", {}};
    return std::unique_ptr<base::RandomAccessFile>(std::make_unique<MemoryReadFile>(files_[path]));
  }
  base::Result<void> rename(const Path& from, const Path& to) override {
    if (!files_.contains(from)) return base::Error{base::Outcome::not_loaded, "base.file_missing", {}};
    files_[to] = files_[from];
    files_.erase(from);
    return {};
  }
  base::Result<void> rename_new(const Path& from, const Path& to) override {
    if (files_.contains(to)) return base::Error{base::Outcome::not_loaded, "base.file_exists", {}};
    return rename(from, to);
  }
  base::Result<void> remove(const Path& path) override { return files_.erase(path), base::Result<void>(); }
  base::Result<void> sync_folder(const Path&) override { return {}; }
  base::Result<void> create_folders(const Path&, mode_t) override { return {}; }

 private:
  std::map<Path, Content> files_;
};

}  // namespace garita::package::testing
