#include "core/host/scan_file.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/ids.hpp"
#include "core/broker/broker.hpp"
#include "core/broker/inbox.hpp"
#include "core/host/derived_random.hpp"
#include "core/host/gate.hpp"
#include "core/host/material_store.hpp"
#include "core/host/plane_maker.hpp"
#include "core/host/to_record.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {
namespace {

constexpr int max_readings = 4096, max_detections = 1024, max_attachments = GARITA_MAX_ATTACHMENTS;

void set_calibration(const normalize::CalibrationPlane& plane, base::Bytes bytes, v1::CalibrationUsed& used, bool dark) {
  (dark ? *used.mutable_dark_sha256() : *used.mutable_air_sha256()) = as_bytes(base::sha256(bytes));
  set_moment(plane.time, dark ? *used.mutable_dark_measured() : *used.mutable_air_measured());
  if (plane.averaged) dark ? used.set_dark_averaged(plane.averaged) : used.set_air_averaged(plane.averaged);
}

bool keeps_raw(v1::Provenance::Keep keep) {
  return keep == v1::Provenance::KEEP_BOTH || keep == v1::Provenance::KEEP_RAW;
}

}  // namespace

ScanFile::ScanFile(const RecorderSetup& setup, normalize::CalibrationStore& store, std::unique_ptr<base::Random> random,
                   package::Writer writer, std::string scan_key, const std::filesystem::path& path)
    : setup_(setup), store_(store), normalizer_(store, *this, {.keep_raw = keeps_raw(setup.deployment.keep)}), random_(std::move(random)), writer_(std::move(writer)),
      freshness_(setup), scan_key_(std::move(scan_key)), path_(path), attributes_(record_, attributes_report_),
      admission_(setup.gate ? setup.gate->admission() : nullptr) {}

base::Result<std::unique_ptr<ScanFile>> ScanFile::begin(const RecorderSetup& setup, normalize::CalibrationStore& store,
                                                        const std::vector<image::Attribute>& standing,
                                                        const image::ScanBegin& begin, std::string scan_key,
                                                        const std::filesystem::path& path) {
  std::unique_ptr<base::Random> random;
  if (setup.secret) random = std::make_unique<DerivedRandom>(*setup.secret, "scan " + scan_key);
  package::WriterOptions options;
  options.random = random.get();
  options.planes_by_hash = setup.deployment.keep == v1::Provenance::KEEP_RAW;
  options.predictive = true;
  options.coding_threads = setup.coding_threads;
  GARITA_TRY_ASSIGN(writer, package::Writer::create(base::real_file_system(), path, setup.key, setup.clock, options));
  std::unique_ptr<ScanFile> scan(
      new ScanFile(setup, store, std::move(random), std::move(writer), std::move(scan_key), path));
  GARITA_TRY(scan->start(standing, begin));
  return scan;
}

base::Result<void> ScanFile::start(const std::vector<image::Attribute>& standing, const image::ScanBegin& begin) {
  views_ = begin.views;
  objects_ = begin.objects;
  add_objects(begin.objects);
  for (const image::View& view : views_) planes_.emplace_back(view.channels.size(), package::no_part);
  raw_.begin(views_);
  set_identity(begin);
  attributes_.apply(standing, record::AttributeSetter::Scope::standing);
  add(image::Attributes{begin.attributes});
  for (const image::View& view : views_) set_view(view, *record_.add_views());
  return normalizer_.begin(begin);
}

