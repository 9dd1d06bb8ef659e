// A package in which every field of the record has a value of its own, with planes, overviews, raw data, a
// calibration and attachments; and a search for what must not be in a file in any form.
#pragma once

#include <zstd.h>

#include <fstream>

#include "core/base/ids.hpp"
#include "core/exchange/policy/redacting.hpp"
#include "core/record/dictionary.hpp"
#include "tests/package/fixture.hpp"

namespace garita::exchange::testing {

inline std::string golden(const std::string& name) {
  std::ifstream file(std::string(GARITA_SOURCE_DIR) + "/tests/exchange_policy/golden/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "conveyance.containers[].number" -> "conveyance.containers[0].number"
inline std::string first_of(std::string pattern) {
  for (size_t at = pattern.find("[]"); at != pattern.npos; at = pattern.find("[]"))
    pattern.insert(at + 1, "0");
  return pattern;
}

// What a file may hide something in: its bytes and name, and whatever in it unpacks.
class Haystack {
 public:
  void add(std::string_view bytes) {
    texts_.emplace_back(bytes);
    static constexpr std::string_view magic("\x28\xB5\x2F\xFD", 4);
    for (size_t at = bytes.find(magic); at != bytes.npos; at = bytes.find(magic, at + 1))
      unpack(bytes.substr(at));
  }

  bool has(std::string_view needle) const {
    return any(needle) || any(hex(needle)) || any(base64(needle, 0)) || any(base64(needle, 1)) ||
           any(base64(needle, 2));
  }

 private:
  bool any(const std::string_view needle) const {
    for (const std::string& text : texts_)
      if (text.find(needle) != text.npos) return true;
    return false;
  }

  static std::string hex(std::string_view needle) {
    std::string out;
    for (const char c : needle)
      for (const int nibble : {(c >> 4) & 15, c & 15}) out += "0123456789abcdef"[nibble];
    return out;
  }

  // As it stands inside of a longer text that was encoded: without what its neighbours decide.
  static std::string base64(std::string_view needle, size_t before) {
    const std::string text = base::to_base64(std::string(before, 'x') + std::string(needle));
    const size_t from = before == 0 ? 0 : 4;
    return text.substr(from, text.size() - from - 4);
  }

  void unpack(std::string_view frame) {
    const size_t packed = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (ZSTD_isError(packed) || size > (64u << 20)) return;
    std::string out(size, '\0');
    if (!ZSTD_isError(ZSTD_decompress(out.data(), size, frame.data(), packed)))
      texts_.push_back(std::move(out));
  }

  std::vector<std::string> texts_;
};

class SharingTest : public package::testing::PackageTest {
 protected:
  void SetUp() override {
    policy_ = parse_sharing(golden("sharing.toml"), "sharing.toml").policy;
    write();
  }

  // Values say which field they are of, and cannot be there by chance.
  void write() {
    auto writer = create();
    ASSERT_TRUE(writer.ok());
    pixels_ = package::testing::noise(columns * rows * 2, 11);
    for (const auto role : {package::RasterRole::plane, package::RasterRole::raw}) {
      const auto plane =
          writer->add_plane({.view = "side", .channel = "high", .role = role, .columns = columns});
      if (role == package::RasterRole::raw) pixels_ = package::testing::noise(columns * rows * 2, 12);
      ASSERT_TRUE(writer->append_rows(*plane, pixels_, rows).ok());
    }
    ASSERT_TRUE(writer
                    ->add_calibration({.view = "side", .channel = "high", .columns = 64},
                                      package::testing::noise(64 * 4, 13))
                    .ok());
    for (const uint32_t role : {1u, 2u, 3u, 4u, 256u}) {
      const auto file = writer->add_attachment(
          {.role = role, .media_type = "image/x-test", .name = "name-of-file-" + std::to_string(role)});
      ASSERT_TRUE(writer->append_attachment(*file, "content of file " + std::to_string(role)).ok());
      ASSERT_TRUE(writer->end_attachment(*file).ok());
    }
    for (const record::FieldInfo& field : record::dictionary()) fields_.push_back(first_of(field.pattern));
    std::vector<package::Leaf> record;
    for (const std::string& path : fields_) record.push_back({path, "t" + value_of(path)});
    sealed_ = *writer->finish(record);
  }

  static std::string value_of(const std::string& path) {
    return "value " + base::to_text(base::sha256(path)).substr(0, 24);
  }

  const SharingRule& rule(std::string_view to, std::string_view purpose) const {
    return *policy_.find(to, purpose);
  }

  std::string copy_for(std::string_view to, std::string_view purpose) {
    const std::filesystem::path out = package_name(sealed_.root);
    (void)files_.remove(out);
    const auto done = redact_for(path_, out, policy_, to, purpose, files_);
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().id);
    return std::string(base::Bytes(files_.content(out)).text());
  }

  static constexpr uint32_t columns = 600, rows = 300;
  std::vector<std::byte> pixels_;
  std::vector<std::string> fields_;
  SharingPolicy policy_;
};

}  // namespace garita::exchange::testing
