#include "drivers/leidos/sidecar.hpp"

#include <algorithm>
#include <limits>

#include "drivers/leidos/sidecar_xml.hpp"
#include "drivers/leidos/tiff.hpp"
#include "drivers/leidos/units.hpp"
#include "garita/error.hpp"
#include "garita/view.h"

namespace garita::leidos {
namespace {

using pugi::xml_node;

constexpr std::string_view root_name = "SimGantryPassage", version = "1";
constexpr size_t max_id_bytes = 64, max_key_bytes = 100, max_text_bytes = 1024;

class Reader {
 public:
  explicit Reader(const xml_node& root) : root_(root) {}

  Sidecar read() {
    passage(root_.child("Passage"));
    machine(root_.child("Machine"));
    vehicle(root_.child("Vehicle"));
    papers(root_.child("Papers"));
    for (const xml_node& image : root_.children("Image")) add_image(image);
    put_transmission_first();
    for (const xml_node& photo : root_.children("Photo"))
      add_file(photo,
               attribute_of(photo, "camera") == "plate" ? sidecar_.plate_photos : sidecar_.scene_photos);
    for (const xml_node& radiation : root_.children("Radiation")) add_file(radiation, sidecar_.radiation);
    for (const xml_node& mark : root_.children("Mark")) add_mark(mark);
    return std::move(sidecar_);
  }

 private:
  void passage(const xml_node& node) {
    sidecar_.id = attribute_of(node, "id");
    const auto is_good = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
             c == '_' || c == '-';
    };
    if (sidecar_.id.empty() || sidecar_.id.size() > max_id_bytes ||
        !std::all_of(sidecar_.id.begin(), sidecar_.id.end(), is_good))
      fail(GARITA_DATA_CORRUPT, "has no usable passage id: " + quoted(sidecar_.id));
    const std::string_view key = attribute_of(node, "key");
    const bool is_printable =
        std::all_of(key.begin(), key.end(), [](char c) { return c >= '!' && c <= '~'; });
    if (is_printable && key.size() <= max_key_bytes) sidecar_.passage_key = key;
    const std::string_view heading = attribute_of(node, "heading");
    if (heading == "north" || heading == "south") sidecar_.heading = heading;
    sidecar_.started = moment(node.child("Start"), "start");
    sidecar_.ended = moment(node.child("Stop"), "stop");
    if (sidecar_.ended.utc_ns < sidecar_.started.utc_ns && sidecar_.ended.utc_ns != GARITA_UTC_UNKNOWN) {
      note("org.garita.leidos.stop_doubt", "it lies before the start");
      sidecar_.ended = {};
    }
    quantity(node.child("Speed"), "conveyance.speed_mps", metres_per_s);
    quantity(node.child("Ambient"), "org.garita.leidos.ambient_celsius", celsius);
  }

  Time moment(const xml_node& node, const std::string& name) {
    const Resolved resolved = resolve({text_of(node), attribute_of(node, "zone"),
                                       attribute_of(node, "offset"), attribute_of(node, "abbreviation")});
    if (!text_of(node).empty()) note("org.garita.leidos." + name + "_local", text_of(node));
    if (!resolved.doubt.empty()) note("org.garita.leidos." + name + "_doubt", resolved.doubt);
    return resolved.time;
  }

