#include "tools/garita/trust_view.hpp"

#include <nlohmann/json.hpp>

#include "core/base/clock.hpp"
#include "core/trust/json.hpp"
#include "core/trust/witness.hpp"

namespace garita::cli {
namespace {

using base::Result;
using nlohmann::json;

std::string compact(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// "  profile      dual_energy": outside text, made printable.
class Lines {
 public:
  explicit Lines(const Terminal& terminal) : terminal_(terminal) {}

  void title(const std::string& id, std::initializer_list<base::Field> fields = {}) {
    terminal_.out << terminal_.text(id, fields) << '\n';
  }
  void add(const std::string& label, const std::string& value) {
    terminal_.out << "  " << padded(terminal_.text("cli.trust_label_" + label), 16)
                  << base::printable(value, 1000) << '\n';
  }
  void digest(const std::string& label, const base::Digest& value, const std::string& of = "") {
    add(label, base::to_text(value) + (of.empty() ? "" : "  " + of));
  }
  void life(int64_t issued_ns, int64_t expires_ns) {
    add("valid", base::format_utc(issued_ns, 0) + " … " + base::format_utc(expires_ns, 0));
  }

 private:
  const Terminal& terminal_;
};

std::string device_text(const trust::CertifiedDevice& device) {
  std::string text = device.model + ":";
  for (const std::string& name : device.firmware) text += " " + name;
  return text;
}

void print(Lines& lines, const Terminal& terminal, const trust::Certificate& own) {
  static constexpr const char* truths[] = {"none", "twin", "object"};
  lines.title("cli.trust_certificate");
  lines.add("driver", own.driver + " " + own.version);
  lines.add("profile", own.profile);
  lines.add("level", std::to_string(own.level));
  lines.add("truth", terminal.text(std::string("cli.trust_truth_") + truths[static_cast<size_t>(own.truth)]));
  if (own.simulated_device) lines.add("note", terminal.text("cli.trust_simulated"));
  if (!own.official) lines.add("note", terminal.text("cli.trust_unofficial"));
  if (own.wraps_own_sockets) lines.add("note", terminal.text("cli.trust_wraps"));
  lines.add("abi", own.abi);
  for (const trust::CertifiedDevice& device : own.devices) lines.add("device", device_text(device));
  lines.add("suite", own.suite + " … " + base::format_utc(own.suite_accepted_until_ns, 0));
  lines.add("box", "B" + std::to_string(own.box));
  lines.life(own.issued_ns, own.expires_ns);
  for (const trust::Waiver& waiver : own.waivers)
    lines.add("waiver", waiver.requirement + ": " + waiver.reason + " (" + waiver.approver + ", " +
                            base::format_utc(waiver.expires_ns, 0) + ")");
  for (const trust::Subject& subject : own.subjects) lines.digest("file", subject.sha256, subject.name);
  lines.digest("evidence", own.evidence);
  lines.digest("policy", own.policy);
  if (own.sbom) lines.digest("sbom", *own.sbom);
  for (const trust::WitnessedRecording& recording : own.recordings)
    lines.digest("recording", recording.recording, base::to_text(recording.lab).substr(0, 16));
  lines.add("note", terminal.text("cli.trust_necessary"));
}

void print(Lines& lines, const Terminal&, const trust::Root& root) {
  lines.title("cli.trust_root");
  lines.add("version", std::to_string(root.version));
  lines.life(root.issued_ns, root.expires_ns);
  for (const auto& [name, role] : root.roles) {
    lines.add("role", name + ": " + std::to_string(role.threshold) + "/" + std::to_string(role.keys.size()));
    for (const base::PublicKey& key : role.keys)
      lines.digest("key", key.key_id(), std::string(base::name_of(key.algorithm())));
  }
}

void print(Lines& lines, const Terminal&, const trust::StatusList& list) {
  lines.title("cli.trust_list");
  lines.add("role", list.role);
  lines.add("number", std::to_string(list.number));
  lines.life(list.issued_ns, list.expires_ns);
  for (const trust::Revocation& one : list.revoked) lines.digest("revoked", one.sha256, one.reason);
}

void print(Lines& lines, const Terminal&, const trust::Witness& witness) {
  lines.title("cli.trust_witness");
  lines.digest("recording", witness.recording);
  lines.digest("object", witness.object);
  lines.add("device", witness.model + " " + witness.serial + ", " + witness.firmware);
  lines.add("place", witness.place + ", " + base::format_utc(witness.taken_ns, 0));
}

template <typename Document>
Result<void> print_as(const Terminal& terminal, const trust::Envelope& envelope,
                      Result<Document> (*parse)(const trust::Envelope&)) {
  GARITA_TRY_ASSIGN(document, parse(envelope));
  if (terminal.json) return {};
  Lines lines(terminal);
  print(lines, terminal, document);
  for (const trust::Signature& signature : envelope.signatures) lines.add("signature", signature.key_id);
  return {};
}

Result<void> print_by_kind(const Terminal& terminal, const trust::Envelope& envelope) {
  const std::string& kind = envelope.payload_type;
  if (kind == trust::root_type) return print_as(terminal, envelope, trust::parse_root);
  if (kind == trust::status_type) return print_as(terminal, envelope, trust::parse_status_list);
  if (kind == trust::witness_type) return print_as(terminal, envelope, trust::parse_witness);
  return print_as(terminal, envelope, trust::parse_certificate);
}

// ---- A site

json to_json(const Terminal& terminal, const trust::Documents& documents) {
  json out = {{"root", nullptr}, {"status", json::array()}, {"certificates", json::array()}};
  if (documents.root) {
    out["root"] = {{"version", documents.root->version},
                   {"expires", base::format_utc(documents.root->expires_ns)}};
    for (const auto& [name, role] : documents.root->roles)
      out["root"]["roles"][name] = {{"threshold", role.threshold}, {"keys", role.keys.size()}};
  }
  for (const auto& [role, list] : documents.status)
    out["status"].push_back({{"role", role},
                             {"number", list.number},
                             {"expires", base::format_utc(list.expires_ns)},
                             {"revoked", list.revoked.size()}});
  for (const trust::Envelope& envelope : documents.certificates)
    if (const auto content = trust::parse_certificate(envelope))
      out["certificates"].push_back({{"id", base::to_text(envelope.id())},
                                     {"driver", content->driver},
                                     {"version", content->version},
                                     {"profile", content->profile},
                                     {"level", content->level},
                                     {"expires", base::format_utc(content->expires_ns)}});
  for (const trust::Fault& fault : documents.faults)
    out["faults"].push_back({{"id", fault.error.id}, {"text", base::render(fault.error, terminal.language)}});
  return out;
}

void print_lines(const Terminal& terminal, const trust::Documents& documents) {
  Lines lines(terminal);
  if (documents.root) print(lines, terminal, *documents.root);
  for (const auto& entry : documents.status) print(lines, terminal, entry.second);
  for (const trust::Envelope& envelope : documents.certificates) {
    const auto content = trust::parse_certificate(envelope);
    if (!content) continue;
    lines.title("cli.trust_certificate");
    lines.digest("id", envelope.id());
    lines.add("driver", content->driver + " " + content->version);
    lines.add("profile", content->profile + ", " + std::to_string(content->level));
    lines.life(content->issued_ns, content->expires_ns);
  }
}

// Each in one sentence.
std::vector<std::string> complaints(const Terminal& terminal, const trust::Documents& documents,
                                    int64_t now_ns) {
  std::vector<std::string> found;
  for (const trust::Fault& fault : documents.faults)
    found.push_back(base::render(fault.error, terminal.language));
  if (!documents.root) {
    if (found.empty()) found.push_back(terminal.text("trust.no_root"));
    return found;
  }
  if (now_ns >= documents.root->expires_ns)
    found.push_back(
        terminal.text("trust.root_expired", {{"time", base::format_utc(documents.root->expires_ns)}}));
  for (const auto& entry : documents.root->roles) {
    const auto list = documents.status.find(entry.first);
    if (list == documents.status.end())
      found.push_back(terminal.text("cli.trust_no_list", {{"role", entry.first}}));
    else if (now_ns >= list->second.expires_ns)
      found.push_back(
          terminal.text("cli.trust_list_expired",
                        {{"role", entry.first}, {"time", base::format_utc(list->second.expires_ns)}}));
  }
  return found;
}

}  // namespace

base::Result<void> print_document(const Terminal& terminal, const trust::Envelope& envelope) {
  GARITA_TRY(print_by_kind(terminal, envelope));
  if (!terminal.json) return {};
  GARITA_TRY_ASSIGN(content, trust::parse_json(envelope.payload, envelope.what));
  json signatures = json::array();
  for (const trust::Signature& signature : envelope.signatures) signatures.push_back(signature.key_id);
  terminal.out << compact({{"file", envelope.what},
                           {"sha256", base::to_text(envelope.id())},
                           {"kind", envelope.payload_type},
                           {"signatures", signatures},
                           {"content", content}})
               << '\n';
  return {};
}

bool print_site(const Terminal& terminal, const trust::Documents& documents, int64_t now_ns) {
  const std::vector<std::string> wrong = complaints(terminal, documents, now_ns);
  if (terminal.json) {
    json out = to_json(terminal, documents);
    out["complaints"] = wrong;
    terminal.out << compact(out) << '\n';
    return wrong.empty();
  }
  print_lines(terminal, documents);
  for (const std::string& sentence : wrong) terminal.out << sentence << '\n';
  return wrong.empty();
}

}  // namespace garita::cli
