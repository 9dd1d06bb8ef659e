// N42 files as a Device: one object of the inbox, one scan for each of its roots, or one sentence.
#include "garita/driver.hpp"

#include <optional>
#include <string>
#include <utility>

#include "drivers/n42/parse.hpp"
#include "drivers/n42/text.hpp"
#include "drivers/n42/xml.hpp"
#include "garita/inbox.hpp"

namespace garita::n42 {
namespace {

std::string hex(std::span<const std::byte> bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte byte : bytes) {
    text += digits[static_cast<unsigned>(byte) >> 4];
    text += digits[static_cast<unsigned>(byte) & 15];
  }
  return text;
}

// A time whose file states no zone, on a clock that is `minutes` ahead of UTC.
void place(Time& time, std::optional<int64_t> minutes) {
  if (!minutes || time.utc_ns == GARITA_UTC_UNKNOWN || time.uncertainty_ns != unknown_zone_ns) return;
  time.utc_ns -= *minutes * 60 * 1'000'000'000;
  time.offset_s = static_cast<int32_t>(*minutes * 60);
  time.uncertainty_ns = 0;
}

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

class N42 final : public Device {
 public:
  explicit N42(const Opening& opening)
      : Device(opening), exports_(*this, "exports"), keeps_original_(kept(host())),
        utc_offset_min_(host().config_if<int64_t>("utc_offset_min")) {}

 private:
  void next() override {
    if (!object_) return take(exports_.next());
    if (index_ < parsed_.documents.size()) return scan(parsed_.documents[index_]);
    exports_.done(*object_);  // every scan of it has begun: the queue is empty again
    forget();
  }

  // The scan was cancelled: the object is neither done nor refused, so that it comes again.
  void resync() override { forget(); }

  static bool kept(Host& host) {
    const std::string word = host.config_if<std::string>("original").value_or("drop");
    if (word != "keep" && word != "drop")
      fail(GARITA_INVALID_ARGUMENT, "configuration key 'original' is '" + word + "'; it takes keep or drop");
    return word == "keep";
  }

  void take(const Object& object) {
    Stop why;
    try {
      std::vector<std::byte> bytes = exports_.read_all(object, max_file_bytes);
      parsed_ = parse(bytes);
      why = {parsed_.status, "'" + file_name(object.name) + "' " + parsed_.problem};
    } catch (const Stop& stop) {
      if (!is_data(stop.status)) throw;
      why = stop;
    }
    if (why.status == GARITA_OK)
      object_ = object;
    else
      exports_.reject(object, why);
  }

  void scan(Document& document) {
    place(document.time, utc_offset_min_);
    place(document.end, utc_offset_min_);
    for (Reading& reading : document.readings) place(reading.time, utc_offset_min_);
    emit(ScanBegin{.key = key_of(document),
                   .passage_key = std::move(document.passage_key),
                   .time = document.time,
                   .attributes = std::move(document.attributes),
                   .objects = {object_->handle}});
    for (Reading& reading : document.readings) emit(std::move(reading));
    for (Detection& detection : document.detections) emit(std::move(detection));
    if (keeps_original_)
      emit(Attachment{.role = GARITA_ATTACHMENT_ORIGINAL,
                      .media_type = "application/xml",
                      .name = file_name(object_->name),
                      .object = object_->handle});
    emit(ScanEnd{.time = document.end});
    ++index_;
  }

  // Some instruments write one UUID into every file, so the bytes have a say as well.
  std::string key_of(const Document& document) const {
    const std::string digest = hex(object_->sha256);
    std::string key = document.uuid.empty() ? digest : document.uuid + "/" + digest.substr(0, 16);
    if (index_ != 0) key += "#" + std::to_string(index_ + 1);
    return key;
  }

  void forget() {
    object_.reset();
    parsed_ = {};
    index_ = 0;
  }

  Inbox exports_;
  bool keeps_original_;
  std::optional<int64_t> utc_offset_min_;
  std::optional<Object> object_;  // the one whose scans are under way
  Parsed parsed_;
  size_t index_ = 0;  // of the next document
};

}  // namespace garita::n42

GARITA_DRIVER(garita::n42::N42, "org.garita.n42", "1.0.0", garita::models("N42-2006", "N42-2012"),
              "reading.gamma", "reading.neutron", "reading.spectrum", "reading.dose_rate",
              "detection.machine", "attachment.original")
