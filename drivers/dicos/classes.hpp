// What a SOP class is to this driver.
#pragma once

#include <string>
#include <string_view>

namespace garita::dicos {

enum class Kind { projection, volume, report, other_image, unknown };

struct Class {
  Kind kind = Kind::unknown;
  bool dicos = false;
  bool for_presentation = false;
  std::string name;  // for people: "DICOS AIT2D", "MRImageStorage"
};

// Of a class UID; where the file has none, of its modality.
Class class_of(std::string_view uid, std::string_view modality);

// "JPEG2000LosslessOnly (1.2.840.10008.1.2.4.90)", or the UID alone.
std::string named(const std::string& uid);

}  // namespace garita::dicos
