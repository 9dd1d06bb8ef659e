#include "core/host/replay_proof.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/broker/recording.hpp"
#include "core/host/material_store.hpp"
#include "core/host/plane_maker.hpp"
#include "core/host/replay.hpp"
#include "core/host/scan_run.hpp"
#include "core/package/verify.hpp"

namespace garita::host {
namespace {

namespace fs = std::filesystem;

// What a driver says of a scan. Where and when it was scanned is the host's word.
constexpr std::string_view said_by_driver[] = {
    "conveyance",  "documents",         "beam",         "views",   "readings",    "detections",
    "attachments", "vendor_attributes", "unrecognized", "suspect", "completeness"};

struct Quiet final : ScanObserver {};

// Sets a flag when the time is over, unless it goes away before.
class Timer {
 public:
  explicit Timer(std::chrono::seconds limit) : deadline_(std::chrono::steady_clock::now() + limit) {}
  ~Timer() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  const std::atomic<bool>& over() const { return over_; }

 private:
  void wait() {
    std::unique_lock lock(mutex_);
    over_ = !ended_.wait_until(lock, deadline_, [this] { return done_; });
  }

  const std::chrono::steady_clock::time_point deadline_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::atomic<bool> over_{false};
  std::thread thread_{[this] { wait(); }};
};

// Looks for the bytes of a package in a recording. Of a stream a package names how many came since it was
// opened, and their hash: they are where the recording's stream begins. Of a folder it names whole files.
class RecordedBytes {
 public:
  explicit RecordedBytes(const v1::Provenance& provenance) {
    for (const v1::StreamUsed& used : provenance.streams())
      if (!used.received_sha256().empty()) wanted_.push_back({used, {}, 0, false});
  }

  // False too where the time is over.
  base::Result<bool> are_in(const fs::path& recording, const std::atomic<bool>& over) {
    GARITA_TRY_ASSIGN(reader, broker::RecordingReader::open(recording));
    while (!over) {
      GARITA_TRY_ASSIGN(record, reader.next());
      if (!record) break;
      if (record->kind == broker::RecordKind::stream) names_.emplace_back(record->name);
      for (Wanted& each : wanted_) look(each, *record);
    }
    return std::all_of(wanted_.begin(), wanted_.end(), [](const Wanted& each) { return each.found; });
  }

 private:
  struct Wanted {
    v1::StreamUsed used;
    base::Sha256 hash;
    uint64_t bytes = 0;  // hashed since the stream was opened
    bool found = false;
  };

  void look(Wanted& each, const broker::Record& record) const {
    const auto is_it = [&](const base::Digest& digest) {
      return each.used.received_sha256() == std::string(digest.begin(), digest.end());
    };
    if (!each.used.object().empty()) {
      each.found = each.found || (record.kind == broker::RecordKind::file && is_it(record.sha256));
      return;
    }
    if (each.found || record.stream >= names_.size() || names_[record.stream] != each.used.name()) return;
    if (record.kind == broker::RecordKind::opened) each.hash = base::Sha256(), each.bytes = 0;
    if (record.kind != broker::RecordKind::from_device || each.bytes >= each.used.received_bytes()) return;
    const auto part =
        record.body.first(std::min<uint64_t>(record.body.size(), each.used.received_bytes() - each.bytes));
    each.hash.update(part);
    each.bytes += part.size();
    if (each.bytes == each.used.received_bytes()) each.found = is_it(each.hash.finish());
  }

