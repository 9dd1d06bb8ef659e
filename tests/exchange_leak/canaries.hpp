// An inspection in which every text of the record, the pixels, the calibration and the attachments hold
// values that are nowhere else.
#pragma once

#include <random>

#include "core/base/clock.hpp"
#include "core/package/inspection.hpp"
#include "core/record/dictionary.hpp"
#include "tests/exchange_leak/search.hpp"

namespace garita::leak_test {

// A value that stands at one place of the package.
struct Canary {
  std::string place, text;
  v1::Redaction of{};
};

// A beginning that they share: where it is not, none of them is.
inline constexpr const char* stem = "QZ7XK9WVJ3";
inline constexpr uint32_t columns = 640, rows = 2100, noisy = 96;

inline constexpr double mass_kg = 918273.645;  // of a container: a number that is not there by chance

inline std::string canary_text(size_t number) { return stem + std::to_string(1000 + number); }

inline std::string first_of(std::string pattern) {
  for (size_t at = pattern.find("[]"); at != pattern.npos; at = pattern.find("[]"))
    pattern.insert(at + 1, "0");
  return pattern;
}

class Sample {
 public:
  // At `path`; all samples of a test program are signed by one key.
  explicit Sample(const fs::path& path) {
    fs::create_directories(path.parent_path());
    static const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    auto writer = package::Writer::create(base::real_file_system(), path, *key);
    EXPECT_TRUE(writer.ok());
    for (const char* channel : {"high", "low"}) add_plane(*writer, channel, package::RasterRole::plane);
    add_plane(*writer, "high", package::RasterRole::raw);
    add_calibration(*writer);
    for (const uint32_t role : {GARITA_ATTACHMENT_SCENE, GARITA_ATTACHMENT_PLATE, GARITA_ATTACHMENT_ORIGINAL,
                                GARITA_ATTACHMENT_REPORT})
      add_attachment(*writer, role);
    EXPECT_TRUE(package::finish(*writer, record()).ok());
    keep_finer_overview(path);
  }

  // Texts of the record, and names and contents of attachments.
  std::vector<Canary> canaries;
  // Some pixels in a row, as they lie in memory, by what they are of.
  std::map<std::string, std::string> pixels;
  // The mass as a person reads it, and as the record stores it.
  static std::vector<std::string> numbers() {
    return {"918273.645", std::string(reinterpret_cast<const char*>(&mass_kg), sizeof mass_kg)};
  }

