// Writes a package as the scan arrives, in bounded memory (FORMAT.md draws every byte).
//
// Memory: one tile of 128 rows for each open plane and a third of that for its overviews, 40 bytes for each
// tile written, one coded tile; with coding threads, tiles on their way as well (tile_stage.hpp). Disk:
// `<path>.partial` while it grows; the name itself appears when everything under it is whole and on the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"
#include "core/package/plane.hpp"

namespace garita::package {

struct WriterOptions {
  uint64_t checkpoint_bytes = 64u << 20;    // a signed checkpoint after so much …
  uint64_t checkpoint_ns = 10'000'000'000;  // … or so long, whichever comes first
  bool sync_checkpoints = true;             // a checkpoint survives a power cut
  bool keep_partial = false;                // an abandoned writer leaves `<path>.partial`, else nothing
  bool overviews = true;                    // for u16 planes of one slice larger than 512 either way
  bool predictive = false;                  // codec 2 for 8- and 16-bit planes, else codec 1 for all
  unsigned coding_threads = 0;              // beside the caller's, for tiles; the file is the same, but for
                                            // where checkpoints that fall due by time come
  bool planes_by_hash = false;              // PlaneSpec::by_hash is allowed: minor version 1 of the format
  base::Random* random = nullptr;           // of the salts; null: the system's
};

// What finish() proved itself with.
struct Sealed {
  base::Digest root{};  // names the package: addenda refer to it
  uint64_t size_bytes = 0;
  uint64_t checkpoints = 0;
};

// One thread at a time. `files` and `clock` outlive it; the key is copied. What is refused (…_refused)
// changes nothing. Any other error stops it: every later call fails with "package.writer_stopped", and
// nothing appears under the name.
class Writer {
 public:
  static base::Result<Writer> create(base::FileSystem& files, const std::filesystem::path& path,
                                     const base::SigningKey& key,
                                     const base::Clock& clock = base::system_clock(),
                                     const WriterOptions& options = {});
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();  // not finished: see keep_partial

  // The number that append_rows takes. "package.plane_refused" for a spec that the format cannot hold.
  base::Result<uint32_t> add_plane(const PlaneSpec& spec);

  // Tight rows (no gaps), little-endian, in the order scanned, any number at a time; those of a volume slice
  // after slice. "package.rows_refused": more than the spec announced, or `rows` does not fit the bytes.
  base::Result<void> append_rows(uint32_t plane, base::Bytes tight_rows, uint64_t rows);
  // No more rows will come; finish() does it for planes still open.
  base::Result<void> end_plane(uint32_t plane);

  // Pieces of any size; several attachments may be open at once.
  base::Result<uint32_t> add_attachment(const AttachmentSpec& spec);
  base::Result<void> append_attachment(uint32_t attachment, base::Bytes piece);
  base::Result<void> end_attachment(uint32_t attachment);

  // All rows of one calibration, tight.
  base::Result<void> add_calibration(const CalibrationSpec& spec, base::Bytes tight_rows);

  // Ends what is open, writes the record, seals, syncs and gives the file its name. "package.field_refused"
  // for a leaf beyond the limits of plane.hpp. Only if the folder cannot be synced at the very end does the
  // file stand whole under its name although this fails.
  base::Result<Sealed> finish(std::span<const Leaf> record);

  // A checkpoint now, if anything came since the last.
  base::Result<void> checkpoint();

  const std::filesystem::path& partial_path() const;
  uint64_t size_bytes() const;

 private:
  class Impl;
  explicit Writer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garita::package
