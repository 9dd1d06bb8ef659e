// garita trust keygen|root|revoke|witness|show|sign|install|status: the documents by which authorities vouch
// for drivers. Keys, documents and signatures need no site: each person signs where their key is, and only
// `install` and `status` touch a state folder.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/base/state.hpp"
#include "core/host/evidence.hpp"
#include "core/trust/store.hpp"
#include "core/trust/witness.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"
#include "tools/garita/trust_view.hpp"

namespace garita::cli {
namespace {

using base::Result;
using trust::Envelope;
constexpr int64_t second_ns = 1'000'000'000, day_ns = 86400 * second_ns;
constexpr uint64_t max_recording_bytes = uint64_t{4} << 30;

Result<void> write_new(const std::string& path, const std::string& text) {
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path));
  GARITA_TRY(file.append(text));
  return file.commit_new();
}

int64_t now_ns() { return base::system_clock().utc_ns() / second_ns * second_ns; }

Result<base::Digest> digest_of_file(const std::string& path) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  GARITA_TRY_ASSIGN(size, file->size_bytes());
  if (size > max_recording_bytes)
    return base::Error{base::Outcome::usage, "base.file_too_large", {{"path", path}}, 0};
  base::Sha256 hash;
  std::vector<std::byte> buffer(1u << 20);
  for (uint64_t at = 0; at < size;) {
    GARITA_TRY_ASSIGN(count, file->read_some(at, buffer));
    if (count == 0) break;
    hash.update(std::span(buffer).first(count));
    at += count;
  }
  return hash.finish();
}

// ---- Keys

Result<base::PublicKey> keygen(const Options& options, const std::string& path) {
  const std::string name = options.get("algorithm", "ecdsa-p384");
  if (name != "ecdsa-p384" && name != "ed25519") return usage_error("cli.trust_usage", {});
  GARITA_TRY_ASSIGN(key,
                    base::SigningKey::generate(name == "ed25519" ? base::SignatureAlgorithm::ed25519
                                                                 : base::SignatureAlgorithm::ecdsa_p384));
  GARITA_TRY(key.save(path));
  GARITA_TRY(write_new(path + ".pub", base::to_base64(key.public_key().der()) + "\n"));
  return key.public_key();
}

Result<base::PublicKey> read_public_key(const std::string& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, 4096));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto der = base::from_base64(text);
  if (!der) return base::Error{base::Outcome::no, "trust.field", {{"what", path}, {"field", "key"}}, 0};
  return base::PublicKey::from_der(*der);
}

// ---- Documents

// "mx=2:a.pub,b.pub,c.pub"
Result<void> add_role(trust::Root& root, const std::string& given) {
  const base::Error bad = usage_error("cli.trust_bad_role", {{"given", given}});
  const size_t equals = given.find('=');
  if (equals == given.npos || given.size() < equals + 4 || given[equals + 2] != ':') return bad;
  const char wanted = given[equals + 1];
  if (wanted < '1' || wanted > '9' || !trust::is_role_name(given.substr(0, equals))) return bad;
  trust::Role role;
  role.threshold = static_cast<uint32_t>(wanted - '0');
  for (size_t from = equals + 3; from <= given.size();) {
    const size_t to = std::min(given.find(',', from), given.size());
    GARITA_TRY_ASSIGN(key, read_public_key(given.substr(from, to - from)));
    role.keys.push_back(std::move(key));
    from = to + 1;
  }
  root.roles[given.substr(0, equals)] = std::move(role);
  return {};
}

// How long from now, and since when.
template <typename Document>
Result<void> set_life(Document& document, const Options& options, int64_t fallback_days) {
  GARITA_TRY_ASSIGN(days, options.number("days", fallback_days, 1, 3660));
  document.issued_ns = now_ns();
  document.expires_ns = document.issued_ns + days * day_ns;
  return {};
}