  std::vector<Wanted> wanted_;
  std::vector<std::string> names_;  // of streams, by their numbers
};

// Is this the same scan, made again?
bool same_scan(const v1::Inspection& a, const v1::Inspection& b) {
  const auto objects = [](const v1::Inspection& record) {
    std::vector<std::string> own;
    for (const v1::StreamUsed& used : record.provenance().streams())
      if (!used.object().empty()) own.push_back(used.received_sha256());
    return own;
  };
  if (!objects(a).empty() || !objects(b).empty()) return objects(a) == objects(b);
  return a.identity().scan_key() == b.identity().scan_key() ||
         (a.time().has_started() && a.time().started().utc_ns() == b.time().started().utc_ns());
}

// What the site knows of its device, and no driver says.
void forget_site(v1::Inspection& record) {
  for (v1::View& view : *record.mutable_views())
    for (v1::Channel& channel : *view.mutable_channels()) channel.clear_steel_curve();
  auto& attachments = *record.mutable_attachments();
  attachments.erase(std::remove_if(attachments.begin(), attachments.end(),
                                   [](const v1::Attachment& each) {
                                     return each.media_type().starts_with(own_media_types);
                                   }),
                    attachments.end());
}

// Both messages with this field and nothing else, byte by byte.
bool same_field(const v1::Inspection& a, const v1::Inspection& b, std::string_view name) {
  const auto* field = v1::Inspection::descriptor()->FindFieldByName(std::string(name));
  const auto only = [&](const v1::Inspection& whole) {
    v1::Inspection own = whole;
    forget_site(own);
    std::vector<const google::protobuf::FieldDescriptor*> set;
    own.GetReflection()->ListFields(own, &set);
    for (const auto* each : set)
      if (each != field) own.GetReflection()->ClearField(&own, each);
    return own.SerializeAsString();
  };
  return only(a) == only(b);
}

bool is_withheld(const OpenPackage& package, std::string_view field) {
  return std::any_of(package.withheld.begin(), package.withheld.end(),
                     [&](const std::string& name) { return name == "?" || name.starts_with(field); });
}

base::Result<void> run_again(const ReplaySetup& setup, const std::atomic<bool>& over) {
  ScanOptions options;
  options.manifest = setup.manifest;
  GARITA_TRY_ASSIGN(sources, grant_replay(setup.manifest, setup.recording));
  options.sources = std::move(sources);
  GARITA_TRY_ASSIGN(configuration, grant_configuration(setup.manifest, {}));
  options.configuration = std::move(configuration);
  options.out = setup.scratch / "out";
  options.state = setup.scratch / "state";
  options.box = setup.box;
  options.least_box = setup.least_box;
  options.patience_ms = 0;
  Quiet quiet;
  ScanSummary summary;
  return run_scan(options, over, quiet, summary);
}

// Of the packages that were made again, the one of this scan.
std::optional<fs::path> counterpart(const fs::path& folder, const v1::Inspection& record) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const auto again = open_package(entry.path());
    if (again && same_scan(again->record, record)) return entry.path();
  }
  return std::nullopt;
}

std::vector<ReplayProof::Item> compare_planes(const fs::path& then, const fs::path& again) {
  package::VerifyOptions options;
  options.prepare = make_planes_readable;
  const auto first = package::verify(then, options), second = package::verify(again, options);
  const auto find = [&](const std::string& name) {
    return std::find_if(second.planes.begin(), second.planes.end(),
                        [&](const auto& each) { return each.name == name; });
  };
  std::vector<ReplayProof::Item> own;
  for (const package::PlaneReport& plane : first.planes) {
    if (plane.name.ends_with("/raw") || !plane.sha256) continue;
    const auto found = find(plane.name);
    own.push_back({plane.name, found != second.planes.end() && found->sha256 == plane.sha256});
  }
  return own;
}

}  // namespace

bool ReplayProof::holds() const {
  const auto same = [](const Item& item) { return item.same; };
  return std::all_of(planes.begin(), planes.end(), same) && std::all_of(fields.begin(), fields.end(), same);
}

base::Result<ReplayProof> replay_proof(const fs::path& file, OpenPackage& package, const ReplaySetup& setup) {
  const auto says = [&](const char* id, base::Outcome outcome = base::Outcome::no) {
    return base::Error{outcome,
                       id,
                       {{"file", file.string()},
                        {"recording", setup.recording.string()},
                        {"driver", setup.manifest.name},
                        {"seconds", std::to_string(setup.time_limit.count())}}};
  };
  const Timer timer(setup.time_limit);
  auto same_bytes = RecordedBytes(package.record.provenance()).are_in(setup.recording, timer.over());
  if (timer.over()) return says("host.replay_too_long", base::Outcome::incomplete);
  if (!same_bytes) return std::move(same_bytes).error();
  if (!*same_bytes) return says("host.replay_other_bytes");
  const auto ran = run_again(setup, timer.over());
  if (timer.over()) return says("host.replay_too_long", base::Outcome::incomplete);
  const auto other = counterpart(setup.scratch / "out", package.record);
  if (!other && !ran) return ran.error();
  if (!other) return says("host.replay_no_scan");
  GARITA_TRY_ASSIGN(again, open_package(*other));
  ReplayProof own;
  own.same_driver = again.record.device().driver_sha256() == package.record.device().driver_sha256();
  own.planes = compare_planes(file, *other);
  if (package.record.joined_size() > 0) return own;  // other devices speak there, too
  for (const std::string_view name : said_by_driver)
    if (!is_withheld(package, name))
      own.fields.push_back({std::string(name), same_field(package.record, again.record, name)});
  return own;
}

}  // namespace garita::host
