// The scan under way and the package that it becomes: rows go from normalize into tiles, everything else into the record.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/host/lane_desk.hpp"
#include "core/host/raw_planes.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/host/scan_recorder.hpp"
#include "core/host/supplement.hpp"
#include "core/normalize/scan_normalizer.hpp"
#include "core/package/reader.hpp"
#include "core/package/writer.hpp"
#include "core/record/attributes.hpp"
#include "core/trust/admit.hpp"

namespace garita::host {

class ScanFile final : public normalize::RowSink {
 public:
  // standing: attributes of the opening; path: the package's name. setup and calibrations outlive it.
  static base::Result<std::unique_ptr<ScanFile>> begin(const RecorderSetup& setup, normalize::CalibrationStore& store,
                                                       const std::vector<image::Attribute>& standing,
                                                       const image::ScanBegin& begin, std::string scan_key,
                                                       const std::filesystem::path& path);

  base::Result<void> add(const image::Strip& strip);
  base::Result<void> add(const image::Attachment& piece);
  void add(const image::Reading& reading);
  void add(const image::Detection& detection);
  void add(const image::Attributes& attributes);

  // The scan has ended, but its package stays open until seal(): supplements may join. What it holds of the memory for
  // pixels is given back.
  base::Result<void> stop(const image::ScanEnd& end, const load::Counts& counts);
  void join(const Supplement& supplement);
  base::Result<Recorded> seal();

  // Seals the package. With keep_incomplete false an incomplete scan leaves nothing: Fate::dropped.
  base::Result<Recorded> end(const image::ScanEnd& end, const load::Counts& counts);
  base::Result<Recorded> cut(garita_status status, const std::string& reason, const load::Counts& counts);

  const std::string& scan_key() const { return scan_key_; }
  const std::vector<uint64_t>& objects() const { return objects_; }
  bool has_views() const { return !views_.empty(); }
  std::optional<Passage> passage() const { return passage_of(record_, setup_.place.position_m); }  // of one that was stopped
  uint64_t rows_so_far() const { return rows_so_far_; }

  base::Result<void> plane(uint32_t view, uint32_t channel, const normalize::PlaneFormat& format) override;
  base::Result<void> rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row, uint32_t rows,
                          std::span<const std::byte> pixels) override;
  base::Result<void> raw_rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row, uint32_t rows,
                              std::span<const std::byte> pixels) override;
  base::Result<void> raw_doses(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row, uint32_t rows,
                               std::span<const uint32_t> doses_q16) override;

 private:
  struct OpenAttachment {
    uint32_t part = 0;
    base::Sha256 hash;
    v1::Attachment* entry = nullptr;
  };

  ScanFile(const RecorderSetup& setup, normalize::CalibrationStore& store, std::unique_ptr<base::Random> random,
           package::Writer writer, std::string scan_key, const std::filesystem::path& path);
  base::Result<void> start(const std::vector<image::Attribute>& standing, const image::ScanBegin& begin);
  void join(image::Detection detection);  // of a supplement
  void set_identity(const image::ScanBegin& begin);
  void set_provenance();
  void set_certification();
  void flag_suspects();
  base::Result<void> open_plane(uint32_t view, uint32_t channel, const normalize::PlaneFormat& format);
  base::Result<void> keep_calibration(uint32_t view, uint32_t channel, const normalize::Correction& correction);
  void add_objects(const std::vector<uint64_t>& handles);
  base::Result<void> keep_object(const image::Attachment& attachment, OpenAttachment& open);
  base::Result<void> end_attachment(OpenAttachment& open);
  base::Result<Recorded> seal(const normalize::ScanReport& report, uint32_t code, const load::Counts& counts);
  base::Result<Recorded> seal_record(const normalize::ScanReport& report, uint32_t code, const load::Counts& counts);
  base::Result<void> keep_materials();
  std::vector<LaneDesk::Partner> take_partners();
  base::Result<void> take_attachments(package::Reader& reader, const v1::Inspection& other, uint32_t device_index);
  void note_received();

  const RecorderSetup& setup_;
  normalize::CalibrationStore& store_;
  normalize::ScanNormalizer normalizer_;
  const std::unique_ptr<base::Random> random_;  // null: the system's
  package::Writer writer_;
  RawPlanes raw_{writer_};
  ScanFreshness freshness_;
  const std::string scan_key_;
  const std::filesystem::path path_;
  v1::Inspection record_;
  record::Report attributes_report_;
  record::AttributeSetter attributes_;
  std::vector<image::View> views_;
  std::vector<uint64_t> objects_;
  std::set<uint64_t> objects_said_;  // in the record
  std::vector<std::vector<uint32_t>> planes_;  // [view][channel] -> part of the package
  std::set<uint64_t> calibrations_kept_;
  std::map<uint64_t, OpenAttachment> open_attachments_;  // by index, those of supplements behind each other
  uint64_t first_attachment_ = 0;                        // of the supplement that is joining
  std::set<std::string, std::less<>> keys_;              // of attributes: a supplement replaces none
  normalize::ScanReport report_;                         // of a scan that was stopped, and with it:
  uint32_t code_ = 0;
  load::Counts counts_;
  const std::shared_ptr<const trust::Admission> admission_;  // that of its begin; null: nobody was asked
  std::optional<base::Error> sink_error_;         // the file's, not the driver's
  uint64_t rows_so_far_ = 0;
  uint64_t raw_bytes_ = 0;
};

}  // namespace garita::host
