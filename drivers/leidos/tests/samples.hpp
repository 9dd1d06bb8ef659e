// Files of a passage, small and by hand: a TIFF that no library wrote, and a sidecar with one thing different
// at will.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/digest.hpp"

namespace garita::leidos::samples {

struct TiffOptions {
  uint32_t width = 6, height = 4, lines_per_strip = 2;
  bool big_endian = false;
  uint16_t bits = 16, channels = 1, packing = 1, photometric = 1;
  std::map<uint16_t, uint32_t> tags = {};  // instead of what is right
};

// Line y, place x.
inline uint16_t pixel(uint32_t x, uint32_t y) { return static_cast<uint16_t>(1000 + 100 * y + x); }

// Header, pixels, directory: baseline TIFF 6.0.
inline std::string tiff(const TiffOptions& options = {}) {
  std::string bytes;
  const auto number = [&](uint64_t value, size_t size) {
    for (size_t i = 0; i < size; ++i)
      bytes += static_cast<char>(value >> 8 * (options.big_endian ? size - 1 - i : i));
  };
  const uint32_t strips = (options.height + options.lines_per_strip - 1) / options.lines_per_strip;
  const uint32_t line_bytes = options.width * 2, pixels = 8, offsets = pixels + line_bytes * options.height;
  const uint32_t directory = offsets + 8 * strips;
  bytes += options.big_endian ? "MM" : "II";
  number(42, 2);
  number(directory, 4);
  for (uint32_t y = 0; y < options.height; ++y)
    for (uint32_t x = 0; x < options.width; ++x) number(pixel(x, y), 2);
  const auto lines_of = [&](uint32_t strip) {
    return std::min(options.lines_per_strip, options.height - strip * options.lines_per_strip);
  };
  for (uint32_t strip = 0; strip < strips; ++strip)
    number(pixels + strip * options.lines_per_strip * line_bytes, 4);
  for (uint32_t strip = 0; strip < strips; ++strip) number(lines_of(strip) * line_bytes, 4);
  struct Entry {
    uint16_t tag, type;
    uint32_t count, value;
  };
  const bool one = strips == 1;  // a single value stands in the entry itself
  std::vector<Entry> entries = {{256, 4, 1, options.width},
                                {257, 4, 1, options.height},
                                {258, 3, 1, options.bits},
                                {259, 3, 1, options.packing},
                                {262, 3, 1, options.photometric},
                                {273, 4, strips, one ? pixels : offsets},
                                {277, 3, 1, options.channels},
                                {278, 4, 1, options.lines_per_strip},
                                {279, 4, strips, one ? lines_of(0) * line_bytes : offsets + 4 * strips}};
  number(entries.size(), 2);
  for (Entry& entry : entries) {
    if (const auto other = options.tags.find(entry.tag); other != options.tags.end())
      entry.value = other->second;
    number(entry.tag, 2);
    number(entry.type, 2);
    number(entry.count, 4);
    const bool is_short = entry.type == 3;
    number(entry.value, is_short ? 2 : 4);
    if (is_short) number(0, 2);
  }
  number(0, 4);
  return bytes;
}

inline std::span<const std::byte> as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

inline std::string file_words(const std::string& name, const std::string& bytes) {
  return "file='" + name + "' bytes='" + std::to_string(bytes.size()) + "' sha256='" +
         base::to_text(base::sha256(bytes)) + "'";
}

inline const std::string jpeg = "\xFF\xD8 a plate \xFF\xD9";
inline const std::string n42 = "<RadInstrumentData/>";

struct SidecarOptions {
  std::string stem = "p1", nose = "left", scale = "opaque='1000' open='51000'";
  std::string start = "<Start zone='America/Tijuana' offset='-08:00'>2026-01-15T10:00:00.250</Start>";
  std::string stop = "<Stop zone='America/Tijuana' offset='-08:00'>2026-01-15T10:00:09.000</Stop>";
  std::string transmission = tiff(), backscatter = tiff({.width = 3, .height = 2, .big_endian = true});
  std::string more = {};  // elements
  bool full = true;       // with all files, not the transmission image alone
};

inline std::string sidecar(const SidecarOptions& o = {}) {
  std::string text =
      "<?xml version='1.0'?><SimGantryPassage version='1'><Machine model='SG-6B' serial='SG6B-00001' "
      "energyKeV='4500' "
      "source='left'/><Passage id='" +
      o.stem + "' key='K-7' heading='north'>" + o.start + o.stop +
      "<Speed unit='mph'>5</Speed><Ambient unit='F'>-40</Ambient></Passage><Vehicle kind='truck'>"
      "<Length feet='53' inches='6.5'/><Weight unit='lb'>1000</Weight><Axles>5</Axles>"
      "<Plate country='US' state='CA' "
      "confidence='93.5'>8ABC123</Plate><Container>CSQU3054383</Container></Vehicle>"
      "<Papers><Goods hs='220300'>Beer</Goods></Papers><Image view='transmission' " +
      file_words(o.stem + "_tx.tif", o.transmission) + " width='6' height='4' nose='" + o.nose +
      "' pixelAlong='0.2' pixelUp='0.25' unit='in' " + o.scale + "/>";
  if (o.full)
    text += "<Image view='backscatter' " + file_words(o.stem + "_bs.tif", o.backscatter) +
            " width='3' height='2' nose='" + o.nose + "' bright='more'/><Photo camera='plate' " +
            file_words(o.stem + "_plate.jpg", jpeg) + "/><Radiation " + file_words(o.stem + "_rpm.n42", n42) +
            "/>";
  return text + o.more + "</SimGantryPassage>";
}

}  // namespace garita::leidos::samples
