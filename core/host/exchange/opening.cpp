#include "core/host/exchange/opening.hpp"

#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/catalog/reader.hpp"
#include "core/host/evidence.hpp"
#include "core/host/exchange/memory_files.hpp"
#include "core/host/open_package.hpp"

namespace garita::host {
namespace {

using namespace exchange;
namespace fs = std::filesystem;

constexpr size_t arrivals_a_look = 64;
constexpr size_t copy_bytes = 1u << 20;

std::string short_name(const base::Digest& digest) { return base::to_text(digest).substr(0, 32); }

std::string_view word_of(ParcelKind kind) {
  switch (kind) {
    case ParcelKind::overview:
      return "overview";
    case ParcelKind::inspection:
      return "inspection";
    case ParcelKind::answer:
      return "answer";
  }
  return "";
}

// From a place of memory to its end.
base::Result<void> copy(const Plain& from, uint64_t offset,
                        const std::function<base::Result<void>(base::Bytes)>& to) {
  const auto file = open_descriptor(from.descriptor(), from.size_bytes());
  std::vector<std::byte> buffer(copy_bytes);
  for (uint64_t at = offset; at < from.size_bytes();) {
    GARITA_TRY_ASSIGN(got, file->read_some(at, buffer));
    if (got == 0) break;
    GARITA_TRY(to(base::Bytes(std::span(buffer).first(got))));
    at += got;
  }
  return {};
}

// The head of a parcel and, of an answer, all of it.
base::Result<std::vector<std::byte>> beginning(const Plain& plain) {
  const auto file = open_descriptor(plain.descriptor(), plain.size_bytes());
  std::vector<std::byte> bytes(
      std::min<uint64_t>(plain.size_bytes(), max_parcel_head_bytes + max_answer_bytes + 64));
  GARITA_TRY_ASSIGN(got, file->read_some(0, bytes));
  bytes.resize(got);
  return bytes;
}

uint64_t size_of(const fs::path& path) {
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

Opener::Opener(const ExchangeConfig& config, Inbox& inbox, Sender& sender, Examine examine)
    : config_(config),
      inbox_(inbox),
      sender_(sender),
      examine_(std::move(examine)),
      book_(config.folder() / "answers"),
      catalog_(config.state()) {}

base::Result<std::unique_ptr<Opener>> Opener::open(const ExchangeConfig& config, Inbox& inbox, Sender& sender,
                                                   Examine examine) {
  std::unique_ptr<Opener> opener(new Opener(config, inbox, sender, std::move(examine)));
  GARITA_TRY_ASSIGN(keys, opening_keys_of(config));
  opener->keys_ = std::move(keys);
  opener->remove_halves();
  return opener;
}

base::Result<std::vector<Handled>> Opener::work() {
  GARITA_TRY_ASSIGN(arrivals, inbox_.arrivals(arrivals_a_look));
  std::vector<Handled> all;
  for (const Arrival& arrival : arrivals) {
    GARITA_TRY_ASSIGN(handled, open_one(arrival));
    GARITA_TRY(write_down(arrival, handled));
    GARITA_TRY(inbox_.release(arrival.sender, arrival.content));
    all.push_back(std::move(handled));
  }
  return all;
}

base::Result<Handled> Opener::open_one(const Arrival& arrival) {
  Handled handled{.peer = arrival.sender, .path = {}, .answer = {}, .trouble = {}};
  handled.code = "not_readable";
  GARITA_TRY_ASSIGN(sealed, base::real_file_system().open(arrival.path));
  GARITA_TRY_ASSIGN(memory, Plain::in_memory());
  auto plain = unseal(*sealed, keys_, std::move(memory));
  if (!plain) {
    handled.trouble = plain.error();
    GARITA_TRY(keep_unreadable(arrival));
    return handled;
  }
  GARITA_TRY_ASSIGN(begin, beginning(*plain));
  auto parcel = read_parcel(base::Bytes(begin));
  if (!parcel) {
    handled.trouble = parcel.error();
    GARITA_TRY(keep_unreadable(arrival));
    return handled;
  }
  handled.kind = parcel->kind;
  handled.inspection = parcel->inspection;
  if (parcel->kind == ParcelKind::answer)
    GARITA_TRY(open_answer(arrival, *parcel, handled));
  else
    GARITA_TRY(open_package(*parcel, *plain, handled));
  return handled;
}

base::Result<void> Opener::keep_unreadable(const Arrival& arrival) {
  const fs::path folder = config_.folder() / "unreadable";
  GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
  std::error_code error;  // a second name: it is there before the first one goes
  fs::create_hard_link(arrival.path, folder / (arrival.sender + '-' + base::to_text(arrival.content)), error);
  return {};
}

// ---- Answers

base::Result<void> Opener::open_answer(const Arrival& arrival, const Parcel& parcel, Handled& handled) {
  auto answer = read_answer(parcel.payload);
  if (!answer) {
    handled.trouble = answer.error();
    return keep_unreadable(arrival);
  }
  GARITA_TRY(book_.note({arrival.received_utc_ns, arrival.sender, true, *answer}, arrival.content));
  handled.action = Action::accept;
  handled.code.clear();
  handled.answer = *std::move(answer);
  const auto* request = std::get_if<Request>(&handled.answer->what);
  return request ? serve(*request, handled) : base::Result<void>();
}

// What the policy lets go is sent at once; a request to look waits for a person.
base::Result<void> Opener::serve(const Request& request, const Handled& handled) {
  const auto& peer = config_.said.peers().at(handled.peer);
  if (!peer.has_requested() || (request.wish != Wish::full_image && request.wish != Wish::raw_data))
    return {};
  Reply reply{.request = request.id, .granted = false, .reason = "not_kept", .note = ""};
  Answer back{handled.inspection, reply};
  if (const auto path = find(request, handled.inspection)) {
    const auto sent = sender_.send({*path, handled.peer, peer.requested(), "", false});
    if (!sent && sent.error().id != "exchange.no_rule") return sent.error();
    reply.granted = sent.ok();
    reply.reason = sent.ok() ? "" : "not_allowed";
  }
  back.what = reply;
  GARITA_TRY_ASSIGN(entry, sender_.answer(handled.peer, back));
  return book_.note({entry.since_utc_ns, handled.peer, false, back}, entry.content);
}

base::Result<fs::path> Opener::find(const Request& request, const base::Digest& inspection) const {
  GARITA_TRY_ASSIGN(reader, catalog::Reader::open(catalog_path(config_.state())));
  catalog::Query query;
  if (inspection != base::Digest{})
    query.root = inspection;
  else
    query.identifiers.push_back({std::nullopt, request.identifier});
  GARITA_TRY_ASSIGN(found, reader.find(query, 1));
  if (found.entries.empty())
    return base::Error{base::Outcome::no, "exchange.inspection_missing", {{"what", request.identifier}}, 0};
  return found.entries.front().path;
}

// ---- Packages

Verdict Opener::judged(const Claims& claims) const {
  const auto policy = load_inbound(config_.path(config_.said.inbound()).string());
  if (!policy) return {Action::refuse, "no_rule", 0, 0, {}};
  // The store as it lies there now: what is revoked today is refused from the next arrival on.
  const int64_t now_ns = base::system_clock().utc_ns();
  return judge(*policy, facts_of(claims, books_of(config_), now_ns), now_ns);
}

base::Result<void> Opener::open_package(const Parcel& parcel, Plain& whole, Handled& handled) {
  const uint64_t from = write_parcel_head(parcel).size();
  GARITA_TRY_ASSIGN(package, Plain::in_memory());
  GARITA_TRY(copy(whole, from, [&](base::Bytes bytes) { return package.append(bytes); }));
  const auto claims = examine_(package);
  if (!claims) {
    handled.trouble = claims.error();
  } else if (!claims->whole || claims->root != parcel.inspection) {
    handled.code = "not_authentic";
  } else {
    const Verdict verdict = judged(*claims);
    handled.action = verdict.action;
    handled.code = verdict.code;
    handled.line = verdict.line;
  }
  if (handled.action != Action::refuse) GARITA_TRY(store(package, 0, handled));
  if (handled.action == Action::accept) return {};
  const Answer back{handled.inspection, Refusal{handled.action == Action::quarantine, handled.code}};
  const auto entry = sender_.answer(handled.peer, back);
  if (!entry) return entry.error();
  return book_.note({entry->since_utc_ns, handled.peer, false, back}, entry->content);
}

// Two copies of one inspection differ in what they withhold: what is withheld is a hash instead of its bytes,
// so the larger file shows more.
base::Result<void> Opener::store(const Plain& package, uint64_t from, Handled& handled) {
  const std::string name = short_name(handled.inspection);
  const bool accepted = handled.action == Action::accept;
  const fs::path folder =
      accepted ? config_.state() / "packages" / ("from-" + handled.peer) : config_.folder() / "quarantine";
  const fs::path whole = folder / (accepted ? name + ".garita" : handled.peer + '-' + name + ".garita");
  const bool overview = accepted && handled.kind == ParcelKind::overview;
  const fs::path first = folder / (name + ".overview.garita");
  const bool is_there = size_of(whole) >= package.size_bytes() - from;
  handled.path = overview && !is_there ? first : whole;
  if (!is_there) {
    GARITA_TRY(base::real_file_system().create_folders(folder, 0700));
    GARITA_TRY_ASSIGN(file, base::AtomicFile::create(handled.path, 0600));
    GARITA_TRY(copy(package, from, [&](base::Bytes bytes) { return file.append(bytes); }));
    GARITA_TRY(file.commit());
  }
  if (!accepted) return {};
  // Also of one that was there: whoever stored it may have been killed before this.
  GARITA_TRY_ASSIGN(opened, host::open_package(handled.path));
  // Trouble with the catalog costs no package: the next run puts it there.
  (void)catalog_.stored(opened.record, handled.path, opened.reader.root());
  if (handled.path == whole) (void)base::real_file_system().remove(first);
  return {};
}

// What was being written when an earlier life of this program was killed: half a package in the open, and of
// no use, since what it is of is still in the inbox.
void Opener::remove_halves() const {
  std::vector<fs::path> folders = {config_.folder() / "quarantine"};
  for (const auto& [peer, said] : config_.said.peers())
    folders.push_back(config_.state() / "packages" / ("from-" + peer));
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.starts_with('.') && name.ends_with(".part")) (void)base::real_file_system().remove(at->path());
    }
  }
}

base::Result<void> Opener::write_down(const Arrival& arrival, const Handled& handled) const {
  const nlohmann::json line = {{"peer", handled.peer},
                               {"content", base::to_text(arrival.content)},
                               {"kind", word_of(handled.kind)},
                               {"package", base::to_text(handled.inspection)},
                               {"action", exchange::word_of(handled.action)},
                               {"code", handled.code},
                               {"line", handled.line}};
  return append_audit(config_.state(), "exchange.opened", line.dump());
}

}  // namespace garita::host
