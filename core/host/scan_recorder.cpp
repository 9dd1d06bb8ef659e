#include "core/host/scan_recorder.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/file.hpp"
#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/broker/inbox.hpp"
#include "core/host/derived_random.hpp"
#include "core/host/lane_desk.hpp"
#include "core/host/open_package.hpp"
#include "core/host/scan_file.hpp"
#include "core/host/supplement.hpp"
#include "core/load/manifest.hpp"
#include "garita/ext/stored.h"

namespace garita::host {
namespace {

constexpr size_t max_standing_attributes = GARITA_MAX_ATTRIBUTES;
constexpr size_t max_backgrounds = 64;
constexpr size_t max_held_scans = 128;        // unsealed, each with its file open
constexpr size_t max_waiting_supplements = 1024;
constexpr size_t max_joined = 16;             // into one scan: as many as the record names; more stand alone
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

constexpr std::string_view partial_suffix = ".garita.partial";

// What runs that were killed left half written, by the digits of their scans.
std::multimap<std::string, std::filesystem::path> partial_files(const std::filesystem::path& folder) {
  std::multimap<std::string, std::filesystem::path> partials;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (name.size() > 16 + partial_suffix.size() && name.ends_with(partial_suffix))
      partials.emplace(name.substr(name.size() - partial_suffix.size() - 16, 16), entry.path());
  }
  return partials;
}

// Digits of every whole package that lies in the folder: what was stored before this run is a duplicate too. (The names
// of incomplete ones end otherwise.)
void add_stored_digits(const std::filesystem::path& folder, std::set<std::string>& digits, std::string_view ending = suffix) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (name.size() > 16 + ending.size() && name.ends_with(ending))
      digits.insert(name.substr(name.size() - ending.size() - 16, 16));
  }
}

}  // namespace

// The scan under way: a file that grows, or one that is known already and passed over.
class ScanRecorder::Scan {
 public:
  std::string key;
  std::string digits;               // of a key that the device gave; empty: no duplicate can be known
  std::unique_ptr<ScanFile> file;   // null: a duplicate, or a supplement
  std::unique_ptr<Supplement> supplement;
  std::vector<uint64_t> objects;
  size_t supplements = 0;           // that went into it
  std::vector<Recorded> joined;     // they, and what repeats it: told with its seal
  uint64_t since_ns = 0;            // it has waited since
};

namespace {

Recorded joined_to(const Supplement& supplement) {
  return {.fate = Fate::joined, .scan_key = supplement.key, .objects = supplement.begin.objects};
}

}  // namespace

struct ScanRecorder::Standing {
  normalize::CalibrationStore calibrations;
  std::vector<image::Attribute> attributes;
  std::map<std::pair<std::string, uint32_t>, image::Reading> backgrounds;  // the last of each panel and kind
  std::set<std::string> stored;
  std::multimap<std::string, std::filesystem::path> partials;
  load::Counts counts;
  std::vector<std::unique_ptr<Scan>> held;  // ended, not sealed; oldest first
  std::vector<Supplement> waiting;          // for their scan; oldest first
  uint64_t waiting_bytes = 0;
  uint64_t last_object = 0, ordinal = 0;    // of scans without a key: the how manieth of its object
};

ScanRecorder::ScanRecorder(RecorderSetup setup) : setup_(std::move(setup)), standing_(std::make_unique<Standing>()) {
  if (setup_.secret) random_ = std::make_unique<DerivedRandom>(*setup_.secret, "scan keys");
  add_stored_digits(setup_.out, standing_->stored);
  standing_->partials = partial_files(setup_.out);
  if (!setup_.place.desk) return;
  const std::filesystem::path& spool = setup_.place.desk->spool();
  add_stored_digits(spool, standing_->stored);
  add_stored_digits(spool, standing_->stored, ".garita.joined");
  standing_->partials.merge(partial_files(spool));
}
ScanRecorder::~ScanRecorder() = default;

