#include "conformance/quality/image.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/base/file.hpp"
#include "core/export/npy.hpp"
#include "core/package/reader.hpp"

namespace garita::quality {
namespace {

constexpr uint64_t max_file_bytes = uint64_t{1} << 30;
constexpr uint16_t package_black = 1024;  // core/normalize: opaque, and what was never measured

base::Error wrong_size(const std::string& path) {
  return {base::Outcome::not_loaded, "quality.image_size", {{"path", path}}};
}

base::Error no_plane(const std::filesystem::path& path, const std::string& wanted) {
  return {base::Outcome::usage, "quality.no_plane", {{"path", path.string()}, {"plane", wanted}}};
}

base::Result<Image> read_npy(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(npy, exporter::read_npy_u16(path, max_pixels * 2));
  if (npy.rows > UINT32_MAX || npy.columns > UINT32_MAX) return wrong_size(path.string());
  Image image{static_cast<uint32_t>(npy.rows), static_cast<uint32_t>(npy.columns), std::move(npy.samples)};
  return image;
}

// Rows become columns.
Image turned(const Image& image) {
  Image own{image.columns, image.rows, std::vector<uint16_t>(image.samples.size()), image.black,
            image.bridged};
  for (uint32_t row = 0; row < image.rows; ++row)
    for (uint32_t column = 0; column < image.columns; ++column)
      own.samples[size_t{column} * own.columns + row] = image.samples[size_t{row} * image.columns + column];
  return own;
}

bool is_missing(const Image& image, uint32_t row) {
  const auto first = image.samples.begin() + static_cast<std::ptrdiff_t>(size_t{row} * image.columns);
  return std::all_of(first, first + image.columns, [&](uint16_t sample) { return sample == image.black; });
}

// Rows that are nowhere anything but black become the mean of the nearest living ones on both sides.
void bridge_rows(Image& image) {
  uint32_t living = image.rows;  // the last before row
  for (uint32_t row = 0; row < image.rows; ++row) {
    if (is_missing(image, row)) continue;
    const uint32_t before = living == image.rows ? row : living;
    const uint32_t gap = living == image.rows ? 0 : living + 1;
    for (uint32_t dead = gap; dead < row; ++dead, ++image.bridged)
      for (uint32_t column = 0; column < image.columns; ++column) {
        const auto at = [&](uint32_t from) { return image.samples[size_t{from} * image.columns + column]; };
        image.samples[size_t{dead} * image.columns + column] =
            static_cast<uint16_t>((uint32_t{at(before)} + at(row)) / 2);
      }
    living = row;
  }
  if (living == image.rows) return;  // nothing lives
  for (uint32_t dead = living + 1; dead < image.rows; ++dead, ++image.bridged)
    std::copy_n(image.samples.begin() + static_cast<std::ptrdiff_t>(size_t{living} * image.columns),
                image.columns,
                image.samples.begin() + static_cast<std::ptrdiff_t>(size_t{dead} * image.columns));
}

class Package {
 public:
  Package(package::Reader& reader, const std::filesystem::path& path) : reader_(reader), path_(path) {}

  base::Result<Planes> planes(const Choice& choice) {
    const package::PlaneInfo* const plane = find(choice.plane);
    if (!plane) return no_plane(path_, choice.plane);
    const std::string other = choice.low.empty() ? plane->spec.view + "/low" : choice.low;
    const package::PlaneInfo* low = find(other);
    if (!low && !choice.low.empty()) return no_plane(path_, choice.low);
    if (low == plane) low = nullptr;
    GARITA_TRY_ASSIGN(image, read(*plane));
    Planes own{std::move(image), std::nullopt};
    if (low) {
      GARITA_TRY_ASSIGN(second, read(*low));
      own.low = std::move(second);
    }
    return own;
  }

 private:
  const package::PlaneInfo* find(const std::string& name) const {
    for (const package::PlaneInfo& plane : reader_.planes())
      if (plane.spec.role == package::RasterRole::plane &&
          (name.empty() || name == plane.spec.view + "/" + plane.spec.channel))
        return &plane;
    return nullptr;
  }

  base::Result<Image> read(const package::PlaneInfo& plane) {
    const uint64_t columns = plane.spec.columns;
    if (plane.spec.sample_type != GARITA_SAMPLE_U16 || plane.slices > 1 || plane.rows == 0 || columns == 0 ||
        plane.rows > max_pixels || plane.rows * columns > max_pixels)
      return wrong_size(path_.string());
    Image image{static_cast<uint32_t>(plane.rows), plane.spec.columns, {}, package_black};
    image.samples.resize(plane.rows * columns);
    GARITA_TRY(reader_.read_rows(plane, 0, plane.rows, std::as_writable_bytes(std::span(image.samples))));
    bridge_rows(image);
    image = turned(image);
    bridge_rows(image);
    return image;
  }

  package::Reader& reader_;
  const std::filesystem::path& path_;
};

enum class Kind { tiff, npy, package, unknown };

base::Result<Kind> kind_of(const std::filesystem::path& path) {
  std::array<std::byte, 8> head{};
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  GARITA_TRY_ASSIGN(got, file->read_some(0, head));
  const auto begins = [&](std::string_view magic) {
    return got >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
  };
  if (begins("\x93NUMPY")) return Kind::npy;
  for (const std::string_view magic : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                       std::string_view("II+\0", 4), std::string_view("MM\0+", 4)})
    if (begins(magic)) return Kind::tiff;
  return path.extension() == ".garita" ? Kind::package : Kind::unknown;
}

base::Result<Image> read_single(const std::filesystem::path& path, Kind kind) {
  if (kind == Kind::npy) return read_npy(path);
  if (kind != Kind::tiff)
    return base::Error{base::Outcome::not_loaded, "quality.image_unknown", {{"path", path.string()}}};
  GARITA_TRY_ASSIGN(bytes, base::read_file(path, max_file_bytes));
  return parse_tiff(bytes, path.string());
}

}  // namespace

base::Result<Planes> read_planes(const std::filesystem::path& path, const Choice& choice) {
  GARITA_TRY_ASSIGN(kind, kind_of(path));
  if (kind == Kind::package) {
    GARITA_TRY_ASSIGN(reader, package::Reader::open(path));
    if (choice.prepare) GARITA_TRY(choice.prepare(reader));
    return Package(reader, path).planes(choice);
  }
  if (!choice.plane.empty()) return no_plane(path, choice.plane);
  GARITA_TRY_ASSIGN(image, read_single(path, kind));
  Planes own{std::move(image), std::nullopt};
  if (!choice.low.empty()) {
    GARITA_TRY_ASSIGN(second_kind, kind_of(choice.low));
    GARITA_TRY_ASSIGN(second, read_single(choice.low, second_kind));
    own.low = std::move(second);
  }
  if (own.low && (own.low->rows != own.image.rows || own.low->columns != own.image.columns))
    return base::Error{base::Outcome::usage, "quality.planes_differ", {}};
  return own;
}

}  // namespace garita::quality
