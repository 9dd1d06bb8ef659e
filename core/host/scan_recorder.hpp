// One device's events into packages: standing metadata and calibrations are kept, each scan becomes one file.
//
// A scan's rows pass through normalize into the package's tiles as they come; nothing of a scan is held but what its
// record needs. A scan that ends without SCAN_END is published as INCOMPLETE with the reason and the last good row, or
// dropped by policy: nothing that reads as whole is partial.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"
#include "core/image/event.hpp"
#include "core/load/session.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::load {
struct Manifest;
}
namespace garita::broker {
class Broker;
}

namespace garita::host {

class Gate;
class LaneDesk;
class ScanFile;
struct Supplement;

// What the site says of a lane, for its records.
struct Deployment {
  v1::Site site;
  v1::Identity::Direction direction = v1::Identity::DIRECTION_UNSPECIFIED;  // where the driver says nothing else
  v1::Identity::Subject subject = v1::Identity::SUBJECT_UNSPECIFIED;
  // both: planes, and what the detector delivered; raw: of the planes their hashes alone.
  v1::Provenance::Keep keep = v1::Provenance::KEEP_CANONICAL;
};

// A device's place among those of its lane.
struct LanePlace {
  LaneDesk* desk = nullptr;  // outlives the recorder; null: each scan is for itself
  std::string device;        // its name in the lane
  std::optional<double> position_m;  // along the travel
};

// What all scans of one opening share. References outlive the recorder.
struct RecorderSetup {
  const load::Manifest& manifest;
  const broker::Broker& broker;  // its totals are the provenance
  const base::SigningKey& key;
  const base::Clock& clock;
  std::filesystem::path out;       // folder of the packages; exists
  std::string site, lane;          // the deployment's names; may be empty
  std::string instance;            // of the instrument: part of what makes a scan key unique
  std::string box;                 // "B0" …; empty: the driver runs inside the host
  bool keep_incomplete = true;     // false: a cut scan is dropped and said
  uint64_t hold_ns = 0;            // how long an inbox's scan waits for supplements, unsealed; 0: not at all
  Deployment deployment = {};
  LanePlace place = {};
  std::optional<base::Digest> secret = std::nullopt;  // ids and salts come of it and not of chance; nullopt: of chance
  std::filesystem::path state = {};  // the site's, for the devices' steel curves; empty: none
  const Gate* gate = nullptr;  // who vouches for the driver; null: nobody was asked
  unsigned coding_threads = 0;  // beside the one that records, for the tiles of the scan under way
};

// waiting: whole on the disk, at the lane's desk, which will say what became of it.
// joined: a supplement that went into another scan's package. abandoned: cut short, and its inbox objects will tell it
// again from the start, so that no package of a part is kept.
enum class Fate : uint8_t { stored, duplicate, dropped, joined, abandoned, waiting };

// What became of a scan.
struct Recorded {
  Fate fate = Fate::stored;
  std::string scan_key;             // the device's, or the host's own where that was empty
  std::filesystem::path path;       // of the package; empty unless stored
  v1::Inspection record;            // as stored
  base::Digest root{};              // of the package: addenda will name it
  uint64_t raw_bytes = 0;           // pixels delivered
  std::vector<uint64_t> objects;    // inbox objects that SCAN_BEGIN named
  bool complete() const { return record.completeness().state() == v1::Completeness::STATE_COMPLETE; }
};

// One thread at a time.
class ScanRecorder {
 public:
  explicit ScanRecorder(RecorderSetup setup);
  ~ScanRecorder();  // a scan under way is abandoned: no file

  // Takes the next event. A value comes with SCAN_END, or with a SCAN_BEGIN that cut the scan before it.
  // Errors are the host's own (disk full): the scan under way is lost and said so.
  base::Result<std::optional<Recorded>> take(const image::Event& event, const load::Counts& counts);

  // The scan under way, if any, ends without SCAN_END; status says why, reason in one sentence.
  base::Result<std::optional<Recorded>> cut(garita_status status, const std::string& reason);

  // What waited long enough (all: everything) gets its package, or turned out to belong to another. Also what `take` had
  // no room to keep waiting, and at once what comes again because its driver died: a duplicate may be consumed only when
  // what it repeats is durable. See decisions/0006.
  base::Result<std::vector<Recorded>> release(bool all);

  bool in_scan() const;
  std::vector<uint64_t> objects() const;  // inbox objects of the scan under way
  const std::string& scan_key() const;  // of the scan under way
  uint64_t rows_so_far() const;         // delivered of the view that is farthest; for progress

 private:
  class Scan;
  struct Standing;

  base::Result<std::optional<Recorded>> begin(const image::ScanBegin& begin);
  void remember(const Scan& scan, const Recorded& recorded);
  base::Result<void> add(ScanFile& file, const image::Event& event);
  base::Result<std::optional<Recorded>> end_supplement(const image::ScanEnd& end);
  base::Result<void> end_supplement_alone();
  std::optional<Recorded> end_duplicate();
  bool is_lost(const std::vector<uint64_t>& objects) const;
  void forget_lost();  // supplements that wait and come again
  base::Result<void> hold(const image::ScanEnd& end, const load::Counts& counts);
  bool waits_for_others(const Scan& scan) const;
  bool is_due(const Scan& scan, uint64_t now_ns) const;
  Recorded hand_over(Recorded recorded);
  void clear_partials(const std::string& digits, bool comes_again);
  bool joined_before(const Supplement& supplement) const;
  base::Result<std::optional<Recorded>> stand_alone(Supplement supplement);
  base::Result<std::unique_ptr<ScanFile>> begin_file(const image::ScanBegin& begin, const std::string& key,
                                                     const std::string& digits);

  RecorderSetup setup_;
  std::unique_ptr<base::Random> random_;  // of scan keys; null: the system's
  std::unique_ptr<Standing> standing_;
  std::unique_ptr<Scan> scan_;
};

}  // namespace garita::host
