//  One line an entry, ASCII and UTF-8, nothing between the parts but what stands here:
//
//    {"sequence":7,"utc":"2026-03-01T12:34:56.789Z","kind":"decision.admitted","payload":{…},"previous":"64
//    hex", "hash":"64 hex"}⏎
//
//  hash = SHA-256 of the line's bytes before `,"hash":`. previous = hash of the line before, zeros in the
//  first. Written with one O_APPEND write and synced before append() returns.
#include "core/base/hash_log.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <vector>

#include "core/base/ids.hpp"

namespace garita::base {

namespace {

using Json = nlohmann::json;

constexpr size_t read_bytes = 1 << 16;
constexpr std::string_view hash_key = R"(,"hash":")";
constexpr size_t ending_bytes = hash_key.size() + 64 + 2;  // the key, the digits, the quote and the brace

struct Chain {
  uint64_t entries = 0;
  Digest head{};
  MerkleTree tree;
};

bool is_kind(std::string_view kind) {
  return !kind.empty() && kind.size() <= 64 &&
         kind.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._") == kind.npos;
}

// One object and no key twice: two readers must not take different values from one line. nullopt for anything
// else.
std::optional<Json> strict_object(std::string_view text) {
  std::vector<std::set<std::string>> open;
  bool good = true;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > 64) good = false;
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) good = good && open.back().insert(value.get<std::string>()).second;
    return good;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, false);
  if (!good || json.is_discarded() || !json.is_object()) return std::nullopt;
  return json;
}

std::string body_of(uint64_t sequence, int64_t utc_ns, std::string_view kind, std::string_view payload,
                    const Digest& previous) {
  std::string body =
      R"({"sequence":)" + std::to_string(sequence) + R"(,"utc":")" + format_utc(utc_ns) + R"(","kind":")";
  body.append(kind).append(R"(","payload":)").append(payload);
  return body + R"(,"previous":")" + to_text(previous) + '"';
}

// Takes the next line into the chain, or says no. A right line is exactly the one that append() would have
// written.
bool take_line(Chain& chain, std::string_view line) {
  if (line.size() <= ending_bytes || line.size() > max_log_line_bytes) return false;
  const std::string_view body = line.substr(0, line.size() - ending_bytes);
  const Digest hash = sha256(body);
  if (line.substr(body.size()) != std::string(hash_key) + to_text(hash) + "\"}") return false;

  const auto json = strict_object(line);
  const auto text = [&](const char* key) {
    const auto found = json->find(key);
    return found != json->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (!json || json->size() != 6 || !json->contains("payload") || !(*json)["payload"].is_object())
    return false;
  const auto utc_ns = parse_utc(text("utc"));
  if (!utc_ns || !is_kind(text("kind"))) return false;
  const std::string start = body_of(chain.entries + 1, *utc_ns, text("kind"), "", chain.head);
  const std::string previous = start.substr(start.rfind(R"(,"previous":)"));
  if (!body.starts_with(start.substr(0, start.size() - previous.size())) || !body.ends_with(previous))
    return false;

  ++chain.entries;
  chain.head = hash;
  chain.tree.append(leaf_hash(line));
  return true;
}

Error broken(const std::filesystem::path& path, uint64_t line) {
  return Error{Outcome::no, "base.log_broken", {{"path", path.string()}, {"line", std::to_string(line)}}, 0};
}

struct Walk {
  Chain chain;
  std::string tail;  // after the last newline
};

Result<Walk> walk_log(const std::filesystem::path& path, FileSystem& files) {
  GARITA_TRY_ASSIGN(file, files.open(path));
  Walk walk;
  std::vector<std::byte> buffer(read_bytes);
  for (uint64_t offset = 0;;) {
    GARITA_TRY_ASSIGN(got, file->read_some(offset, buffer));
    if (got == 0) return walk;
    offset += got;
    std::string_view rest = Bytes(buffer.data(), got).text();
    for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      walk.tail += rest.substr(0, end);
      if (!take_line(walk.chain, walk.tail)) return broken(path, walk.chain.entries + 1);
      walk.tail.clear();
      rest.remove_prefix(end + 1);
    }
    walk.tail += rest;
    if (walk.tail.size() > max_log_line_bytes) return broken(path, walk.chain.entries + 1);
  }
}

}  // namespace

Result<LogSummary> verify_log(const std::filesystem::path& path, FileSystem& files) {
  GARITA_TRY_ASSIGN(walk, walk_log(path, files));
  return LogSummary{walk.chain.entries, walk.chain.head, walk.chain.tree.root(), walk.tail.size()};
}

Result<HashLog> HashLog::open(const std::filesystem::path& path, const Clock& clock, FileSystem& files) {
  GARITA_TRY_ASSIGN(lock, lock_file(path));
  GARITA_TRY_ASSIGN(file, files.append_to(path, 0600));
  HashLog log(path, clock, std::move(lock), std::move(file));
  GARITA_TRY(files.sync_folder(path.has_parent_path() ? path.parent_path() : "."));
  GARITA_TRY(log.adopt_existing(files));
  return log;
}

Result<void> HashLog::adopt_existing(FileSystem& files) {
  GARITA_TRY_ASSIGN(walk, walk_log(path_, files));
  sequence_ = walk.chain.entries;
  head_ = walk.chain.head;
  tree_ = std::move(walk.chain.tree);
  torn_bytes_ = walk.tail.size();
  if (torn_bytes_ == 0) return {};
  GARITA_TRY(file_->truncate(file_->size_bytes() - torn_bytes_));
  GARITA_TRY(file_->sync());
  auto said =
      append("log.tail_cut", Json{{"bytes", torn_bytes_}, {"sha256", to_text(sha256(walk.tail))}}.dump());
  if (!said) return std::move(said).error();
  return {};
}

Result<LogEntry> HashLog::append(std::string_view kind, std::string_view payload) {
  const auto refused = [&](const char* id) {
    return Error{Outcome::not_loaded, id, {{"path", path_.string()}}, 0};
  };
  if (stopped_) return refused("base.log_stopped");
  if (!is_kind(kind) || payload.find('\n') != payload.npos || !strict_object(payload))
    return refused("base.log_payload");
  LogEntry entry{sequence_ + 1, clock_->utc_ns(), std::string(kind), std::string(payload), head_, {}};
  std::string line = body_of(entry.sequence, entry.utc_ns, kind, payload, head_);
  entry.hash = sha256(line);
  line.append(hash_key).append(to_text(entry.hash)).append("\"}");
  if (line.size() > max_log_line_bytes) return refused("base.log_payload");

  const uint64_t before_bytes = file_->size_bytes();
  auto written = file_->append(line + '\n');
  if (written.ok()) written = file_->sync();
  if (!written.ok()) {
    // Even after a failed sync: what the disk holds now is unknown, so the line must go before another one
    // comes.
    stopped_ = !file_->truncate(before_bytes).ok() || !file_->sync().ok();
    return std::move(written).error();
  }
  ++sequence_;
  head_ = entry.hash;
  tree_.append(leaf_hash(line));
  return entry;
}

}  // namespace garita::base
