#include "core/export/dicos/dx_file.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/oflog/oflog.h>

#include "core/export/dicos/item.hpp"
#include "core/export/dicos/tdr.hpp"

namespace garita::exporter::dicos {
namespace {

const char* class_of(const Image& image) {
  if (image.is_dicos) return image.for_presentation ? dx_presentation_class : dx_class;
  return image.for_presentation ? dicom_dx_presentation_class : dicom_dx_class;
}

// SOP Common, General Study (General Scan, T15), General Series (T16), DX Series.
void put_scan(Item& out, const Image& image) {
  out.text(0x0008, 0x0005, EVR_CS, "ISO_IR 192");
  out.text_if(0x0008, 0x0012, EVR_DA, image.created.date);
  out.text_if(0x0008, 0x0013, EVR_TM, image.created.time);
  out.need(0x0008, 0x0016, EVR_UI, class_of(image));
  out.need(0x0008, 0x0018, EVR_UI, image.instance_uid);
  out.text(0x0008, 0x0020, EVR_DA, image.scan.date);
  out.text_if(0x0008, 0x0021, EVR_DA, image.scan.date);
  out.text_if(0x0008, 0x0022, EVR_DA, image.scan.date);
  out.text(0x0008, 0x0023, EVR_DA, image.scan.date);
  out.text(0x0008, 0x0030, EVR_TM, image.scan.time);
  out.text_if(0x0008, 0x0031, EVR_TM, image.scan.time);
  out.text_if(0x0008, 0x0032, EVR_TM, image.scan.time);
  out.text(0x0008, 0x0033, EVR_TM, image.scan.time);
  out.text(0x0008, 0x0060, EVR_CS, image.is_dicos ? "XRAY" : "DX");
  out.text(0x0008, 0x0068, EVR_CS, image.for_presentation ? "FOR PRESENTATION" : "FOR PROCESSING");
  out.text(0x0008, 0x0201, EVR_SH, "+0000");
  out.text_if(0x0008, 0x1030, EVR_LO, image.study_description);
  out.text_if(0x0008, 0x103E, EVR_LO, image.series_description);
  out.need(0x0020, 0x000D, EVR_UI, image.study_uid);
  out.need(0x0020, 0x000E, EVR_UI, image.series_uid);
  out.text(0x0020, 0x0010, EVR_SH, image.scan_id);
  out.text(0x0020, 0x0011, EVR_IS, std::to_string(image.series_number));
  out.text(0x0020, 0x0013, EVR_IS, std::to_string(image.number));
  out.need(0x0020, 0x0052, EVR_UI, image.frame_uid);
  out.text(0x0020, 0x1040, EVR_LO, "");
}

// General Image, Image Pixel, DX Image (T35), Basic Pixel Spacing Calibration.
void put_image(Item& out, const Image& image) {
  out.need(0x0008, 0x0008, EVR_CS, image.image_type);
  out.text_if(0x0018, 0x0060, EVR_DS, image.kvp);
  out.text_if(0x0018, 0x8151, EVR_DS, image.current_ua);
  out.need(0x0020, 0x0020, EVR_CS, image.towards);
  out.whole(0x0028, 0x0002, 1);
  out.text(0x0028, 0x0004, EVR_CS, "MONOCHROME2");
  out.whole(0x0028, 0x0010, image.rows);
  out.whole(0x0028, 0x0011, image.columns);
  if (!image.pixel_mm.empty()) {
    out.text(0x0028, 0x0030, EVR_DS, image.pixel_mm);
    out.text(0x0028, 0x0A02, EVR_CS, "GEOMETRY");  // of the object, not of the detector
    out.text(0x0028, 0x0A04, EVR_LO, "at the object plane");
  }
  out.whole(0x0028, 0x0100, image.bits);
  out.whole(0x0028, 0x0101, image.bits);
  out.whole(0x0028, 0x0102, image.bits - 1U);
  out.whole(0x0028, 0x0103, 0);
  out.text(0x0028, 0x0301, EVR_CS, "NO");
  out.need(0x0028, 0x1040, EVR_CS, image.intensity);
  out.sign(0x0028, 0x1041, image.sign);
  if (image.for_presentation) {  // and nowhere else
    out.need(0x0028, 0x1050, EVR_DS, image.window_centre);
    out.need(0x0028, 0x1051, EVR_DS, image.window_width);
  }
  out.text(0x0028, 0x1052, EVR_DS, "0");
  out.text(0x0028, 0x1053, EVR_DS, "1");
  out.text(0x0028, 0x1054, EVR_LO, "US");  // DX allows no other scale here
  out.text(0x0028, 0x2110, EVR_CS, "00");
  out.empty_sequence(0x0040, 0x0555);
  out.text(0x0050, 0x0004, EVR_CS, "NO");
  out.text(0x2050, 0x0020, EVR_CS, "IDENTITY");
}

// What a stored value is as transmission, where a reader of DX looks for it: Real World Value Mapping.
void put_transmission(Item& out, const Image& image) {
  if (!image.transmission) return;
  const double offset = image.transmission->offset, scale = image.transmission->scale;
  Item map = out.add(0x0040, 0x9096);
  map.text(0x0028, 0x3003, EVR_LO, "transmission: 0 opaque, 1 open beam");
  Item unit = map.add(0x0040, 0x08EA);
  unit.text(0x0008, 0x0100, EVR_SH, "1");
  unit.text(0x0008, 0x0102, EVR_SH, "UCUM");
  unit.text(0x0008, 0x0104, EVR_LO, "no units");
  map.text(0x0040, 0x9210, EVR_SH, "TRANSMISSION");
  map.whole(0x0040, 0x9211, 65535);
  map.whole(0x0040, 0x9216, 0);
  map.doubles(0x0040, 0x9224, {-offset / scale});
  map.doubles(0x0040, 0x9225, {1 / scale});
}

void put_own(Item& out, const Image& image) {
  out.text(private_group, 0x0010, EVR_LO, plane_creator);
  out.text(private_group, 0x1001, EVR_UT, image.view);
  out.text(private_group, 0x1002, EVR_UT, image.channel);
  out.text(private_group, 0x1003, EVR_UT, image.fidelity);
  out.text(private_group, 0x1004, EVR_UT, image.package);
  if (image.transmission)
    out.wholes(private_group, 0x1005, {image.transmission->offset, image.transmission->scale});
  out.wholes(private_group, 0x1006, {image.first_row, image.plane_rows});
}

// ---- DICOM alone: its patient is the inspection, and nothing of a person.

void put_patient(Item& out, const Image& image) {
  out.text(0x0008, 0x0050, EVR_SH, "");
  out.text(0x0008, 0x0090, EVR_PN, "");
  out.text(0x0010, 0x0010, EVR_PN, "");
  out.need(0x0010, 0x0020, EVR_LO, image.object_id);
  out.need(0x0010, 0x0021, EVR_LO, image.object_authority);
  out.text(0x0010, 0x0022, EVR_CS, "TEXT");
  out.text(0x0010, 0x0030, EVR_DA, "");
  out.text(0x0010, 0x0040, EVR_CS, "");
}

void put_medical_equipment(Item& out, const Image& image) {
  out.text(0x0008, 0x0070, EVR_LO, image.manufacturer);
  out.text_if(0x0008, 0x0080, EVR_LO, image.institution);
  out.text_if(0x0008, 0x0081, EVR_ST, image.address);
  out.text_if(0x0008, 0x1010, EVR_SH, image.station);
  out.text_if(0x0008, 0x1090, EVR_LO, image.model);
  out.text_if(0x0018, 0x1000, EVR_LO, image.serial);
  out.text_if(0x0018, 0x1020, EVR_LO, image.software);
  out.text_if(0x0018, 0x1200, EVR_DA, image.calibrated.date);
  out.text_if(0x0018, 0x1201, EVR_TM, image.calibrated.time);
}

// DX Anatomy Imaged, DX Detector: of a body and a plate that are not there.
void put_medical_image(Item& out, const Image& image) {
  out.empty_sequence(0x0008, 0x2218);
  out.text(0x0018, 0x7004, EVR_CS, "");
  out.text(0x0018, 0x1164, EVR_DS, image.pixel_mm.empty() ? "1\\1" : image.pixel_mm);
  out.text(0x0020, 0x0062, EVR_CS, "U");
}

// ---- DICOS alone

void put_security_image(Item& out, const Image& image) {
  out.need(0x0008, 0x0020, EVR_DA, image.scan.date);
  out.need(0x0008, 0x0030, EVR_TM, image.scan.time);
  out.need(0x0018, 0x0060, EVR_DS, image.kvp);
  out.text(0x0018, 0x7004, EVR_CS, "OTHER");
  out.need(0x0018, 0x8151, EVR_DS, image.current_ua);
  out.need(0x0020, 0x0010, EVR_SH, image.scan_id);
  out.need(0x0020, 0x0032, EVR_DS, image.position);
  out.need(0x0020, 0x0037, EVR_DS, image.direction);
  out.text(0x4010, 0x103A, EVR_CS, "V03");
  out.need(0x4010, 0x1044, EVR_CS, image.acquisition);
  out.empty_sequence(0x4010, 0x1047);
  out.text(0x4010, 0x1048, EVR_CS, "OPERATIONAL");
  out.floats(0x4010, 0x1062, {0});
  out.floats(0x4300, 0x0902, {0});
  out.whole(0x6100, 0x0024, image.view_number);
  out.text(0x6100, 0x0026, EVR_LO, image.view);
  out.whole(0x6100, 0x0028, image.views);
  out.whole(0x6100, 0x0030, image.energy_number);
  out.text(0x6100, 0x0031, EVR_LO, image.channel);
  out.whole(0x6100, 0x0032, image.energies);
}

}  // namespace

base::Result<std::string> dx_head(const Image& image) {
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  DcmFileFormat file;
  std::optional<base::Error> error;
  Item out(*file.getDataset(), error);
  put_scan(out, image);
  put_image(out, image);
  put_transmission(out, image);
  put_own(out, image);
  if (image.is_dicos) {
    put_equipment(out, image);
    put_object(out, image);
    put_security_image(out, image);
    Item(*file.getMetaInfo(), error).text(0x0002, 0x0004, EVR_CS, "V03");
  } else {
    put_patient(out, image);
    put_medical_equipment(out, image);
    put_medical_image(out, image);
  }
  if (error) return *std::move(error);
  return bytes_of(file);
}

}  // namespace garita::exporter::dicos
