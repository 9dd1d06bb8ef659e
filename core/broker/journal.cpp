// One entry, ended by a line feed:
//
//   16 hex digits   the first of the SHA-256 of the rest of the line
//   verb            attempt | returned | done | refused
//   64 hex digits   the object: SHA-256 of its sealed copy
//   code, reason    of refused only: a decimal status, then the sentence up to the end of the line
//
// parted by one space each. A line feed inside a reason became a space.
#include "core/broker/journal.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/base/text.hpp"

namespace garita::broker {
namespace {

constexpr size_t check_digits = 16;

std::string check_of(std::string_view entry) { return base::to_text(base::sha256(entry)).substr(0, check_digits); }

// The next word; the rest stays in `text`.
std::string_view word(std::string_view& text) {
  const size_t end = std::min(text.find(' '), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

struct Entry {
  std::string_view verb;
  base::Digest object{};
  uint32_t code = 0;
  std::string_view reason;
};

std::optional<Entry> parse_entry(std::string_view text) {
  Entry entry;
  entry.verb = word(text);
  const auto object = base::parse_digest(word(text));
  if (!object) return std::nullopt;
  entry.object = *object;
  if (entry.verb == "attempt" || entry.verb == "returned" || entry.verb == "done")
    return text.empty() ? std::optional(entry) : std::nullopt;
  if (entry.verb != "refused") return std::nullopt;
  const std::string_view code = word(text);
  const auto [end, error] = std::from_chars(code.data(), code.data() + code.size(), entry.code);
  if (error != std::errc{} || end != code.data() + code.size() || text.size() > max_reason_bytes) return std::nullopt;
  entry.reason = text;
  return entry;
}

std::optional<Entry> parse_line(std::string_view line) {
  if (line.size() <= check_digits || line[check_digits] != ' ') return std::nullopt;
  const std::string_view entry = line.substr(check_digits + 1);
  if (line.substr(0, check_digits) != check_of(entry)) return std::nullopt;
  return parse_entry(entry);
}

void apply(const Entry& entry, JournalContent& content) {
  using State = ObjectHistory::State;
  ObjectHistory& object = content.objects[entry.object];
  if (entry.verb == "attempt") ++object.attempts;
  if (entry.verb == "returned" && object.attempts > 0) --object.attempts;
  if (entry.verb == "done") object = {State::done, 0, 0, {}};
  if (entry.verb == "refused") object = {State::refused, 0, entry.code, std::string(entry.reason)};
}

}  // namespace

base::Result<JournalContent> parse_journal(std::string_view bytes, std::string_view path) {
  JournalContent content;
  std::optional<uint64_t> bad_line;
  uint64_t line = 1;
  for (size_t at = 0; at < bytes.size(); ++line) {
    const size_t end = bytes.find('\n', at);
    if (end == bytes.npos) break;
    const std::optional<Entry> entry = parse_line(bytes.substr(at, end - at));
    at = end + 1;
    if (!entry) {
      if (!bad_line) bad_line = line;
      continue;
    }
    if (bad_line)
      return base::Error{base::Outcome::not_loaded,
                         "broker.journal_broken",
                         {{"path", std::string(path)}, {"line", std::to_string(*bad_line)}}};
    apply(*entry, content);
    content.good_bytes = at;
  }
  return content;
}

base::Result<Journal> Journal::open(const std::filesystem::path& path, base::FileSystem& files) {
  Journal journal;
  journal.path_ = path;
  GARITA_TRY(files.create_folders(path.parent_path(), 0700));
  GARITA_TRY_ASSIGN(lock, base::lock_file(path));
  journal.lock_ = std::move(lock);
  GARITA_TRY_ASSIGN(bytes, base::read_text_file(path, max_journal_bytes, files));
  GARITA_TRY_ASSIGN(content, parse_journal(bytes, path.string()));
  journal.content_ = std::move(content);
  GARITA_TRY_ASSIGN(file, files.append_to(path, 0600));
  if (journal.content_.good_bytes < bytes.size()) {
    GARITA_TRY(file->truncate(journal.content_.good_bytes));
    GARITA_TRY(file->sync());
  }
  GARITA_TRY(files.sync_folder(path.parent_path()));
  journal.file_ = std::move(file);
  return journal;
}

const ObjectHistory* Journal::find(const base::Digest& object) const {
  const auto found = content_.objects.find(object);
  return found == content_.objects.end() ? nullptr : &found->second;
}

base::Result<void> Journal::tell(std::string_view entry) {
  const auto parsed = parse_entry(entry);
  if (stopped_ || !parsed)
    return base::Error{base::Outcome::incomplete, "broker.journal_stopped", {{"path", path_}}};
  if (file_) {
    const uint64_t before = file_->size_bytes();
    auto written = file_->append(check_of(entry) + ' ' + std::string(entry) + '\n');
    if (written) written = file_->sync();
    if (!written) {
      stopped_ = !file_->truncate(before);
      return written;
    }
  }
  apply(*parsed, content_);
  return {};
}

base::Result<void> Journal::attempt(const base::Digest& object) { return tell("attempt " + base::to_text(object)); }
base::Result<void> Journal::returned(const base::Digest& object) { return tell("returned " + base::to_text(object)); }
base::Result<void> Journal::done(const base::Digest& object) { return tell("done " + base::to_text(object)); }

base::Result<void> Journal::refused(const base::Digest& object, uint32_t code, std::string_view reason) {
  std::string line = base::printable(reason, max_reason_bytes - 16);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return tell("refused " + base::to_text(object) + ' ' + std::to_string(code) + ' ' + line);
}

}  // namespace garita::broker