bool ScanRecorder::in_scan() const { return scan_ != nullptr; }
const std::string& ScanRecorder::scan_key() const {
  static const std::string none;
  return scan_ ? scan_->key : none;
}
uint64_t ScanRecorder::rows_so_far() const { return scan_ && scan_->file ? scan_->file->rows_so_far() : 0; }

std::vector<uint64_t> ScanRecorder::objects() const { return scan_ ? scan_->objects : std::vector<uint64_t>(); }

// The scan is told again from its start. What a killed run left of it stands in the way: of a file in an inbox it is worth
// nothing; of a device it is all there may ever be, and is kept under another name.
void ScanRecorder::clear_partials(const std::string& digits, bool comes_again) {
  constexpr int most = 1000;
  const auto [first, last] = standing_->partials.equal_range(digits);
  for (auto each = first; each != last; ++each) {
    if (comes_again) {
      (void)base::real_file_system().remove(each->second);
      continue;
    }
    for (int i = 1; i <= most; ++i) {
      const std::filesystem::path aside = each->second.string() + "." + std::to_string(i);
      if (base::real_file_system().rename_new(each->second, aside)) break;
    }
  }
  standing_->partials.erase(first, last);
}

base::Result<std::unique_ptr<ScanFile>> ScanRecorder::begin_file(const image::ScanBegin& begin, const std::string& key,
                                                                 const std::string& digits) {
  const int64_t started = begin.time.utc_ns == GARITA_UTC_UNKNOWN ? setup_.clock.utc_ns() : begin.time.utc_ns;
  clear_partials(digits, !begin.objects.empty());
  const bool may_join = setup_.place.desk && begin.views.empty();
  const std::filesystem::path& folder = may_join ? setup_.place.desk->spool() : setup_.out;
  GARITA_TRY_ASSIGN(file, ScanFile::begin(setup_, standing_->calibrations, standing_->attributes, begin, key,
                                          folder / file_name(setup_, started, digits)));
  for (const auto& [panel, reading] : standing_->backgrounds) file->add(reading);
  return file;
}

// A key for a scan that was given none: of an inbox object its content names it, so that after a crash it is known again.
static base::Result<std::string> own_key(const RecorderSetup& setup, const image::ScanBegin& begin, uint64_t ordinal,
                                         base::Random& random) {
  const broker::Inbox* inbox = begin.objects.empty() ? nullptr : setup.broker.inbox_of(begin.objects.front());
  if (const auto object = inbox ? inbox->object(begin.objects.front()) : std::nullopt)
    return base::to_text(object->key) + '-' + std::to_string(ordinal);
  GARITA_TRY_ASSIGN(id, base::uuid_v7(setup.clock, random));
  return base::to_text(id);
}

base::Result<std::optional<Recorded>> ScanRecorder::begin(const image::ScanBegin& begin) {
  auto scan = std::make_unique<Scan>();
  scan->key = begin.key;
  scan->objects = begin.objects;
  if (begin.key.empty()) {
    const bool same = !begin.objects.empty() && standing_->last_object == begin.objects.front();
    standing_->ordinal = same ? standing_->ordinal + 1 : 0;
    standing_->last_object = begin.objects.empty() ? 0 : begin.objects.front();
    GARITA_TRY_ASSIGN(key, own_key(setup_, begin, standing_->ordinal, random_ ? *random_ : base::system_random()));
    scan->key = std::move(key);
  }
  const std::string digits = key_digits(setup_, scan->key);
  if (!begin.key.empty() || !begin.objects.empty()) scan->digits = digits;
  const bool may_join = setup_.hold_ns > 0 && begin.relation == GARITA_RELATION_SUPPLEMENT && begin.views.empty() &&
                        !begin.related_key.empty() && !begin.objects.empty();
  if (standing_->stored.contains(digits)) {
    // a duplicate: passed over
  } else if (may_join) {
    scan->supplement = std::make_unique<Supplement>(Supplement{.begin = begin, .key = scan->key});
  } else {
    GARITA_TRY_ASSIGN(file, begin_file(begin, scan->key, digits));
    scan->file = std::move(file);
  }
  scan_ = std::move(scan);
  return std::optional<Recorded>();
}

