#include "core/trust/statement.hpp"

#include <algorithm>
#include <set>

#include "core/base/clock.hpp"
#include "core/trust/json.hpp"
#include "core/trust/root.hpp"

namespace garita::trust {
namespace {

constexpr const char* in_toto = "https://in-toto.io/Statement/v1";
constexpr const char* predicate_type = "urn:garita:certificate:1";
constexpr const char* truth_names[] = {"none", "twin", "object"};

Json to_json(const Waiver& waiver) {
  return {{"requirement", waiver.requirement},
          {"reason", waiver.reason},
          {"approver", waiver.approver},
          {"expires", base::format_utc(waiver.expires_ns)}};
}

Json to_json(const WitnessedRecording& recording) {
  return {{"recording_sha256", base::to_text(recording.recording)},
          {"object_sha256", base::to_text(recording.object)},
          {"lab_key", base::to_text(recording.lab)}};
}

Json predicate_of(const Certificate& own) {
  Json devices = Json::array(), waivers = Json::array(), recordings = Json::array();
  for (const CertifiedDevice& device : own.devices)
    devices.push_back({{"model", device.model}, {"firmware", device.firmware}});
  for (const Waiver& waiver : own.waivers) waivers.push_back(to_json(waiver));
  for (const WitnessedRecording& recording : own.recordings) recordings.push_back(to_json(recording));
  Json json = {{"driver", own.driver},
               {"version", own.version},
               {"abi", own.abi},
               {"profile", own.profile},
               {"level", own.level},
               {"truth", truth_names[static_cast<size_t>(own.truth)]},
               {"official", own.official},
               {"simulated_device", own.simulated_device},
               {"wraps_own_sockets", own.wraps_own_sockets},
               {"witnessed_recordings", std::move(recordings)},
               {"devices", std::move(devices)},
               {"suite", own.suite},
               {"suite_accepted_until", base::format_utc(own.suite_accepted_until_ns)},
               {"box", own.box},
               {"policy_sha256", base::to_text(own.policy)},
               {"evidence_sha256", base::to_text(own.evidence)},
               {"waivers", std::move(waivers)},
               {"issued", base::format_utc(own.issued_ns)},
               {"expires", base::format_utc(own.expires_ns)},
               {"meaning", "necessary, not sufficient"}};
  if (own.sbom) json["sbom_sha256"] = base::to_text(*own.sbom);
  return json;
}

std::vector<Subject> read_subjects(Fields& fields, const Envelope& envelope) {
  std::vector<Subject> subjects;
  std::set<std::string> names;
  for (const Json& item : fields.array("subject", max_subjects)) {
    Fields one(item, envelope.what, "subject.");
    Subject subject{one.text("name", 256), {}};
    Fields digests(one.object("digest"), envelope.what, "subject.digest.");
    subject.sha256 = digests.digest("sha256");
    if (!names.insert(subject.name).second) one.fail("name");
    fields.take(one.end());
    fields.take(digests.end());
    subjects.push_back(std::move(subject));
  }
  if (subjects.empty()) fields.fail("subject");
  return subjects;
}

void read_devices(Fields& fields, const Envelope& envelope, Certificate& own) {
  for (const Json& item : fields.array("devices", 64)) {
    Fields one(item, envelope.what, "predicate.devices.");
    CertifiedDevice device{one.text("model", 128), {}};
    for (const Json& name : one.array("firmware", 64)) {
      if (name.is_string() && name.get_ref<const std::string&>().size() <= 128)
        device.firmware.push_back(name.get<std::string>());
      else
        one.fail("firmware");
    }
    fields.take(one.end());
    own.devices.push_back(std::move(device));
  }
}

void read_waivers(Fields& fields, const Envelope& envelope, Certificate& own) {
  for (const Json& item : fields.array("waivers", 64)) {
    Fields one(item, envelope.what, "predicate.waivers.");
    Waiver waiver{one.text("requirement", 64), one.text("reason"), one.text("approver", 128), 0};
    waiver.expires_ns = one.time("expires");
    fields.take(one.end());
    own.waivers.push_back(std::move(waiver));
  }
}

void read_recordings(Fields& fields, const Envelope& envelope, Certificate& own) {
  for (const Json& item : fields.array("witnessed_recordings", 64)) {
    Fields one(item, envelope.what, "predicate.witnessed_recordings.");
    own.recordings.push_back(
        {one.digest("recording_sha256"), one.digest("object_sha256"), one.digest("lab_key")});
    fields.take(one.end());
  }
}

base::Result<void> read_predicate(const Json& json, const Envelope& envelope, Certificate& own) {
  Fields fields(json, envelope.what, "predicate.");
  own.driver = fields.text("driver", 128);
  own.version = fields.text("version", 64);
  own.abi = fields.text("abi", 16);
  own.profile = fields.text("profile", 64);
  own.level = static_cast<unsigned>(fields.number("level", 1, 3));
  own.truth = static_cast<Truth>(fields.choice("truth", {"none", "twin", "object"}));
  own.official = fields.flag("official");
  own.simulated_device = fields.flag("simulated_device");
  own.wraps_own_sockets = fields.flag("wraps_own_sockets");
  read_recordings(fields, envelope, own);
  read_devices(fields, envelope, own);
  own.suite = fields.text("suite", 64);
  own.suite_accepted_until_ns = fields.time("suite_accepted_until");
  own.box = static_cast<unsigned>(fields.number("box", 0, 3));
  own.policy = fields.digest("policy_sha256");
  own.evidence = fields.digest("evidence_sha256");
  own.sbom = fields.digest_or_none("sbom_sha256");
  read_waivers(fields, envelope, own);
  own.issued_ns = fields.time("issued");
  own.expires_ns = fields.time("expires");
  if (own.expires_ns <= own.issued_ns) fields.fail("expires");
  fields.text("meaning");
  return fields.end();
}

}  // namespace

bool Certificate::covers(std::string_view model, std::string_view firmware) const {
  const std::string_view told = firmware.empty() ? untold : firmware;
  return std::ranges::any_of(devices, [&](const CertifiedDevice& device) {
    return device.model == model && std::ranges::find(device.firmware, told) != device.firmware.end();
  });
}

Envelope to_envelope(const Certificate& certificate) {
  Json subjects = Json::array();
  for (const Subject& subject : certificate.subjects)
    subjects.push_back({{"name", subject.name}, {"digest", {{"sha256", base::to_text(subject.sha256)}}}});
  const Json json = {{"_type", in_toto},
                     {"predicateType", predicate_type},
                     {"subject", std::move(subjects)},
                     {"predicate", predicate_of(certificate)}};
  return {std::string(statement_type), compact(json), {}, "certificate"};
}

base::Result<Certificate> parse_certificate(const Envelope& envelope) {
  GARITA_TRY(check_kind(envelope, statement_type));
  GARITA_TRY_ASSIGN(json, parse_json(envelope.payload, envelope.what));
  Fields fields(json, envelope.what);
  Certificate own;
  fields.choice("_type", {in_toto});
  fields.choice("predicateType", {predicate_type});
  own.subjects = read_subjects(fields, envelope);
  const Json& predicate = fields.object("predicate");
  GARITA_TRY(fields.end());
  GARITA_TRY(read_predicate(predicate, envelope, own));
  return own;
}

}  // namespace garita::trust
