#include "core/trust/store.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/trust/json.hpp"

namespace garita::trust {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t max_number = 1u << 30;
constexpr size_t max_seen_roles = 256;  // of all roots that there were

base::Error refusal(const char* id, const std::string& what, std::vector<base::Field> fields = {}) {
  fields.insert(fields.begin(), {"what", what});
  return {base::Outcome::no, id, std::move(fields), 0};
}

base::Error rolled_back(const std::string& what, uint64_t found, uint64_t wanted) {
  return refusal("trust.rolled_back", what,
                 {{"found", std::to_string(found)}, {"wanted", std::to_string(wanted)}});
}

std::string root_name(uint64_t version) { return "root-" + std::to_string(version) + ".json"; }
std::string list_name(const std::string& role, uint64_t number) {
  return "status-" + role + "-" + std::to_string(number) + ".json";
}
std::string certificate_name(const base::Digest& id) { return "certificate-" + base::to_text(id) + ".json"; }

bool is_certificate_name(const std::string& name) {
  return name.starts_with("certificate-") && name.ends_with(".json");
}

// How many persons of any authority.
size_t count_persons(const Envelope& envelope, const Root& root) {
  size_t persons = 0;
  for (const auto& entry : root.roles) persons += count_signers(envelope, entry.second.keys);
  return persons;
}

}  // namespace

base::Result<Envelope> read_envelope(const fs::path& path, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_envelope_bytes, files));
  return parse_envelope(text, path.string());
}

// ---- Reading

base::Result<Store> Store::open(const fs::path& folder, base::FileSystem& files) {
  Store store(folder, files);
  std::error_code ignored;
  if (!fs::exists(folder / "seen.json", ignored)) return store;  // nothing was ever taken
  GARITA_TRY(store.load_seen());
  store.load_root();
  if (!store.documents_.root) return store;
  store.load_lists();
  store.load_certificates();
  return store;
}

base::Result<void> Store::load_seen() {
  const std::string what = (folder_ / "seen.json").string();
  GARITA_TRY_ASSIGN(text, base::read_text_file(what, max_document_bytes, *files_));
  GARITA_TRY_ASSIGN(json, parse_json(text, what));
  const auto read = [&](const Json& from, const char* where) {
    Fields one(from, what, where);
    const Seen seen{one.number("number", 1, max_number), one.digest("sha256")};
    return std::pair(seen, one.end());
  };
  Fields fields(json, what);
  fields.choice("schema", {"garita.seen/1"});
  const auto root = read(fields.object("root"), "root.");
  fields.take(root.second);
  root_ = root.first;
  const Json& status = fields.object("status");
  if (status.size() > max_seen_roles) fields.fail("status");
  GARITA_TRY(fields.end());
  for (const auto& [role, from] : status.items()) {
    const auto list = read(from, "status.");
    if (!is_role_name(role)) fields.fail("status");
    fields.take(list.second);
    lists_[role] = list.first;
  }
  return fields.end();
}

// The very document that was taken, or why not.
base::Result<Envelope> Store::read_taken(const std::string& name, const Seen& seen) const {
  GARITA_TRY_ASSIGN(envelope, read_envelope(folder_ / name, *files_));
  if (envelope.id() != seen.sha256) return refusal("trust.not_as_taken", envelope.what);
  return envelope;
}

// A root signs for itself here; that it is the right one, or followed the right one, was seen when it was
// taken.
void Store::load_root() {
  const std::string name = root_name(root_.number);
  const auto envelope = read_taken(name, root_);
  auto root = envelope ? verify_first_root(*envelope) : base::Result<Root>(envelope.error());
  if (root)
    documents_.root = std::move(*root);
  else
    documents_.faults.push_back({"", root.error()});
}

void Store::load_lists() {
  for (const auto& entry : documents_.root->roles) {
    const std::string& role = entry.first;
    const auto seen = lists_.find(role);
    if (seen == lists_.end()) continue;  // admit() refuses without it
    const auto envelope = read_taken(list_name(role, seen->second.number), seen->second);
    auto list = envelope ? verify_status_list(*envelope, *documents_.root, seen->second.number)
                         : base::Result<StatusList>(envelope.error());
    if (list && list->role == role)
      documents_.status.emplace(role, std::move(*list));
    else
      documents_.faults.push_back(
          {role, list ? refusal("trust.not_as_taken", envelope->what) : list.error()});
  }
}

void Store::load_certificates() {
  std::set<std::string> names;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_, failed)) {
    const std::string name = entry.path().filename();
    if (is_certificate_name(name)) names.insert(name);
    if (names.size() > max_certificates) names.erase(std::prev(names.end()));
  }
  for (const std::string& name : names) {
    auto envelope = read_envelope(folder_ / name, *files_);
    if (envelope && certificate_name(envelope->id()) == name)
      documents_.certificates.push_back(std::move(*envelope));
    else  // it admits nobody, and harms nobody
      documents_.faults.push_back(
          {"", envelope ? refusal("trust.not_as_taken", envelope->what) : envelope.error()});
  }
}

