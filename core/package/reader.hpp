// Reads a package, whoever made it: nothing that it returns is unproved.
//
// open() checks the header, the footer, the index, the heads of all parts, the tree of hashes and the seal's
// signature; each tile, block and field is checked against the tree when it is read. What it does not do is
// look at tiles that nobody asked for: verify() does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"
#include "core/package/deriver.hpp"
#include "core/package/plane.hpp"

namespace garita::package {

enum class Withheld : uint32_t {
  nothing = 0,
  body = 1,   // it is said what it was, not what was in it
  whole = 2,  // nothing but its hash is there
};

struct PlaneInfo {
  PlaneSpec spec;  // rows, slices: as announced
  uint32_t part = 0;
  uint64_t rows = 0;  // stored, over all slices
  uint64_t rows_a_slice = 0;
  uint32_t slices = 0;                    // with at least one row
  bool complete = true;                   // as many rows as announced
  Withheld withheld = Withheld::nothing;  // single tiles may be withheld too: reading them says so
  uint32_t overview_of = no_part;         // its part, for role overview
  uint32_t level = 0;                     // 4^level rows and columns in one, for role overview
};

struct CalibrationInfo {
  CalibrationSpec spec;
  uint32_t part = 0;
  Withheld withheld = Withheld::nothing;
};

struct AttachmentInfo {
  AttachmentSpec spec;
  uint32_t part = 0;
  uint64_t size_bytes = 0;
  base::Digest sha256{};  // of its bytes
  Withheld withheld = Withheld::nothing;
};

struct FieldInfo {
  std::string path;   // "" where even the name is withheld
  std::string value;  // "" where withheld
  bool name_withheld = false, value_withheld = false;
};

struct Signer {
  base::SignatureAlgorithm algorithm{};
  base::Digest key_id{};
  std::vector<uint8_t> public_key_der;
  int64_t utc_ns = 0;  // when it signed, by the writer's clock
  bool endorsed = false;
};

struct ReaderOptions {
  // A torn file (`.partial`, or cut) is opened as far as its last checkpoint proves it; else "package.torn".
  bool allow_torn = false;
  size_t cached_tiles = 4;
};

// One thread at a time.
class Reader {
 public:
  static base::Result<Reader> open(const std::filesystem::path& path, const ReaderOptions& options = {},
                                   base::FileSystem& files = base::real_file_system());
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  const std::vector<PlaneInfo>& planes() const;  // roles plane and raw, in the order of the file
  const std::vector<PlaneInfo>& overviews() const;
  const std::vector<CalibrationInfo>& calibrations() const;
  const std::vector<AttachmentInfo>& attachments() const;
  uint32_t parts_withheld() const;  // whole ones, of which nothing is known
  const base::Digest& root() const;
  const Signer& signer() const;
  bool complete() const;  // sealed; false: torn, proved up to its last checkpoint

  // Who makes planes again that are kept by their hashes.
  void set_deriver(std::shared_ptr<Deriver> deriver);

  // Index into planes() of role plane; nullopt where there is none.
  std::optional<size_t> find_plane(std::string_view view, std::string_view channel) const;

  // `rows` rows from `first_row` in canonical order (slices one after the other) into exactly rows × columns
  // × sample bytes. "package.rows_missing" beyond the end, "package.withheld", "package.hash_mismatch" with
  // the place. Of a plane kept by its hashes: what the deriver says, "package.not_derivable" without one, and
  // "package.derived_differs" where what it made is not what was signed.
  base::Result<void> read_rows(const PlaneInfo& plane, uint64_t first_row, uint64_t rows,
                               std::span<std::byte> out);
  // The same of columns [first_column, first_column + columns) alone, tight: what a large picture is looked at
  // through. Whole tiles are read, whatever the columns. "package.rows_missing" beyond either side.
  base::Result<void> read_window(const PlaneInfo& plane, uint64_t first_row, uint64_t rows, uint32_t first_column,
                                 uint32_t columns, std::span<std::byte> out);
  base::Result<std::vector<std::byte>> read_calibration(const CalibrationInfo& calibration);
  // "package.too_large" where it holds more than max_bytes.
  base::Result<std::vector<std::byte>> read_attachment(const AttachmentInfo& attachment, uint64_t max_bytes);
  // The fields of the record, in the order of the file; withheld ones without their value. Empty in a torn
  // file.
  base::Result<std::vector<FieldInfo>> read_record();

 private:
  class Impl;
  explicit Reader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace garita::package
