// Where the truth about a driver's images comes from: a twin (twin.toml), or the recording of an object whose
// shape is known.
//
//   manifest = "build/x1-twin.garita.json"     # relative to the file             twin.toml
//   stream = "scanner"                         # the driver's, that gets the twin's bytes
//   columns = 128    rows = 160    channels = ["single"]      # or ["high", "low"]: of the first view, in its
//   order tolerance = 0.002                          # of transmission, 0.00002 … 0.02
//
//   [[input]]                                  # how the recording is played, as in conform.toml
//   recording.toml source = ["scanner=file:object.bin"] [truth] object = "object.toml"                     #
//   [[step]] thickness_mm, place; [[material]] name, place: millimetres, view = "side" #   place = [x0, y0,
//   x1, y1], x along the columns (from the top or the left), y pitch_mm = [4.0, 5.0]                      #
//   along the rows. pitch: of a column and of a row, at the object witness = "…" # who looked on; empty:
//   nobody
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace garita::conformance {

inline constexpr uint64_t max_settings_bytes = 1u << 20;

struct TwinSettings {
  std::filesystem::path manifest;
  std::string stream;
  uint32_t rows = 0, columns = 0;  // 32 … 4096 each
  std::vector<std::string> channels;
  double tolerance = 0.002;
};

// Errors: base.file_*, conform.bad_twin {path, what}.
base::Result<TwinSettings> read_twin(const std::filesystem::path& path);

// A part of an object that stands alone: how much it takes away, from 0 (nothing) to 1 (all).
struct ObjectPart {
  std::string name;
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // mm
  double shade = 0;
  double steel_mm = 0;  // of a step; 0: another material
};

struct ObjectSettings {
  std::vector<ObjectPart> parts;  // at least three, not all in one line
  std::string view;
  double pitch_column_mm = 1, pitch_row_mm = 1;
  std::string witness;
  std::filesystem::path object;  // the file that has the parts
};

// Errors: base.file_*, conform.bad_object {path, what}.
base::Result<ObjectSettings> read_object(const std::filesystem::path& recording);

}  // namespace garita::conformance