// Nothing is written that would not be read.
template <typename Document>
Result<Envelope> checked(const Document& document, Result<Document> (*parse)(const Envelope&),
                         const std::string& path) {
  Envelope envelope = to_envelope(document);
  envelope.what = path;
  if (const auto read = parse(envelope); !read) return read.error();
  return envelope;
}

Result<Envelope> make_root(const Options& options, const std::string& path) {
  trust::Root root;
  if (options.has("from")) {
    GARITA_TRY_ASSIGN(envelope, trust::read_envelope(options.get("from")));
    GARITA_TRY_ASSIGN(old, trust::parse_root(envelope));
    root = std::move(old);
    ++root.version;
  }
  GARITA_TRY(set_life(root, options, 365));
  for (const std::string& role : options.all("role")) GARITA_TRY(add_role(root, role));
  return checked(root, trust::parse_root, path);
}

Result<Envelope> make_list(const Options& options, const std::string& path) {
  trust::StatusList list;
  if (options.has("from")) {
    GARITA_TRY_ASSIGN(envelope, trust::read_envelope(options.get("from")));
    GARITA_TRY_ASSIGN(old, trust::parse_status_list(envelope));
    list = std::move(old);
    ++list.number;
  }
  if (options.has("role")) list.role = options.all("role").back();
  GARITA_TRY(set_life(list, options, 14));
  if (options.has("sha256")) {
    const auto digest = base::parse_digest(options.get("sha256"));
    if (!digest) return usage_error("cli.bad_digest", {{"given", options.get("sha256")}});
    GARITA_TRY_ASSIGN(reason, options.required("reason"));
    list.revoked.push_back({*digest, reason});
  }
  return checked(list, trust::parse_status_list, path);
}

Result<Envelope> make_witness(const Options& options, const std::string& path) {
  trust::Witness witness;
  GARITA_TRY_ASSIGN(recording, options.required("recording"));
  GARITA_TRY_ASSIGN(object, options.required("object"));
  GARITA_TRY_ASSIGN(recorded, digest_of_file(recording));
  GARITA_TRY_ASSIGN(described, digest_of_file(object));
  witness.recording = recorded, witness.object = described;
  GARITA_TRY_ASSIGN(model, options.required("model"));
  GARITA_TRY_ASSIGN(serial, options.required("serial"));
  GARITA_TRY_ASSIGN(firmware, options.required("firmware"));
  GARITA_TRY_ASSIGN(place, options.required("place"));
  witness.model = model, witness.serial = serial, witness.firmware = firmware, witness.place = place;
  witness.taken_ns = now_ns();
  return checked(witness, trust::parse_witness, path);
}

// Shows what is signed, so that nobody signs what they did not see.
Result<Envelope> sign(const Terminal& terminal, const Options& options, const std::string& path) {
  GARITA_TRY_ASSIGN(envelope, trust::read_envelope(path));
  GARITA_TRY_ASSIGN(key_path, options.required("key"));
  GARITA_TRY_ASSIGN(key, base::SigningKey::load(key_path));
  GARITA_TRY(trust::add_signature(envelope, key));
  if (!terminal.json) GARITA_TRY(print_document(terminal, envelope));
  GARITA_TRY(base::write_file(path, trust::to_json(envelope)));
  return envelope;
}

// ---- A site

Result<std::filesystem::path> state_folder(const Options& options) {
  std::optional<std::filesystem::path> given;
  if (options.has("state")) given = options.get("state");
  return base::find_state_folder(given);
}

Result<Envelope> install(const Options& options, const std::string& path) {
  std::optional<base::Digest> expected;
  if (options.has("sha256")) {
    expected = base::parse_digest(options.get("sha256"));
    if (!expected) return usage_error("cli.bad_digest", {{"given", options.get("sha256")}});
  }
  GARITA_TRY_ASSIGN(envelope, trust::read_envelope(path));
  GARITA_TRY_ASSIGN(folder, state_folder(options));
  GARITA_TRY_ASSIGN(state, base::StateFolder::open(folder));
  GARITA_TRY_ASSIGN(store, trust::Store::open(folder / "trust"));
  GARITA_TRY(store.install(envelope, expected));
  const nlohmann::json line = {{"kind", envelope.payload_type}, {"sha256", base::to_text(envelope.id())}};
  GARITA_TRY(host::append_audit(folder, "trust.installed", line.dump()));
  return envelope;
}

