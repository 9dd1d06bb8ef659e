#include "tests/bench/image_codec/planes.hpp"

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/scene.hpp"
#include "tools/garita-sim/physics/test_object.hpp"
#include "tools/garita-sim/physics/truck.hpp"

namespace garita::bench {
namespace {

namespace fs = std::filesystem;

// Raw counts of one energy of a scene, line after line, and what canonical() needs to correct them.
class Exposure {
 public:
  Exposure(const sim::Scene& scene, sim::DualBeam beam, uint64_t seed, double start_m, uint32_t rows,
           float more_quanta)
      : columns_(scene.geometry().columns), random_(seed), array_(sim::draw_array(random_, columns_)) {
    for (float& quanta : array_.energies[0].open_quanta) quanta *= more_quanta;
    std::array<std::vector<float>, sim::ray_materials> densities;
    for (auto& line : densities) line.resize(columns_);
    std::vector<float> high(columns_), low(columns_);
    raw_ = {rows, columns_, std::vector<uint16_t>(size_t{rows} * columns_)};
    for (uint32_t row = 0; row < rows; ++row) {
      scene.densities(start_m + row * scene.geometry().pitch_along_m,
                      {densities[0], densities[1], densities[2], densities[3]});
      beam.transmit({densities[0], densities[1], densities[2], densities[3]}, high, low);
      dose_.push_back(1 + 0.01f * random_.normal());
      sim::expose(array_.energies[0], high, dose_.back(), random_,
                  {raw_.samples.data() + size_t{row} * columns_, columns_});
    }
  }

  const Plane& raw() const { return raw_; }

  // stored = 1024 + 57344 · (raw − dark) / (air − dark) / dose; dead columns stay opaque.
  Plane canonical() const {
    Plane plane = raw_;
    const sim::Detectors& detectors = array_.energies[0];
    for (size_t i = 0; i < plane.samples.size(); ++i) {
      const size_t column = i % columns_;
      const double dark = detectors.dark_q8[column], air = detectors.air_q8[column];
      const double t =
          air > dark ? (256.0 * plane.samples[i] - dark) / (air - dark) / dose_[i / columns_] : 0;
      plane.samples[i] = static_cast<uint16_t>(std::clamp(std::nearbyint(1024 + 57344 * t), 0.0, 65535.0));
    }
    return plane;
  }

 private:
  uint32_t columns_;
  sim::Random random_;
  sim::Array array_;
  Plane raw_;
  std::vector<float> dose_;
};

Exposure cargo(uint64_t seed) {
  sim::Random random(seed);
  const sim::Truck truck = sim::draw_truck(random);
  sim::Geometry geometry;
  geometry.columns = 1000;
  geometry.pitch_across_m = 0.0045;
  return {sim::Scene(geometry, truck.solids), sim::DualBeam(6.0, 3.5), seed, 2.0, 1500, 1};
}

// Belt scanner: the test object again and again, one behind the other.
Exposure bags(uint64_t seed, float more_quanta) {
  sim::Geometry geometry;
  geometry.columns = 1024;
  geometry.pitch_across_m = 0.0008;
  geometry.pitch_along_m = 0.0008;
  geometry.source_height_m = 0.1;
  geometry.source_distance_m = 0.8;
  std::vector<sim::Solid> solids;
  for (int i = 0; i < 2; ++i) {
    const auto more = sim::seen(sim::test_object::bodies(), i % 2 ? sim::Aspect::below : sim::Aspect::side,
                                0.05 + 0.6 * i, 0.15);
    solids.insert(solids.end(), more.begin(), more.end());
  }
  return {sim::Scene(geometry, solids), sim::DualBeam(1.0, 0.5), seed, 0, 1536, more_quanta};
}

Plane mapped(Plane plane, const std::function<double(double)>& map) {
  std::vector<uint16_t> table(65536);
  for (size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<uint16_t>(std::clamp(std::nearbyint(map(static_cast<double>(i))), 0.0, 65535.0));
  for (auto& sample : plane.samples) sample = table[sample];
  return plane;
}

// What a moving average over 3 × 3 leaves: little noise, little detail.
Plane smoothed(const Plane& from) {
  Plane plane = from;
  for (uint32_t row = 1; row + 1 < from.rows; ++row) {
    for (uint32_t column = 1; column + 1 < from.columns; ++column) {
      uint32_t sum = 4;
      for (uint32_t i = 0; i < 9; ++i)
        sum += from.samples[size_t{row + i / 3 - 1} * from.columns + column + i % 3 - 1];
      plane.samples[size_t{row} * from.columns + column] = static_cast<uint16_t>(sum / 9);
    }
  }
  return plane;
}

Plane interleaved_npy(const fs::path& path, uint32_t rows, uint32_t columns, uint32_t channel) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(-static_cast<std::streamoff>(size_t{rows} * columns * 4), std::ios::end);
  std::vector<uint16_t> both(size_t{rows} * columns * 2);
  file.read(reinterpret_cast<char*>(both.data()), static_cast<std::streamsize>(both.size() * 2));
  Plane plane{rows, columns, std::vector<uint16_t>(both.size() / 2)};
  for (size_t i = 0; i < plane.samples.size(); ++i) plane.samples[i] = both[2 * i + channel];
  return file ? plane : Plane();
}

Plane read_tiff(const fs::path& path) {
  Plane plane;
  TIFF* tiff = TIFFOpen(path.c_str(), "r");
  if (!tiff) return plane;
  uint16_t bits = 0;
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &plane.columns);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &plane.rows);
  TIFFGetField(tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  if (bits == 16 && TIFFScanlineSize(tiff) == tmsize_t{plane.columns} * 2) {
    plane.samples.resize(size_t{plane.rows} * plane.columns);
    for (uint32_t row = 0; row < plane.rows; ++row)
      TIFFReadScanline(tiff, plane.samples.data() + size_t{row} * plane.columns, row);
  }
  TIFFClose(tiff);
  return plane;
}

// Uncompressed 16-bit pixels at the end of a little-endian DICOM file.
Plane read_dicom(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(file)), {});
  const auto number = [&](const std::string& tag) -> uint32_t {
    const size_t at = all.find(tag + std::string("US\2\0", 4));
    if (at == std::string::npos) return 0;
    return static_cast<uint8_t>(all[at + 8]) | uint32_t{static_cast<uint8_t>(all[at + 9])} << 8;
  };
  Plane plane{number(std::string("\x28\0\x10\0", 4)), number(std::string("\x28\0\x11\0", 4)), {}};
  const size_t pixels = all.rfind(std::string("\xE0\x7F\x10\0OW\0\0", 8));
  const size_t size = size_t{plane.rows} * plane.columns * 2;
  if (pixels == std::string::npos || all.size() - pixels < 12 + size) return {};
  plane.samples.resize(size / 2);
  std::memcpy(plane.samples.data(), all.data() + pixels + 12, size);
  return plane;
}

