#include "core/base/file.hpp"

#include <array>

#include "core/base/ids.hpp"

namespace garita::base {

namespace {

Error too_large(const std::filesystem::path& path, uint64_t size_bytes, uint64_t max_bytes) {
  return Error{
      Outcome::not_loaded,
      "base.file_too_large",
      {{"path", path.string()}, {"size", std::to_string(size_bytes)}, {"limit", std::to_string(max_bytes)}},
      0};
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

template <typename Content>
Result<Content> read_whole(const std::filesystem::path& path, uint64_t max_bytes, FileSystem& files) {
  GARITA_TRY_ASSIGN(file, files.open(path));
  GARITA_TRY_ASSIGN(size_bytes, file->size_bytes());
  if (size_bytes > max_bytes) return too_large(path, size_bytes, max_bytes);
  Content content;
  content.resize(static_cast<size_t>(size_bytes));
  GARITA_TRY(file->read(0, std::as_writable_bytes(std::span(content))));
  // What tells no size (as under /proc), or grew meanwhile, is read on until it ends or is too large.
  for (std::byte more[4096];;) {
    GARITA_TRY_ASSIGN(got, file->read_some(content.size(), more));
    if (got == 0) return content;
    if (got > max_bytes - content.size()) return too_large(path, content.size() + got, max_bytes);
    const auto* begin = reinterpret_cast<const typename Content::value_type*>(more);
    content.insert(content.end(), begin, begin + got);
  }
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path, uint64_t max_bytes,
                                         FileSystem& files) {
  return read_whole<std::vector<std::byte>>(path, max_bytes, files);
}

Result<std::string> read_text_file(const std::filesystem::path& path, uint64_t max_bytes, FileSystem& files) {
  return read_whole<std::string>(path, max_bytes, files);
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& path, mode_t mode, FileSystem& files) {
  if (path.filename().empty())
    return Error{Outcome::usage, "base.file_nameless", {{"path", path.string()}}, 0};
  std::array<uint8_t, 4> suffix;
  GARITA_TRY(system_random().fill(suffix));
  std::string name = ".";
  name.append(path.filename().string()).append(".").append(to_hex(suffix)).append(".part");
  auto temporary = folder_of(path) / name;
  GARITA_TRY_ASSIGN(file, files.create(temporary, mode));
  return AtomicFile(files, path, std::move(temporary), std::move(file));
}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  abandon();
  files_ = other.files_;
  path_ = std::move(other.path_);
  temporary_path_ = std::move(other.temporary_path_);
  file_ = std::move(other.file_);
  kept_ = other.kept_;
  return *this;
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::abandon() noexcept {
  if (!file_ || kept_ || temporary_path_.empty()) return;
  file_.reset();
  (void)files_->remove(temporary_path_).ok();  // nobody is left to tell; the name says that it is a part
}

Result<void> AtomicFile::commit() { return commit_by(&FileSystem::rename); }
Result<void> AtomicFile::commit_new() { return commit_by(&FileSystem::rename_new); }

Result<void> AtomicFile::commit_by(Result<void> (FileSystem::*rename)(const FileSystem::Path&,
                                                                      const FileSystem::Path&)) {
  GARITA_TRY(file_->sync());
  GARITA_TRY((files_->*rename)(temporary_path_, path_));
  temporary_path_.clear();
  return files_->sync_folder(folder_of(path_));
}

Result<void> write_file(const std::filesystem::path& path, Bytes bytes, mode_t mode, FileSystem& files) {
  GARITA_TRY_ASSIGN(file, AtomicFile::create(path, mode, files));
  GARITA_TRY(file.append(bytes));
  return file.commit();
}

}  // namespace garita::base
