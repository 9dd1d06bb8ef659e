// Ground truth beside a scan: KEY.json, and KEY.npy with what each ray crossed.
//
// KEY.npy: f32, shape (lines, columns, 4): g/cm² of organic, aluminium, steel, lead; line 0 = front, column 0
// = top.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/export/npy.hpp"
#include "tools/garita-sim/physics/material.hpp"

namespace garita::sim {

class DensityFile {
 public:
  // Makes the folder where missing. Errors: sim.cannot_write_truth {path, reason}, those of NpyWriter.
  static base::Result<DensityFile> create(const std::filesystem::path& folder, const std::string& key,
                                          uint32_t lines, uint32_t columns);

  // One line, a span of columns a material.
  base::Result<void> add(const std::array<std::span<float>, ray_materials>& densities);
  base::Result<void> finish() { return writer_.finish(); }

 private:
  DensityFile(exporter::NpyWriter writer, uint32_t columns)
      : writer_(std::move(writer)), line_(size_t{columns} * ray_materials) {}

  exporter::NpyWriter writer_;
  std::vector<float> line_;
};

// Writes folder/key.json. Errors: sim.cannot_write_truth.
base::Result<void> write_truth(const std::filesystem::path& folder, const std::string& key,
                               const std::string& json);

}  // namespace garita::sim