 private:
  // Smooth, but for a square of noise: what makes an image an image is there in the full resolution alone.
  void add_plane(package::Writer& writer, const std::string& channel, package::RasterRole role) {
    const bool raw = role == package::RasterRole::raw;
    std::mt19937 random(static_cast<uint32_t>(pixels.size()) + 1);
    std::vector<uint16_t> image(size_t{rows} * columns);
    for (uint32_t row = 0; row < rows; ++row)
      for (uint32_t column = 0; column < columns; ++column) {
        const bool noise = row >= 200 && row < 200 + noisy && column >= 300 && column < 300 + noisy;
        image[row * columns + column] =
            static_cast<uint16_t>(noise ? 5'000 + random() % 40'000 : 30'000 + column + row / 8);
      }
    const base::Bytes bytes(std::as_bytes(std::span(image)));
    const auto plane =
        writer.add_plane({.view = "side", .channel = channel, .role = role, .columns = columns});
    EXPECT_TRUE(plane.ok() && writer.append_rows(*plane, bytes, rows).ok());
    keep_pixels((raw ? "raw " : "plane ") + channel, image);
  }
  void keep_pixels(const std::string& place, const std::vector<uint16_t>& image) {
    const auto* at = reinterpret_cast<const char*>(image.data() + (200 + noisy / 2) * columns + 310);
    pixels[place] = std::string(at, 48);
  }
  // One in four each way: finer than the one in sixteen that a reduced copy may show.
  void keep_finer_overview(const fs::path& path) {
    auto reader = package::Reader::open(path);
    ASSERT_TRUE(reader.ok());
    std::set<uint32_t> levels;
    for (const package::PlaneInfo& plane : reader->overviews()) {
      levels.insert(plane.level);
      if (plane.level != 1 || plane.spec.channel != "high") continue;
      std::vector<std::byte> row(plane.spec.columns * 2);
      EXPECT_TRUE(reader->read_rows(plane, (200 + noisy / 2) / 4, 1, row).ok());
      pixels["overview 1:4"] = std::string(base::Bytes(row).text().substr(76 * 2, 44));
    }
    EXPECT_EQ(levels, (std::set<uint32_t>{1, 2}));
  }
  void add_calibration(package::Writer& writer) {
    std::mt19937 random(99);
    std::vector<uint32_t> line(columns);
    for (uint32_t& each : line) each = static_cast<uint32_t>(random());
    EXPECT_TRUE(writer
                    .add_calibration({.view = "side", .channel = "high", .id = 7, .columns = columns},
                                     base::Bytes(std::as_bytes(std::span(line))))
                    .ok());
    pixels["calibration"] = std::string(reinterpret_cast<const char*>(line.data() + 100), 48);
  }
  void add_attachment(package::Writer& writer, uint32_t role) {
    const std::string name = next("name of attachment " + std::to_string(role), v1::REDACTION_ATTACHMENT),
                      content = next("attachment " + std::to_string(role), v1::REDACTION_ATTACHMENT);
    const auto file =
        writer.add_attachment({.role = role, .media_type = "text/plain", .name = name + ".txt"});
    EXPECT_TRUE(file.ok() && writer.append_attachment(*file, "what it holds: " + content).ok() &&
                writer.end_attachment(*file).ok());
  }
  std::string next(const std::string& place, v1::Redaction redaction) {
    canaries.push_back({place, canary_text(canaries.size()), redaction});
    return canaries.back().text;
  }

  v1::Inspection record() {
    v1::Inspection own = bare_record();
    std::vector<record::Leaf> leaves = record::leaves(own);
    const auto is_set = [&](const std::string& path) {
      return std::any_of(leaves.begin(), leaves.end(), [&](const auto& leaf) { return leaf.path == path; });
    };
    for (const record::FieldInfo& field : record::dictionary()) {
      const std::string path = first_of(field.pattern);
      if (field.type == "text" && !is_set(path)) leaves.push_back({path, "t" + next(path, field.redaction)});
    }
    auto full = record::from_leaves(leaves);
    EXPECT_TRUE(full.ok()) << full.error().id;
    return full ? *std::move(full) : own;
  }
  // What has to make sense for the programs to draw it.
  static v1::Inspection bare_record() {
    v1::Inspection own;
    const int64_t now = base::system_clock().utc_ns();
    own.mutable_identity()->set_id("0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f");
    own.mutable_time()->mutable_started()->set_utc_ns(now - 60'000'000'000);
    own.mutable_time()->mutable_ended()->set_utc_ns(now - 30'000'000'000);
    own.mutable_time()->mutable_received()->set_utc_ns(now - 20'000'000'000);
    own.mutable_completeness()->set_state(v1::Completeness::STATE_COMPLETE);
    own.mutable_conveyance()->add_containers()->set_gross_mass_kg(mass_kg);
    v1::View& view = *own.add_views();
    view.set_name("side");
    view.set_shape(v1::View::SHAPE_SCAN);
    view.set_quantity(v1::View::QUANTITY_TRANSMISSION);
    view.set_fidelity(v1::View::FIDELITY_RAW_COUNTS);
    view.set_transmission_offset(1024);
    view.set_transmission_scale(57344);
    view.mutable_geometry()->set_pitch_across_um(5000);
    view.mutable_geometry()->set_pitch_along_um(4000);
    view.mutable_geometry()->set_column_zero(v1::Geometry::COLUMN_ZERO_TOP);
    view.add_channels()->set_kind(v1::Channel::KIND_HIGH);
    view.add_channels()->set_kind(v1::Channel::KIND_LOW);
    return own;
  }
};

}  // namespace garita::leak_test