void ScanFile::set_identity(const image::ScanBegin& begin) {
  v1::Identity& identity = *record_.mutable_identity();
  if (auto id = base::uuid_v7(setup_.clock, random_ ? *random_ : base::system_random())) identity.set_id(base::to_text(*id));
  identity.set_scan_key(scan_key_);
  if (!begin.passage_key.empty()) identity.set_passage_key(begin.passage_key);
  if (!begin.related_key.empty()) identity.set_related_key(begin.related_key);
  identity.set_relation(begin.relation == GARITA_RELATION_SUPPLEMENT ? v1::Identity::RELATION_SUPPLEMENT
                                                                     : v1::Identity::RELATION_NEW);
  if (!setup_.site.empty()) identity.set_site(setup_.site);
  if (!setup_.lane.empty()) identity.set_lane(setup_.lane);

  const Deployment& deployment = setup_.deployment;
  if (deployment.site.ByteSizeLong() > 0) *record_.mutable_site() = deployment.site;
  if (deployment.direction != v1::Identity::DIRECTION_UNSPECIFIED) identity.set_direction(deployment.direction);
  if (deployment.subject != v1::Identity::SUBJECT_UNSPECIFIED) identity.set_subject(deployment.subject);

  v1::Device& device = *record_.mutable_device();
  device.set_driver_id(setup_.manifest.id);
  device.set_driver_version(setup_.manifest.version);
  device.set_driver_sha256(as_bytes(setup_.manifest.driver.sha256));
  if (!setup_.box.empty()) device.set_box(setup_.box);

  image::Time started = begin.time;
  if (started.utc_ns == GARITA_UTC_UNKNOWN) {
    started.utc_ns = setup_.clock.utc_ns();
    started.source = GARITA_TIME_HOST;
  }
  set_moment(started, *record_.mutable_time()->mutable_started());
}

base::Result<void> ScanFile::add(const image::Strip& strip) {
  raw_bytes_ += strip.rows * static_cast<uint64_t>(views_[strip.view].columns) *
                image::sample_size_bytes(views_[strip.view].sample_type);
  auto taken = normalizer_.strip(strip);
  if (sink_error_) return *sink_error_;
  rows_so_far_ = std::max(rows_so_far_, strip.first_row + strip.rows);
  // What normalize refuses is the driver's: the scan goes on and its report says INCOMPLETE and why.
  (void)taken;
  return {};
}

void ScanFile::add(const image::Reading& reading) {
  if (record_.readings_size() < max_readings) set_reading(reading, *record_.add_readings());
  else record_.mutable_counts()->set_dropped_readings(record_.counts().dropped_readings() + 1);
}

void ScanFile::add(const image::Detection& detection) {
  if (record_.detections_size() < max_detections)
    set_detection(detection, views_, setup_.manifest.name, *record_.add_detections());
  else record_.mutable_counts()->set_dropped_detections(record_.counts().dropped_detections() + 1);
}

void ScanFile::add(const image::Attributes& attributes) {
  for (const image::Attribute& attribute : attributes.attributes)
    if (keys_.size() < GARITA_MAX_ATTRIBUTES) keys_.insert(attribute.key);
  attributes_.apply(attributes.attributes);
}

base::Result<void> ScanFile::add(const image::Attachment& piece) {
  const uint64_t index = first_attachment_ + piece.index;
  auto found = open_attachments_.find(index);
  const broker::Inbox* inbox = piece.object ? setup_.broker.inbox_of(piece.object) : nullptr;
  const bool is_own = piece.media_type.starts_with(own_media_types);  // the host's word, which no driver has
  const bool there = !is_own && (piece.memory || (inbox && inbox->object(piece.object)));
  if (!there || (found == open_attachments_.end() && record_.attachments_size() >= max_attachments)) {
    record_.mutable_counts()->set_dropped_attachments(record_.counts().dropped_attachments() + 1);
    return {};
  }
  if (found == open_attachments_.end()) {
    OpenAttachment opened;
    GARITA_TRY_ASSIGN(part, writer_.add_attachment(
                                {piece.role, static_cast<uint32_t>(record_.attachments_size()), piece.media_type, piece.name}));
    opened.part = part;
    opened.entry = record_.add_attachments();
    set_attachment(piece, *opened.entry);
    found = open_attachments_.emplace(index, std::move(opened)).first;
  }
  OpenAttachment& open = found->second;
  if (piece.object) return keep_object(piece, open);
  // Its memory is the driver's as well: what is hashed and what is kept must be one copy.
  std::vector<std::byte> copy(std::min<uint64_t>(piece.size_bytes, 1u << 20));
  for (uint64_t at = 0; at < piece.size_bytes; at += copy.size()) {
    const auto bytes = std::span(copy).first(std::min<uint64_t>(copy.size(), piece.size_bytes - at));
    std::memcpy(bytes.data(), piece.memory.get() + at, bytes.size());
    open.hash.update(bytes);
    GARITA_TRY(writer_.append_attachment(open.part, bytes));
  }
  return piece.offset + piece.size_bytes < piece.total_bytes ? base::Result<void>() : end_attachment(open);
}

