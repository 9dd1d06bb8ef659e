#include "core/exchange/transport/folder_transport.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace garita::exchange {
namespace {

namespace fs = std::filesystem;

constexpr size_t max_listed = 65'536;  // of one look into the folder

uint64_t bytes_in(const fs::path& folder) {
  uint64_t sum = 0;
  std::error_code error, gone;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const uint64_t size = at->file_size(gone);
    if (!gone) sum += size;
  }
  return sum;
}

}  // namespace

FolderTransport::FolderTransport(FolderOptions options, base::FileSystem& files)
    : options_(std::move(options)),
      files_(files),
      out_(options_.folder / ("to-" + options_.peer)),
      in_(options_.folder / ("to-" + options_.own)) {}

// ---- Sending

base::Result<bool> FolderTransport::has_room(uint64_t more) {
  if (room_ < more) {  // looked at only then: a share is slow to list
    const uint64_t used = bytes_in(out_);
    room_ = used < options_.max_bytes ? options_.max_bytes - used : 0;
  }
  return room_ >= more;
}

bool FolderTransport::holds(const std::string& name) const {
  std::error_code error;
  return fs::exists(out_ / name, error);
}

base::Result<bool> FolderTransport::send(const Outgoing& message) {
  std::error_code error;
  if (!fs::is_directory(options_.folder, error)) return false;
  GARITA_TRY(files_.create_folders(out_, 0770));
  const fs::path path = out_ / message.name;
  if (!message.asked && holds(message.name)) return true;
  GARITA_TRY_ASSIGN(room, has_room(message.bytes.size()));
  if (!room) return false;
  auto written = base::write_file(path, message.bytes, 0660, files_);
  if (!written && written.error().id == "base.disk_full") return false;
  GARITA_TRY(written);
  room_ -= message.bytes.size();
  return true;
}

// ---- Receiving

// Sorted, so that the chunks of a content come in their order and its manifest behind them.
void FolderTransport::list() {
  std::map<std::string, Time> there;
  std::error_code error, gone;
  for (fs::directory_iterator at(in_, error), end; !error && at != end && there.size() < max_listed;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!is_message_name(name) || at->is_symlink(gone) || !at->is_regular_file(gone)) continue;
    const Time written = at->last_write_time(gone);
    if (!gone) there.emplace(name, written);
  }
  std::erase_if(kept_, [&](const auto& each) { return !there.contains(each.first); });
  for (const auto& [name, written] : there) {
    const auto known = kept_.find(name);
    if (known == kept_.end() || known->second != written) found_.push_back(name);
  }
}

std::optional<Incoming> FolderTransport::take_next() {
  while (!found_.empty()) {
    const std::string name = std::move(found_.front());
    found_.pop_front();
    std::error_code gone;
    const Time written = fs::last_write_time(in_ / name, gone);
    auto bytes = base::read_text_file(in_ / name, max_message_bytes, files_);
    if (bytes) {
      kept_[name] = written;
      return Incoming{*std::move(bytes), name};
    }
    // Taken away meanwhile, or nothing that we wrote. Anything else may be better at the next look.
    if (bytes.error().id == "base.file_too_large") kept_[name] = written;
  }
  return std::nullopt;
}

base::Result<std::optional<Incoming>> FolderTransport::receive(uint32_t wait_ms) {
  if (found_.empty()) list();
  if (auto next = take_next()) return next;
  if (wait_ms > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(wait_ms, options_.poll_ms)));
  return std::optional<Incoming>();
}

// Errors are passed over: a medium may be read-only, and what stays there is known when it comes again.
void FolderTransport::handled(const Incoming& message, bool keep) {
  if (keep) return;
  if (files_.remove(in_ / message.token)) kept_.erase(message.token);
}

void FolderTransport::settled(const base::Digest& content) {
  const std::string prefix = base::to_text(content) + ".c";
  for (auto each = kept_.lower_bound(prefix); each != kept_.end() && each->first.starts_with(prefix);)
    each = files_.remove(in_ / each->first) ? kept_.erase(each) : std::next(each);
}

}  // namespace garita::exchange
