#include "drivers/dicos/dcmtk.hpp"

#include <dcmtk/dcmdata/dcdicent.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

namespace garita::dicos {
namespace {

struct KnownTag {
  uint16_t group, element;
  DcmEVR vr;
  const char* name;
};

// Read by this driver and missing in DCMTK's dictionary, or needed to find the way through a file without
// VRs.
constexpr KnownTag known_tags[] = {
    {0x0002, 0x0004, EVR_CS, "DICOSHeaderVersion"},
    {0x0008, 0x0005, EVR_CS, "SpecificCharacterSet"},
    {0x0008, 0x0008, EVR_CS, "ImageType"},
    {0x0008, 0x0016, EVR_UI, "SOPClassUID"},
    {0x0008, 0x0018, EVR_UI, "SOPInstanceUID"},
    {0x0008, 0x0020, EVR_DA, "StudyDate"},
    {0x0008, 0x0021, EVR_DA, "SeriesDate"},
    {0x0008, 0x0022, EVR_DA, "AcquisitionDate"},
    {0x0008, 0x0023, EVR_DA, "ContentDate"},
    {0x0008, 0x002A, EVR_DT, "AcquisitionDateTime"},
    {0x0008, 0x0030, EVR_TM, "StudyTime"},
    {0x0008, 0x0031, EVR_TM, "SeriesTime"},
    {0x0008, 0x0032, EVR_TM, "AcquisitionTime"},
    {0x0008, 0x0033, EVR_TM, "ContentTime"},
    {0x0008, 0x0060, EVR_CS, "Modality"},
    {0x0008, 0x0068, EVR_CS, "PresentationIntentType"},
    {0x0008, 0x0070, EVR_LO, "Manufacturer"},
    {0x0008, 0x0080, EVR_LO, "InstitutionName"},
    {0x0008, 0x0201, EVR_SH, "TimezoneOffsetFromUTC"},
    {0x0008, 0x1010, EVR_SH, "StationName"},
    {0x0008, 0x1090, EVR_LO, "ManufacturerModelName"},
    {0x0008, 0x1110, EVR_SQ, "ReferencedStudySequence"},
    {0x0008, 0x1115, EVR_SQ, "ReferencedSeriesSequence"},
    {0x0008, 0x114A, EVR_SQ, "ReferencedInstanceSequence"},
    {0x0008, 0x1150, EVR_UI, "ReferencedSOPClassUID"},
    {0x0008, 0x1155, EVR_UI, "ReferencedSOPInstanceUID"},
    {0x0008, 0x1199, EVR_SQ, "ReferencedSOPSequence"},
    {0x0010, 0x0020, EVR_LO, "PatientID"},
    {0x0018, 0x0060, EVR_DS, "KVP"},
    {0x0018, 0x0088, EVR_DS, "SpacingBetweenSlices"},
    {0x0018, 0x0050, EVR_DS, "SliceThickness"},
    {0x0018, 0x1000, EVR_LO, "DeviceSerialNumber"},
    {0x0018, 0x1020, EVR_LO, "SoftwareVersions"},
    {0x0018, 0x1151, EVR_IS, "XRayTubeCurrent"},
    {0x0018, 0x1164, EVR_DS, "ImagerPixelSpacing"},
    {0x0018, 0x8151, EVR_DS, "XRayTubeCurrentInuA"},
    {0x0028, 0x0002, EVR_US, "SamplesPerPixel"},
    {0x0028, 0x0004, EVR_CS, "PhotometricInterpretation"},
    {0x0028, 0x0008, EVR_IS, "NumberOfFrames"},
    {0x0028, 0x0010, EVR_US, "Rows"},
    {0x0028, 0x0011, EVR_US, "Columns"},
    {0x0028, 0x0030, EVR_DS, "PixelSpacing"},
    {0x0028, 0x0100, EVR_US, "BitsAllocated"},
    {0x0028, 0x0101, EVR_US, "BitsStored"},
    {0x0028, 0x0102, EVR_US, "HighBit"},
    {0x0028, 0x0103, EVR_US, "PixelRepresentation"},
    {0x0028, 0x1040, EVR_CS, "PixelIntensityRelationship"},
    {0x0028, 0x1041, EVR_SS, "PixelIntensityRelationshipSign"},
    {0x0028, 0x1052, EVR_DS, "RescaleIntercept"},
    {0x0028, 0x1053, EVR_DS, "RescaleSlope"},
    {0x0028, 0x1054, EVR_LO, "RescaleType"},
    {0x0028, 0x9110, EVR_SQ, "PixelMeasuresSequence"},
    {0x0028, 0x9145, EVR_SQ, "PixelValueTransformationSequence"},
    {0x4010, 0x1001, EVR_SQ, "ThreatROIVoxelSequence"},
    {0x4010, 0x1004, EVR_FL, "ThreatROIBase"},
    {0x4010, 0x1005, EVR_FL, "ThreatROIExtents"},
    {0x4010, 0x1011, EVR_SQ, "ThreatSequence"},
    {0x4010, 0x1012, EVR_CS, "ThreatCategory"},
    {0x4010, 0x1013, EVR_LT, "ThreatCategoryDescription"},
    {0x4010, 0x1015, EVR_CS, "ATDAssessmentFlag"},
    {0x4010, 0x1016, EVR_FL, "ATDAssessmentProbability"},
    {0x4010, 0x101D, EVR_FL, "BoundingPolygon"},
    {0x4010, 0x1027, EVR_CS, "TDRType"},
    {0x4010, 0x1031, EVR_CS, "AlarmDecision"},
    {0x4010, 0x1037, EVR_SQ, "PTORepresentationSequence"},
    {0x4010, 0x1038, EVR_SQ, "ATDAssessmentSequence"},
    {0x4010, 0x1042, EVR_CS, "OOIType"},
    {0x5200, 0x9229, EVR_SQ, "SharedFunctionalGroupsSequence"},
    {0x7FE0, 0x0010, EVR_PixelData, "PixelData"},
    {0x7FE0, 0x0011, EVR_OL, "DICOSPixelData32"},
    {0x7FE0, 0x0012, EVR_OV, "DICOSPixelData64"},
    {0x7FE0, 0x0013, EVR_OF, "DICOSPixelDataFloat"},
};

bool is_dictionary(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size > 4 << 20) return false;
  FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return false;
  char start[4096] = {};
  const size_t size = std::fread(start, 1, sizeof start - 1, file);
  std::fclose(file);
  return std::string_view(start, size).find("VERSION") != std::string_view::npos &&
         std::string_view(start, size).find("dictionary") != std::string_view::npos;
}

// dicom.dic beside the driver; of a driver that was loaded as /proc/self/fd/N, the file behind it: the
// manifest lists the dictionary first, and the worker has its files in the manifest's order. Empty: not
// there.
std::string dictionary_path() {
  Dl_info own{};
  if (dladdr(reinterpret_cast<const void*>(&set_up_dcmtk), &own) == 0 || own.dli_fname == nullptr) return {};
  const std::string path = own.dli_fname;
  const size_t name = path.rfind('/');
  if (name == std::string::npos) return {};
  const std::string folder = path.substr(0, name + 1);
  const std::string found = folder == "/proc/self/fd/"
                                ? folder + std::to_string(std::atoi(path.c_str() + name + 1) + 1)
                                : folder + "dicom.dic";
  return is_dictionary(found) ? found : std::string();
}

// DCMTK takes the path of its dictionary from the environment alone; nothing of that is left behind.
void load_dictionary() {
  const std::string path = dictionary_path();
  const char* const before = std::getenv("DCMDICTPATH");
  const std::string kept = before == nullptr ? "" : before;
  setenv("DCMDICTPATH", path.empty() ? "/dev/null" : path.c_str(), 1);
  DcmDataDictionary& dictionary = dcmDataDict.wrlock();
  if (before == nullptr)
    unsetenv("DCMDICTPATH");
  else
    setenv("DCMDICTPATH", kept.c_str(), 1);
  for (const KnownTag& tag : known_tags)
    if (dictionary.findEntry(DcmTagKey(tag.group, tag.element), nullptr) == nullptr)
      dictionary.addEntry(new DcmDictEntry(tag.group, tag.element, DcmVR(tag.vr), tag.name, 1, DcmVariableVM,
                                           "DICOS", OFTrue, nullptr));
  dcmDataDict.wrunlock();
}

}  // namespace

void set_up_dcmtk() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    load_dictionary();
    dcmAcceptUnexpectedImplicitEncoding.set(OFTrue);
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
    DcmRLEDecoderRegistration::registerCodecs();
  });
}

}  // namespace garita::dicos
