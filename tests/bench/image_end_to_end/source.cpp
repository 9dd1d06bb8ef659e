#include "tests/bench/image_end_to_end/source.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tools/garita-sim/physics/beam.hpp"
#include "tools/garita-sim/physics/detector.hpp"
#include "tools/garita-sim/physics/scene.hpp"
#include "tools/garita-sim/physics/truck.hpp"

namespace garita::bench {
namespace {

constexpr uint32_t drawn_rows =
    1024;  // of a lorry, exposed once; the scan repeats them, which no tile notices
constexpr uint32_t q16 = 65536;

// A memfd, mapped as the host maps a worker's strips, all of it touched.
std::shared_ptr<std::byte> shared_memory(size_t size_bytes) {
  const int descriptor = memfd_create("strips", MFD_CLOEXEC);
  if (descriptor < 0 || ftruncate(descriptor, static_cast<off_t>(size_bytes)) != 0) std::abort();
  void* memory = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, 0);
  close(descriptor);
  if (memory == MAP_FAILED) std::abort();
  return {static_cast<std::byte*>(memory), [size_bytes](std::byte* at) { munmap(at, size_bytes); }};
}

// Both energies of drawn_rows lines of a lorry.
struct Drawing {
  explicit Drawing(uint32_t columns) : random(7), array(sim::draw_array(random, columns)) {
    sim::Geometry geometry;
    geometry.columns = columns;
    geometry.pitch_across_m = 0.003;
    const sim::Scene scene(geometry, sim::draw_truck(random).solids);
    sim::DualBeam beam(6.0, 3.5);
    std::array<std::vector<float>, sim::ray_materials> densities;
    for (auto& line : densities) line.resize(columns);
    std::vector<float> through[2] = {std::vector<float>(columns), std::vector<float>(columns)};
    for (auto& energy : raw) energy.resize(size_t{drawn_rows} * columns);
    for (uint32_t row = 0; row < drawn_rows; ++row) {
      scene.densities(2.0 + row * geometry.pitch_along_m,
                      {densities[0], densities[1], densities[2], densities[3]});
      beam.transmit({densities[0], densities[1], densities[2], densities[3]}, through[0], through[1]);
      const float dose = 1 + 0.01f * random.normal();
      dose_q16.push_back(static_cast<uint32_t>(dose * q16));
      for (size_t energy = 0; energy < 2; ++energy)
        sim::expose(array.energies[energy], through[energy], dose, random,
                    {raw[energy].data() + size_t{row} * columns, columns});
    }
  }

  sim::Random random;
  sim::Array array;
  std::vector<uint16_t> raw[2];
  std::vector<uint32_t> dose_q16;
};

image::Calibration calibration(uint32_t role, uint64_t id, const std::vector<uint32_t>& q8) {
  image::Calibration made;
  made.role = role;
  made.id = id;
  made.channel = static_cast<uint32_t>(id - 1);
  made.columns = static_cast<uint32_t>(q8.size());
  made.sample_type = GARITA_SAMPLE_U32;
  made.rows = made.total_rows = 1;
  made.averaged = 128;
  made.row_stride_bytes = q8.size() * sizeof(uint32_t);
  std::shared_ptr<std::byte> bytes(new std::byte[made.row_stride_bytes], std::default_delete<std::byte[]>());
  std::memcpy(bytes.get(), q8.data(), made.row_stride_bytes);
  made.memory = bytes;
  return made;
}

}  // namespace

Source::Source(uint64_t raw_bytes) {
  const Drawing drawing(columns_);
  const size_t row_bytes = columns_ * sizeof(uint16_t);
  rows_ = std::max<uint64_t>(raw_bytes / (2 * row_bytes) / strip_rows, 1) * strip_rows;
  const auto memory = shared_memory(rows_ * row_bytes * 2);
  std::byte* at = memory.get();
  for (uint64_t first = 0; first < rows_; first += strip_rows)
    for (uint32_t channel = 0; channel < 2; ++channel) {
      const uint64_t from = first % drawn_rows;
      std::memcpy(at, drawing.raw[channel].data() + from * columns_, strip_rows * row_bytes);
      image::Strip strip;
      strip.channel = channel;
      strip.first_row = first;
      strip.rows = strip_rows;
      strip.row_stride_bytes = row_bytes;
      strip.memory = {memory, at};
      strip.dose_q16.assign(drawing.dose_q16.begin() + static_cast<ptrdiff_t>(from),
                            drawing.dose_q16.begin() + static_cast<ptrdiff_t>(from + strip_rows));
      strips_.emplace_back(std::move(strip));
      at += strip_rows * row_bytes;
    }
  sim::Random random(3);
  for (uint64_t id = 1; id <= 2; ++id) {
    const sim::Measured measured = sim::measure(drawing.array.energies[id - 1], random, 128);
    calibrations_.emplace_back(calibration(GARITA_CALIBRATION_DARK, id, measured.dark_q8));
    calibrations_.emplace_back(calibration(GARITA_CALIBRATION_AIR, id, measured.air_q8));
  }
}

image::ScanBegin Source::begin() const {
  image::View view;
  view.name = "side";
  view.columns = columns_;
  view.column_zero = GARITA_COLUMN_ZERO_TOP;
  view.row_zero = GARITA_ROW_ZERO_FRONT;
  view.pitch_across_um = 3000, view.pitch_along_um = 5000;
  view.channels = {{GARITA_CHANNEL_HIGH, 6000, 1, 0}, {GARITA_CHANNEL_LOW, 3500, 2, 0}};
  image::ScanBegin begin;
  begin.key = "bench";
  begin.views = {view};
  return begin;
}

image::ScanEnd Source::end() const {
  image::ScanEnd end;
  end.totals = {{0, 0, rows_}, {0, 1, rows_}};
  return end;
}

}  // namespace garita::bench
