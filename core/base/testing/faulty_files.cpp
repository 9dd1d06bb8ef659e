#include "core/base/testing/faulty_files.hpp"

#include <algorithm>

#include "core/base/file_error.hpp"

namespace garita::base::testing {

namespace {

class FaultyWritableFile final : public WritableFile {
 public:
  FaultyWritableFile(FaultyFileSystem& files, std::unique_ptr<WritableFile> file, std::filesystem::path path)
      : files_(files), file_(std::move(file)), path_(std::move(path)) {}

  Result<void> append(Bytes bytes) override {
    if (const auto fault = files_.next(FileCall::append)) {
      const size_t part = std::min(fault->partial_bytes, bytes.size());
      GARITA_TRY(file_->append(Bytes(bytes.data(), part)));
      return file_error(fault->code, path_);
    }
    return file_->append(bytes);
  }
  Result<void> sync() override {
    if (const auto fault = files_.next(FileCall::sync)) return file_error(fault->code, path_);
    return file_->sync();
  }
  Result<void> truncate(uint64_t size_bytes) override {
    if (const auto fault = files_.next(FileCall::truncate)) return file_error(fault->code, path_);
    return file_->truncate(size_bytes);
  }
  uint64_t size_bytes() const override { return file_->size_bytes(); }

 private:
  FaultyFileSystem& files_;
  std::unique_ptr<WritableFile> file_;
  std::filesystem::path path_;
};

class FaultyRandomAccessFile final : public RandomAccessFile {
 public:
  FaultyRandomAccessFile(FaultyFileSystem& files, std::unique_ptr<RandomAccessFile> file,
                         std::filesystem::path path)
      : files_(files), file_(std::move(file)), path_(std::move(path)) {}

  Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    if (const auto fault = files_.next(FileCall::read)) return file_error(fault->code, path_);
    return file_->read(offset, out);
  }
  Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    if (const auto fault = files_.next(FileCall::read)) return file_error(fault->code, path_);
    return file_->read_some(offset, out);
  }
  Result<uint64_t> size_bytes() const override { return file_->size_bytes(); }

 private:
  FaultyFileSystem& files_;
  std::unique_ptr<RandomAccessFile> file_;
  std::filesystem::path path_;
};

}  // namespace

std::optional<FileFault> FaultyFileSystem::next(FileCall call) {
  const uint64_t number = ++counts_[static_cast<size_t>(call)];
  if (!fault_ || fault_->call != call) return std::nullopt;
  if (number == fault_->at || (fault_->for_good && number > fault_->at)) return fault_;
  return std::nullopt;
}

Result<std::unique_ptr<WritableFile>> FaultyFileSystem::create(const Path& path, mode_t mode) {
  if (const auto fault = next(FileCall::create)) return file_error(fault->code, path);
  GARITA_TRY_ASSIGN(file, files_.create(path, mode));
  return std::unique_ptr<WritableFile>(std::make_unique<FaultyWritableFile>(*this, std::move(file), path));
}

Result<std::unique_ptr<WritableFile>> FaultyFileSystem::append_to(const Path& path, mode_t mode) {
  if (const auto fault = next(FileCall::create)) return file_error(fault->code, path);
  GARITA_TRY_ASSIGN(file, files_.append_to(path, mode));
  return std::unique_ptr<WritableFile>(std::make_unique<FaultyWritableFile>(*this, std::move(file), path));
}

Result<std::unique_ptr<RandomAccessFile>> FaultyFileSystem::open(const Path& path) {
  if (const auto fault = next(FileCall::open)) return file_error(fault->code, path);
  GARITA_TRY_ASSIGN(file, files_.open(path));
  return std::unique_ptr<RandomAccessFile>(
      std::make_unique<FaultyRandomAccessFile>(*this, std::move(file), path));
}

Result<void> FaultyFileSystem::rename(const Path& from, const Path& to) {
  if (const auto fault = next(FileCall::rename)) return file_error(fault->code, to);
  return files_.rename(from, to);
}

Result<void> FaultyFileSystem::rename_new(const Path& from, const Path& to) {
  if (const auto fault = next(FileCall::rename)) return file_error(fault->code, to);
  return files_.rename_new(from, to);
}

Result<void> FaultyFileSystem::remove(const Path& path) {
  if (const auto fault = next(FileCall::remove)) return file_error(fault->code, path);
  return files_.remove(path);
}

Result<void> FaultyFileSystem::sync_folder(const Path& path) {
  if (const auto fault = next(FileCall::sync_folder)) return file_error(fault->code, path);
  return files_.sync_folder(path);
}

Result<void> FaultyFileSystem::create_folders(const Path& path, mode_t mode) {
  if (const auto fault = next(FileCall::create_folders)) return file_error(fault->code, path);
  return files_.create_folders(path, mode);
}

}  // namespace garita::base::testing
