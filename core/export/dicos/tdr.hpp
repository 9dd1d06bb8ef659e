// One DICOS V03 threat detection report (TDR) as plain values: what report.cpp takes from a record and
// tdr_file.cpp writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/export/dicos/dx.hpp"
#include "core/export/dicos/origin.hpp"

namespace garita::exporter::dicos {

inline constexpr const char* tdr_class = "1.2.840.10008.5.1.4.1.1.501.3";
inline constexpr const char* ct_class = "1.2.840.10008.5.1.4.1.1.501.1";

// Our own elements in an item of the ATD Assessment Sequence, as DICOM lets anybody have them: what the
// standard's words are too wide for, so that a record comes back as it was. Others pass over them.
//
//   (4011,0010) LO  "GARITA DETECTION 1"        who these are
//   (4011,1001) UT  the record's category, or the word that came instead; empty: none
//   (4011,1002) UT  the vendor's code, verbatim
//   (4011,1003) UT  the label
//   (4011,1004) FD  the confidence in full
//   (4011,1005) FD  the polygon x0 y0 x1 y1 …, where FL or DICOS's form would change it
inline constexpr uint16_t private_group = 0x4011;
inline constexpr const char* private_creator = "GARITA DETECTION 1";

// Columns, rows, slices.
struct Box {
  double base[3] = {}, extents[3] = {};
};

struct Threat {
  uint16_t id = 0;             // (4010,1010): index in the record's detections
  std::optional<Box> box;      // (4010,1004/1005)
  std::vector<float> polygon;  // (4010,101D): x y z …; a box's two corners where the region has no polygon
  std::vector<uint8_t>
      bitmap;  // (4010,1006): a bit a pixel of the box, columns first, lowest bit first; may be empty
  std::string category;              // (4010,1012)
  std::string description;           // (4010,1013), UTF-8
  std::string flag;                  // (4010,1015)
  std::optional<float> probability;  // (4010,1016)

  std::string own_category, own_code, own_label;  // our elements
  std::optional<double> own_confidence;
  std::vector<double> own_polygon;
};

struct Report : Origin {
  std::string image_uid, image_class;  // of the view that the boxes lie in; empty: in none
  Stamp decision;
  std::string decision_time;  // DT

  std::string tdr_type;   // (4010,1027)
  std::string algorithm;  // (4010,1029), "name\version"
  std::vector<Threat> threats;
};

}  // namespace garita::exporter::dicos