// ---- Supplements

// It has grown too large to wait: a scan of its own from here on.
base::Result<void> ScanRecorder::end_supplement_alone() {
  const auto supplement = std::move(scan_->supplement);
  GARITA_TRY_ASSIGN(file, begin_file(supplement->begin, scan_->key, scan_->digits));
  scan_->file = std::move(file);
  for (const image::Event& event : supplement->events) GARITA_TRY(add(*scan_->file, event));
  return {};
}

base::Result<void> ScanRecorder::add(ScanFile& file, const image::Event& event) {
  if (const auto* strip = std::get_if<image::Strip>(&event)) return file.add(*strip);
  if (const auto* piece = std::get_if<image::Attachment>(&event)) return file.add(*piece);
  if (const auto* reading = std::get_if<image::Reading>(&event)) file.add(*reading);
  if (const auto* detection = std::get_if<image::Detection>(&event)) file.add(*detection);
  if (const auto* more = std::get_if<image::Attributes>(&event)) file.add(*more);
  return {};
}

base::Result<std::optional<Recorded>> ScanRecorder::end_supplement(const image::ScanEnd& end) {
  Supplement supplement = std::move(*scan_->supplement);
  scan_.reset();
  supplement.end = end;
  supplement.since_ns = setup_.clock.monotonic_ns();
  for (auto& held : standing_->held) {
    const auto repeats = [&](const Recorded& joined) { return joined.scan_key == supplement.key; };
    if (std::any_of(held->joined.begin(), held->joined.end(), repeats)) {  // its driver died before it said done
      held->joined.push_back({.fate = Fate::duplicate, .scan_key = supplement.key, .objects = supplement.begin.objects});
      return std::optional<Recorded>();
    }
  }
  for (auto& held : standing_->held) {
    if (held->key != supplement.begin.related_key || held->supplements >= max_joined) continue;
    held->file->join(supplement);
    held->joined.push_back(joined_to(supplement));
    ++held->supplements;
    return std::optional<Recorded>();
  }
  standing_->waiting_bytes += supplement.bytes;
  standing_->waiting.push_back(std::move(supplement));
  return std::optional<Recorded>();
}

// Whether the inbox took one of them back: its driver died before it said done, and it comes again.
bool ScanRecorder::is_lost(const std::vector<uint64_t>& objects) const {
  return std::any_of(objects.begin(), objects.end(), [&](uint64_t object) {
    const broker::Inbox* inbox = setup_.broker.inbox_of(object);
    return !inbox || !inbox->object(object);
  });
}

void ScanRecorder::forget_lost() {
  std::erase_if(standing_->waiting, [&](const Supplement& supplement) {
    const bool lost = is_lost(supplement.begin.objects);
    if (lost) standing_->waiting_bytes -= supplement.bytes;
    return lost;
  });
}

// Ended and whole on the disk but for its seal; who came before it joins now.
base::Result<void> ScanRecorder::hold(const image::ScanEnd& end, const load::Counts& counts) {
  auto scan = std::move(scan_);
  GARITA_TRY(scan->file->stop(end, counts));
  scan->since_ns = setup_.clock.monotonic_ns();
  forget_lost();
  for (auto each = standing_->waiting.begin(); each != standing_->waiting.end();) {
    if (each->begin.related_key != scan->key || scan->supplements >= max_joined) {
      ++each;
      continue;
    }
    scan->file->join(*each);
    scan->joined.push_back(joined_to(*each));
    ++scan->supplements;
    standing_->waiting_bytes -= each->bytes;
    each = standing_->waiting.erase(each);
  }
  if (!scan->digits.empty()) standing_->stored.insert(scan->digits);  // it comes twice: once is enough
  standing_->held.push_back(std::move(scan));
  return {};
}

