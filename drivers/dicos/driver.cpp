// Files of an inbox as scans: one image, one scan; a report joins the image that it speaks of.
#include "garita/driver.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/dicos/decode.hpp"
#include "garita/inbox.hpp"

namespace garita::dicos {

class Dicos final : public Device {
 public:
  explicit Dicos(const Opening& opening)
      : Device(opening), exports_(*this, "exports"), keep_original_(host().config<std::string>("original") == "keep"),
        utc_offset_min_(host().config_if<int64_t>("utc_offset_min")) {}

 private:
  static constexpr size_t max_file_bytes = size_t{1} << 30;
  static constexpr size_t max_known_images = 65536;  // that a report may still join
  static constexpr size_t max_waiting = 4;           // reports that came before their image

  struct Job {
    Object object;
    std::vector<std::byte> bytes;
    std::unique_ptr<File> file;
    Content content;
    uint32_t slice = 0;
    uint64_t row = 0;
  };

  // Done is said a step late: until then the events that name the object have been delivered.
  void next() override {
    if (finished_) exports_.done(*std::exchange(finished_, std::nullopt));
    if (in_scan()) return deliver_rows();
    if (job_) return begin();
    if (take_waiting()) return begin();
    take_object();
  }

  void resync() override {
    if (job_) finished_ = job_->object;
    job_.reset();
  }

  // A report whose image was seen by now, or that waits for nothing any more.
  bool take_waiting(bool all = false) {
    const auto ready = std::find_if(waiting_.begin(), waiting_.end(), [&](const Job& report) {
      return all || keys_.contains(report.content.related_uid);
    });
    if (ready == waiting_.end()) return false;
    job_ = std::move(*ready);
    waiting_.erase(ready);
    return true;
  }

  void take_object() {
    Job job;
    try {
      job.object = exports_.next();
    } catch (const Stop&) {  // nothing more for now: what waits for its image waits in vain
      if (take_waiting(true)) return;
      throw;
    }
    if (is_foreign(job.object)) return exports_.done(job.object);
    try {
      job.bytes = exports_.read_all(job.object, max_file_bytes);
      job.file = std::make_unique<File>(job.bytes);
      job.content = job.file->content();
      place(job.content.time);
    } catch (Stop& stop) {
      if (!is_data(stop.status)) throw;
      return reject(job.object, std::move(stop));
    } catch (const std::bad_alloc&) {
      return reject(job.object, {GARITA_DATA_UNSUPPORTED, "it needs more memory than the driver has"});
    }
    if (job.content.report) {
      job.file.reset();
      job.bytes = {};
      const bool waits = !job.content.related_uid.empty() && !keys_.contains(job.content.related_uid);
      if (waits && waiting_.size() < max_waiting) return waiting_.push_back(std::move(job));
    }
    job_ = std::move(job);
  }

  // DICOM files are often named for their UID or not at all; what lies beside them is none of ours.
  bool is_foreign(const Object& object) {
    constexpr std::string_view ends[] = {".dcs", ".dcm", ".dicom", ".dicos", ".dic", ".ima"};
    constexpr std::string_view magic = "DICM";
    constexpr size_t preamble_bytes = 128;
    const auto is_same = [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); };
    for (const std::string_view end : ends)
      if (object.name.size() >= end.size() && std::equal(end.begin(), end.end(), object.name.end() - static_cast<std::ptrdiff_t>(end.size()), is_same))
        return false;
    if (object.size_bytes < preamble_bytes + magic.size()) return true;
    const std::vector<std::byte> head = exports_.read(object, preamble_bytes, magic.size());
    return std::memcmp(head.data(), magic.data(), magic.size()) != 0;
  }

  // Where the file states no zone: on the clock that the site describes.
  void place(Time& time) const {
    if (!utc_offset_min_ || time.utc_ns == GARITA_UTC_UNKNOWN || time.uncertainty_ns != unknown_zone_ns) return;
    time.utc_ns -= *utc_offset_min_ * 60 * 1'000'000'000;
    time.offset_s = static_cast<int32_t>(*utc_offset_min_ * 60);
    time.uncertainty_ns = 0;
  }

  void reject(const Object& object, Stop why) {
    why.message = "'" + object.name + "': " + why.message;
    exports_.reject(object, why);
  }

