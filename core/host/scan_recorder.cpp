#include "core/host/scan_recorder.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/host/scan_file.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {
namespace {

constexpr size_t max_standing_attributes = GARITA_MAX_ATTRIBUTES;
constexpr size_t max_backgrounds = 64;
constexpr std::string_view suffix = ".garita";

// Names a scan for ever: the same key of the same instrument through the same driver gives the same digits.
std::string key_digits(const RecorderSetup& setup, const std::string& scan_key) {
  const std::string named = setup.manifest.id + '\n' + setup.instance + '\n' + scan_key;
  return base::to_text(base::sha256(named)).substr(0, 16);
}

// "20261122T031203Z-lane1-0f3a…garita": sorts by time, says where, and ends in the key's digits.
std::string file_name(const RecorderSetup& setup, int64_t utc_ns, const std::string& digits) {
  std::string when = base::format_utc(utc_ns, 0);
  std::erase_if(when, [](char c) { return c == '-' || c == ':'; });
  std::string where = setup.lane.empty() ? setup.manifest.name : setup.lane;
  for (char& c : where)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return when + '-' + where.substr(0, 32) + '-' + digits + std::string(suffix);
}

// Digits of every whole package that lies in the folder: what was stored before this run is a duplicate too. (The names
// of incomplete ones end otherwise.)
std::set<std::string> stored_digits(const std::filesystem::path& folder) {
  std::set<std::string> digits;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (name.size() > 16 + suffix.size() && name.ends_with(suffix))
      digits.insert(name.substr(name.size() - suffix.size() - 16, 16));
  }
  return digits;
}

}  // namespace

// The scan under way: a file that grows, or one that is known already and passed over.
class ScanRecorder::Scan {
 public:
  std::string key;
  std::string digits;               // of a key that the device gave; empty: no duplicate can be known
  std::unique_ptr<ScanFile> file;   // null: a duplicate
};

struct ScanRecorder::Standing {
  normalize::CalibrationStore calibrations;
  std::vector<image::Attribute> attributes;
  std::map<std::pair<std::string, uint32_t>, image::Reading> backgrounds;  // the last of each panel and kind
  std::set<std::string> stored;
  load::Counts counts;
};

ScanRecorder::ScanRecorder(RecorderSetup setup) : setup_(std::move(setup)), standing_(std::make_unique<Standing>()) {
  standing_->stored = stored_digits(setup_.out);
}
ScanRecorder::~ScanRecorder() = default;

bool ScanRecorder::in_scan() const { return scan_ != nullptr; }
const std::string& ScanRecorder::scan_key() const {
  static const std::string none;
  return scan_ ? scan_->key : none;
}
uint64_t ScanRecorder::rows_so_far() const { return scan_ && scan_->file ? scan_->file->rows_so_far() : 0; }

base::Result<std::optional<Recorded>> ScanRecorder::begin(const image::ScanBegin& begin) {
  auto scan = std::make_unique<Scan>();
  scan->key = begin.key;
  if (begin.key.empty()) {
    GARITA_TRY_ASSIGN(id, base::uuid_v7(setup_.clock));
    scan->key = base::to_text(id);
  }
  const std::string digits = key_digits(setup_, scan->key);
  if (!begin.key.empty()) scan->digits = digits;
  if (!standing_->stored.contains(digits)) {
    const int64_t started = begin.time.utc_ns == GARITA_UTC_UNKNOWN ? setup_.clock.utc_ns() : begin.time.utc_ns;
    GARITA_TRY_ASSIGN(file, ScanFile::begin(setup_, standing_->calibrations, standing_->attributes, begin, scan->key,
                                            setup_.out / file_name(setup_, started, digits)));
    for (const auto& [panel, reading] : standing_->backgrounds) file->add(reading);
    scan->file = std::move(file);
  }
  scan_ = std::move(scan);
  return std::optional<Recorded>();
}

base::Result<std::optional<Recorded>> ScanRecorder::take(const image::Event& event, const load::Counts& counts) {
  standing_->counts = counts;
  if (const auto* begin_event = std::get_if<image::ScanBegin>(&event)) {
    GARITA_TRY_ASSIGN(cut_short, cut(GARITA_DATA_TRUNCATED, "a new scan began before this one ended"));
    GARITA_TRY(begin(*begin_event));
    return cut_short;
  }
  if (const auto* calibration = std::get_if<image::Calibration>(&event)) {
    // A piece that cannot be right makes its id unusable; the scan that names it says so.
    (void)standing_->calibrations.add(*calibration);
    return std::optional<Recorded>();
  }
  if (!scan_) {
    if (const auto* more = std::get_if<image::Attributes>(&event)) {
      for (const image::Attribute& attribute : more->attributes) {
        std::erase_if(standing_->attributes, [&](const image::Attribute& old) { return old.key == attribute.key; });
        if (standing_->attributes.size() < max_standing_attributes) standing_->attributes.push_back(attribute);
      }
    } else if (const auto* reading = std::get_if<image::Reading>(&event)) {
      const auto panel = std::make_pair(reading->panel, reading->kind);
      if (standing_->backgrounds.size() < max_backgrounds || standing_->backgrounds.contains(panel))
        standing_->backgrounds[panel] = *reading;
    }
    return std::optional<Recorded>();
  }
  const auto* end = std::get_if<image::ScanEnd>(&event);
  if (!scan_->file) {
    if (!end) return std::optional<Recorded>();
    Recorded duplicate{.fate = Fate::duplicate, .scan_key = scan_->key};
    scan_.reset();
    return std::optional(std::move(duplicate));
  }
  base::Result<void> added;
  if (const auto* strip = std::get_if<image::Strip>(&event)) added = scan_->file->add(*strip);
  if (const auto* piece = std::get_if<image::Attachment>(&event)) added = scan_->file->add(*piece);
  if (const auto* reading = std::get_if<image::Reading>(&event)) scan_->file->add(*reading);
  if (const auto* detection = std::get_if<image::Detection>(&event)) scan_->file->add(*detection);
  if (const auto* more = std::get_if<image::Attributes>(&event)) scan_->file->add(*more);
  if (!added) {
    scan_.reset();
    return std::move(added).error();
  }
  if (!end) return std::optional<Recorded>();
  const auto scan = std::move(scan_);
  GARITA_TRY_ASSIGN(recorded, scan->file->end(*end, counts));
  remember(*scan, recorded);
  return std::optional(std::move(recorded));
}

// An incomplete scan is not remembered: when it comes again, whole, it is wanted.
void ScanRecorder::remember(const Scan& scan, const Recorded& recorded) {
  if (recorded.fate == Fate::stored && recorded.complete() && !scan.digits.empty())
    standing_->stored.insert(scan.digits);
}

base::Result<std::optional<Recorded>> ScanRecorder::cut(garita_status status, const std::string& reason) {
  const auto scan = std::move(scan_);
  if (!scan || !scan->file) return std::optional<Recorded>();
  GARITA_TRY_ASSIGN(recorded, scan->file->cut(status, reason, standing_->counts));
  remember(*scan, recorded);
  return std::optional(std::move(recorded));
}

}  // namespace garita::host
