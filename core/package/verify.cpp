#include "core/package/verify.hpp"

#include <algorithm>
#include <map>

#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/codec/codec.hpp"
#include "core/image/view.hpp"
#include "core/package/errors.hpp"
#include "core/package/scanner.hpp"

namespace garita::package {
namespace {

constexpr size_t max_named_withheld = 10'000;

bool has_pixels(const RasterHead& head) {
  return head.plane.role == RasterRole::plane || head.plane.role == RasterRole::raw;
}

std::string plane_name(const PlaneSpec& plane) {
  return plane.view + "/" + plane.channel + (plane.role == RasterRole::raw ? "/raw" : "");
}

// Decodes what the walk brings by, hashes planes and attachments, and writes down what is withheld.
class Inspector final : public Visitor {
 public:
  Inspector(std::filesystem::path path, const VerifyOptions& options, VerifyReport& report)
      : path_(std::move(path)), options_(options), report_(report) {}

  base::Result<void> visit(const Chunk& chunk, const Contents& contents) override {
    const Frame& frame = chunk.frame;
    if ((frame.flags & flag_withheld) != 0) return withhold(chunk, contents), base::Result<void>();
    if (frame.part >= contents.parts.size() || !contents.parts[frame.part].head) return {};
    const Head& head = *contents.parts[frame.part].head;
    if (std::holds_alternative<RecordHead>(head)) return note_name(chunk), base::Result<void>();
    if (const auto* raster = std::get_if<RasterHead>(&head)) return visit_raster(chunk, *raster, contents);
    if (std::holds_alternative<AttachmentSpec>(head)) return visit_attachment(chunk, contents);
    return {};
  }

  uint64_t withheld() const { return withheld_; }
  bool is_whole(uint32_t part) const { return !touched_.contains(part); }

  std::optional<base::Digest> pixels_sha256(uint32_t part) {
    const auto found = hashes_.find(part);
    if (!is_whole(part)) return std::nullopt;
    return found == hashes_.end() ? base::sha256({}) : found->second.finish();
  }

 private:
  void withhold(const Chunk& chunk, const Contents& contents) {
    ++withheld_;
    touched_[chunk.frame.part] = true;
    const bool record_value = chunk.frame.type == ChunkType::data && chunk.frame.ordinal % 2 == 1 &&
                              std::holds_alternative<RecordHead>(*contents.parts[chunk.frame.part].head);
    if (report_.withheld.size() >= max_named_withheld) return;
    const bool named = record_value && field_ && field_->first + 1 == chunk.frame.ordinal;
    const std::string place = chunk.frame.type == ChunkType::hide && chunk.frame.ordinal == 0
                                  ? "part " + std::to_string(chunk.frame.part)
                              : chunk.frame.type == ChunkType::hide ? contents.parts[chunk.frame.part].place()
                              : named                               ? "record, field " + field_->second
                                      : contents.place(chunk.frame, chunk.offset);
    report_.withheld.push_back({place});
  }

  void note_name(const Chunk& chunk) {
    if (chunk.frame.type != ChunkType::data || chunk.frame.ordinal % 2 != 0) return;
    field_ = {chunk.frame.ordinal, std::string(chunk.value.text())};
  }

  base::Result<void> visit_raster(const Chunk& chunk, const RasterHead& head, const Contents& contents) {
    if (chunk.frame.type != ChunkType::data || !options_.planes || head.plane.by_hash) return {};
    const auto tile = parse_tile(chunk.value);
    const codec::Shape shape{tile->rows, head.plane.columns, sample_bytes(head.plane)};
    auto decoder = decoder_for(tile->codec);
    pixels_.resize(codec::size_bytes(shape));
    const base::Bytes code(chunk.value.data() + tile_head_bytes, chunk.value.size() - tile_head_bytes);
    if (!decoder || !(*decoder)->decode(code, shape, pixels_)) {
      return malformed(path_, contents.place(chunk.frame, chunk.offset));
    }
    if (has_pixels(head) && !head.plane.rows_rear_first) hashes_[chunk.frame.part].update(pixels_);
    return {};
  }