  void machine(const xml_node& node) {
    note("device.vendor", "Garita (simulated)");
    note("device.family", "simulated mobile gantry");
    note("device.model", attribute_of(node, "model"));
    note("device.serial", attribute_of(node, "serial"));
    note("device.firmware", attribute_of(node, "firmware"));
    sidecar_.energy_kev =
        static_cast<uint32_t>(whole_number(attribute_of(node, "energyKeV"), 20'000).value_or(0));
    const std::string_view side = attribute_of(node, "source");
    sidecar_.source_side = side == "left"    ? GARITA_SOURCE_LEFT
                           : side == "right" ? GARITA_SOURCE_RIGHT
                                             : GARITA_SOURCE_UNKNOWN;
    if (sidecar_.energy_kev == 0) return;
    note("beam.kind", "linac");
    sidecar_.attributes.push_back(attribute("beam.energies_kev[0]", double{1} * sidecar_.energy_kev));
  }

  void vehicle(const xml_node& node) {
    note("identity.subject", "conveyance");
    note("conveyance.kind", attribute_of(node, "kind"));
    if (const auto axles = whole_number(text_of(node.child("Axles")), 4096); axles && *axles > 0)
      sidecar_.attributes.push_back(attribute("conveyance.axles", static_cast<int64_t>(*axles)));
    length(node.child("Length"));
    quantity(node.child("Weight"), "conveyance.gross_mass_kg", kilograms);
    size_t plates = 0, containers = 0;
    for (const xml_node& plate : node.children("Plate")) {
      const std::string path = "conveyance.plates[" + std::to_string(plates) + "].";
      if (plates++ == max_facts / 4) break;
      note(path + "number", text_of(plate));
      for (const char* what : {"country", "state", "place"}) note(path + what, attribute_of(plate, what));
      if (const double share = percent(attribute_of(plate, "confidence")); share >= 0)
        sidecar_.attributes.push_back(attribute(path + "confidence", share));
    }
    for (const xml_node& container : node.children("Container"))
      if (containers < max_facts)
        note("conveyance.containers[" + std::to_string(containers++) + "].number", text_of(container));
  }

  // Feet and inches together, as it is painted on trailers.
  void length(const xml_node& node) {
    const auto feet = decimal(attribute_of(node, "feet")), inches = decimal(attribute_of(node, "inches"));
    if (!feet && !inches) return;
    const int64_t um = (feet ? *micrometres(*feet, "ft") : 0) + (inches ? *micrometres(*inches, "in") : 0);
    if (um > 0)
      sidecar_.attributes.push_back(attribute("conveyance.length_mm", static_cast<double>(um) / 1000));
  }

  void papers(const xml_node& node) {
    const auto list = [&](const char* name, const std::string& before, const std::string& behind) {
      size_t count = 0;
      for (const xml_node& one : node.children(name))
        if (count < max_facts) note(before + std::to_string(count++) + behind, text_of(one));
    };
    list("Pedimento", "documents.pedimentos[", "]");
    list("Entry", "documents.cbp_entries[", "]");
    list("Shipment", "documents.shipment_control_numbers[", "]");
    note("documents.scac", text_of(node.child("Carrier")));
    note("documents.ace_trip", text_of(node.child("Trip")));
    size_t count = 0;
    for (const xml_node& goods : node.children("Goods")) {
      if (count == max_facts) break;
      const std::string path = "documents.manifest[" + std::to_string(count++) + "].";
      note(path + "hs_code", attribute_of(goods, "hs"));
      note(path + "description", text_of(goods));
    }
  }

  void add_image(const xml_node& node) {
    const std::string_view view = attribute_of(node, "view");
    if (view != "transmission" && view != "backscatter")
      fail(GARITA_DATA_UNSUPPORTED,
           "has an image of " + quoted(view) + "; this driver knows transmission and backscatter");
    if (sidecar_.images.size() == max_images) fail(GARITA_DATA_UNSUPPORTED, "has too many images");
    Image image{need_file(node), view == "backscatter", 0, 0, {}, 0, 0, 0, 0, {}};
    image.width = static_cast<uint32_t>(need_number(node, "width", 1, max_width));
    image.height = static_cast<uint32_t>(need_number(node, "height", 1, max_height));
    const std::string_view nose = attribute_of(node, "nose"), bright = attribute_of(node, "bright");
    if (nose == "left" || nose == "right") image.nose_left = nose == "left";
    if (bright == "more" || bright == "less") image.bright_is_more = bright == "more";
    image.pitch_along_um = pitch(node, "pixelAlong");
    image.pitch_up_um = pitch(node, "pixelUp");
    if (!image.backscatter) {
      image.opaque = static_cast<uint16_t>(need_number(node, "opaque", 0, 65'535));
      image.open = static_cast<uint16_t>(need_number(node, "open", 0, 65'535));
      if (image.open < image.opaque + 256)
        fail(GARITA_DATA_CORRUPT, "has an open beam of " + std::to_string(image.open) +
                                      " that is not above " + std::to_string(image.opaque) +
                                      ", its value for opaque");
    }
    sidecar_.images.push_back(std::move(image));
  }

  uint32_t pitch(const xml_node& node, const char* name) {
    const auto number = decimal(attribute_of(node, name));
    const auto um = number ? micrometres(*number, attribute_of(node, "unit")) : std::nullopt;
    return um && *um >= 1 && *um <= 1'000'000 ? static_cast<uint32_t>(*um) : 0;
  }

  void put_transmission_first() {
    const auto is_transmission = [](const Image& image) { return !image.backscatter; };
    std::stable_partition(sidecar_.images.begin(), sidecar_.images.end(), is_transmission);
    const auto transmissions = std::count_if(sidecar_.images.begin(), sidecar_.images.end(), is_transmission);
    if (transmissions != 1 || sidecar_.images.size() > 2)
      fail(GARITA_DATA_UNSUPPORTED, "has " + std::to_string(transmissions) + " transmission images of " +
                                        std::to_string(sidecar_.images.size()) +
                                        "; a passage has one, and at most one of backscatter");
  }

  void add_file(const xml_node& node, std::vector<Named>& files) {
    if (files.size() == max_files)
      fail(GARITA_DATA_UNSUPPORTED, std::string("names too many files in ") + node.name());
    files.push_back(need_file(node));
  }

  void add_mark(const xml_node& node) {
    if (sidecar_.marks.size() == max_marks) fail(GARITA_DATA_UNSUPPORTED, "has too many marks");
    Mark mark;
    mark.backscatter = attribute_of(node, "view") == "backscatter";
    mark.left = static_cast<uint32_t>(need_number(node, "left", 0, max_width));
    mark.top = static_cast<uint32_t>(need_number(node, "top", 0, max_height));
    mark.width = static_cast<uint32_t>(need_number(node, "width", 1, max_width));
    mark.height = static_cast<uint32_t>(need_number(node, "height", 1, max_height));
    mark.code = attribute_of(node, "code").substr(0, max_id_bytes);
    mark.label = text_of(node).substr(0, max_text_bytes);
    const double share = percent(attribute_of(node, "confidence"));
    mark.confidence = share >= 0 ? share : std::numeric_limits<double>::quiet_NaN();
    sidecar_.marks.push_back(std::move(mark));
  }

  // 0 … 1 of "87.5"; below 0 where that is no percentage.
  static double percent(std::string_view text) {
    const auto number = decimal(text);
    return number && number->millionths >= 0 && number->millionths <= 100'000'000 ? number->value() / 100
                                                                                  : -1;
  }

  template <typename Convert>
  void quantity(const xml_node& node, const std::string& key, Convert convert) {
    if (text_of(node).empty()) return;
    const auto number = decimal(text_of(node));
    const auto converted = number ? convert(*number, attribute_of(node, "unit")) : std::nullopt;
    if (converted)
      sidecar_.attributes.push_back(attribute(key, *converted));
    else
      note("org.garita.leidos." + key.substr(key.rfind('.') + 1) + "_as_written",
           std::string(text_of(node)) + " " + std::string(attribute_of(node, "unit")));
  }

  void note(const std::string& key, std::string_view text) {
    if (!text.empty()) sidecar_.attributes.push_back(attribute(key, cut_text(text, max_text_bytes)));
  }

  const xml_node& root_;
  Sidecar sidecar_;
};

}  // namespace

Sidecar read_sidecar(std::span<std::byte> bytes) {
  pugi::xml_document document;
  load(bytes, document);
  const xml_node root = document.document_element();
  if (root.name() != root_name)
    fail(GARITA_DATA_UNSUPPORTED, "is no sidecar of a passage: it begins with " + quoted(root.name()) +
                                      ", not with " + quoted(root_name));
  if (attribute_of(root, "version") != version)
    fail(GARITA_DATA_UNSUPPORTED,
         "is a sidecar of version " + quoted(attribute_of(root, "version")) + "; this driver reads 1");
  return Reader(root).read();
}

}  // namespace garita::leidos