void add_real(std::vector<PlaneClass>& classes) {
  const char* given = std::getenv("GARITA_TEST_DATA");
  const fs::path data = given ? given : GARITA_SOURCE_DIR "/../shared/data";
  const auto add = [&](const std::string& name, std::vector<Plane> planes) {
    std::erase_if(planes, [](const Plane& plane) { return plane.samples.empty(); });
    if (planes.empty())
      std::fprintf(stderr, "*** %s: not found in %s; not measured\n", name.c_str(), data.c_str());
    else
      classes.push_back({name, std::move(planes)});
  };
  const fs::path rail = data / "cargo/zcon_5.npy", neutrons = data / "radiography", dicom = data / "dicom";
  std::vector<Plane> cargo;
  if (fs::exists(rail)) cargo = {interleaved_npy(rail, 675, 1442, 0), interleaved_npy(rail, 675, 1442, 1)};
  add("real rail cargo", cargo);
  add("real neutron radiographs", {read_tiff(neutrons / "neutron_stepwedge_exp10s_h2o.tif"),
                                   read_tiff(neutrons / "neutron_stepwedge_exp10s_ob.tif")});
  add("real CT slice",
      {read_dicom(dicom / "cs3d_CTImage.dcm_LittleEndianExplicitTransferSyntax_1.2.840.10008.1.2.1.dcm")});
  add("real computed radiograph", {read_dicom(dicom / "wg04_RG3_UNC.dcm")});
}

// What leaves holes between the values used: 12 bits of a detector in 16, of much noise and of little, and
// tables of attenuation, one kept fine and one of 256 greys as exports for the screen have them.
void add_few_valued(std::vector<PlaneClass>& classes, const Exposure& truck, const Exposure& bag,
                    const Exposure& calm) {
  const auto twelve_bits = [](double v) { return std::floor(v / 16) * 16; };
  const auto attenuation = [](double v) { return std::log2(58368 / std::clamp(v, 1.0, 58368.0)); };
  const auto add = [&](const char* name, Plane plane) {
    classes.push_back({name, {std::move(plane)}, true});
  };
  add("few: 12 in 16 bits", mapped(bag.canonical(), twelve_bits));
  add("few: 12 in 16 bits, low noise", mapped(calm.canonical(), twelve_bits));
  add("few: log table",
      mapped(truck.canonical(), [&](double v) { return 6000 * attenuation(std::floor(v / 24) * 24); }));
  add("few: 256 greys", mapped(truck.canonical(), [&](double v) {
        return 257 * std::floor(255 * (1 - std::clamp(attenuation(v) / 9, 0.0, 1.0)));
      }));
}

}  // namespace

size_t PlaneClass::size_bytes() const {
  size_t sum = 0;
  for (const Plane& plane : planes) sum += plane.size_bytes();
  return sum;
}

std::vector<PlaneClass> plane_classes() {
  std::vector<PlaneClass> classes;
  const Exposure truck = cargo(5), bag = bags(6, 1), calm = bags(7, 40);
  classes.push_back({"cargo raw", {truck.raw()}});
  classes.push_back({"cargo normalized", {truck.canonical()}});
  classes.push_back({"bags raw", {bag.raw()}});
  classes.push_back({"bags normalized", {bag.canonical()}});
  classes.push_back({"bags low noise", {calm.canonical()}});
  classes.push_back({"cargo smoothed", {smoothed(truck.canonical())}});
  add_real(classes);
  add_few_valued(classes, truck, bag, calm);
  return classes;
}

}  // namespace garita::bench
