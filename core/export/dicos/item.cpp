#include "core/export/dicos/item.hpp"

#include <dcmtk/dcmdata/dcostrmb.h>

#include <cstdio>
#include <memory>

namespace garita::exporter::dicos {

void Item::need(uint16_t group, uint16_t element, DcmEVR vr, const std::string& value) {
  if (value.empty()) return note(group, element, "empty");
  text(group, element, vr, value);
}

void Item::text(uint16_t group, uint16_t element, DcmEVR vr, const std::string& value) {
  take(group, element, item_.putAndInsertString(DcmTag(group, element, vr), value.c_str()));
}

void Item::text_if(uint16_t group, uint16_t element, DcmEVR vr, const std::string& value) {
  if (!value.empty()) text(group, element, vr, value);
}

void Item::whole(uint16_t group, uint16_t element, size_t value) {
  take(group, element, item_.putAndInsertUint16(DcmTag(group, element, EVR_US), static_cast<Uint16>(value)));
}

void Item::sign(uint16_t group, uint16_t element, int16_t value) {
  take(group, element, item_.putAndInsertSint16(DcmTag(group, element, EVR_SS), value));
}

void Item::wholes(uint16_t group, uint16_t element, const std::vector<uint32_t>& values) {
  auto made = std::make_unique<DcmUnsignedLong>(DcmTag(group, element, EVR_UL));
  OFCondition done = made->putUint32Array(values.data(), static_cast<unsigned long>(values.size()));
  if (done.good()) done = item_.insert(made.get(), OFTrue);
  if (done.good()) (void)made.release();  // the data set owns it now
  take(group, element, done);
}

void Item::floats(uint16_t group, uint16_t element, const std::vector<float>& values) {
  take(group, element,
       item_.putAndInsertFloat32Array(DcmTag(group, element, EVR_FL), values.data(),
                                      static_cast<unsigned long>(values.size())));
}

void Item::doubles(uint16_t group, uint16_t element, const std::vector<double>& values) {
  take(group, element,
       item_.putAndInsertFloat64Array(DcmTag(group, element, EVR_FD), values.data(),
                                      static_cast<unsigned long>(values.size())));
}

void Item::bytes(uint16_t group, uint16_t element, const std::vector<uint8_t>& values) {
  take(group, element,
       item_.putAndInsertUint8Array(DcmTag(group, element, EVR_OB), values.data(),
                                    static_cast<unsigned long>(values.size())));
}

void Item::empty_sequence(uint16_t group, uint16_t element) {
  take(group, element, item_.insert(new DcmSequenceOfItems(DcmTag(group, element, EVR_SQ))));
}

Item Item::add(uint16_t group, uint16_t element) {
  DcmItem* made = nullptr;
  take(group, element, item_.findOrCreateSequenceItem(DcmTag(group, element, EVR_SQ), made, -2));
  return made != nullptr ? Item(*made, error_) : *this;
}

void Item::take(uint16_t group, uint16_t element, const OFCondition& done) {
  if (done.bad()) note(group, element, done.text());
}

void Item::note(uint16_t group, uint16_t element, const char* reason) {
  if (error_) return;
  char tag[16];
  std::snprintf(tag, sizeof tag, "(%04X,%04X)", group, element);
  error_ = base::Error{base::Outcome::no, "export.dicos_refused", {{"tag", tag}, {"reason", reason}}};
}

void put_equipment(Item& out, const Origin& origin) {
  out.need(0x0008, 0x0070, EVR_LO, origin.manufacturer);
  out.need(0x0008, 0x0080, EVR_LO, origin.institution);
  out.need(0x0008, 0x0081, EVR_ST, origin.address);
  out.need(0x0008, 0x1010, EVR_SH, origin.station);
  out.need(0x0008, 0x1090, EVR_LO, origin.model);
  out.need(0x0018, 0x1000, EVR_LO, origin.serial);
  out.need(0x0018, 0x1020, EVR_LO, origin.software);
  out.text(0x0018, 0x1200, EVR_DA, origin.calibrated.date);
  out.text(0x0018, 0x1201, EVR_TM, origin.calibrated.time);
}

void put_object(Item& out, const Origin& origin) {
  out.need(0x0010, 0x0020, EVR_LO, origin.object_id);
  out.need(0x0010, 0x0021, EVR_LO, origin.object_authority);
  out.text(0x0010, 0x0022, EVR_CS, "TEXT");
  out.empty_sequence(0x0010, 0x1002);
  out.need(0x4010, 0x1042, EVR_CS, origin.object_type);
  out.empty_sequence(0x4010, 0x1064);
  out.text_if(0x4010, 0x1068, EVR_LT, origin.object_description);
}

namespace {

base::Error not_written(const char* reason) {
  return {base::Outcome::no, "export.dicos_refused", {{"tag", "(0002,0000)"}, {"reason", reason}}};
}

}  // namespace

base::Result<std::string> bytes_of(DcmFileFormat& file) {
  std::vector<char> buffer(1u << 20);
  DcmOutputBufferStream stream(buffer.data(), static_cast<offile_off_t>(buffer.size()));
  std::string bytes;
  const auto drain = [&] {
    void* start = nullptr;
    offile_off_t size = 0;
    stream.flushBuffer(start, size);
    bytes.append(static_cast<const char*>(start), static_cast<size_t>(size));
  };
  file.transferInit();
  OFCondition done;
  do {  // a new meta header would be without (0002,0004): the one at hand is completed
    done = file.write(stream, EXS_LittleEndianExplicit, EET_ExplicitLength, nullptr, EGL_recalcGL,
                      EPD_noChange, 0, 0, 0, EWM_fileformat);
    drain();
  } while (done == EC_StreamNotifyClient);
  file.transferEnd();
  if (done.bad()) return not_written(done.text());
  return bytes;
}

}  // namespace garita::exporter::dicos
