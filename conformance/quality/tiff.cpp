// TIFF through libtiff, over memory: a file is checked against its own length before anything is unpacked.
#include <tiffio.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>

#include "conformance/quality/image.hpp"

namespace garita::quality {
namespace {

constexpr tmsize_t max_allocation = tmsize_t{1} << 28;

struct Source {
  base::Bytes bytes;
  uint64_t place = 0;
  std::string complaint;
};

Source& source_of(void* data) { return *static_cast<Source*>(data); }

tmsize_t read_proc(thandle_t handle, void* out, tmsize_t size) {
  Source& source = source_of(handle);
  if (size <= 0 || source.place >= source.bytes.size()) return 0;
  const uint64_t count = std::min<uint64_t>(static_cast<uint64_t>(size), source.bytes.size() - source.place);
  std::memcpy(out, source.bytes.data() + source.place, count);
  source.place += count;
  return static_cast<tmsize_t>(count);
}

tmsize_t write_proc(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek_proc(thandle_t handle, toff_t offset, int whence) {
  Source& source = source_of(handle);
  if (whence == SEEK_SET) source.place = offset;
  if (whence == SEEK_CUR) source.place += offset;
  if (whence == SEEK_END) source.place = source.bytes.size() + offset;
  return source.place;
}

int close_proc(thandle_t) { return 0; }
toff_t size_proc(thandle_t handle) { return source_of(handle).bytes.size(); }

int note_error(TIFF*, void* data, const char*, const char* format, va_list arguments) {
  char text[200];
  std::vsnprintf(text, sizeof text, format, arguments);
  if (source_of(data).complaint.empty()) source_of(data).complaint = text;
  return 1;
}

int pass_over(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Closer {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using File = std::unique_ptr<TIFF, Closer>;

File open(Source& source) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), max_allocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), note_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), pass_over, &source);
  return File(TIFFClientOpenExt("", "rm", &source, read_proc, write_proc, seek_proc, close_proc, size_proc,
                                nullptr, nullptr, options.get()));
}

template <typename T>
T field(TIFF* file, uint32_t tag, T otherwise) {
  T value = otherwise;
  TIFFGetField(file, tag, &value);
  return value;
}

// What makes it a kind that is not read; "" for one that is.
std::string strange(TIFF* file) {
  const auto bits = field<uint16_t>(file, TIFFTAG_BITSPERSAMPLE, 1),
             channels = field<uint16_t>(file, TIFFTAG_SAMPLESPERPIXEL, 1),
             format = field<uint16_t>(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT),
             packing = field<uint16_t>(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (bits != 16 || channels != 1 || format != SAMPLEFORMAT_UINT)
    return std::to_string(channels) + " x " + std::to_string(bits) + " bit";
  if (packing != COMPRESSION_NONE && packing != COMPRESSION_LZW && packing != COMPRESSION_PACKBITS &&
      packing != COMPRESSION_ADOBE_DEFLATE && packing != COMPRESSION_DEFLATE)
    return "compression " + std::to_string(packing);
  if (field<uint16_t>(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) != PHOTOMETRIC_MINISBLACK)
    return "photometric";
  return TIFFIsTiled(file) ? "tiles" : "";
}

// Deflate packs at most 1032 to 1: what claims more pixels than its bytes can hold is not allocated.
bool plausible(uint64_t rows, uint64_t columns, uint64_t file_bytes) {
  return rows > 0 && columns > 0 && rows <= max_pixels && columns <= max_pixels &&
         rows * columns <= max_pixels && rows * columns * 2 <= file_bytes * 1100;
}

}  // namespace

base::Result<Image> parse_tiff(base::Bytes bytes, const std::string& path) {
  const auto bad = [&](const char* id, const char* name, std::string value) {
    return base::Error{base::Outcome::not_loaded, id, {{"path", path}, {name, std::move(value)}}};
  };
  Source source{bytes, 0, {}};
  const File file = open(source);
  if (!file) return bad("quality.tiff_bad", "reason", source.complaint);
  const auto kind = strange(file.get());
  if (!kind.empty()) return bad("quality.tiff_kind", "what", kind);
  Image image{field<uint32_t>(file.get(), TIFFTAG_IMAGELENGTH, 0),
              field<uint32_t>(file.get(), TIFFTAG_IMAGEWIDTH, 0),
              {}};
  if (!plausible(image.rows, image.columns, bytes.size()))
    return bad("quality.image_size", "what", std::to_string(image.columns));
  if (TIFFScanlineSize64(file.get()) != uint64_t{image.columns} * 2)
    return bad("quality.tiff_bad", "reason", "scanline");
  image.samples.resize(size_t{image.rows} * image.columns);
  for (uint32_t row = 0; row < image.rows; ++row)
    if (TIFFReadScanline(file.get(), image.samples.data() + size_t{row} * image.columns, row, 0) != 1)
      return bad("quality.tiff_bad", "reason", source.complaint);
  return image;
}

}  // namespace garita::quality
