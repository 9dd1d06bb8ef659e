// A data set that takes values, in DCMTK, and remembers the first that was not taken. VRs are said here: no
// dictionary is asked.
#pragma once

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/export/dicos/origin.hpp"

namespace garita::exporter::dicos {

class Item {
 public:
  Item(DcmItem& item, std::optional<base::Error>& error) : item_(item), error_(error) {}

  // Of type 1: not without a value.
  void need(uint16_t group, uint16_t element, DcmEVR vr, const std::string& value);
  // Of type 2: it stands there, even empty.
  void text(uint16_t group, uint16_t element, DcmEVR vr, const std::string& value);
  // Of type 3: not there where empty.
  void text_if(uint16_t group, uint16_t element, DcmEVR vr, const std::string& value);
  void whole(uint16_t group, uint16_t element, size_t value);                          // US
  void sign(uint16_t group, uint16_t element, int16_t value);                          // SS
  void wholes(uint16_t group, uint16_t element, const std::vector<uint32_t>& values);  // UL
  void floats(uint16_t group, uint16_t element, const std::vector<float>& values);     // FL
  void doubles(uint16_t group, uint16_t element, const std::vector<double>& values);   // FD
  void bytes(uint16_t group, uint16_t element, const std::vector<uint8_t>& values);    // OB
  void empty_sequence(uint16_t group, uint16_t element);
  Item add(uint16_t group, uint16_t element);  // the next item of a sequence

 private:
  void take(uint16_t group, uint16_t element, const OFCondition& done);
  void note(uint16_t group, uint16_t element, const char* reason);

  DcmItem& item_;
  std::optional<base::Error>& error_;
};

void put_equipment(Item& out, const Origin& origin);  // DICOS T84
void put_object(Item& out, const Origin& origin);     // DICOS T13

// The whole file: preamble, meta header, data set in explicit little endian.
base::Result<std::string> bytes_of(DcmFileFormat& file);

}  // namespace garita::exporter::dicos
