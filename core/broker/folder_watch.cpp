#include "core/broker/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "garita/status.h"

namespace garita::broker {
namespace {

bool is_unfinished(const std::string& name) { return name.front() == '.' || name.ends_with(".part"); }

}  // namespace

FolderWatch::FolderWatch(std::filesystem::path folder, uint64_t settle_ms, const base::Clock& clock)
    : folder_(std::move(folder)), settle_ns_(settle_ms * 1'000'000), clock_(clock) {
  renames_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (renames_ >= 0) (void)::inotify_add_watch(renames_, folder_.c_str(), IN_MOVED_TO | IN_ONLYDIR);
}

FolderWatch::~FolderWatch() {
  if (renames_ >= 0) ::close(renames_);
}

// What overflows the system's queue is settled by its times.
void FolderWatch::hear_of_renames() {
  alignas(inotify_event) std::array<char, 64u << 10> buffer;
  for (int turn = 0; renames_ >= 0 && turn < 64; ++turn) {
    const ssize_t size = ::read(renames_, buffer.data(), buffer.size());
    if (size <= 0) return;
    for (size_t at = 0; at + sizeof(inotify_event) <= static_cast<size_t>(size);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      if (event.len > 0 && (event.mask & IN_MOVED_TO) && renamed_in_.size() < max_folder_files)
        renamed_in_.emplace(buffer.data() + at + sizeof event);
      at += sizeof event + event.len;
    }
  }
}

bool FolderWatch::unchanged_for_long(const std::string& name) const {
  const auto file = files_.find(name);
  return file == files_.end() || clock_.monotonic_ns() - file->second.unchanged_since_ns >= settle_ns_;
}

bool FolderWatch::settles(const std::string& name, const FoundFile& file) const {
  if (renamed_in_.contains(name)) return true;
  const int64_t last_ns = std::max(file.identity.modified_ns, file.identity.changed_ns);
  const int64_t utc_ns = clock_.utc_ns();
  const bool by_its_times = last_ns <= utc_ns && static_cast<uint64_t>(utc_ns - last_ns) >= settle_ns_;
  const bool by_watching = clock_.monotonic_ns() - file.unchanged_since_ns >= settle_ns_;
  return (by_its_times || by_watching) && is_closed(folder_ / name);
}

base::Result<void> FolderWatch::look() {
  hear_of_renames();
  std::error_code error;
  std::filesystem::directory_iterator entries(folder_, error);
  if (error)
    return base::Error{base::Outcome::usage,
                       "broker.inbox_folder",
                       {{"folder", folder_.string()}, {"reason", error.message()}},
                       GARITA_NOT_CONFIGURED};
  std::map<std::string, FoundFile> found;
  unfinished_.clear();
  for (; entries != std::filesystem::directory_iterator() && found.size() < max_folder_files; entries.increment(error)) {
    std::string name = entries->path().filename().string();
    FoundFile file;
    if (name.empty() || !identify(entries->path(), file.identity)) continue;
    if (is_unfinished(name)) {
      if (unfinished_.size() < max_folder_files) unfinished_.insert(std::move(name));
      continue;
    }
    const auto before = files_.find(name);
    const bool same = before != files_.end() && before->second.identity == file.identity;
    file.unchanged_since_ns = same ? before->second.unchanged_since_ns : clock_.monotonic_ns();
    file.settled = same && before->second.settled;
    if (!file.settled) file.settled = settles(name, file);
    found.emplace(std::move(name), file);
    if (error) break;
  }
  files_ = std::move(found);
  std::erase_if(renamed_in_, [&](const std::string& name) { return !files_.contains(name); });
  return {};
}

}  // namespace garita::broker
