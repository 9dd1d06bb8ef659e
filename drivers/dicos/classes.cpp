#include "drivers/dicos/classes.hpp"

#include "drivers/dicos/dcmtk.hpp"

namespace garita::dicos {
namespace {

struct KnownClass {
  std::string_view uid_end;  // behind the root of storage classes
  Kind kind;
  std::string_view name;
  bool for_presentation = false;
};

constexpr std::string_view storage_root = "1.2.840.10008.5.1.4.1.1.";

constexpr KnownClass dicos_classes[] = {
    {"501.1", Kind::volume, "DICOS CT"},
    {"501.2.1", Kind::projection, "DICOS DX for presentation", true},
    {"501.2.2", Kind::projection, "DICOS DX for processing"},
    {"501.2.2.1", Kind::projection, "DICOS DX of 32-bit samples"},
    {"501.2.2.2", Kind::projection, "DICOS DX of 64-bit samples"},
    {"501.2.2.3", Kind::projection, "DICOS DX of float samples"},
    {"501.3", Kind::report, "DICOS TDR"},
    {"501.4", Kind::unknown, "DICOS AIT2D"},
    {"501.4.1", Kind::unknown, "DICOS AIT2D of 32-bit samples"},
    {"501.4.2", Kind::unknown, "DICOS AIT2D of 64-bit samples"},
    {"501.4.3", Kind::unknown, "DICOS AIT2D of float samples"},
    {"501.5", Kind::unknown, "DICOS AIT3D"},
    {"501.6", Kind::unknown, "DICOS QR"},
};

constexpr KnownClass dicom_classes[] = {
    {"1", Kind::projection, "CR", true},
    {"1.1", Kind::projection, "DX for presentation", true},
    {"1.1.1", Kind::projection, "DX for processing"},
    {"1.2", Kind::projection, "mammography for presentation", true},
    {"1.2.1", Kind::projection, "mammography for processing"},
    {"1.3", Kind::projection, "intra-oral X-ray for presentation", true},
    {"1.3.1", Kind::projection, "intra-oral X-ray for processing"},
    {"2", Kind::volume, "CT"},
    {"2.1", Kind::volume, "enhanced CT"},
    {"2.2", Kind::volume, "legacy converted enhanced CT"},
    {"7", Kind::other_image, "secondary capture", true},
    {"7.2", Kind::other_image, "multi-frame secondary capture of bytes", true},
    {"7.3", Kind::other_image, "multi-frame secondary capture of words", true},
    {"12.1", Kind::projection, "X-ray angiography", true},
    {"12.2", Kind::projection, "X-ray fluoroscopy", true},
};

Class to_class(const KnownClass& known, bool dicos) {
  return {known.kind, dicos, known.for_presentation, std::string(known.name)};
}

}  // namespace

std::string named(const std::string& uid) {
  const char* const name = dcmFindNameOfUID(uid.c_str());
  return name == nullptr ? "'" + uid + "'" : std::string(name) + " (" + uid + ")";
}

Class class_of(std::string_view uid, std::string_view modality) {
  if (uid.starts_with(storage_root)) {
    const std::string_view end = uid.substr(storage_root.size());
    for (const KnownClass& known : dicos_classes)
      if (end == known.uid_end) return to_class(known, true);
    for (const KnownClass& known : dicom_classes)
      if (end == known.uid_end) return to_class(known, false);
  }
  if (!uid.empty()) return {.name = named(std::string(uid))};
  if (modality == "CT") return {Kind::volume, false, false, "CT"};
  if (modality == "TDR") return {Kind::report, true, false, "DICOS TDR"};
  if (modality == "DX" || modality == "XRAY" || modality == "CR")
    return {Kind::projection, false, false, "DX"};
  return {};
}

}  // namespace garita::dicos