// The object's own bytes, from its sealed copy: nothing that the driver says of them counts.
base::Result<void> ScanFile::keep_object(const image::Attachment& attachment, OpenAttachment& open) {
  const auto object = setup_.broker.inbox_of(attachment.object)->object(attachment.object);
  const uint64_t size = std::min<uint64_t>(object->copy->size_bytes(), GARITA_MAX_ATTACHMENT_BYTES);
  open.entry->set_size_bytes(size);
  if (attachment.name.empty()) open.entry->set_name(object->name);
  std::vector<std::byte> buffer(1u << 20);
  for (uint64_t at = 0; at < size;) {
    const auto want = std::span(buffer).first(std::min<uint64_t>(buffer.size(), size - at));
    const size_t have = object->copy->read_at(at, want);
    if (have == 0) break;
    open.hash.update(want.first(have));
    GARITA_TRY(writer_.append_attachment(open.part, want.first(have)));
    at += have;
  }
  return end_attachment(open);
}

base::Result<void> ScanFile::end_attachment(OpenAttachment& open) {
  open.entry->set_sha256(as_bytes(open.hash.finish()));
  return writer_.end_attachment(open.part);
}

base::Result<void> ScanFile::plane(uint32_t view, uint32_t channel, const normalize::PlaneFormat& format) {
  const auto opened = open_plane(view, channel, format);
  if (!opened) sink_error_ = opened.error();
  return opened;
}

base::Result<void> ScanFile::open_plane(uint32_t view, uint32_t channel, const normalize::PlaneFormat& format) {
  const image::View& of = views_[view];
  if (format.correction) GARITA_TRY(keep_calibration(view, channel, *format.correction));
  package::PlaneSpec spec;
  spec.view = of.name;
  spec.channel = image::channel_name(of.channels[channel].kind);
  spec.sample_type = format.sample_type;
  spec.columns = format.columns;
  if (of.shape != GARITA_SHAPE_SCAN) spec.rows = of.rows;
  if (of.shape == GARITA_SHAPE_VOLUME) spec.slices = of.slices;
  spec.rows_rear_first = normalize::orientation_of(of).rows_rear_first;
  spec.by_hash = setup_.deployment.keep == v1::Provenance::KEEP_RAW && format.canonical &&
                 is_made_alike_everywhere(of.fidelity);
  GARITA_TRY_ASSIGN(part, writer_.add_plane(spec));
  planes_[view][channel] = part;
  freshness_.plane(view, channel, of, format);
  return {};
}

base::Result<void> ScanFile::keep_calibration(uint32_t view, uint32_t channel, const normalize::Correction& correction) {
  const image::View& of = views_[view];
  v1::CalibrationUsed& used = *record_.mutable_views(static_cast<int>(view))
                                   ->mutable_channels(static_cast<int>(channel))->mutable_calibration();
  used.set_id(correction.id);
  const bool first = calibrations_kept_.insert(correction.id).second;
  for (const bool dark : {true, false}) {
    const normalize::CalibrationPlane& plane = dark ? *correction.dark : *correction.air;
    const base::Bytes bytes = plane.q8.empty() ? base::Bytes(plane.counts.data(), plane.counts.size() * sizeof(double))
                                               : base::Bytes(plane.q8.data(), plane.q8.size() * sizeof(uint32_t));
    set_calibration(plane, bytes, used, dark);
    if (!first) continue;
    GARITA_TRY(writer_.add_calibration(
        {of.name, image::channel_name(of.channels[channel].kind),
         dark ? GARITA_CALIBRATION_DARK : GARITA_CALIBRATION_AIR, correction.id, plane.sample_type, plane.columns,
         plane.rows, plane.averaged, plane.time.utc_ns},
        bytes));
  }
  return {};
}

base::Result<void> ScanFile::rows(uint32_t view, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                                  std::span<const std::byte> pixels) {
  freshness_.rows(view, channel, rows, pixels);
  auto written = writer_.append_rows(planes_[view][channel], pixels, rows);
  if (!written) sink_error_ = written.error();
  return written;
}

base::Result<void> ScanFile::raw_rows(uint32_t view, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                                      std::span<const std::byte> pixels) {
  auto written = raw_.rows(view, channel, rows, pixels);
  if (!written) sink_error_ = written.error();
  return written;
}

