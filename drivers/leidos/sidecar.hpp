// The sidecar of one passage: XML in, values in SI out. Pure, fuzzed. README.md draws the format.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "drivers/leidos/zone.hpp"
#include "garita/attributes.hpp"

namespace garita::leidos {

inline constexpr size_t max_sidecar_bytes = size_t{1} << 20;
inline constexpr size_t max_tags = 20'000;  // of XML, closing ones too
inline constexpr size_t max_images = 4, max_files = 16, max_marks = 512, max_facts = 64;

// A file of the passage, as the sidecar names it.
struct Named {
  std::string name;  // plain, without a path
  uint64_t size_bytes = 0;
  std::vector<std::byte> sha256;  // empty where the sidecar states none
};

struct Image {
  Named file;
  bool backscatter = false;
  uint32_t width = 0, height = 0;
  std::optional<bool> nose_left;                 // nothing: the machine does not know which end leads
  uint32_t pitch_along_um = 0, pitch_up_um = 0;  // 0: not stated
  uint16_t opaque = 0, open = 0;       // of a transmission image: t = (stored - opaque) / (open - opaque)
  std::optional<bool> bright_is_more;  // of a backscatter image
};

struct Mark {
  bool backscatter = false;  // in which image
  uint32_t left = 0, top = 0, width = 0, height = 0;
  std::string code, label;
  double confidence = 0;  // NaN: none stated
};

struct Sidecar {
  std::string id, passage_key;
  Time started = {}, ended = {};
  std::string heading;  // "north", "south" or empty
  uint32_t energy_kev = 0;
  uint32_t source_side = 0;  // GARITA_SOURCE_*
  std::vector<Attribute> attributes;
  std::vector<Image> images;  // the transmission image first
  std::vector<Named> plate_photos, scene_photos;
  std::vector<Named> radiation;
  std::vector<Mark> marks;
};

// Overwrites `bytes`. Throws Stop with a status of class data; its sentence is to stand behind the file's
// name: "is no sidecar: …". What is only metadata and cannot be understood is kept as text and costs nothing.
Sidecar read_sidecar(std::span<std::byte> bytes);

}  // namespace garita::leidos