// ---- Installing

base::Result<void> Store::save(const std::string& name, const Envelope& envelope) const {
  GARITA_TRY(files_->create_folders(folder_, 0700));
  return base::write_file(folder_ / name, to_json(envelope), 0600, *files_);
}

base::Result<void> Store::save_seen() const {
  const auto written = [](const Seen& seen) {
    return Json{{"number", seen.number}, {"sha256", base::to_text(seen.sha256)}};
  };
  Json status = Json::object();
  for (const auto& [role, seen] : lists_) status[role] = written(seen);
  const Json json = {{"schema", "garita.seen/1"}, {"root", written(root_)}, {"status", std::move(status)}};
  return base::write_file(folder_ / "seen.json", compact(json), 0600, *files_);
}

base::Result<void> Store::install(const Envelope& envelope, const std::optional<base::Digest>& expected) {
  if (envelope.payload_type == root_type) return install_root(envelope, expected);
  if (!documents_.root) return base::Error{base::Outcome::no, "trust.no_root", {}, 0};
  if (envelope.payload_type == status_type) return install_list(envelope);
  return install_certificate(envelope);
}

base::Result<Root> Store::check_root(const Envelope& envelope,
                                     const std::optional<base::Digest>& expected) const {
  const base::Digest id = envelope.id();
  const bool again = root_.number != 0 && id == root_.sha256;
  const bool pinned = expected ? *expected == id : documents_.root || again;
  if (documents_.root && !again) {
    GARITA_TRY_ASSIGN(next, verify_next_root(envelope, *documents_.root));
    if (pinned) return next;
  } else {
    GARITA_TRY_ASSIGN(first, verify_first_root(envelope));
    if (first.version < root_.number) return rolled_back(envelope.what, first.version, root_.number);
    if (pinned) return first;
  }
  return refusal("trust.root_unpinned", envelope.what, {{"digest", base::to_text(id)}});
}

base::Result<void> Store::install_root(const Envelope& envelope,
                                       const std::optional<base::Digest>& expected) {
  GARITA_TRY_ASSIGN(root, check_root(envelope, expected));
  GARITA_TRY(save(root_name(root.version), envelope));
  root_ = {root.version, envelope.id()};
  GARITA_TRY(save_seen());
  documents_ = {};
  load_root();
  if (!documents_.root) return documents_.faults.front().error;
  load_lists();  // those that the new keys have not signed hold no longer
  load_certificates();
  return {};
}

base::Result<void> Store::install_list(const Envelope& envelope) {
  GARITA_TRY_ASSIGN(list, verify_status_list(envelope, *documents_.root, 1));
  const std::string role = list.role;
  const auto found = lists_.find(role);
  const Seen before = found == lists_.end() ? Seen{} : found->second;
  const bool again = before.number == list.number && before.sha256 == envelope.id();
  if (!again && list.number <= before.number)
    return rolled_back(envelope.what, list.number, before.number + 1);
  GARITA_TRY(save(list_name(role, list.number), envelope));
  lists_[role] = {list.number, envelope.id()};
  GARITA_TRY(save_seen());
  if (!again) forget_lists(role, before.number);
  documents_.status.insert_or_assign(role, std::move(list));
  std::erase_if(documents_.faults, [&](const Fault& fault) { return fault.role == role; });
  return {};
}

// Those before `number`; that one itself stays, for somebody may be reading it.
void Store::forget_lists(const std::string& role, uint64_t number) const {
  const std::string begin = "status-" + role + "-", end = ".json";
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder_, failed)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(begin) || !name.ends_with(end)) continue;
    const char *from = name.data() + begin.size(), *to = name.data() + name.size() - end.size();
    uint64_t own = 0;
    const auto read = std::from_chars(from, to, own);
    if (from < to && read.ec == std::errc() && read.ptr == to && own < number)
      (void)files_->remove(entry.path());
  }
}

base::Result<void> Store::install_certificate(const Envelope& envelope) {
  GARITA_TRY_ASSIGN(content, parse_certificate(envelope));
  const std::string id = base::to_text(envelope.id());
  if (count_persons(envelope, *documents_.root) < min_certificate_signers)
    return base::Error{base::Outcome::no,
                       "trust.two_persons",
                       {{"driver", content.driver}, {"certificate", id.substr(0, 16)}},
                       0};
  auto& all = documents_.certificates;
  std::erase_if(all, [&](const Envelope& old) { return old.id() == envelope.id(); });
  if (all.size() >= max_certificates) return refusal("trust.store_full", folder_.string());
  GARITA_TRY(save(certificate_name(envelope.id()), envelope));
  all.push_back(envelope);
  return save_seen();  // with nothing new in it: who waits for a document looks at this file
}

}  // namespace garita::trust
