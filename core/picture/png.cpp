#include "core/picture/png.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "core/picture/png_guard.hpp"
#include "garita/status.h"

namespace garita::picture {

using base::Error;
using base::Outcome;

namespace {

Error png_error_of(const char* id, const std::filesystem::path& path, std::string reason = {}) {
  return {
      Outcome::not_loaded, id, {{"path", path.string()}, {"reason", std::move(reason)}}, GARITA_DATA_CORRUPT};
}

}  // namespace

// ---- Writing
// -------------------------------------------------------------------------------------------------------

struct PngWriter::Inside {
  Inside(base::AtomicFile the_file, const PngHeader& the_header)
      : file(std::move(the_file)), header(the_header) {}
  ~Inside() { png_destroy_write_struct(&png, &info); }

  // libpng's bytes into the file; an error of the file is kept and libpng told to stop.
  static void on_bytes(png_structp png, png_bytep data, size_t size) {
    auto* self = static_cast<Inside*>(png_get_io_ptr(png));
    bool failed = false;
    {
      auto appended = self->file.append({data, size});
      if (!appended) self->file_error = std::move(appended).error();
      failed = self->file_error.has_value();
    }
    if (failed) png_error(png, "file");
  }
  static void on_flush(png_structp) {}

  Error error() const {
    return file_error ? *file_error : png_error_of("picture.png_failed", file.path(), failure.reason);
  }
  bool begin();

  base::AtomicFile file;
  const PngHeader header;
  PngFailure failure;
  std::optional<Error> file_error;
  png_structp png = nullptr;
  png_infop info = nullptr;
  uint32_t rows = 0;
};

bool PngWriter::Inside::begin() {
  png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &failure, on_png_error, on_png_warning);
  info = png ? png_create_info_struct(png) : nullptr;
  if (!info) return false;
  std::vector<png_text> texts;
  for (const auto& [key, text] : header.texts) {
    png_text entry{};
    entry.compression = PNG_TEXT_COMPRESSION_NONE;
    entry.key = const_cast<char*>(key.c_str());
    entry.text = const_cast<char*>(text.c_str());
    entry.text_length = text.size();
    texts.push_back(entry);
  }
  const auto dots = [](double metres) {
    return static_cast<png_uint_32>(std::clamp(std::round(1 / metres), 1.0, 2e9));
  };
  return guarded(png, [&] {
    png_set_write_fn(png, this, on_bytes, on_flush);
    png_set_compression_level(png, header.compression);
    png_set_compression_buffer_size(png, 1 << 16);
    png_set_IHDR(png, info, header.width, header.height, header.kind == PngKind::grey16 ? 16 : 8,
                 header.kind == PngKind::rgb8 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (header.metres_per_pixel_x > 0 && header.metres_per_pixel_y > 0)
      png_set_pHYs(png, info, dots(header.metres_per_pixel_x), dots(header.metres_per_pixel_y),
                   PNG_RESOLUTION_METER);
    if (!texts.empty()) png_set_text(png, info, texts.data(), static_cast<int>(texts.size()));
    png_write_info(png, info);
    if (header.kind == PngKind::grey16 && std::endian::native == std::endian::little) png_set_swap(png);
  });
}

base::Result<std::unique_ptr<PngWriter>> PngWriter::create(const std::filesystem::path& path,
                                                           const PngHeader& header, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files));
  auto inside = std::make_unique<Inside>(std::move(file), header);
  if (!inside->begin()) return inside->error();
  return std::unique_ptr<PngWriter>(new PngWriter(std::move(inside)));
}

