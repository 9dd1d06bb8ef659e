#include "core/export/npy.hpp"

#include <algorithm>
#include <bit>
#include <new>

#include "garita/status.h"

namespace garita::exporter {

using base::Error;
using base::Outcome;

static_assert(std::endian::native == std::endian::little, "samples are written as they lie in memory");

base::Result<NpyReader> NpyReader::open(const std::filesystem::path& path, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(file, files.open(path));
  GARITA_TRY_ASSIGN(size_bytes, file->size_bytes());
  std::vector<std::byte> front(std::min<uint64_t>(size_bytes, npy_max_front_bytes));
  GARITA_TRY(file->read(0, front));
  GARITA_TRY_ASSIGN(layout, parse_npy_header(front, path.string()));
  const uint64_t expected = layout.header.data_bytes(), given = size_bytes - layout.data_offset;
  if (given != expected)
    return Error{
        Outcome::not_loaded,
        "export.npy_length",
        {{"path", path.string()}, {"expected", std::to_string(expected)}, {"given", std::to_string(given)}},
        given < expected ? GARITA_DATA_TRUNCATED : GARITA_DATA_CORRUPT};
  return NpyReader(std::move(layout), std::move(file), path.string());
}

base::Result<void> NpyReader::read(uint64_t offset, std::span<std::byte> out) const {
  const uint64_t size = layout_.header.data_bytes();
  if (offset > size || out.size() > size - offset)
    return Error{Outcome::not_loaded, "export.npy_short", {{"path", path_}}, GARITA_DATA_TRUNCATED};
  return file_->read(layout_.data_offset + offset, out);
}

base::Result<NpyImage> read_npy_u16(const std::filesystem::path& path, uint64_t max_bytes) {
  GARITA_TRY_ASSIGN(reader, NpyReader::open(path));
  const NpyHeader& header = reader.header();
  if (header.sample_type != GARITA_SAMPLE_U16 || header.shape.size() != 2)
    return Error{
        Outcome::not_loaded, "export.npy_not_u16", {{"path", path.string()}}, GARITA_DATA_UNSUPPORTED};
  const Error too_large{Outcome::not_loaded,
                        "export.npy_too_large",
                        {{"path", path.string()}, {"limit", std::to_string(max_bytes >> 20)}},
                        GARITA_HOST_LIMIT};
  if (header.data_bytes() > max_bytes) return too_large;
  try {
    NpyImage image{header.shape[0], header.shape[1], std::vector<uint16_t>(header.data_bytes() / 2)};
    GARITA_TRY(reader.read(0, std::as_writable_bytes(std::span(image.samples))));
    return image;
  } catch (const std::bad_alloc&) {
    return too_large;
  }
}

base::Result<NpyWriter> NpyWriter::create(const std::filesystem::path& path, const NpyHeader& header,
                                          base::FileSystem& files) {
  GARITA_TRY_ASSIGN(front, npy_front(header, path.string()));
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files));
  GARITA_TRY(file.append(front));
  return NpyWriter(std::move(file), header.data_bytes());
}

Error NpyWriter::wrong_length(uint64_t given) const {
  return {Outcome::not_loaded,
          "export.npy_length",
          {{"path", file_.path().string()},
           {"expected", std::to_string(expected_bytes_)},
           {"given", std::to_string(given)}},
          GARITA_INVALID_ARGUMENT};
}

base::Result<void> NpyWriter::write(base::Bytes samples) {
  if (samples.size() > expected_bytes_ - written_bytes_) return wrong_length(written_bytes_ + samples.size());
  GARITA_TRY(file_.append(samples));
  written_bytes_ += samples.size();
  return {};
}

base::Result<void> NpyWriter::finish() {
  if (written_bytes_ != expected_bytes_) return wrong_length(written_bytes_);
  return file_.commit();
}

}  // namespace garita::exporter
