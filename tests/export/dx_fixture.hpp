// A package with all that a DX image can say, and how others read what becomes of it.
#pragma once

#include <fstream>
#include <iterator>
#include <map>

#include "drivers/dicos/decode.hpp"
#include "tests/export/fixture.hpp"

namespace garita::exporter {

class DxExport : public Export {
 protected:
  DxExport() {
    inspection.mutable_identity()->set_id("0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f");
    inspection.mutable_identity()->set_scan_key("S-1");
    inspection.mutable_identity()->set_lane("3");
    inspection.mutable_identity()->set_subject(v1::Identity::SUBJECT_CARGO);
    inspection.mutable_site()->set_name("Calexico East");
    inspection.mutable_site()->set_locode("USCXL");
    inspection.mutable_device()->set_vendor("Maker");
    inspection.mutable_device()->set_model("Portal A");
    inspection.mutable_device()->set_serial("0017");
    inspection.mutable_device()->set_firmware("2.1");
    inspection.mutable_device()->mutable_calibrated()->set_utc_ns(1772360000'000000000);
    inspection.mutable_time()->mutable_started()->set_utc_ns(1772368496'500000000);
    inspection.mutable_time()->mutable_received()->set_utc_ns(1772368499'000000000);
    inspection.mutable_completeness()->set_state(v1::Completeness::STATE_COMPLETE);
    inspection.mutable_beam()->add_energies_kev(6000);
    inspection.mutable_beam()->set_tube_current_ma(0.5);
    inspection.mutable_conveyance()->add_containers()->set_number("CSQU3054383");
    add_view("side");
  }

  v1::View& add_view(const std::string& name) {
    v1::View& view = *inspection.add_views();
    view.set_name(name);
    view.set_shape(v1::View::SHAPE_SCAN);
    view.set_quantity(v1::View::QUANTITY_TRANSMISSION);
    view.set_fidelity(v1::View::FIDELITY_RAW_COUNTS);
    view.set_transmission_offset(1024);
    view.set_transmission_scale(57344);
    view.mutable_geometry()->set_pitch_across_um(5000);
    view.mutable_geometry()->set_pitch_along_um(4000);
    view.mutable_geometry()->set_column_zero(v1::Geometry::COLUMN_ZERO_TOP);
    v1::Channel& high = *view.add_channels();
    high.set_kind(v1::Channel::KIND_HIGH);
    high.set_nominal_energy_kev(6000);
    view.add_channels()->set_kind(v1::Channel::KIND_LOW);
    return view;
  }

  static package::PlaneSpec high() { return {.view = "side", .channel = "high", .columns = 31}; }

  v1::Detection& add_detection() {
    v1::Detection& detection = *inspection.add_detections();
    detection.set_category(v1::CATEGORY_CASH);
    detection.set_source(v1::Detection::SOURCE_MACHINE);
    detection.set_view("side");
    detection.set_first_row(100), detection.set_rows(40);
    detection.set_first_column(5), detection.set_columns(11);
    return detection;
  }

  static std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  // As drivers/dicos reads it.
  static std::vector<std::byte> pixels_of(const std::filesystem::path& path) {
    const std::string bytes = bytes_of(path);
    garita::dicos::File file(std::as_bytes(std::span(bytes)));
    const View& view = file.content().views.at(0);
    const size_t size = view.rows * view.columns * (view.sample_type == GARITA_SAMPLE_U8 ? 1 : 2);
    std::vector<std::byte> out(size);
    file.read_rows(0, 0, view.rows, out);
    return out;
  }

  // The attributes that drivers/dicos finds.
  static std::map<std::string, std::string> said_by(const std::filesystem::path& path) {
    const std::string bytes = bytes_of(path);
    const garita::dicos::File file(std::as_bytes(std::span(bytes)));
    std::map<std::string, std::string> said;
    for (const Attribute& each : file.content().attributes)
      if (each.type == GARITA_VALUE_TEXT) said[each.key] = each.bytes;
    return said;
  }

  static bool lists(const ExportReport& report, const std::string& id, const std::string& value = "") {
    for (const Lost& lost : report.lost)
      for (const base::Field& field : lost.fields)
        if (lost.id == id && (value.empty() || field.value.find(value) != std::string::npos)) return true;
    return false;
  }
};

}  // namespace garita::exporter