PngWriter::PngWriter(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
PngWriter::~PngWriter() = default;

base::Result<void> PngWriter::row(std::span<const std::byte> samples) {
  Inside& in = *inside_;
  if (in.rows == in.header.height || samples.size() != size_t{in.header.width} * sample_bytes(in.header.kind))
    return png_error_of("picture.png_rows", in.file.path());
  const auto* bytes = reinterpret_cast<png_const_bytep>(samples.data());
  if (!guarded(in.png, [&] { png_write_row(in.png, bytes); })) return in.error();
  ++in.rows;
  return {};
}

base::Result<void> PngWriter::finish() {
  Inside& in = *inside_;
  if (in.rows != in.header.height) return png_error_of("picture.png_rows", in.file.path());
  if (!guarded(in.png, [&] { png_write_end(in.png, nullptr); })) return in.error();
  return in.file.commit();
}

base::Result<void> write_png(const std::filesystem::path& path, const PngImage& image,
                             base::FileSystem& files) {
  const size_t row_bytes = size_t{image.header.width} * sample_bytes(image.header.kind);
  if (image.samples.size() != row_bytes * image.header.height) return png_error_of("picture.png_rows", path);
  GARITA_TRY_ASSIGN(writer, PngWriter::create(path, image.header, files));
  const auto samples = std::as_bytes(std::span(image.samples));
  for (uint32_t row = 0; row < image.header.height; ++row)
    GARITA_TRY(writer->row(samples.subspan(row * row_bytes, row_bytes)));
  return writer->finish();
}

// ---- Reading
// -------------------------------------------------------------------------------------------------------

namespace {

struct Source {
  std::span<const std::byte> rest;
};

void on_need(png_structp png, png_bytep out, size_t size) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (size > source->rest.size()) png_error(png, "it ends early");
  std::memcpy(out, source->rest.data(), size);
  source->rest = source->rest.subspan(size);
}

struct ReadStruct {
  ~ReadStruct() { png_destroy_read_struct(&png, &info, nullptr); }
  png_structp png = nullptr;
  png_infop info = nullptr;
};

struct Raw {
  int depth = 0, colour = 0, interlace = 0;
};

bool read_front(const ReadStruct& reader, PngHeader& header, Raw& raw) {
  return guarded(reader.png, [&] {
    png_read_info(reader.png, reader.info);
    png_get_IHDR(reader.png, reader.info, &header.width, &header.height, &raw.depth, &raw.colour,
                 &raw.interlace, nullptr, nullptr);
    png_set_interlace_handling(reader.png);
    if (raw.depth == 16 && std::endian::native == std::endian::little) png_set_swap(reader.png);
    png_read_update_info(reader.png, reader.info);
  });
}

bool kind_of(const Raw& raw, PngKind& kind) {
  if (raw.interlace != PNG_INTERLACE_NONE) return false;
  if (raw.colour == PNG_COLOR_TYPE_RGB && raw.depth == 8) return kind = PngKind::rgb8, true;
  if (raw.colour != PNG_COLOR_TYPE_GRAY || raw.depth < 8) return false;
  kind = raw.depth == 16 ? PngKind::grey16 : PngKind::grey8;
  return true;
}

void take_details(const ReadStruct& reader, PngHeader& header) {
  png_uint_32 x = 0, y = 0;
  int unit = 0;
  if (png_get_pHYs(reader.png, reader.info, &x, &y, &unit) && unit == PNG_RESOLUTION_METER && x > 0 &&
      y > 0) {
    header.metres_per_pixel_x = 1.0 / x;
    header.metres_per_pixel_y = 1.0 / y;
  }
  png_textp texts = nullptr;
  int count = 0;
  png_get_text(reader.png, reader.info, &texts, &count);
  for (int i = 0; i < count; ++i) header.texts.emplace_back(texts[i].key, texts[i].text ? texts[i].text : "");
}

}  // namespace

base::Result<PngImage> read_png(const std::filesystem::path& path, size_t max_bytes,
                                base::FileSystem& files) {
  GARITA_TRY_ASSIGN(bytes, base::read_file(path, max_bytes, files));
  PngFailure failure;
  ReadStruct reader;
  Source source{bytes};
  PngImage image;
  Raw raw;
  if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0)
    return png_error_of("picture.png_bad", path, "PNG");
  reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &failure, on_png_error, on_png_warning);
  reader.info = reader.png ? png_create_info_struct(reader.png) : nullptr;
  if (!reader.info) return png_error_of("picture.png_failed", path);
  png_set_read_fn(reader.png, &source, on_need);
  png_set_chunk_malloc_max(reader.png, 1 << 20);
  png_set_user_limits(reader.png, std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::max());
  if (!read_front(reader, image.header, raw)) return png_error_of("picture.png_bad", path, failure.reason);
  if (!kind_of(raw, image.header.kind)) return png_error_of("picture.png_kind", path);

  const size_t row_bytes = size_t{image.header.width} * sample_bytes(image.header.kind);
  if (row_bytes > max_bytes || image.header.height > max_bytes / row_bytes)
    return png_error_of("picture.png_too_large", path);
  image.samples.resize(row_bytes * image.header.height);
  const bool read = guarded(reader.png, [&] {
    for (uint32_t row = 0; row < image.header.height; ++row)
      png_read_row(reader.png, image.samples.data() + row * row_bytes, nullptr);
    png_read_end(reader.png, reader.info);
  });
  if (!read) return png_error_of("picture.png_bad", path, failure.reason);
  take_details(reader, image.header);
  return image;
}

}  // namespace garita::picture
