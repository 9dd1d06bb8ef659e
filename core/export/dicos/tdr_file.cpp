#include "core/export/dicos/tdr_file.hpp"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/oflog/oflog.h>

#include <utility>

#include "core/export/dicos/item.hpp"

namespace garita::exporter::dicos {
namespace {

void put_reference(Item item, const Report& report) {
  item.need(0x0008, 0x1150, EVR_UI, report.image_class);
  item.need(0x0008, 0x1155, EVR_UI, report.image_uid);
}

// SOP Common, General Scan (T15), General Series (T16).
void put_scan(Item& out, const Report& report) {
  out.text(0x0008, 0x0005, EVR_CS, "ISO_IR 192");
  out.text_if(0x0008, 0x0012, EVR_DA, report.created.date);
  out.text_if(0x0008, 0x0013, EVR_TM, report.created.time);
  out.need(0x0008, 0x0016, EVR_UI, tdr_class);
  out.need(0x0008, 0x0018, EVR_UI, report.instance_uid);
  out.need(0x0008, 0x0020, EVR_DA, report.scan.date);
  out.need(0x0008, 0x0021, EVR_DA, report.scan.date);
  out.need(0x0008, 0x0023, EVR_DA, report.decision.date);
  out.need(0x0008, 0x0030, EVR_TM, report.scan.time);
  out.need(0x0008, 0x0031, EVR_TM, report.scan.time);
  out.need(0x0008, 0x0033, EVR_TM, report.decision.time);
  out.text(0x0008, 0x0060, EVR_CS, "TDR");
  out.text(0x0008, 0x0201, EVR_SH, "+0000");
  if (!report.image_uid.empty()) put_reference(out.add(0x0008, 0x1110), report);
  out.need(0x0020, 0x000D, EVR_UI, report.study_uid);
  out.need(0x0020, 0x000E, EVR_UI, report.series_uid);
  out.need(0x0020, 0x0010, EVR_SH, report.scan_id);
  out.text(0x0020, 0x0013, EVR_IS, std::to_string(report.number));
  out.need(0x0020, 0x0052, EVR_UI, report.frame_uid);
  out.text(0x0020, 0x1040, EVR_LO, "");
  out.text(0x4010, 0x103A, EVR_CS, "V03");
  out.need(0x4010, 0x1044, EVR_CS, report.acquisition);
  out.text(0x4010, 0x1048, EVR_CS, "OPERATIONAL");
}

void put_place(Item out, const Report& report, const Threat& threat) {
  if (!report.image_uid.empty()) put_reference(out.add(0x0008, 0x114A), report);
  if (threat.box) {
    Item region = out.add(0x4010, 0x1001);
    const Box& box = *threat.box;
    const auto three = [](const double(&from)[3]) {
      return std::vector<float>{static_cast<float>(from[0]), static_cast<float>(from[1]),
                                static_cast<float>(from[2])};
    };
    region.floats(0x4010, 0x1004, three(box.base));
    region.floats(0x4010, 0x1005, three(box.extents));
    if (!threat.bitmap.empty()) region.bytes(0x4010, 0x1006, threat.bitmap);
  }
  if (!threat.polygon.empty()) out.floats(0x4010, 0x101D, threat.polygon);
}

void put_assessment(Item out, const Threat& threat) {
  out.need(0x4010, 0x1012, EVR_CS, threat.category);
  out.text_if(0x4010, 0x1013, EVR_LT, threat.description);
  out.text(0x4010, 0x1014, EVR_CS, "NO_INTERFERENCE");
  out.need(0x4010, 0x1015, EVR_CS, threat.flag);
  if (threat.probability) out.floats(0x4010, 0x1016, {*threat.probability});
  out.text(private_group, 0x0010, EVR_LO, private_creator);
  out.text(private_group, 0x1001, EVR_UT, threat.own_category);
  out.text(private_group, 0x1002, EVR_UT, threat.own_code);
  out.text(private_group, 0x1003, EVR_UT, threat.own_label);
  if (threat.own_confidence) out.doubles(private_group, 0x1004, {*threat.own_confidence});
  if (!threat.own_polygon.empty()) out.doubles(private_group, 0x1005, threat.own_polygon);
}

// TDR modules (T65 … T72).
void put_report(Item& out, const Report& report) {
  for (const Threat& threat : report.threats) {
    Item item = out.add(0x4010, 0x1011);
    item.whole(0x4010, 0x1010, threat.id);
    put_place(item.add(0x4010, 0x1037), report, threat);
    put_assessment(item.add(0x4010, 0x1038), threat);
  }
  out.text(0x4010, 0x1024, EVR_CS, "SUCCESS");
  out.need(0x4010, 0x1027, EVR_CS, report.tdr_type);
  out.need(0x4010, 0x1029, EVR_LO, report.algorithm);
  out.need(0x4010, 0x102B, EVR_DT, report.decision_time);
  out.text(0x4010, 0x1031, EVR_CS, "ALARM");
  out.whole(0x4010, 0x1033, report.threats.size());
  out.whole(0x4010, 0x1034, report.threats.size());
  out.doubles(0x4010, 0x1075,
              {1.0});  // boxes count the image's own pixels; FD, as the vendors' toolkit writes it
}

}  // namespace

base::Result<std::string> tdr_file(const Report& report) {
  OFLog::configure(OFLogger::OFF_LOG_LEVEL);
  DcmFileFormat file;
  std::optional<base::Error> error;
  Item out(*file.getDataset(), error);
  put_scan(out, report);
  put_equipment(out, report);
  put_object(out, report);
  put_report(out, report);
  Item meta(*file.getMetaInfo(), error);
  meta.text(0x0002, 0x0004, EVR_CS, "V03");
  if (error) return *std::move(error);
  return bytes_of(file);
}

}  // namespace garita::exporter::dicos