  // One instance may come in several codings, and sample files share their UIDs: the digest tells them apart.
  static std::string key_of(const Job& job) {
    std::string digest;
    for (size_t i = 0; i < std::min<size_t>(job.object.sha256.size(), 8); ++i) {
      char hex[3];
      std::snprintf(hex, sizeof hex, "%02x", std::to_integer<unsigned>(job.object.sha256[i]));
      digest += hex;
    }
    return job.content.instance_uid.empty() ? digest : job.content.instance_uid + "/" + digest;
  }

  void begin() {
    Job& job = *job_;
    to_utf8(job.content);
    ScanBegin begin{.key = key_of(job), .time = job.content.time, .attributes = job.content.attributes,
                    .views = job.content.views, .objects = {job.object.handle}};
    if (!job.content.instance_uid.empty())
      begin.attributes.push_back(attribute("org.nema.dicom.sop_instance_uid", job.content.instance_uid));
    if (job.content.report) {
      begin.attributes.push_back(attribute("org.nema.dicos.referenced_image", job.content.related_uid));
      if (const auto image = keys_.find(job.content.related_uid); image != keys_.end()) {
        begin.relation = GARITA_RELATION_SUPPLEMENT;
        begin.related_key = image->second;
      }
    } else if (!job.content.instance_uid.empty()) {
      if (keys_.size() >= max_known_images) keys_.erase(keys_.begin());
      keys_[job.content.instance_uid] = begin.key;
    }
    emit(std::move(begin));
    if (job.content.views.empty()) end();
  }

  void deliver_rows() {
    Job& job = *job_;
    const View& view = job.content.views[0];
    const uint64_t stride = uint64_t{view.columns} * sample_size_bytes(view.sample_type);
    const uint64_t most = std::min<uint64_t>(GARITA_MAX_STRIP_ROWS, host().limits().max_strip_bytes / stride);
    const uint64_t rows = std::min(most, view.rows - job.row);
    auto held = strips(stride * rows, 1);
    try {
      job.file->read_rows(job.slice, job.row, rows, held[0].bytes());
    } catch (Stop& stop) {
      stop.message = "'" + job.object.name + "': " + stop.message;
      if (is_data(stop.status)) job_.reset();  // the status rejects the object
      throw;
    }
    Strip strip{.slice = job.slice, .first_row = job.row, .rows = static_cast<uint32_t>(rows),
                .row_stride_bytes = stride, .strip = std::move(held[0]), .time = job.content.time};
    emit(std::move(strip));
    job.row += rows;
    if (job.row < view.rows) return;
    job.row = 0;
    if (++job.slice == view.slices) end();
  }

  void end() {
    Job job = std::move(*job_);
    job_.reset();
    for (Detection& detection : job.content.detections) emit(std::move(detection));
    if (keep_original_ && job.object.size_bytes <= host().limits().max_attachment_bytes)
      emit(Attachment{.role = GARITA_ATTACHMENT_ORIGINAL, .media_type = "application/dicom",
                      .name = job.object.name.substr(job.object.name.rfind('/') + 1), .object = job.object.handle});
    emit(ScanEnd{});
    finished_ = std::move(job.object);
  }

  void to_utf8(Content& content) {
    for (Attribute& attribute : content.attributes)
      if (attribute.type == GARITA_VALUE_TEXT) to_utf8(attribute.bytes, content.charset);
    for (Detection& detection : content.detections)
      for (std::string* text : {&detection.category, &detection.vendor_code, &detection.label})
        to_utf8(*text, content.charset);
  }

  // Text that cannot be converted stays as it came: the host keeps it and says so.
  void to_utf8(std::string& text, const std::string& charset) {
    const bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    if (is_ascii || charset.empty() || charset == "UTF-8") return;
    try {
      text = host().to_utf8(charset, std::as_bytes(std::span(text)));
    } catch (const Stop& stop) {
      if (!is_data(stop.status) && stop.status != GARITA_NOT_SUPPORTED) throw;
    }
  }

  Inbox exports_;
  bool keep_original_;
  std::optional<int64_t> utc_offset_min_;
  std::optional<Job> job_;
  std::optional<Object> finished_;
  std::deque<Job> waiting_;                  // reports
  std::map<std::string, std::string> keys_;  // of images of this run, by instance UID
};

}  // namespace garita::dicos

GARITA_DRIVER(garita::dicos::Dicos, "org.garita.dicos", "1.0.0", garita::models("DICOS and DICOM files"),
              "shape.frame", "shape.volume", "fidelity.display", "fidelity.reconstructed", "channels.single",
              "channels.high", "channels.low", "detection.machine", "detection.operator", "attachment.original",
              "scan.supplement")
