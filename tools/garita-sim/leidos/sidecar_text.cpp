#include "tools/garita-sim/leidos/sidecar_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <ctime>

#include "core/base/digest.hpp"
#include "tools/garita-sim/marks.hpp"

namespace garita::sim::leidos {
namespace {

__attribute__((format(printf, 1, 2))) std::string formatted(const char* form, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, form);
  std::vsnprintf(text, sizeof text, form, arguments);
  va_end(arguments);
  return text;
}

// Of the wall clock: the process runs in the gantry's zone (TZ), so the system's own rules turn it.
std::string moment(const char* name, int64_t utc_ns, const std::string& zone) {
  const time_t seconds = static_cast<time_t>(utc_ns / 1'000'000'000);
  tm local{};
  localtime_r(&seconds, &local);
  const long offset = std::labs(local.tm_gmtoff);
  return formatted(
      "  <%s zone=\"%s\" offset=\"%c%02ld:%02ld\" "
      "abbreviation=\"%s\">%04d-%02d-%02dT%02d:%02d:%02d.%03d</%s>\n",
      name, zone.c_str(), local.tm_gmtoff < 0 ? '-' : '+', offset / 3600, offset / 60 % 60, local.tm_zone,
      local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
      static_cast<int>(utc_ns / 1'000'000 % 1000), name);
}

std::string text_of(const Facts& facts, portal::Fact wanted) {
  for (const auto& [tag, text] : facts)
    if (tag == static_cast<uint8_t>(wanted)) return text;
  return "";
}

std::string file_words(const PassageText& passage, const PassageFile& file) {
  return "file=\"" + passage.id + file.suffix + "\" bytes=\"" + std::to_string(file.bytes.size()) +
         "\" sha256=\"" + base::to_text(base::sha256(file.bytes)) + "\"";
}

std::string image_words(const Exposure& exposure, const Picture& picture, double pitch_in) {
  return formatted("width=\"%u\" height=\"%u\" nose=\"%s\" pixelAlong=\"%.4g\" pixelUp=\"%.4g\" unit=\"in\"",
                   picture.width, picture.height, exposure.nose_left ? "left" : "right", pitch_in, pitch_in);
}

std::string file_element(const PassageText& passage, const Exposure& exposure, const PassageFile& file) {
  const std::string words = file_words(passage, file);
  if (file.suffix == "_tx.tif")
    return " <Image view=\"transmission\" " + words + " " +
           image_words(exposure, exposure.transmission, passage.pitch_in) +
           formatted(" opaque=\"%u\" open=\"%u\"/>\n", exposure.opaque, exposure.open);
  if (file.suffix == "_bs.tif")
    return " <Image view=\"backscatter\" " + words + " " +
           image_words(exposure, exposure.backscatter, 2 * passage.pitch_in) + " bright=\"more\"/>\n";
  if (file.suffix == "_rpm.n42") return " <Radiation " + words + "/>\n";
  return " <Photo camera=\"plate\" " + words + "/>\n";
}

std::string papers(const Facts& facts) {
  const auto element = [&](const char* name, portal::Fact fact) {
    const std::string text = text_of(facts, fact);
    return text.empty() ? "" : "  <" + std::string(name) + ">" + text + "</" + name + ">\n";
  };
  return " <Papers>\n" + element("Pedimento", portal::Fact::pedimento) +
         element("Carrier", portal::Fact::carrier) + element("Trip", portal::Fact::ace_trip) +
         element("Shipment", portal::Fact::shipment) + "  <Goods hs=\"" +
         text_of(facts, portal::Fact::hs_code) + "\">" + text_of(facts, portal::Fact::goods) +
         "</Goods>\n </Papers>\n";
}

}  // namespace

std::string sidecar_of(const PassageText& p, const Exposure& exposure,
                       const std::vector<PassageFile>& files) {
  const double feet = exposure.truck.length_m / 0.3048;
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<SimGantryPassage version=\"1\">\n";
  text += formatted(
      " <Machine model=\"SG-6B\" serial=\"%s\" firmware=\"4.1.7\" energyKeV=\"%u\" source=\"left\"/>\n",
      p.serial.c_str(), Gantry::energy_kev);
  text += formatted(" <Passage id=\"%s\" key=\"%s\" heading=\"%s\">\n", p.id.c_str(), p.key.c_str(),
                    p.north ? "north" : "south");
  text += moment("Start", p.start_utc_ns, p.zone) + moment("Stop", p.stop_utc_ns, p.zone);
  text += formatted("  <Speed unit=\"mph\">%.2f</Speed>\n  <Ambient unit=\"F\">%.1f</Ambient>\n </Passage>\n",
                    p.speed_mph, p.ambient_f);
  text += formatted(
      " <Vehicle kind=\"truck\">\n  <Length feet=\"%d\" inches=\"%.2f\"/>\n  <Weight "
      "unit=\"lb\">%d</Weight>\n"
      "  <Axles>%d</Axles>\n",
      static_cast<int>(feet), 12 * (feet - std::floor(feet)), p.weight_lb, p.axles);
  text += formatted("  <Plate country=\"%s\" state=\"%s\" place=\"front\" confidence=\"93.5\">%s</Plate>\n",
                    text_of(p.facts, portal::Fact::plate_country).c_str(),
                    text_of(p.facts, portal::Fact::plate_state).c_str(),
                    text_of(p.facts, portal::Fact::plate).c_str());
  text += "  <Container>" + text_of(p.facts, portal::Fact::container) + "</Container>\n </Vehicle>\n" +
          papers(p.facts);
  for (const PassageFile& file : files) text += file_element(p, exposure, file);
  for (const Mark& mark : p.marks)
    text += formatted(
        " <Mark view=\"%s\" code=\"%s\" left=\"%u\" top=\"%u\" width=\"%u\" height=\"%u\" "
        "confidence=\"%d\">%s</Mark>\n",
        mark.view.c_str(), mark.code.c_str(), mark.left, mark.top, mark.width, mark.height, mark.percent,
        mark.label.c_str());
  return text + "</SimGantryPassage>\n";
}

std::vector<Mark> marks_of(const Exposure& exposure, const std::vector<std::string>& codes, Random& random) {
  const std::string code = codes.size() == 1 ? codes.front() : "";
  std::vector<Mark> marks;
  const Picture& picture = exposure.transmission;
  const Geometry& geometry = exposure.geometry;
  for (const Solid& solid : exposure.truck.solids) {
    if (!solid.hidden || marks.size() == 16) continue;
    const auto line = [&](double x) {
      return std::clamp(static_cast<int>(x / geometry.pitch_along_m), 0, int(picture.width) - 1);
    };
    const auto row = [&](double y) {
      return std::clamp(static_cast<int>(geometry.columns - y / geometry.pitch_across_m), 0,
                        int(picture.height) - 1);
    };
    const int first = line(solid.x0), last = line(solid.x1), top = row(solid.y1), bottom = row(solid.y0);
    const int left = exposure.nose_left ? first : int(picture.width) - 1 - last;
    const char* own = solid.material == Material::organic ? "LX.NARC.MET"
                      : solid.material == Material::steel ? "LX.FIREARM"
                                                          : "LX.ANOMALY";
    marks.push_back({"transmission", code.empty() ? own : code, solid.name, uint32_t(left), uint32_t(top),
                     uint32_t(last - first + 1), uint32_t(bottom - top + 1), 55 + int(random.below(40))});
  }
  if (codes.size() == 1 && !marks.empty()) return marks;
  for (size_t i = 0; i < codes.size(); ++i) {
    const MarkPlace place = place_of_mark(i, codes.size(), picture.width);
    marks.push_back({"transmission", codes[i], "on demand", place.first, picture.height / 4, place.count,
                     std::max(1u, picture.height / 8), 70});
  }
  return marks;
}

}  // namespace garita::sim::leidos