// ---- Other devices of the lane

// Only what would come again after a crash may wait: from an inbox, or of a device that is told what is durable.
bool ScanRecorder::waits_for_others(const Scan& scan) const {
  if (!setup_.place.desk || !scan.file->has_views()) return false;
  const auto& extensions = setup_.manifest.extensions;
  const bool comes_again = !scan.objects.empty() ||
                           std::find(extensions.begin(), extensions.end(), GARITA_STORED_1) != extensions.end();
  return comes_again && setup_.place.desk->wait_ns() > 0;
}

bool ScanRecorder::is_due(const Scan& scan, uint64_t now_ns) const {
  const uint64_t waited_ns = now_ns - scan.since_ns;
  if (!scan.objects.empty() && waited_ns < setup_.hold_ns) return false;
  const LaneDesk* desk = setup_.place.desk;
  if (!desk || !scan.file->has_views() || waited_ns >= desk->wait_ns()) return true;
  const auto passage = scan.file->passage();
  return !passage || desk->has_all(*passage, setup_.place.device);
}

// A whole package without views goes to the desk; another's scan may take it in.
Recorded ScanRecorder::hand_over(Recorded recorded) {
  if (!setup_.place.desk || recorded.fate != Fate::stored || recorded.record.views_size() > 0) return recorded;
  WaitingScan scan{.device = setup_.place.device, .path = recorded.path, .record = recorded.record, .root = recorded.root};
  scan.passage.position_m = setup_.place.position_m;
  setup_.place.desk->offer(std::move(scan));
  recorded.fate = Fate::waiting;
  return recorded;
}

// Whether a run before joined it and was killed before its file was consumed: the package of its scan says so.
bool ScanRecorder::joined_before(const Supplement& supplement) const {
  const std::string related = key_digits(setup_, supplement.begin.related_key);
  if (!standing_->stored.contains(related)) return false;
  const broker::Inbox* inbox = setup_.broker.inbox_of(supplement.begin.objects.front());
  const auto object = inbox ? inbox->object(supplement.begin.objects.front()) : std::nullopt;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(setup_.out, error)) {
    if (!entry.path().filename().string().ends_with(related + std::string(suffix))) continue;
    const auto package = open_package(entry.path());
    if (!package) continue;
    const auto& keys = package->record.identity().supplement_keys();
    if (std::find(keys.begin(), keys.end(), supplement.key) != keys.end()) return true;
    for (const v1::StreamUsed& stream : package->record.provenance().streams())
      if (object && std::equal(stream.received_sha256().begin(), stream.received_sha256().end(),
                               object->copy->sha256().begin(), object->copy->sha256().end(),
                               [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }))
        return true;
  }
  return false;
}

base::Result<std::optional<Recorded>> ScanRecorder::stand_alone(Supplement supplement) {
  const std::string digits = key_digits(setup_, supplement.key);
  if (standing_->stored.contains(digits) || joined_before(supplement))
    return std::optional(Recorded{.fate = Fate::duplicate, .scan_key = supplement.key, .objects = supplement.begin.objects});
  GARITA_TRY_ASSIGN(file, begin_file(supplement.begin, supplement.key, digits));
  for (const image::Event& event : supplement.events) GARITA_TRY(add(*file, event));
  GARITA_TRY_ASSIGN(recorded, file->end(supplement.end, standing_->counts));
  if (recorded.fate == Fate::stored && recorded.complete()) standing_->stored.insert(digits);
  return std::optional(hand_over(std::move(recorded)));
}

