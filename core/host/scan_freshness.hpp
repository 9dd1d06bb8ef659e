// Whether the scan under way is a new exposure: its planes go by, and when it is sealed they are held against
// the last scans of its device in the state folder. core/freshness knows how; this knows which planes, and
// what the record says of it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/base/bytes.hpp"
#include "core/freshness/history.hpp"
#include "core/freshness/plane_meter.hpp"
#include "core/host/scan_recorder.hpp"
#include "core/image/view.hpp"
#include "core/normalize/scan_normalizer.hpp"

namespace garita::host {

class ScanFreshness {
 public:
  // Without a state folder, and where all must be the same each time (setup.secret), nobody looks and nothing
  // is said.
  explicit ScanFreshness(const RecorderSetup& setup);

  void plane(uint32_t view_index, uint32_t channel, const image::View& view,
             const normalize::PlaneFormat& format);
  void rows(uint32_t view_index, uint32_t channel, uint32_t rows, base::Bytes pixels);

  // After the last row. key_digits: of the package's name.
  void judge(const std::string& key_digits, v1::Inspection& record);

  // What was stored whole is what later scans are held against: one that was cut short may come again for a
  // good reason. A print that cannot be written is one less to compare with, and not worth a scan.
  void remember(const Recorded& recorded);

 private:
  std::optional<freshness::History> history_;  // none: nobody looks
  std::map<std::pair<uint32_t, uint32_t>, freshness::PlaneMeter> meters_;
  freshness::ScanPrint print_;
};

// "suspect: …", in one sentence with the figure; nullopt where the record does not call the scan suspect.
std::optional<base::Error> suspicion_of(const v1::Inspection& record);

}  // namespace garita::host
