#include "drivers/leidos/tiff.hpp"

#include <tiffio.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "garita/error.hpp"

namespace garita::leidos {
namespace {

constexpr tmsize_t max_allocation = tmsize_t{256} << 20;

// What libtiff reads from, and the first thing that it had to complain about.
struct Source {
  std::span<const std::byte> bytes;
  uint64_t at = 0;
  bool unpacking = false;
  std::string complaint = {};
};

Source& source_of(void* handle) { return *static_cast<Source*>(handle); }

tmsize_t read_proc(thandle_t handle, void* out, tmsize_t wanted) {
  Source& source = source_of(handle);
  const uint64_t left = source.bytes.size() - std::min<uint64_t>(source.at, source.bytes.size());
  const size_t size = std::min<uint64_t>(left, wanted < 0 ? 0 : static_cast<uint64_t>(wanted));
  if (size != 0) std::memcpy(out, source.bytes.data() + source.at, size);
  source.at += size;
  return static_cast<tmsize_t>(size);
}
tmsize_t write_proc(thandle_t, void*, tmsize_t) { return 0; }
toff_t seek_proc(thandle_t handle, toff_t offset, int whence) {
  Source& source = source_of(handle);
  source.at = whence == SEEK_SET   ? offset
              : whence == SEEK_CUR ? source.at + offset
                                   : source.bytes.size() + offset;
  return source.at;
}
int close_proc(thandle_t) { return 0; }
toff_t size_proc(thandle_t handle) { return source_of(handle).bytes.size(); }

int note_error(TIFF*, void* user_data, const char*, const char* format, va_list arguments) {
  std::string& complaint = source_of(user_data).complaint;
  if (!complaint.empty()) return 1;
  char line[160];
  std::vsnprintf(line, sizeof line, format, arguments);
  complaint = line;
  std::erase_if(complaint, [](char c) { return c < ' ' || c > '~'; });
  return 1;
}

// Tags that libtiff does not know are no harm. Where it guesses how long a strip is, or drops what does not
// fit, the picture would no longer be the file's.
int note_warning(TIFF* file, void* user_data, const char* module, const char* format, va_list arguments) {
  const bool guesses =
      std::string_view(format).find("calculating from imagelength") != std::string_view::npos;
  if (guesses || source_of(user_data).unpacking) note_error(file, user_data, module, format, arguments);
  return 1;
}

struct Closer {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using File = std::unique_ptr<TIFF, Closer>;

File open(Source& source) {
  const std::unique_ptr<TIFFOpenOptions, decltype(&TIFFOpenOptionsFree)> options(TIFFOpenOptionsAlloc(),
                                                                                 TIFFOpenOptionsFree);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), max_allocation);
  TIFFOpenOptionsSetErrorHandlerExtR(options.get(), note_error, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options.get(), note_warning, &source);
  File file(TIFFClientOpenExt("", "rm", &source, read_proc, write_proc, seek_proc, close_proc, size_proc,
                              nullptr, nullptr, options.get()));
  if (!file || !source.complaint.empty())
    fail(GARITA_DATA_CORRUPT,
         "is no TIFF that can be read" + (source.complaint.empty() ? "" : ": " + source.complaint));
  return file;
}

uint16_t field16(TIFF* file, uint32_t tag, uint16_t otherwise) {
  uint16_t value = otherwise;
  TIFFGetField(file, tag, &value);
  return value;
}

uint32_t field32(TIFF* file, uint32_t tag) {
  uint32_t value = 0;
  TIFFGetField(file, tag, &value);
  return value;
}

void check_samples(TIFF* file) {
  const uint16_t bits = field16(file, TIFFTAG_BITSPERSAMPLE, 1),
                 channels = field16(file, TIFFTAG_SAMPLESPERPIXEL, 1),
                 format = field16(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  if (bits != 16 || channels != 1 || format != SAMPLEFORMAT_UINT)
    fail(GARITA_DATA_UNSUPPORTED, "has " + std::to_string(channels) + " channels of " + std::to_string(bits) +
                                      " bits, format " + std::to_string(format) +
                                      "; this driver reads one of 16 unsigned bits");
  const uint16_t packing = field16(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (packing != COMPRESSION_NONE && packing != COMPRESSION_LZW && packing != COMPRESSION_PACKBITS &&
      packing != COMPRESSION_ADOBE_DEFLATE && packing != COMPRESSION_DEFLATE)
    fail(GARITA_DATA_UNSUPPORTED, "is packed in way " + std::to_string(packing) +
                                      "; this driver reads plain, LZW, PackBits and deflate");
  const uint16_t photometric = field16(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  if (photometric != PHOTOMETRIC_MINISBLACK && photometric != PHOTOMETRIC_MINISWHITE)
    fail(GARITA_DATA_UNSUPPORTED, "is a colour picture, photometric " + std::to_string(photometric));
  if (field16(file, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT) != ORIENTATION_TOPLEFT)
    fail(GARITA_DATA_UNSUPPORTED, "does not begin at its top left");
  if (TIFFIsTiled(file)) fail(GARITA_DATA_UNSUPPORTED, "is in tiles; this driver reads strips");
}

void check_size(uint32_t width, uint32_t height) {
  if (width == 0 || height == 0 || width > max_width || height > max_height ||
      uint64_t{width} * height > max_pixels)
    fail(GARITA_DATA_UNSUPPORTED, "is " + std::to_string(width) + " x " + std::to_string(height) +
                                      " pixels; this driver reads 1 … " + std::to_string(max_width) +
                                      " x 1 … " + std::to_string(max_height) + ", at most " +
                                      std::to_string(max_pixels));
}

// Every strip lies in the file. Plain strips are as long as their lines; packed ones may not claim more than
// the best packer makes of it (deflate: 1032 to 1).
void check_strips(TIFF* file, const Picture& picture, uint32_t lines_per_strip, uint64_t file_bytes) {
  const uint32_t strips = TIFFNumberOfStrips(file);
  if (strips != (picture.height + lines_per_strip - 1) / lines_per_strip)
    fail(GARITA_DATA_CORRUPT,
         "has " + std::to_string(strips) + " strips for " + std::to_string(picture.height) + " lines");
  const bool plain = field16(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE) == COMPRESSION_NONE;
  constexpr uint64_t best_packing = 1100;
  for (uint32_t strip = 0; strip < strips; ++strip) {
    const uint64_t offset = TIFFGetStrileOffset(file, strip), size = TIFFGetStrileByteCount(file, strip);
    if (offset > file_bytes || size > file_bytes - offset)
      fail(GARITA_DATA_TRUNCATED, "ends before strip " + std::to_string(strip) + " does");
    const uint64_t lines = std::min(lines_per_strip, picture.height - strip * lines_per_strip);
    const uint64_t unpacked = lines * picture.width * sizeof(uint16_t);
    if (size == 0 || (plain ? size != unpacked : size * best_packing < unpacked))
      fail(GARITA_DATA_CORRUPT, "has " + std::to_string(size) + " bytes in strip " + std::to_string(strip) +
                                    ", which makes no " + std::to_string(lines) + " lines");
  }
}

void read_strips(TIFF* file, uint32_t lines_per_strip, Source& source, Picture& picture) {
  source.unpacking = true;
  for (uint32_t strip = 0; strip * uint64_t{lines_per_strip} < picture.height; ++strip) {
    const uint64_t first = strip * uint64_t{lines_per_strip},
                   lines = std::min<uint64_t>(lines_per_strip, picture.height - first);
    const auto wanted = static_cast<tmsize_t>(lines * picture.width * sizeof(uint16_t));
    const tmsize_t got =
        TIFFReadEncodedStrip(file, strip, picture.samples.data() + first * picture.width, wanted);
    if (got != wanted || !source.complaint.empty())
      fail(GARITA_DATA_CORRUPT, "cannot be unpacked in strip " + std::to_string(strip) +
                                    (source.complaint.empty() ? "" : ": " + source.complaint));
  }
}

}  // namespace

Picture read_tiff(std::span<const std::byte> bytes) {
  if (bytes.size() > max_tiff_bytes)
    fail(GARITA_DATA_UNSUPPORTED, "has more than " + std::to_string(max_tiff_bytes >> 20) + " MiB");
  Source source{bytes};
  const File file = open(source);
  Picture picture{field32(file.get(), TIFFTAG_IMAGEWIDTH), field32(file.get(), TIFFTAG_IMAGELENGTH), {}};
  check_samples(file.get());
  check_size(picture.width, picture.height);
  const uint32_t stated = field32(file.get(), TIFFTAG_ROWSPERSTRIP);
  const uint32_t lines_per_strip = stated == 0 ? picture.height : std::min(stated, picture.height);
  check_strips(file.get(), picture, lines_per_strip, bytes.size());
  picture.samples.resize(size_t{picture.width} * picture.height);
  read_strips(file.get(), lines_per_strip, source, picture);
  return picture;
}

}  // namespace garita::leidos
