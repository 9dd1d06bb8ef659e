#include "core/exchange/outbox/content_files.hpp"

#include <array>

#include "core/base/ids.hpp"
#include "core/base/merkle.hpp"

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;

base::Result<size_t> fill(const Outbox::Source& source, std::span<std::byte> out) {
  size_t filled = 0;
  while (filled < out.size()) {
    GARITA_TRY_ASSIGN(more, source(out.subspan(filled)));
    if (more == 0 || more > out.size() - filled) break;
    filled += more;
  }
  return filled;
}

}  // namespace

// The root is known only at the end, so the file is written under a name of chance and gets its own at
// commit.
base::Result<NewContent> ContentFiles::write(const Outbox::Source& source) const {
  std::array<uint8_t, 16> chance{};
  GARITA_TRY(base::system_random().fill(chance));
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(folder_ / base::to_hex(chance), 0600, *files_));
  NewContent content{.file = std::move(file)};
  std::vector<std::byte> buffer(chunk_bytes);
  while (true) {
    GARITA_TRY_ASSIGN(size, fill(source, buffer));
    if (size == 0) break;
    if (content.chunks.size() == max_chunks)
      return base::Error{base::Outcome::usage, "exchange.content_size", {}};
    const base::Bytes chunk(buffer.data(), size);
    GARITA_TRY(content.file.append(chunk));
    content.chunks.push_back(base::leaf_hash(chunk));
    content.size_bytes += size;
    if (size < buffer.size()) break;
  }
  if (content.chunks.empty()) return base::Error{base::Outcome::usage, "exchange.content_size", {}};
  content.root = base::merkle_root(content.chunks);
  GARITA_TRY(content.file.sync());
  return content;
}

// Its bytes are on the disk since write().
base::Result<void> ContentFiles::commit(NewContent& content) const {
  GARITA_TRY(files_->rename(content.file.temporary_path(), path(content.root)));
  content.file.keep();  // there is nothing left to sweep away
  return files_->sync_folder(folder_);
}

base::Result<void> ContentFiles::remove(const base::Digest& content) const {
  auto removed = files_->remove(path(content));
  if (!removed && removed.error().id == "base.file_missing") return {};
  return removed;
}

std::vector<base::Digest> ContentFiles::list() const {
  std::vector<base::Digest> contents;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error))
    if (const auto content = base::parse_digest(at->path().filename().string())) contents.push_back(*content);
  return contents;
}

void ContentFiles::sweep_unfinished() const {
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  std::error_code error, ignored;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (base::parse_digest(at->path().filename().string())) continue;
    const auto written = at->last_write_time(ignored);
    if (!ignored && written < yesterday) fs::remove(at->path(), ignored);
  }
}

}  // namespace garita::exchange
