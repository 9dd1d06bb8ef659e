#include "core/host/inboxes.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "core/base/digest.hpp"
#include "core/host/open_package.hpp"

namespace garita::host {
namespace {

// The same folder as long as it is not made anew: number and birth, where the file system knows them.
std::string identity_of(const std::filesystem::path& folder) {
  struct statx status {};
  if (::statx(AT_FDCWD, folder.c_str(), 0, STATX_INO | STATX_BTIME, &status) != 0) return "";
  std::string text = std::to_string(status.stx_ino);
  if (status.stx_mask & STATX_BTIME)
    text += ' ' + std::to_string(status.stx_btime.tv_sec) + '.' + std::to_string(status.stx_btime.tv_nsec);
  return text;
}

std::string plain(const std::filesystem::path& folder) {
  std::error_code error;
  const auto canonical = std::filesystem::canonical(folder, error);
  return error ? folder.string() : canonical.string();
}

// Digests of the inbox files that the packages of the folder were made of.
std::set<base::Digest> stored_objects(const std::filesystem::path& out) {
  std::set<base::Digest> stored;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(out, error)) {
    if (entry.path().extension() != ".garita") continue;
    const auto package = open_package(entry.path());
    if (!package) continue;
    for (const v1::StreamUsed& stream : package->record.provenance().streams()) {
      base::Digest digest{};
      if (stream.object().empty() || stream.received_sha256().size() != digest.size()) continue;
      std::copy(stream.received_sha256().begin(), stream.received_sha256().end(), digest.begin());
      stored.insert(digest);
    }
  }
  return stored;
}

broker::InboxRules rules_of(const load::StreamDeclaration* stream, bool until_empty) {
  broker::InboxRules rules;
  rules.until_empty = until_empty;
  if (!stream) return rules;
  rules.patterns = stream->patterns;
  for (const auto& sibling : stream->siblings) rules.siblings.push_back({sibling.pattern, sibling.required});
  return rules;
}

}  // namespace

base::Result<broker::Broker::Inboxes> make_inboxes(const load::Manifest& manifest,
                                                   const broker::Broker::Sources& sources,
                                                   const std::filesystem::path& out,
                                                   const std::filesystem::path& state, bool until_empty,
                                                   const base::Clock& clock) {
  broker::Broker::Inboxes inboxes;
  for (const auto& [name, address] : sources) {
    if (address.scheme != "dir" || address.path.empty()) continue;
    const std::string named = manifest.id + '\n' + name + '\n' + plain(address.path) + '\n' + plain(out) + '\n' + identity_of(out);
    const auto path = state / "journal" / (base::to_text(base::sha256(named)).substr(0, 32) + ".log");
    GARITA_TRY_ASSIGN(journal, broker::Journal::open(path));
    broker::InboxRules rules = rules_of(manifest.stream(name), until_empty);
    rules.is_stored = [out](const base::Digest& sha256) { return stored_objects(out).contains(sha256); };
    GARITA_TRY_ASSIGN(inbox, broker::Inbox::open(address, std::move(rules), std::move(journal), clock));
    inboxes[name] = std::move(inbox);
  }
  return inboxes;
}

}  // namespace garita::host
