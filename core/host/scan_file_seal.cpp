// The end of a scan: what becomes of its record before it is signed, and of its package behind it.
#include <algorithm>
#include <map>

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/base/utf8.hpp"
#include "core/broker/broker.hpp"
#include "core/host/material_store.hpp"
#include "core/host/open_package.hpp"
#include "core/host/scan_file.hpp"
#include "core/host/steel_store.hpp"
#include "core/host/take_in.hpp"
#include "core/host/to_record.hpp"
#include "core/host/version.hpp"
#include "core/load/manifest.hpp"
#include "core/package/inspection.hpp"
#include "core/record/validate.hpp"

namespace garita::host {
namespace {

// The record's own sentences are English: they are evidence, not a screen.
std::string sentence(const base::Error& error) { return base::render(error, base::Language::en); }

// An incomplete package makes room: its scan may come again, whole, under the same name.
base::Result<std::filesystem::path> set_aside(const std::filesystem::path& path) {
  constexpr int most = 1000;
  for (int i = 1; i <= most; ++i) {
    std::filesystem::path aside = path;
    aside.replace_filename(path.stem().string() + "-incomplete" + std::to_string(i) + path.extension().string());
    std::error_code error;
    if (i < most && std::filesystem::exists(aside, error)) continue;
    GARITA_TRY(base::real_file_system().rename(path, aside));
    GARITA_TRY(base::real_file_system().sync_folder(path.parent_path()));
    return aside;
  }
  return path;
}

// By which a scan is known when it comes again: the end of its package's name.
std::string key_digits(const std::filesystem::path& path) {
  constexpr size_t digits = 16;
  const std::string stem = path.stem();
  return stem.substr(stem.size() - std::min(digits, stem.size()));
}
}  // namespace

void ScanFile::set_provenance() {
  v1::Provenance& provenance = *record_.mutable_provenance();
  for (const broker::StreamTotals& totals : setup_.broker.totals()) {
    if (totals.objects) continue;
    v1::StreamUsed& stream = *provenance.add_streams();
    stream.set_name(totals.name);
    stream.set_received_bytes(totals.read_bytes);
    stream.set_received_sha256(as_bytes(totals.read_sha256));
    stream.set_sent_bytes(totals.written_bytes);
  }
  provenance.set_host_version(version);
  provenance.set_normalization_recipe("garita-canonical");
  provenance.set_normalization_version("1");
  set_certification();
  provenance.set_keep(setup_.deployment.keep);
  provenance.add_signers(base::to_text(setup_.key.public_key().key_id()));
  note_received();
}

// At the end, for a device says its model and firmware when it likes.
void ScanFile::set_certification() {
  v1::Device& device = *record_.mutable_device();
  const bool vouched = admission_ && !admission_->open && admission_->content;
  record_.mutable_provenance()->set_trust(vouched ? v1::Provenance::TRUST_CERTIFIED : v1::Provenance::TRUST_OPEN);
  device.set_certification(v1::Device::CERTIFICATION_NONE);
  if (!vouched) return;
  device.set_certificate_id(base::to_text(admission_->certificate));
  // A driver of one model need not say which.
  const auto& models = setup_.manifest.models;
  const std::string model = device.model().empty() && models.size() == 1 ? models.front() : device.model();
  device.set_certification(admission_->content->covers(model, device.firmware())
                               ? v1::Device::CERTIFICATION_CERTIFIED
                               : v1::Device::CERTIFICATION_OUTSIDE_CERTIFIED_CONFIGURATION);
}

// Once: a scan that waits for its seal was received before.
void ScanFile::note_received() {
  if (record_.time().has_received()) return;
  v1::Moment& received = *record_.mutable_time()->mutable_received();
  received.set_utc_ns(setup_.clock.utc_ns());
  received.set_source(v1::Moment::SOURCE_HOST);
}

// What other devices of the lane saw of this passage goes in; what cannot be read of it stays where it was.
std::vector<LaneDesk::Partner> ScanFile::take_partners() {
  LaneDesk* desk = setup_.place.desk;
  std::vector<LaneDesk::Partner> taken;
  if (!desk) return taken;
  record_.mutable_identity()->set_pairing(v1::Identity::PAIRING_ALONE);
  note_received();
  const auto own = has_views() ? passage() : std::nullopt;
  if (!own) return taken;
  for (LaneDesk::Partner& partner : desk->take(*own, setup_.place.device)) {
    auto package = open_package(partner.scan.path);
    const uint32_t device_index = package ? take_in(package->record, partner.why, desk->window_ns(), record_) : 0;
    if (device_index == 0) {
      desk->give_back({std::move(partner)});
      continue;
    }
    if (const auto kept = take_attachments(package->reader, package->record, device_index); !kept) sink_error_ = kept.error();
    record_.mutable_identity()->set_pairing(v1::Identity::PAIRING_LEADS);
    taken.push_back(std::move(partner));
  }
  return taken;
}

base::Result<void> ScanFile::take_attachments(package::Reader& reader, const v1::Inspection& other, uint32_t device_index) {
  for (const package::AttachmentInfo& from : reader.attachments()) {
    if (from.withheld != package::Withheld::nothing || from.spec.index >= static_cast<uint32_t>(other.attachments_size()) ||
        record_.attachments_size() >= int{GARITA_MAX_ATTACHMENTS}) {
      record_.mutable_counts()->set_dropped_attachments(record_.counts().dropped_attachments() + 1);
      continue;
    }
    GARITA_TRY_ASSIGN(bytes, reader.read_attachment(from, GARITA_MAX_ATTACHMENT_BYTES));
    package::AttachmentSpec spec = from.spec;
    spec.index = static_cast<uint32_t>(record_.attachments_size());
    v1::Attachment& entry = *record_.add_attachments();
    entry = other.attachments(static_cast<int>(from.spec.index));
    entry.set_device_index(device_index);
    GARITA_TRY_ASSIGN(part, writer_.add_attachment(spec));
    GARITA_TRY(writer_.append_attachment(part, bytes));
    GARITA_TRY(writer_.end_attachment(part));
  }
  return {};
}

// What came by event and not by attribute (labels, names, panels) is held against the dictionary too: kept, but flagged.
void ScanFile::flag_suspects() {
  static const std::map<std::string_view, v1::Suspect::Reason> reasons = {
      {"record.out_of_range", v1::Suspect::REASON_OUT_OF_RANGE},
      {"record.bad_check_digit", v1::Suspect::REASON_BAD_CHECK_DIGIT},
      {"record.not_utf8", v1::Suspect::REASON_NOT_UTF8},
      {"record.not_finite", v1::Suspect::REASON_NOT_FINITE},
      {"record.too_long", v1::Suspect::REASON_TOO_LONG},
      {"record.unknown_word", v1::Suspect::REASON_UNKNOWN_WORD},
      {"record.control_character", v1::Suspect::REASON_CONTROL_CHARACTER},
      {"record.bad_format", v1::Suspect::REASON_BAD_FORMAT},
  };
  for (const record::Problem& problem : record::validate(record_)) {
    const auto reason = reasons.find(problem.id);
    if (problem.flagged || reason == reasons.end()) continue;
    v1::Suspect& suspect = *record_.add_suspect();
    suspect.set_path(problem.path);
    suspect.set_reason(reason->second);
    if (base::is_valid_utf8(problem.value)) suspect.mutable_value()->set_text(problem.value);
    else suspect.mutable_value()->set_raw(problem.value);
  }
}

base::Result<Recorded> ScanFile::seal(const normalize::ScanReport& report, uint32_t code, const load::Counts& counts) {
  if (sink_error_) return *sink_error_;
  std::vector<LaneDesk::Partner> partners = take_partners();
  auto recorded = seal_record(report, code, counts);
  if (partners.empty()) return recorded;
  if (recorded && recorded->fate == Fate::stored) setup_.place.desk->joined(partners, recorded->path);
  else setup_.place.desk->give_back(std::move(partners));
  return recorded;
}

// As they are, so that whoever opens the package colours it as its device was calibrated then. Curves that cannot be read
// leave a scan as true as before.
base::Result<void> ScanFile::keep_materials() {
  const auto text = MaterialStore(setup_.state).load(record_);
  if (!text || text->empty() || record_.attachments_size() >= int{GARITA_MAX_ATTACHMENTS}) return {};
  const package::AttachmentSpec spec{GARITA_ATTACHMENT_REPORT, static_cast<uint32_t>(record_.attachments_size()),
                                     std::string(materials_media_type), std::string(materials_name)};
  GARITA_TRY_ASSIGN(part, writer_.add_attachment(spec));
  const base::Bytes bytes = std::as_bytes(std::span(*text));
  GARITA_TRY(writer_.append_attachment(part, bytes));
  v1::Attachment& entry = *record_.add_attachments();
  entry.set_role(v1::Attachment::ROLE_REPORT);
  entry.set_name(spec.name);
  entry.set_media_type(spec.media_type);
  entry.set_size_bytes(text->size());
  entry.set_sha256(as_bytes(base::sha256(bytes)));
  return writer_.end_attachment(part);
}

base::Result<Recorded> ScanFile::seal_record(const normalize::ScanReport& report, uint32_t code, const load::Counts& counts) {
  if (sink_error_) return *sink_error_;
  v1::Completeness& completeness = *record_.mutable_completeness();
  completeness.set_state(report.complete ? v1::Completeness::STATE_COMPLETE : v1::Completeness::STATE_INCOMPLETE);
  if (!report.reasons.empty()) completeness.set_reason(base::printable(sentence(report.reasons.front()), 1000));
  if (code) completeness.set_code(code);
  for (size_t i = 0; i < report.views.size() && i < views_.size(); ++i) {
    set_view_report(report.views[i], *record_.mutable_views(static_cast<int>(i)));
    if (report.complete) continue;
    v1::Completeness::Extent& extent = *completeness.add_views();
    extent.set_view(views_[i].name);
    extent.set_last_good_row(static_cast<int64_t>(report.views[i].whole_rows) - 1);
  }
  if (counts.unknown_events) record_.mutable_counts()->set_dropped_events(counts.unknown_events);
  if (!setup_.state.empty())  // a curve that cannot be read leaves a scan as true as before, without millimetres
    if (const auto curves = SteelStore(setup_.state).load(record_)) set_steel(*curves, record_);
  if (!setup_.state.empty()) GARITA_TRY(keep_materials());
  set_provenance();
  freshness_.judge(key_digits(path_), record_);
  flag_suspects();
  record::enforce_limits(record_);

  Recorded recorded{.fate = Fate::stored, .scan_key = scan_key_, .path = path_, .raw_bytes = raw_bytes_, .objects = objects_};
  if (!report.complete && !setup_.keep_incomplete) {
    recorded.fate = Fate::dropped;
    recorded.path.clear();
  } else {
    GARITA_TRY_ASSIGN(sealed, package::finish(writer_, record_));
    recorded.root = sealed.root;
    if (!report.complete) {
      GARITA_TRY_ASSIGN(aside, set_aside(path_));
      recorded.path = aside;
    }
  }
  recorded.record = std::move(record_);
  freshness_.remember(recorded);
  return recorded;
}
}  // namespace garita::host
