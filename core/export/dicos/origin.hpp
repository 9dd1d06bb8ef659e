// What every file of DICOM and DICOS says of its scan, its device and the object that was looked at.
#pragma once

#include <cstdint>
#include <string>

namespace garita::exporter::dicos {

// A date and time of UTC; empty texts where unknown.
struct Stamp {
  std::string date;  // DA, "20260301"
  std::string time;  // TM, "123456.500000"
};

struct Origin {
  std::string instance_uid, study_uid, series_uid, frame_uid;
  Stamp created, scan;
  uint32_t number = 1;  // (0020,0013)

  std::string manufacturer, institution, address, station, model, serial, software;
  Stamp calibrated;
  std::string scan_id;                                                       // (0020,0010)
  std::string object_id, object_authority, object_type, object_description;  // object of inspection
  std::string acquisition;                                                   // (4010,1044)
};

}  // namespace garita::exporter::dicos