base::Result<std::vector<Recorded>> ScanRecorder::release(bool all) {
  std::vector<Recorded> released;
  if (all) forget_lost();
  const uint64_t now_ns = setup_.clock.monotonic_ns();
  const auto due = [&](uint64_t since_ns) { return all || now_ns - since_ns >= setup_.hold_ns; };
  // Where devices wait for their word in the order of their scans, none goes before an older one.
  const bool in_order = setup_.place.desk != nullptr;
  for (size_t i = 0; i < standing_->held.size();) {
    const bool too_many = standing_->held.size() > max_held_scans;
    if (!all && !too_many && !is_due(*standing_->held[i], now_ns) && !is_lost(standing_->held[i]->file->objects())) {
      if (in_order) break;
      ++i;
      continue;
    }
    const auto scan = std::move(standing_->held[i]);
    standing_->held.erase(standing_->held.begin() + static_cast<std::ptrdiff_t>(i));
    GARITA_TRY_ASSIGN(recorded, scan->file->seal());
    if (recorded.fate != Fate::stored || !recorded.complete()) standing_->stored.erase(scan->digits);
    recorded.objects = scan->objects;
    released.push_back(hand_over(std::move(recorded)));
    for (Recorded& joined : scan->joined) {
      joined.path = released.back().path;
      released.push_back(std::move(joined));
    }
  }
  while (!standing_->waiting.empty() &&
         (due(standing_->waiting.front().since_ns) || standing_->waiting.size() > max_waiting_supplements ||
          standing_->waiting_bytes > max_supplement_bytes)) {
    Supplement supplement = std::move(standing_->waiting.front());
    standing_->waiting.erase(standing_->waiting.begin());
    standing_->waiting_bytes -= supplement.bytes;
    GARITA_TRY_ASSIGN(recorded, stand_alone(std::move(supplement)));
    if (recorded) released.push_back(std::move(*recorded));
  }
  return released;
}

// ---- Events

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
  if (scan_->supplement) {
    if (end) return end_supplement(*end);
    if (keep_event(*scan_->supplement, event)) return std::optional<Recorded>();
    GARITA_TRY(end_supplement_alone());
  }
  if (!scan_->file) {
    if (!end) return std::optional<Recorded>();
    return end_duplicate();
  }
  if (const auto added = add(*scan_->file, event); !added) {
    scan_.reset();
    return added.error();
  }
  if (!end) return std::optional<Recorded>();
  if ((setup_.hold_ns > 0 && !scan_->objects.empty()) || waits_for_others(*scan_)) {
    GARITA_TRY(hold(*end, counts));
    return std::optional<Recorded>();
  }
  const auto scan = std::move(scan_);
  GARITA_TRY_ASSIGN(recorded, scan->file->end(*end, counts));
  remember(*scan, recorded);
  return std::optional(hand_over(std::move(recorded)));
}

// What it repeats may be without its seal yet: only with that is its file consumed.
std::optional<Recorded> ScanRecorder::end_duplicate() {
  const auto scan = std::move(scan_);
  Recorded duplicate{.fate = Fate::duplicate, .scan_key = scan->key, .objects = scan->objects};
  for (auto& held : standing_->held) {
    if (held->digits != scan->digits) continue;
    held->joined.push_back(std::move(duplicate));
    return std::nullopt;
  }
  return duplicate;
}

// An incomplete scan is not remembered: when it comes again, whole, it is wanted.
void ScanRecorder::remember(const Scan& scan, const Recorded& recorded) {
  if (recorded.fate == Fate::stored && recorded.complete() && !scan.digits.empty())
    standing_->stored.insert(scan.digits);
}

base::Result<std::optional<Recorded>> ScanRecorder::cut(garita_status status, const std::string& reason) {
  const auto scan = std::move(scan_);
  if (scan && !scan->objects.empty())  // the file under way leaves nothing behind
    return std::optional(Recorded{.fate = Fate::abandoned, .scan_key = scan->key, .objects = scan->objects});
  if (!scan || !scan->file) return std::optional<Recorded>();
  GARITA_TRY_ASSIGN(recorded, scan->file->cut(status, reason, standing_->counts));
  remember(*scan, recorded);
  return std::optional(hand_over(std::move(recorded)));
}

}  // namespace garita::host
