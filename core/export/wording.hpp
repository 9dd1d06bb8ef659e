// A record's facts in the elements that DICOM and DICOS have for them, and the list of what is lost on the
// way.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/export/dicos/origin.hpp"
#include "core/export/export.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::exporter {

class Wording {
 public:
  // format: "DICOS", whose elements must not be empty: what the record does not say is UNKNOWN, and listed;
  // "DICOM", whose may. All four must outlive it.
  Wording(const v1::Inspection& record, const base::Digest& root, const char* format,
          std::vector<Lost>& lost);

  // All but UIDs and numbers. index: of the device, 0 the one that leads. calibrated: when, where the device
  // itself does not say; or nullptr.
  void fill(uint32_t index, dicos::Origin& out, const v1::Moment* calibrated = nullptr);

  // Adds to the list, each thing once.
  void lose(const std::string& id, std::vector<base::Field> fields);
  void left_out(const std::string& path);
  void narrowed(const std::string& path, const std::string& kept);
  void filled(const std::string& path, const std::string& written);

  // Lists the fields of the record that are in no element: neither taken by fill() nor in `held`. A path in
  // `held` has no indices and stands for all below it.
  void list_left_out(const std::vector<std::string>& held);

 protected:
  const v1::Inspection& record_;
  const base::Digest& root_;
  std::vector<Lost>& lost_;

 private:
  // What stands in an element of at most `limit` letters.
  std::string taken(const std::string& path, const std::string& value, size_t limit);
  void set_times(dicos::Origin& out);
  void set_equipment(uint32_t index, const v1::Moment* calibrated, dicos::Origin& out);
  void set_object(dicos::Origin& out);
  bool is_partly_held(const std::string& path, const std::vector<std::string>& held) const;
  bool is_strict() const { return format_ == "DICOS"; }

  const std::string format_;
  std::set<std::string> said_;   // what the list has
  std::set<std::string> taken_;  // paths with their indices
};

// The scan's start, or when the host had it all; nullptr: neither is known.
const v1::Moment* start_of(const v1::Time& time);

// When the air lines of a view were measured last; nullptr: not known.
const v1::Moment* last_air_of(const v1::View& view);

}  // namespace garita::exporter
