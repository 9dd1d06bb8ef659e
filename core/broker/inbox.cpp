#include "core/broker/inbox.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace garita::broker {
namespace {

constexpr uint64_t max_option_ms = 3'600'000;

base::Error bad_option(const Address& address, std::string option, std::string given, std::string wanted) {
  return {base::Outcome::usage,
          "broker.inbox_option",
          {{"address", address.text},
           {"option", std::move(option)},
           {"given", std::move(given)},
           {"wanted", std::move(wanted)}},
          GARITA_NOT_CONFIGURED};
}

base::Result<uint64_t> milliseconds(const Address& address, const std::string& option, uint64_t otherwise) {
  const auto found = address.options.find(option);
  if (found == address.options.end()) return otherwise;
  const std::string& text = found->second;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > max_option_ms)
    return bad_option(address, option, text, "0 … 3600000");
  return value;
}

bool matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

std::string expanded(const std::string& pattern, const std::string& stem, const std::string& name) {
  return replaced(replaced(pattern, "{stem}", stem), "{name}", name);
}

}  // namespace

base::Result<std::unique_ptr<Inbox>> Inbox::open(const Address& address, InboxRules rules, Journal journal,
                                                 const base::Clock& clock) {
  for (const auto& [option, value] : address.options) {
    if (option != "settle_ms" && option != "late_ms" && option != "missing_ms" && option != "hold_ms" &&
        option != "done")
      return bad_option(address, option, value, "settle_ms, late_ms, missing_ms, hold_ms, done");
  }
  GARITA_TRY_ASSIGN(settle_ms, milliseconds(address, "settle_ms", 1000));
  GARITA_TRY_ASSIGN(hold_ms, milliseconds(address, "hold_ms", 10'000));
  GARITA_TRY_ASSIGN(late_ms, milliseconds(address, "late_ms", 0));
  GARITA_TRY_ASSIGN(missing_ms, milliseconds(address, "missing_ms", 600'000));
  const auto done = address.options.find("done");
  if (done != address.options.end() && done->second != "move" && done->second != "keep")
    return bad_option(address, "done", done->second, "keep | move");
  const bool move = done != address.options.end() && done->second == "move";
  std::unique_ptr<Inbox> inbox(
      new Inbox(address, std::move(rules), std::move(journal), clock, settle_ms, hold_ms, move));
  inbox->late_ns_ = late_ms * 1'000'000;
  inbox->missing_ns_ = missing_ms * 1'000'000;
  GARITA_TRY(inbox->watch_.look());
  return inbox;
}

// How long a scan waits for its supplements is no matter: an end of the supply will come.
std::unique_ptr<Inbox> Inbox::supplied(const Address& address, InboxRules rules, const base::Clock& clock) {
  return std::unique_ptr<Inbox>(new Inbox(address, std::move(rules), Journal::in_memory(), clock, 0, 10'000, false, true));
}

Inbox::Inbox(const Address& address, InboxRules rules, Journal journal, const base::Clock& clock, uint64_t settle_ms,
             uint64_t hold_ms, bool move, bool is_supplied)
    : address_(address), rules_(std::move(rules)), clock_(clock), hold_ms_(hold_ms), move_(move),
      journal_(std::move(journal)), watch_(is_supplied ? "" : address.path, settle_ms, clock),
      is_supplied_(is_supplied) {}

base::Error Inbox::error(std::string id, const std::string& file, garita_status status,
                         std::vector<base::Field> more) const {
  base::Error error{base::Outcome::incomplete, std::move(id), {{"file", file}, {"address", address_.text}}, status};
  for (base::Field& field : more) error.fields.push_back(std::move(field));
  return error;
}

void Inbox::note(InboxNote::Kind kind, const std::string& name, base::Error error) {
  notes_.push_back({kind, name, std::move(error)});
}

std::vector<InboxNote> Inbox::take_notes() { return std::exchange(notes_, {}); }

// ---- What is an object, and which are complete

bool Inbox::matches_own_pattern(const std::string& name) const {
  return rules_.patterns.empty() || std::any_of(rules_.patterns.begin(), rules_.patterns.end(),
                                                [&](const std::string& pattern) { return matches(pattern, name); });
}

// Files there that belong to `name`; missing: the first required pattern that none of them matches.
std::set<std::string> Inbox::siblings_of(const std::string& name, std::string* missing) const {
  std::set<std::string> found;
  const std::string stem = escaped(std::filesystem::path(name).stem().string());
  for (const InboxRules::Sibling& sibling : rules_.siblings) {
    const std::string pattern = expanded(sibling.pattern, stem, escaped(name));
    bool any = false;
    for (const auto& [other, file] : watch_.files()) {
      if (other == name || !matches(pattern, other)) continue;
      any = true;
      if (found.size() < max_siblings) found.insert(other);
    }
    if (!any && sibling.required && missing && missing->empty()) *missing = pattern;
  }
  return found;
}

// Whether a sibling that may come has not, and the file has not lain long enough to go without it.
bool Inbox::waits_for_late(const std::string& name, const FoundFile& file) const {
  if (late_ns_ == 0 || clock_.monotonic_ns() - file.unchanged_since_ns >= late_ns_) return false;
  const std::string stem = escaped(std::filesystem::path(name).stem().string());
  return std::any_of(rules_.siblings.begin(), rules_.siblings.end(), [&](const InboxRules::Sibling& sibling) {
    const std::string pattern = expanded(sibling.pattern, stem, escaped(name));
    return std::none_of(watch_.files().begin(), watch_.files().end(), [&](const auto& other) {
      return other.first != name && matches(pattern, other.first);
    });
  });
}

// Said once of a file as it is; it is taken nevertheless when what it lacks comes after all.
void Inbox::tell_missing() {
  for (const auto& [name, pattern] : missing_) {
    const FoundFile& file = watch_.files().at(name);
    const auto told = told_missing_.find(name);
    const bool is_told = told != told_missing_.end() && told->second == file.identity;
    if (is_told || clock_.monotonic_ns() - file.unchanged_since_ns < missing_ns_) continue;
    told_missing_[name] = file.identity;
    note_missing(name, pattern);
  }
  std::erase_if(told_missing_, [this](const auto& told) { return !watch_.files().contains(told.first); });
}

void Inbox::note_missing(const std::string& name, const std::string& pattern) {
  if (pattern.empty()) return note(InboxNote::Kind::passed_over, name, error("broker.object_orphan", name, GARITA_OK));
  note(InboxNote::Kind::refused, name,
       error("broker.object_sibling_missing", name, GARITA_DATA_TRUNCATED, {{"pattern", pattern}}));
}

bool Inbox::is_out(const std::string& name) const {
  const auto is_it = [&](const Piece& piece) { return piece.name == name; };
  return std::any_of(out_.begin(), out_.end(), [&](const auto& each) {
    const Out& out = each.second;
    return is_it(out.file) || std::any_of(out.twins.begin(), out.twins.end(), is_it);
  });
}

void Inbox::sort_files() {
  waiting_.clear();
  missing_.clear();
  std::set<std::string> siblings;
  if (!rules_.siblings.empty())
    for (const auto& [name, file] : watch_.files())
      if (matches_own_pattern(name)) siblings.merge(siblings_of(name, nullptr));

  std::vector<std::pair<int64_t, std::string>> complete;
  for (const auto& [name, file] : watch_.files()) {
    const auto said = settled_.find(name);
    if (said != settled_.end() && said->second == file.identity) continue;
    if (siblings.contains(name) || is_out(name)) continue;
    if (!matches_own_pattern(name)) {
      const bool of_somebody = std::any_of(rules_.siblings.begin(), rules_.siblings.end(), [&name = name](const auto& sibling) {
        return matches(expanded(sibling.pattern, "*", "*"), name);
      });
      if (of_somebody) {  // the file that it belongs to may still come
        missing_[name] = "";
        continue;
      }
      settled_[name] = file.identity;
      note(InboxNote::Kind::passed_over, name, error("broker.object_not_ours", name, GARITA_OK));
      continue;
    }
    std::string missing;
    bool whole = file.settled;
    for (const std::string& sibling : siblings_of(name, &missing))
      whole = whole && watch_.files().at(sibling).settled;
    if (!whole) waiting_.insert(name);
    else if (!missing.empty()) missing_[name] = missing;
    else if (waits_for_late(name, file)) waiting_.insert(name);
    else complete.emplace_back(file.identity.modified_ns, name);
  }
  std::sort(complete.begin(), complete.end());
  for (auto& [modified, name] : complete) ready_.push_back(std::move(name));
}

void Inbox::supply(HandedOut object) {
  Out out;
  for (HandedOut::File& file : object.files) {
    Piece& piece = &file == object.files.data() ? out.file : out.siblings.emplace_back();
    piece.name = std::move(file.name);
    piece.identity.modified_ns = file.modified_utc_ns;
    piece.identity.size_bytes = file.copy->size_bytes();
    piece.copy = std::move(file.copy);
  }
  name_content(out);
  if (!supplied_keys_.insert(base::sha256(out.file.name + '\n' + base::to_text(out.key))).second) return;
  ready_.push_back(out.file.name);
  supplied_.push_back(std::move(out));
}

HandedOut Inbox::files_of(uint64_t object) const {
  HandedOut files;
  const Out* out = find(object);
  if (!out) return files;
  files.files.push_back({out->file.name, out->file.identity.modified_ns, out->file.copy});
  for (const Piece& piece : out->siblings) files.files.push_back({piece.name, piece.identity.modified_ns, piece.copy});
  return files;
}

Answer Inbox::look() {
  if (!ready_.empty()) return {};
  if (is_supplied_) return {supply_over_ ? GARITA_END : GARITA_TIMEOUT, {}};
  const auto looked = watch_.look();
  if (!looked) {
    base::Error error = looked.error();
    error.status = GARITA_DEVICE_LOST;
    return {GARITA_DEVICE_LOST, std::move(error)};
  }
  sort_files();
  if (!ready_.empty()) return {};
  if (!rules_.until_empty) tell_missing();
  if (!rules_.until_empty || !waiting_.empty()) return {GARITA_TIMEOUT, {}};
  for (const auto& [name, pattern] : missing_)
    if (!watch_.unchanged_for_long(name)) return {GARITA_TIMEOUT, {}};
  for (const auto& [name, pattern] : missing_) {  // they come again in the next run
    settled_[name] = watch_.files().at(name).identity;
    note_missing(name, pattern);
  }
  missing_.clear();
  for (const std::string& name : watch_.unfinished())
    if (unfinished_said_.insert(name).second)
      note(InboxNote::Kind::passed_over, name, error("broker.object_unfinished", name, GARITA_OK));
  return {GARITA_END, {}};
}

bool Inbox::ready(uint64_t& since_ns) {
  const Answer answer = look();
  if (answer.status == GARITA_TIMEOUT) return false;
  const auto file = ready_.empty() ? watch_.files().end() : watch_.files().find(ready_.front());
  since_ns = file == watch_.files().end() ? clock_.monotonic_ns() : file->second.unchanged_since_ns;
  return true;
}

// ---- Handing out

uint64_t Inbox::held_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [handle, out] : out_) {
    bytes += out.file.copy->size_bytes();
    for (const Piece& sibling : out.siblings) bytes += sibling.copy->size_bytes();
  }
  return bytes;
}

// False: not now; it changed, or somebody asked to stop. A file that can never be copied is refused here, but not
// in the journal, which names only what was read.
base::Result<bool> Inbox::copy_piece(const std::string& name, const std::function<bool()>& stop, Piece& piece) {
  const auto file = watch_.files().find(name);
  if (file == watch_.files().end()) return false;
  piece.name = name;
  piece.identity = file->second.identity;
  GARITA_TRY_ASSIGN(taken, SealedCopy::take(watch_.folder() / name, piece.identity, max_object_bytes, stop));
  if (taken.too_large)
    return error("broker.object_too_large", name, GARITA_DATA_UNSUPPORTED,
                 {{"limit", std::to_string(max_object_bytes >> 20)}});
  piece.copy = std::move(taken.copy);
  return piece.copy != nullptr;
}

base::Result<bool> Inbox::copy(const std::string& name, const std::function<bool()>& stop, Out& out) {
  GARITA_TRY_ASSIGN(whole, copy_piece(name, stop, out.file));
  if (!whole) return false;
  for (const std::string& sibling : siblings_of(name, nullptr)) {
    GARITA_TRY_ASSIGN(there, copy_piece(sibling, stop, out.siblings.emplace_back()));
    if (!there) return false;
  }
  name_content(out);
  return true;
}

void Inbox::name_content(Out& out) {
  out.key = out.file.copy->sha256();
  if (out.siblings.empty()) return;
  std::string names = base::to_text(out.key);
  for (const Piece& sibling : out.siblings)
    names += '\n' + sibling.name + ' ' + base::to_text(sibling.copy->sha256());
  out.key = base::sha256(names);
}

ObjectInfo Inbox::describe(uint64_t handle, const Piece& piece, size_t siblings) const {
  return {handle, static_cast<uint32_t>(siblings), piece.copy->size_bytes(), piece.identity.modified_ns, piece.name,
          piece.copy->sha256()};
}

base::Result<Inbox::Taking> Inbox::take(const std::string& name, const std::function<bool()>& stop,
                                        ObjectInfo& info) {
  Out out;
  if (is_supplied_) {
    out = std::move(supplied_.front());
    supplied_.pop_front();
  }
  const auto copied = is_supplied_ ? base::Result<bool>(true) : copy(name, stop, out);
  if (!copied) {
    settled_[name] = out.file.identity;
    note(InboxNote::Kind::refused, name, copied.error());
    return Taking::consumed;
  }
  if (!*copied) return Taking::later;
  for (auto& [handle, other] : out_)
    if (other.key == out.key && !other.rejected) return other.twins.push_back(out.file), Taking::consumed;

  const ObjectHistory* history = journal_.find(out.key);
  if (history && history->state != ObjectHistory::State::open) {
    const bool refused = history->state == ObjectHistory::State::refused;
    if (stored_.contains(out.key)) finish(out, InboxNote::Kind::repeated, {});
    else if (refused_.contains(out.key))
      finish(out, InboxNote::Kind::refused,
             error("broker.object_refused", name, history->code, {{"reason", history->reason}}));
    else
      finish(out, InboxNote::Kind::earlier,
             refused ? error("broker.object_refused", name, history->code, {{"reason", history->reason}})
                     : base::Error{});
    return Taking::consumed;
  }
  if (history && history->attempts >= max_attempts) {
    if (rules_.is_stored && rules_.is_stored(out.file.copy->sha256())) {
      GARITA_TRY(journal_.done(out.key));
      finish(out, kept_.contains(out.key) ? InboxNote::Kind::scanned : InboxNote::Kind::earlier, {});
      return Taking::consumed;
    }
    GARITA_TRY(refuse(out, error("broker.object_died", name, GARITA_DRIVER_FAULT,
                                 {{"attempts", std::to_string(max_attempts)}})));
    return Taking::consumed;
  }
  if (history && history->attempts > 0 && !ready_.empty() && last_.insert(name).second) {
    ready_.push_back(name);
    if (is_supplied_) supplied_.push_back(std::move(out));
    return Taking::consumed;
  }
  GARITA_TRY(journal_.attempt(out.key));
  const uint64_t handle = ++last_handle_;
  info = describe(handle, out.file, out.siblings.size());
  out.was_kept = kept_.contains(out.key);
  out_.emplace(handle, std::move(out));
  return Taking::handed_out;
}

Answer Inbox::next(const std::function<bool()>& stop, ObjectInfo& info) {
  while (true) {
    if (stop && stop()) return {GARITA_CANCELLED, {}};
    if (Answer answer = look(); !answer.ok()) return answer;
    if (!out_.empty() && held_bytes() >= max_held_object_bytes) return {GARITA_TIMEOUT, {}};
    const std::string name = std::move(ready_.front());
    ready_.pop_front();
    const auto taken = take(name, stop, info);
    if (!taken) {
      ready_.push_front(name);
      base::Error error = taken.error();
      error.status = GARITA_HOST_FAILURE;
      return {GARITA_HOST_FAILURE, std::move(error)};
    }
    if (*taken == Taking::handed_out) return {};
  }
}

// ---- The driver's hands

const Inbox::Out* Inbox::find(uint64_t handle) const {
  const auto parent = parents_.find(handle);
  const auto found = out_.find(parent == parents_.end() ? handle : parent->second);
  return found == out_.end() ? nullptr : &found->second;
}

Inbox::Out* Inbox::find(uint64_t handle) { return const_cast<Out*>(std::as_const(*this).find(handle)); }

namespace {

Answer unknown(uint64_t object) {
  return {GARITA_STALE_HANDLE,
          {base::Outcome::not_loaded, "broker.object_unknown", {{"object", std::to_string(object)}},
           GARITA_STALE_HANDLE}};
}

}  // namespace

std::optional<Inbox::Object> Inbox::object(uint64_t handle) const {
  const Out* out = find(handle);
  if (!out) return std::nullopt;
  for (const Piece& sibling : out->siblings) {
    const auto own = out->sibling_handles.find(sibling.name);
    if (own != out->sibling_handles.end() && own->second == handle) return Object{sibling.name, out->key, sibling.copy};
  }
  return Object{out->file.name, out->key, out->file.copy};
}

Answer Inbox::sibling(uint64_t object, std::string_view name, ObjectInfo& info) {
  Out* out = find(object);
  if (!out) return unknown(object);
  const auto found = std::find_if(out->siblings.begin(), out->siblings.end(),
                                  [&](const Piece& piece) { return piece.name == name; });
  if (found == out->siblings.end())
    return {GARITA_NOT_CONFIGURED,
            error("broker.no_sibling", out->file.name, GARITA_NOT_CONFIGURED, {{"name", std::string(name)}})};
  uint64_t& handle = out->sibling_handles[found->name];
  if (handle == 0) {
    handle = ++last_handle_;
    parents_[handle] = parents_.contains(object) ? parents_.at(object) : object;
  }
  info = describe(handle, *found, 0);
  return {};
}

Answer Inbox::read_at(uint64_t object, uint64_t offset, std::span<std::byte> out, uint32_t& read_bytes) {
  read_bytes = 0;
  const auto own = this->object(object);
  if (!own) return unknown(object);
  if (offset > own->copy->size_bytes())
    return {GARITA_INVALID_ARGUMENT, error("broker.object_offset", own->name, GARITA_INVALID_ARGUMENT,
                                           {{"offset", std::to_string(offset)}})};
  read_bytes = static_cast<uint32_t>(own->copy->read_at(offset, out.first(std::min<size_t>(out.size(), UINT32_MAX))));
  return {};
}

Answer Inbox::done(uint64_t object) {
  const auto out = out_.find(object);
  if (out == out_.end()) return unknown(object);
  out->second.said_done = true;
  return {};
}

Answer Inbox::reject(uint64_t object, uint32_t code, std::string_view message) {
  const auto out = out_.find(object);
  if (out == out_.end()) return unknown(object);
  if (out->second.rejected) return {};
  const auto refused = refuse(out->second, error("broker.object_refused", out->second.file.name, code,
                                                 {{"reason", without_name(base::printable(message, max_reason_bytes),
                                                                          out->second.file.name)}}));
  if (refused) return {};
  base::Error failure = refused.error();
  failure.status = GARITA_HOST_FAILURE;
  return {GARITA_HOST_FAILURE, std::move(failure)};
}

}  // namespace garita::broker
