#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "tools/garita-sim/leidos/files.hpp"

namespace garita::sim::leidos {
namespace {

struct Memory {
  std::string bytes;
  size_t at = 0;
};

Memory& memory_of(thandle_t handle) { return *static_cast<Memory*>(handle); }

tmsize_t read_proc(thandle_t handle, void* out, tmsize_t wanted) {
  Memory& memory = memory_of(handle);
  const size_t size =
      std::min(static_cast<size_t>(wanted), memory.bytes.size() - std::min(memory.at, memory.bytes.size()));
  std::memcpy(out, memory.bytes.data() + memory.at, size);
  memory.at += size;
  return static_cast<tmsize_t>(size);
}
tmsize_t write_proc(thandle_t handle, void* data, tmsize_t size) {
  Memory& memory = memory_of(handle);
  const auto count = static_cast<size_t>(size);
  if (memory.bytes.size() < memory.at + count) memory.bytes.resize(memory.at + count);
  std::memcpy(memory.bytes.data() + memory.at, data, count);
  memory.at += count;
  return size;
}
toff_t seek_proc(thandle_t handle, toff_t offset, int whence) {
  Memory& memory = memory_of(handle);
  memory.at = whence == SEEK_SET   ? offset
              : whence == SEEK_CUR ? memory.at + offset
                                   : memory.bytes.size() + offset;
  return memory.at;
}
int close_proc(thandle_t) { return 0; }
toff_t size_proc(thandle_t handle) { return memory_of(handle).bytes.size(); }

}  // namespace

std::string tiff_of(const Picture& picture, Random& random) {
  constexpr uint16_t packings[] = {COMPRESSION_NONE, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_LZW,
                                   COMPRESSION_PACKBITS};
  Memory memory;
  const std::unique_ptr<TIFF, decltype(&TIFFClose)> file(
      TIFFClientOpen("", random.chance(0.5) ? "wl" : "wb", &memory, read_proc, write_proc, seek_proc,
                     close_proc, size_proc, nullptr, nullptr),
      TIFFClose);
  const uint16_t packing = packings[random.below(4)];
  const uint32_t lines_per_strip = 1u << random.below(8);
  TIFFSetField(file.get(), TIFFTAG_IMAGEWIDTH, picture.width);
  TIFFSetField(file.get(), TIFFTAG_IMAGELENGTH, picture.height);
  TIFFSetField(file.get(), TIFFTAG_BITSPERSAMPLE, 16);
  TIFFSetField(file.get(), TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(file.get(), TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  TIFFSetField(file.get(), TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(file.get(), TIFFTAG_COMPRESSION, packing);
  if (packing == COMPRESSION_ADOBE_DEFLATE || packing == COMPRESSION_LZW)
    TIFFSetField(file.get(), TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  TIFFSetField(file.get(), TIFFTAG_ROWSPERSTRIP, lines_per_strip);
  std::vector<uint16_t> line(picture.width);
  for (uint32_t row = 0; row < picture.height; ++row) {
    std::copy_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(size_t{row} * picture.width),
                picture.width, line.begin());
    TIFFWriteScanline(file.get(), line.data(), row, 0);
  }
  TIFFFlush(file.get());
  return std::string(memory.bytes);
}

}  // namespace garita::sim::leidos