int status(const Terminal& terminal, const Options& options) {
  const auto folder = state_folder(options);
  if (!folder) return fail(terminal, folder.error());
  const auto store = trust::Store::open(*folder / "trust");
  if (!store) return fail(terminal, store.error());
  return print_site(terminal, store->documents(), base::system_clock().utc_ns()) ? 0 : 1;
}

// ---- The command

int tell(const Terminal& terminal, const std::string& path, const base::Digest& digest) {
  const std::string sha256 = base::to_text(digest);
  if (terminal.json)
    terminal.out << nlohmann::json{{"file", path}, {"sha256", sha256}}.dump(
                        -1, ' ', false, nlohmann::json::error_handler_t::replace)
                 << '\n';
  else
    terminal.out << terminal.text("cli.trust_done", {{"path", path}, {"digest", sha256}}) << '\n';
  return 0;
}

int show(const Terminal& terminal, const std::string& path) {
  const auto envelope = trust::read_envelope(path);
  if (!envelope) return fail(terminal, envelope.error());
  const auto shown = print_document(terminal, *envelope);
  if (!shown) return fail(terminal, shown.error());
  return terminal.json ? 0 : tell(terminal, path, envelope->id());
}

using Maker = Result<Envelope> (*)(const Options&, const std::string&);

int make(const Terminal& terminal, const Options& options, const std::string& path, Maker maker) {
  const auto envelope = maker(options, path);
  if (!envelope) return fail(terminal, envelope.error());
  if (const auto written = write_new(path, trust::to_json(*envelope)); !written)
    return fail(terminal, written.error());
  return tell(terminal, path, envelope->id());
}

int run_action(const Terminal& terminal, const Options& options, const std::string& action) {
  if (action == "status") return status(terminal, options);
  const auto path = options.required("FILE");
  if (!path) return fail(terminal, usage_error("cli.trust_usage", {}));
  if (action == "show") return show(terminal, *path);
  if (action == "root") return make(terminal, options, *path, make_root);
  if (action == "revoke") return make(terminal, options, *path, make_list);
  if (action == "witness") return make(terminal, options, *path, make_witness);
  if (action == "keygen") {
    const auto key = keygen(options, *path);
    return key ? tell(terminal, *path, key->key_id()) : fail(terminal, key.error());
  }
  if (action != "sign" && action != "install") return fail(terminal, usage_error("cli.trust_usage", {}));
  const auto envelope = action == "sign" ? sign(terminal, options, *path) : install(options, *path);
  return envelope ? tell(terminal, *path, envelope->id()) : fail(terminal, envelope.error());
}

}  // namespace

int trust_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "trust");
  options.value("state", "FOLDER").value("algorithm", "ecdsa-p384|ed25519").value("key", "FILE");
  options.list("role", "ROLE").value("from", "FILE").value("days", "N");
  options.value("sha256", "DIGEST").value("reason", "TEXT");
  options.value("recording", "FILE").value("object", "FILE").value("model").value("serial");
  options.value("firmware").value("place").positional("FILE");
  const bool help = !arguments.empty() && arguments.front().starts_with("-");
  const std::string action = arguments.empty() || help ? "" : arguments.front();
  const auto parsed =
      options.parse(action.empty() ? arguments : Arguments(arguments.begin() + 1, arguments.end()));
  if (!parsed) return fail(terminal, parsed.error());
  return *parsed ? run_action(terminal, options, action) : 0;
}

}  // namespace garita::cli