base::Result<void> ScanFile::raw_doses(uint32_t view, uint32_t channel, uint32_t, uint64_t first_row, uint32_t rows,
                                       std::span<const uint32_t> doses_q16) {
  auto written = raw_.doses(view, channel, first_row, rows, doses_q16);
  if (!written) sink_error_ = written.error();
  return written;
}

base::Result<Recorded> ScanFile::end(const image::ScanEnd& end, const load::Counts& counts) {
  set_moment(end.time, *record_.mutable_time()->mutable_ended());
  return seal(normalizer_.end(end), end.code, counts);
}

base::Result<Recorded> ScanFile::cut(garita_status status, const std::string& reason, const load::Counts& counts) {
  return seal(normalizer_.cut({base::Outcome::incomplete, "host.scan_cut", {{"reason", reason}}}), status, counts);
}

base::Result<void> ScanFile::stop(const image::ScanEnd& end, const load::Counts& counts) {
  set_moment(end.time, *record_.mutable_time()->mutable_ended());
  note_received();
  report_ = normalizer_.end(end);
  code_ = end.code;
  counts_ = counts;
  if (sink_error_) return *sink_error_;
  for (const auto& channels : planes_)
    for (const uint32_t plane : channels)
      if (plane != package::no_part) GARITA_TRY(writer_.end_plane(plane));
  return raw_.end();
}

base::Result<Recorded> ScanFile::seal() { return seal(report_, code_, counts_); }

// What it adds goes in, what both say stays as the scan itself had it. A box without a view is on the one view there is.
void ScanFile::join(const Supplement& supplement) {
  record_.mutable_identity()->add_supplement_keys(supplement.key);
  objects_.insert(objects_.end(), supplement.begin.objects.begin(), supplement.begin.objects.end());
  add_objects(supplement.begin.objects);
  first_attachment_ += uint64_t{1} << 32;
  const auto add_new = [&](const std::vector<image::Attribute>& attributes) {
    image::Attributes fresh;
    for (const image::Attribute& attribute : attributes)
      if (!keys_.contains(attribute.key)) fresh.attributes.push_back(attribute);
    add(fresh);
  };
  add_new(supplement.begin.attributes);
  for (const image::Event& event : supplement.events) {
    if (const auto* more = std::get_if<image::Attributes>(&event)) add_new(more->attributes);
    if (const auto* reading = std::get_if<image::Reading>(&event)) add(*reading);
    if (const auto* piece = std::get_if<image::Attachment>(&event); piece && !sink_error_)
      if (const auto added = add(*piece); !added) sink_error_ = added.error();
    if (const auto* detection = std::get_if<image::Detection>(&event)) join(*detection);
  }
}

void ScanFile::join(image::Detection detection) {
  const image::Detection came = detection;
  const auto index = record_.detections_size();
  const Placed placed = views_.size() == 1 ? place(detection, views_[0], rows_so_far_) : Placed::whole;
  add(detection);
  if (placed == Placed::whole || record_.detections_size() == index) return;
  v1::Suspect& suspect = *record_.add_suspect();
  suspect.set_path("detections[" + std::to_string(index) + "]");
  suspect.set_reason(v1::Suspect::REASON_OUT_OF_RANGE);
  const auto span = [](uint64_t first, uint64_t count) { return std::to_string(first) + '+' + std::to_string(count); };
  suspect.mutable_value()->set_text("rows " + span(came.first_row, came.rows) + ", columns " +
                                    span(came.first_column, came.columns) + ", slices " +
                                    span(came.first_slice, came.slices));
}

// Of every inbox object its own name, size and digest; at once, for the inbox takes back what its driver dies on.
void ScanFile::add_objects(const std::vector<uint64_t>& handles) {
  for (const uint64_t handle : handles) {
    const broker::Inbox* inbox = setup_.broker.inbox_of(handle);
    const auto object = inbox ? inbox->object(handle) : std::nullopt;
    if (!object || !objects_said_.insert(handle).second) continue;
    v1::StreamUsed& stream = *record_.mutable_provenance()->add_streams();
    for (const auto& [name, own] : setup_.broker.inboxes())
      if (own.get() == inbox) stream.set_name(name);
    stream.set_object(object->name);
    stream.set_received_bytes(object->copy->size_bytes());
    stream.set_received_sha256(as_bytes(object->copy->sha256()));
  }
}

}  // namespace garita::host