  base::Result<codec::Decoder*> decoder_for(uint16_t codec) {
    auto& decoder = decoders_[codec];
    if (!decoder) {
      GARITA_TRY_ASSIGN(made, codec::make_decoder(static_cast<codec::Id>(codec)));
      decoder = std::move(made);
    }
    return decoder.get();
  }

  base::Result<void> visit_attachment(const Chunk& chunk, const Contents& contents) {
    if (chunk.frame.type == ChunkType::data) hashes_[chunk.frame.part].update(chunk.value);
    if (chunk.frame.type != ChunkType::tail || !is_whole(chunk.frame.part)) return {};
    const Part& part = contents.parts[chunk.frame.part];
    if (hashes_[chunk.frame.part].finish() == part.tail->sha256) return {};
    return hash_mismatch(path_, contents.place(chunk.frame, chunk.offset));
  }

  const std::filesystem::path path_;
  const VerifyOptions options_;
  VerifyReport& report_;
  std::map<uint32_t, base::Sha256> hashes_;  // of planes and attachments, as they come by
  std::map<uint32_t, bool> touched_;         // parts of which something is withheld
  std::map<uint16_t, std::unique_ptr<codec::Decoder>> decoders_;
  std::optional<std::pair<uint64_t, std::string>> field_;  // name of the record that came last
  uint64_t withheld_ = 0;
  std::vector<std::byte> pixels_;
};

// Rear-first planes are hashed back to front, and those kept by their hashes are made of others: so only once
// all of the file is known.
base::Result<std::optional<base::Digest>> hash_by_reading(Reader& reader, const PlaneInfo& plane) {
  base::Sha256 hash;
  const uint64_t row_bytes = uint64_t{plane.spec.columns} * sample_bytes(plane.spec);
  std::vector<std::byte> rows;
  for (uint64_t row = 0; row < plane.rows; row += tile_rows) {
    const uint64_t count = std::min<uint64_t>(tile_rows, plane.rows - row);
    rows.resize(count * row_bytes);
    GARITA_TRY(reader.read_rows(plane, row, count, rows));
    hash.update(rows);
  }
  return std::optional(hash.finish());
}

// What is not there to make a plane of is no fault of the file: it was withheld, or a torn file has no record.
base::Result<std::optional<base::Digest>> hash_derived(Reader& reader, const PlaneInfo& plane) {
  auto hash = hash_by_reading(reader, plane);
  const bool missing =
      !hash && (hash.error().id == "package.withheld" || hash.error().id == "package.not_derivable");
  if (missing) return std::optional<base::Digest>();
  return hash;
}

base::Result<void> report_planes(Reader& reader, Inspector& inspector, const VerifyOptions& options,
                                 VerifyReport& report) {
  for (const PlaneInfo& plane : reader.planes()) {
    PlaneReport line{plane_name(plane.spec), std::nullopt, plane.rows, plane.complete, plane.spec.by_hash};
    if (options.planes && report.complete) {
      line.sha256 = inspector.pixels_sha256(plane.part);
      if (line.sha256 && plane.spec.by_hash) {
        GARITA_TRY_ASSIGN(sha256, hash_derived(reader, plane));
        line.sha256 = sha256;
      } else if (line.sha256 && plane.spec.rows_rear_first) {
        GARITA_TRY_ASSIGN(sha256, hash_by_reading(reader, plane));
        line.sha256 = sha256;
      }
    }
    report.planes.push_back(std::move(line));
  }
  return {};
}

std::string describe(const PlaneInfo& plane) {
  std::string text =
      plane_name(plane.spec) + " " + std::to_string(plane.rows) + "x" + std::to_string(plane.spec.columns);
  if (plane.slices > 1) text += ", " + std::to_string(plane.slices) + " slices,";
  return text + " " + image::sample_type_name(plane.spec.sample_type);
}

void claim_contents(const Reader& reader, VerifyReport& report) {
  for (size_t i = 0; i < report.planes.size(); ++i) {
    const PlaneReport& line = report.planes[i];
    std::string value = describe(reader.planes()[i]);
    if (line.sha256) value += " " + base::to_text(*line.sha256);
    const bool made = line.by_hash && line.sha256;
    report.claims.push_back({line.by_hash && !made ? "plane_by_hash" : "plane", std::move(value),
                             made ? "host" : "signer", made ? Proof::recomputed : Proof::proved});
  }
  for (const AttachmentInfo& attachment : reader.attachments()) {
    std::string value = std::to_string(attachment.spec.index) + " " + attachment.spec.media_type + " " +
                        base::to_text(attachment.sha256);
    report.claims.push_back({"attachment", std::move(value), "signer", Proof::proved});
  }
  const auto& calibrations = reader.calibrations();
  report.claims.push_back({"calibrations", std::to_string(calibrations.size()), "signer", Proof::proved});
}

void claim_record(const Contents& contents, VerifyReport& report) {
  for (const Part& part : contents.parts) {
    if (!part.head || !std::holds_alternative<RecordHead>(*part.head)) continue;
    report.claims.push_back({"fields", std::to_string(part.leaves.size() / 2), "signer", Proof::proved});
  }
}

void claim_signature(const Scanner& scanner, uint64_t withheld, VerifyReport& report) {
  const Signer& signer = *report.signer;
  auto& claims = report.claims;
  claims.push_back({"root", base::to_text(report.root), "signer", Proof::proved});
  claims.push_back({"key", std::string(base::name_of(signer.algorithm)) + " " + base::to_text(signer.key_id),
                    "signer", Proof::proved});
  claims.push_back({"endorsement", signer.endorsed ? "endorsed" : "unendorsed", "signer", Proof::asserted});
  claims.push_back({"created", base::format_utc(scanner.contents().header.utc_ns), "host", Proof::asserted});
  claims.push_back({"signed", base::format_utc(signer.utc_ns), "signer", Proof::asserted});
  claims.push_back({"checkpoints", std::to_string(scanner.checkpoints()), "signer", Proof::proved});
  claims.push_back({"complete", report.complete ? "yes" : "no", "signer", Proof::proved});
  claims.push_back({"withheld", std::to_string(withheld), "signer", Proof::proved});
}

// Reads again what is proved and says what it holds.
base::Result<void> report_proved(const std::filesystem::path& path, const VerifyOptions& options,
                                 base::FileSystem& files, Inspector& inspector, VerifyReport& report) {
  GARITA_TRY_ASSIGN(reader, Reader::open(path, {.allow_torn = true, .cached_tiles = 2}, files));
  if (options.prepare) GARITA_TRY(options.prepare(reader));
  GARITA_TRY(report_planes(reader, inspector, options, report));
  claim_contents(reader, report);
  return {};
}

}  // namespace

std::optional<base::Outcome> VerifyReport::outcome() const {
  return fault ? std::optional(fault->outcome) : std::nullopt;
}

VerifyReport verify(const std::filesystem::path& path, const VerifyOptions& options,
                    base::FileSystem& files) {
  VerifyReport report;
  auto file = files.open(path);
  if (!file) {
    report.fault = std::move(file).error();
    return report;
  }
  Scanner scanner(**file, path, Depth::values);
  Inspector inspector(path, options, report);
  auto result = scanner.run(&inspector);
  report.size_bytes = scanner.size_bytes();
  report.complete = result.ok();
  if (!result) report.fault = std::move(result).error();
  if (!scanner.vouched()) return report;
  report.proved_bytes = scanner.vouched()->bytes;
  report.root = scanner.vouched()->root;
  report.signer = scanner.vouched()->signer;
  claim_signature(scanner, inspector.withheld(), report);
  if (report.fault && report.fault->outcome != base::Outcome::incomplete) return report;
  if (report.complete) claim_record(scanner.contents(), report);
  auto proved = report_proved(path, options, files, inspector, report);
  if (!proved && !report.fault) {
    report.complete = false;
    report.fault = std::move(proved).error();
  }
  return report;
}

}  // namespace garita::package
