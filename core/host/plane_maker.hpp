// Makes canonical planes again from what a package keeps of the detector: raw rows, doses and calibration
// (raw_planes.hpp), by the very definition that made them (core/normalize).
//
// A row depends on itself, its dose and its column's calibration and on nothing before it, so any rows can be
// made without those before them. Values delivered as ATTENUATION go through the exp of a C library, whose
// last bit is the library's: their planes can be held against a stored one, but are not left to be made
// again.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/result.hpp"
#include "core/package/reader.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::host {

// What keeps a plane from being made; `yes`: nothing.
enum class Makeable {
  yes,
  as_delivered,  // stored as the driver gave it: there is nothing to make
  not_kept,      // no raw rows, no calibration, or no word of the record about its view
  withheld,      // raw rows or doses, before it came here
  misshapen,     // what is called its raw rows cannot be: their shape is another's
};

class PlaneMaker final : public package::Deriver {
 public:
  // record: how each view lay and was measured. Copied as far as it is needed. For one reader.
  explicit PlaneMaker(const v1::Inspection& record);
  ~PlaneMaker() override;

  // `plane`: one of reader.planes(), of role plane. Calibration is looked at too; errors are those of reading
  // it.
  base::Result<Makeable> look(package::Reader& reader, const package::PlaneInfo& plane);

  base::Result<void> derive(package::Reader& reader, const package::PlaneInfo& plane, uint64_t slice,
                            uint64_t first_row, uint32_t rows, std::span<std::byte> out) override;

 private:
  struct Source;
  base::Result<Source*> source_of(package::Reader& reader, const package::PlaneInfo& plane);
  base::Result<std::unique_ptr<Source>> find_source(package::Reader& reader, const package::PlaneInfo& plane);

  std::vector<v1::View> views_;
  std::vector<std::unique_ptr<Source>> sources_;  // of the planes that were asked for
};

// So that planes of `reader` that are kept by their hashes can be read; nothing where it has none. Errors:
// those of reading its record.
base::Result<void> make_planes_readable(package::Reader& reader);

// Whether a plane with this fidelity comes out the same, bit for bit, wherever it is made.
bool is_made_alike_everywhere(uint32_t fidelity);

}  // namespace garita::host
