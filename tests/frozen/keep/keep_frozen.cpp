// Makes the files of a set that no command makes (keep.sh calls it), and writes down what today's reader says
// of all: keep_frozen VERSION_FOLDER
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/package/redact.hpp"
#include "core/package/writer.hpp"
#include "core/trust/store.hpp"
#include "tests/frozen/description.hpp"

namespace garita::frozen {
namespace {

namespace fs = std::filesystem;
using package::Keep;

constexpr int64_t hour_ns = 3600ll * 1'000'000'000, day_ns = 24 * hour_ns;

template <typename T>
T right(base::Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << "keep_frozen: " << base::render(result.error(), base::Language::en) << '\n';
  std::exit(1);
}
void right(const base::Result<void>& result) {
  if (result) return;
  std::cerr << "keep_frozen: " << base::render(result.error(), base::Language::en) << '\n';
  std::exit(1);
}

// A slope with noise on it, of few values in its last third: what the codecs treat in different ways.
std::vector<std::byte> pixels(uint64_t rows, uint64_t columns, uint32_t sample_bytes) {
  std::mt19937 random(1);
  std::vector<std::byte> bytes;
  bytes.reserve(rows * columns * sample_bytes);
  for (uint64_t row = 0; row < rows; ++row)
    for (uint64_t column = 0; column < columns; ++column) {
      const uint64_t value = column * 3 < columns * 2 ? 40 * row + 9 * column + random() % 8 : 7 * (row % 3);
      for (uint32_t byte = 0; byte < sample_bytes; ++byte)
        bytes.push_back(std::byte((value >> 8 * byte) & 0xFF));
    }
  return bytes;
}

void add(package::Writer& writer, package::PlaneSpec spec, uint64_t rows, uint32_t sample_bytes) {
  spec.rows = rows;
  const uint32_t plane = right(writer.add_plane(spec));
  right(
      writer.append_rows(plane, pixels(rows * spec.slices, spec.columns, sample_bytes), rows * spec.slices));
}

package::Writer writer_at(const fs::path& path, const base::SigningKey& key, package::WriterOptions options) {
  return right(package::Writer::create(base::real_file_system(), path, key, base::system_clock(), options));
}

// One of everything that a package can hold, by each codec.
void write_every_kind(const fs::path& path, base::SignatureAlgorithm algorithm, bool predictive) {
  const auto key = right(base::SigningKey::generate(algorithm));
  package::Writer writer = writer_at(path, key, {.predictive = predictive});
  add(writer, {.view = "side", .channel = "high", .columns = 20}, 600, 2);  // five tiles, an overview
  add(writer, {.view = "side", .channel = "low", .columns = 300, .rows_rear_first = true}, 20, 2);
  add(writer, {.view = "side", .channel = "high", .role = package::RasterRole::raw, .columns = 20}, 140, 2);
  add(writer, {.view = "screen", .channel = "red", .sample_type = GARITA_SAMPLE_U8, .columns = 90}, 130, 1);
  add(writer,
      {.view = "ct", .channel = "single", .sample_type = GARITA_SAMPLE_F32, .columns = 6, .slices = 3}, 5, 4);
  right(writer.checkpoint());
  right(
      writer.add_calibration({.view = "side", .channel = "high", .id = 7, .columns = 20}, pixels(1, 20, 4)));
  const uint32_t photo = right(writer.add_attachment({.media_type = "text/plain", .name = "note.txt"}));
  right(writer.append_attachment(photo, base::Bytes("beside the picture")));
  const std::vector<package::Leaf> record = {{"conveyance.plates[0].number", "tABC-123"},
                                             {"identity.lane", "t7"}};
  right(writer.finish(record));
}

// A power cut behind the first checkpoint.
void write_torn(const fs::path& path) {
  const auto key = right(base::SigningKey::generate(base::SignatureAlgorithm::ed25519));
  package::Writer writer = writer_at(path, key, {.keep_partial = true, .predictive = true});
  const uint32_t plane = right(writer.add_plane({.view = "side", .channel = "high", .columns = 40}));
  right(writer.append_rows(plane, pixels(256, 40, 2), 256));
  right(writer.checkpoint());
  right(writer.append_rows(plane, pixels(140, 40, 2), 140));
}

// As another agency would get it: whose lorry it is stays here, and the low energy.
void write_redacted(const fs::path& whole, const fs::path& path) {
  package::RedactPolicy policy;
  policy.field = [](std::string_view field) {
    return field.starts_with("conveyance.plates") ? Keep::name
           : field.starts_with("documents")       ? Keep::nothing
                                                  : Keep::all;
  };
  policy.plane = [](const package::PlaneInfo& plane) {
    return plane.spec.channel == "low" ? Keep::name : Keep::all;
  };
  policy.calibration = [](const package::CalibrationInfo& each) {
    return each.spec.channel == "low" ? Keep::nothing : Keep::all;
  };
  policy.attachment = [](const package::AttachmentInfo&) { return Keep::all; };
  right(package::redact(whole, path, policy));
}

void describe_all(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (const std::string name = entry.path().filename();
        name.find(".txt") == name.npos && !name.ends_with(".addenda"))
      std::ofstream(entry.path().string() + ".txt") << describe_package(entry.path());
}

// Before anything was issued, while all is fresh, and after each thing has run out.
void write_answers(const fs::path& version) {
  const auto store = right(trust::Store::open(version / "trust/state/trust"));
  const trust::Documents& documents = store.documents();
  const auto certificate = right(trust::parse_certificate(documents.certificates.at(0)));
  const int64_t lists = documents.status.at("mx").expires_ns;
  std::ofstream out(version / "trust/answers.txt");
  for (const int64_t at : {certificate.issued_ns - day_ns, certificate.issued_ns + hour_ns, lists + hour_ns,
                           certificate.suite_accepted_until_ns + hour_ns, certificate.expires_ns + hour_ns,
                           lists + 31 * day_ns, documents.root->expires_ns + hour_ns})
    out << base::format_utc(at) << ' ' << answer_at(version, version / "trust", at) << '\n';
}

}  // namespace
}  // namespace garita::frozen

int main(int count, char** arguments) {
  using namespace garita::frozen;
  if (count != 2) return std::cerr << "usage: keep_frozen VERSION_FOLDER\n", 2;
  const fs::path version = arguments[1], packages = version / "packages";
  write_every_kind(packages / "every_kind.garita", garita::base::SignatureAlgorithm::ecdsa_p384, false);
  write_every_kind(packages / "predictive.garita", garita::base::SignatureAlgorithm::ed25519, true);
  write_torn(packages / "torn.garita");
  write_redacted(packages / "portal.garita", packages / "portal_redacted.garita");
  describe_all(packages);
  write_answers(version);
}
