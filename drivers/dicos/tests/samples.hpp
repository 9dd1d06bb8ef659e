// Small DICOM files, made with DCMTK: for the tests and for the seeds of the fuzz target.
#pragma once

#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "drivers/dicos/dcmtk.hpp"

namespace garita::dicos::samples {

inline constexpr const char* ct_class = "1.2.840.10008.5.1.4.1.1.2";
inline constexpr const char* dicos_dx_class = "1.2.840.10008.5.1.4.1.1.501.2.2";
inline constexpr const char* dicos_ct_class = "1.2.840.10008.5.1.4.1.1.501.1";
inline constexpr const char* tdr_class = "1.2.840.10008.5.1.4.1.1.501.3";
inline constexpr const char* image_uid = "999.888.0077.1";

struct Sample {
  const char* sop_class = ct_class;
  E_TransferSyntax coding = EXS_LittleEndianExplicit;
  uint16_t rows = 9, columns = 7, frames = 1, bits_stored = 16;
  bool is_signed = false;
  std::function<void(DcmDataset&)> change = {};  // last, before it is coded
};

// The samples of a file, in order.
inline std::vector<uint16_t> pixels(const Sample& sample) {
  std::vector<uint16_t> out(size_t{sample.rows} * sample.columns * sample.frames);
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint16_t>(40000 + i * 37 + i % 7 * 900);
  return out;
}

inline void need(const OFCondition& done) {
  if (done.bad()) throw std::runtime_error(done.text());
}

// Packed from a file, as DCMTK's encoders want it.
inline void pack(const char* path, E_TransferSyntax coding) {
  const DJ_RPLossless jpeg;
  const DJLSRepresentationParameter jpegls(0, OFTrue);
  const DcmRLERepresentationParameter rle;
  const DcmRepresentationParameter* how = &rle;
  if (coding == EXS_JPEGProcess14SV1) how = &jpeg;
  if (coding == EXS_JPEGLSLossless) how = &jpegls;
  DcmFileFormat file;
  need(file.loadFile(path));
  need(file.loadAllDataIntoMemory());
  need(file.getDataset()->chooseRepresentation(coding, how));
  need(file.saveFile(path, coding));
}

inline std::string bytes_of(DcmFileFormat& file, E_TransferSyntax coding) {
  const bool packed = DcmXfer(coding).isEncapsulated();
  char path[] = "/tmp/garita-dicos-sample-XXXXXX";
  close(mkstemp(path));
  need(file.saveFile(path, packed ? EXS_LittleEndianExplicit : coding));
  if (packed) pack(path, coding);
  std::ifstream in(path, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  unlink(path);
  return bytes;
}

inline void register_encoders() {
  static const bool once = [] {
    set_up_dcmtk();
    dcmDataDict.wrlock().loadDictionary(GARITA_DICOM_DICTIONARY);  // the encoders write elements that we never read
    dcmDataDict.wrunlock();
    DJEncoderRegistration::registerCodecs(ECC_lossyYCbCr, EUC_never);
    DJLSEncoderRegistration::registerCodecs();
    DcmRLEEncoderRegistration::registerCodecs();
    return true;
  }();
  (void)once;
}

inline void put_common(DcmDataset& out, const char* sop_class, const char* uid) {
  need(out.putAndInsertString({0x0008, 0x0016}, sop_class));
  need(out.putAndInsertString({0x0008, 0x0018}, uid));
  need(out.putAndInsertString({0x0008, 0x0022}, "20240229"));
  need(out.putAndInsertString({0x0008, 0x0032}, "120000.5"));
  need(out.putAndInsertString({0x0008, 0x0070}, "Maker"));
}

inline std::string image(const Sample& sample) {
  register_encoders();
  DcmFileFormat file;
  DcmDataset& out = *file.getDataset();
  put_common(out, sample.sop_class, image_uid);
  need(out.putAndInsertUint16({0x0028, 0x0002}, 1));
  need(out.putAndInsertString({0x0028, 0x0004}, "MONOCHROME2"));
  if (sample.frames > 1)
    need(out.putAndInsertString({0x0028, 0x0008}, std::to_string(sample.frames).c_str()));
  need(out.putAndInsertUint16({0x0028, 0x0010}, sample.rows));
  need(out.putAndInsertUint16({0x0028, 0x0011}, sample.columns));
  need(out.putAndInsertUint16({0x0028, 0x0100}, 16));
  need(out.putAndInsertUint16({0x0028, 0x0101}, sample.bits_stored));
  need(out.putAndInsertUint16({0x0028, 0x0102}, static_cast<uint16_t>(sample.bits_stored - 1)));
  need(out.putAndInsertUint16({0x0028, 0x0103}, sample.is_signed ? 1 : 0));
  const std::vector<uint16_t> values = pixels(sample);
  need(out.putAndInsertUint16Array(DcmTag(0x7FE0, 0x0010, EVR_OW), values.data(), static_cast<unsigned long>(values.size())));
  if (sample.change) sample.change(out);
  return bytes_of(file, sample.coding);
}

// A report of one threat in the image.
inline std::string report(const char* category = "PI", const char* of_image = image_uid) {
  register_encoders();
  DcmFileFormat file;
  DcmDataset& out = *file.getDataset();
  put_common(out, tdr_class, "999.888.0077.2");
  need(out.putAndInsertString({0x4010, 0x1031}, "ALARM"));
  DcmItem *threat = nullptr, *place = nullptr, *reference = nullptr, *region = nullptr, *assessment = nullptr;
  need(out.findOrCreateSequenceItem({0x4010, 0x1011}, threat));
  need(threat->findOrCreateSequenceItem({0x4010, 0x1037}, place));
  need(place->findOrCreateSequenceItem({0x0008, 0x114A}, reference));
  need(reference->putAndInsertString({0x0008, 0x1150}, dicos_dx_class));
  need(reference->putAndInsertString({0x0008, 0x1155}, of_image));
  need(place->findOrCreateSequenceItem({0x4010, 0x1001}, region));
  for (const auto& [element, values] : {std::pair<uint16_t, std::vector<float>>{0x1004, {1, 2, 3}}, {0x1005, {2, 3, 4}}}) {
    auto* const own = new DcmFloatingPointSingle(DcmTag(0x4010, element, EVR_FL));
    need(own->putFloat32Array(values.data(), static_cast<unsigned long>(values.size())));
    need(region->insert(own));
  }
  need(threat->findOrCreateSequenceItem({0x4010, 0x1038}, assessment));
  need(assessment->putAndInsertString({0x4010, 0x1012}, category));
  need(assessment->putAndInsertFloat32({0x4010, 0x1016}, 0.5F));
  return bytes_of(file, EXS_LittleEndianExplicit);
}

// The same value element in another place: DICOS's own elements for wider samples.
template <typename Value>
std::function<void(DcmDataset&)> wide(uint16_t element, DcmVR vr, std::vector<Value> values) {
  return [=](DcmDataset& out) {
    delete out.remove(DcmTagKey(0x7FE0, 0x0010));
    auto* const own = new DcmOtherByteOtherWord(DcmTag(0x7FE0, element, vr));
    need(own->putUint8Array(reinterpret_cast<const Uint8*>(values.data()),
                            static_cast<unsigned long>(values.size() * sizeof(Value))));
    need(out.insert(own));
    need(out.putAndInsertUint16({0x0028, 0x0100}, 8 * sizeof(Value)));
    need(out.putAndInsertUint16({0x0028, 0x0101}, 8 * sizeof(Value)));
    need(out.putAndInsertUint16({0x0028, 0x0102}, 8 * sizeof(Value) - 1));
  };
}

}  // namespace garita::dicos::samples
