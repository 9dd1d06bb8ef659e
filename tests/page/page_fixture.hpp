// A package made for the page: a canonical view, whatever else a test adds; and the page taken apart again.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/host/page/page.hpp"
#include "core/package/inspection.hpp"

namespace garita::host::testing {

// What a plane holds; row 0 is the front.
using Numbers16 = std::function<uint16_t(uint64_t row, uint32_t column)>;

struct PlaneOf {
  std::string view = "side", channel = "single";
  uint64_t rows = 300;
  uint32_t columns = 200;
  Numbers16 numbers;
};

struct Photo {
  std::string media_type, name, bytes;
};

class Page : public ::testing::Test {
 protected:
  static uint16_t stored(double t) { return static_cast<uint16_t>(std::lround(1024 + 57344 * t)); }

  // A wedge along the travel, with a pattern that no interpolation could make up.
  static uint16_t wedge(uint64_t row, uint32_t column) {
    return static_cast<uint16_t>(1500 + (row * 137 + column * 911 + (row ^ column) * 53) % 56000);
  }

  v1::View& view(const std::string& name = "side") {
    v1::View& own = *record.add_views();
    own.set_name(name);
    own.set_shape(v1::View::SHAPE_SCAN);
    own.set_quantity(v1::View::QUANTITY_TRANSMISSION);
    own.set_transmission_offset(1024);
    own.set_transmission_scale(57344);
    own.mutable_geometry()->set_pitch_along_um(4000);
    own.mutable_geometry()->set_pitch_across_um(5000);
    return own;
  }

  void write_package(const std::vector<PlaneOf>& planes, const std::vector<Photo>& photos = {}) {
    auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
    auto writer = package::Writer::create(base::real_file_system(), folder / "x.garita", *key);
    ASSERT_TRUE(writer);
    for (const PlaneOf& plane : planes) add_plane(*writer, plane);
    uint32_t index = 0;
    for (const Photo& photo : photos) {
      const auto id =
          writer->add_attachment({GARITA_ATTACHMENT_SCENE, index++, photo.media_type, photo.name});
      ASSERT_TRUE(id);
      ASSERT_TRUE(writer->append_attachment(*id, photo.bytes));
      ASSERT_TRUE(writer->end_attachment(*id));
    }
    ASSERT_TRUE(package::finish(*writer, record));
  }

  // The page's text; "" where writing failed.
  std::string page(PageRequest request = {}) {
    auto package = open_package(folder / "x.garita");
    if (!package) return ADD_FAILURE() << base::render(package.error(), base::Language::en), "";
    auto written = write_page(*package, folder / "page.html", request);
    if (!written) return ADD_FAILURE() << base::render(written.error(), base::Language::en), "";
    summary = *written;
    return *base::read_text_file(folder / "page.html", 1u << 30);
  }

  static std::string block(const std::string& page, const std::string& id) {
    const std::string begin = " id=\"" + id + "\">";
    const size_t at = page.find(begin);
    if (at == std::string::npos) return "";
    return page.substr(at + begin.size(), page.find("</script>", at) - at - begin.size());
  }

  static nlohmann::json model(const std::string& page) {
    const auto own = nlohmann::json::parse(block(page, "model"), nullptr, false);
    EXPECT_TRUE(own.is_object());
    return own;
  }

  // A tile as the page's script takes it apart.
  static std::vector<uint16_t> tile(const std::string& page, const std::string& id, size_t count) {
    const auto coded = base::from_base64(block(page, id));
    if (!coded) return {};
    std::vector<uint8_t> split(2 * count + 1);
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, -15), Z_OK);
    stream.next_in = const_cast<Bytef*>(coded->data());
    stream.avail_in = static_cast<uInt>(coded->size());
    stream.next_out = split.data();
    stream.avail_out = static_cast<uInt>(split.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    EXPECT_EQ(stream.total_out, 2 * count);
    inflateEnd(&stream);
    std::vector<uint16_t> folded(count);
    for (size_t i = 0; i < count; ++i) folded[i] = static_cast<uint16_t>(split[i] | split[count + i] << 8);
    return folded;
  }

  static void unfold(std::vector<uint16_t>& numbers, size_t columns) {
    for (size_t i = 0; i < numbers.size(); ++i) {
      const int difference = (numbers[i] >> 1) ^ -(numbers[i] & 1);
      numbers[i] = static_cast<uint16_t>(difference + (i % columns == 0 ? 0 : numbers[i - 1]));
    }
  }

  base::testing::TemporaryFolder folder;
  v1::Inspection record;
  PageSummary summary;

 private:
  static void add_plane(package::Writer& writer, const PlaneOf& plane) {
    const auto id = writer.add_plane(
        {.view = plane.view, .channel = plane.channel, .columns = plane.columns, .rows = plane.rows});
    ASSERT_TRUE(id);
    std::vector<uint16_t> row(plane.columns);
    for (uint64_t r = 0; r < plane.rows; ++r) {
      for (uint32_t c = 0; c < plane.columns; ++c) row[c] = plane.numbers ? plane.numbers(r, c) : wedge(r, c);
      ASSERT_TRUE(writer.append_rows(*id, base::Bytes(row.data(), row.size() * 2), 1));
    }
    ASSERT_TRUE(writer.end_plane(*id));
  }
};

}  // namespace garita::host::testing
