// The seed corpus: small packages of every kind, and scripts that write them. make_package_seeds FOLDER
#include <filesystem>
#include <iostream>

#include "core/package/head.hpp"
#include "core/package/little_endian.hpp"
#include "core/package/redact.hpp"
#include "core/package/writer.hpp"

namespace {

using namespace garita;
using namespace garita::package;

std::vector<std::byte> ramp(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i / 3);
  return bytes;
}

bool write_package(const std::filesystem::path& path, base::SignatureAlgorithm algorithm) {
  base::SeededRandom random(1);
  const base::ManualClock clock(1'772'000'000'000'000'000);
  const auto key = base::SigningKey::generate(algorithm);
  WriterOptions options;
  options.random = &random;
  auto writer = Writer::create(base::real_file_system(), path, *key, clock, options);
  if (!key || !writer) return false;
  const auto scan = writer->add_plane({.view = "side", .channel = "high", .columns = 3});
  const auto volume = writer->add_plane({.view = "ct",
                                         .channel = "single",
                                         .sample_type = GARITA_SAMPLE_F32,
                                         .columns = 2,
                                         .rows = 2,
                                         .slices = 3,
                                         .rows_rear_first = true});
  const CalibrationSpec dark{.view = "side", .channel = "high", .id = 1, .columns = 3};
  const auto photo = writer->add_attachment({.media_type = "image/png", .name = "a.png"});
  return writer->append_rows(*scan, ramp(600 * 6), 600).ok() && writer->checkpoint().ok() &&
         writer->append_rows(*volume, ramp(48), 6).ok() &&
         writer->append_attachment(*photo, "picture").ok() && writer->add_calibration(dark, ramp(12)).ok() &&
         writer->finish(std::vector<Leaf>{{"site.lane", "t7"}, {"conveyance.vin", "t1"}}).ok();
}

// A plane that is kept by its hashes, and the raw rows that it is a copy of; in codec 2.
bool write_by_hash(const std::filesystem::path& path) {
  base::SeededRandom random(1);
  const base::ManualClock clock(1'772'000'000'000'000'000);
  const auto key = base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  WriterOptions options;
  options.predictive = options.planes_by_hash = true;
  options.random = &random;
  auto writer = Writer::create(base::real_file_system(), path, *key, clock, options);
  if (!key || !writer) return false;
  PlaneSpec spec{.view = "side", .channel = "high", .columns = 3, .by_hash = true};
  const auto plane = writer->add_plane(spec);
  spec.role = RasterRole::raw, spec.by_hash = false;
  const auto raw = writer->add_plane(spec);
  return writer->append_rows(*plane, ramp(200 * 6), 200).ok() &&
         writer->append_rows(*raw, ramp(200 * 6), 200).ok() && writer->checkpoint().ok() &&
         writer->finish(std::vector<Leaf>{{"site.lane", "t7"}}).ok();
}

void step(std::vector<std::byte>& script, uint8_t what, uint8_t part, base::Bytes value) {
  Put(script).number(what).number(part).number(static_cast<uint16_t>(value.size())).bytes(value);
}

// A plane of whose one tile there is a hash.
bool write_script_by_hash(const std::filesystem::path& path) {
  std::vector<std::byte> script, tile;
  const RasterHead raster{
      .plane = {
          .view = "side", .channel = "high", .sample_type = GARITA_SAMPLE_U8, .columns = 4, .by_hash = true}};
  encode(TileHead{codec_hash, 1}, tile);
  Put(tile).bytes(base::sha256(std::vector<std::byte>(4)));
  step(script, 0, 0, encode(Head(raster)));
  step(script, 5, 0, tile);
  step(script, 4, 0, encode(Head(raster), {.leaves = 1, .rows = 1}));
  return base::write_file(path, script).ok();
}

bool write_script(const std::filesystem::path& path) {
  std::vector<std::byte> script, tile;
  const RasterHead raster{
      .plane = {.view = "side", .channel = "high", .sample_type = GARITA_SAMPLE_U8, .columns = 4}};
  encode(TileHead{1, 1}, tile);
  Put(tile).number(uint32_t{13}).number(uint32_t{0xFD2FB528}).number(uint8_t{0x20}).number(uint8_t{4});
  Put(tile).number(uint32_t{0x04000021}).number(uint32_t{0x08070605}).number(uint8_t{0});
  step(script, 0, 0, encode(Head(raster)));
  step(script, 5, 0, tile);
  step(script, 4, 0, encode(Head(raster), {.leaves = 1, .rows = 1}));
  const Head record = RecordHead{std::string(record_schema)};
  step(script, 0, 0, encode(record));
  step(script, 5, 1, "site.lane");
  step(script, 5, 1, "t7");
  step(script, 3, 1, {});
  step(script, 3, 1, {});
  step(script, 4, 1, encode(record, {.leaves = 4}));
  step(script, 1, 0, {});
  return base::write_file(path, script).ok();
}

bool write_redacted(const std::filesystem::path& from, const std::filesystem::path& to) {
  const RedactPolicy policy{
      .field = [](std::string_view path) { return path == "site.lane" ? Keep::name : Keep::nothing; },
      .plane = [](const PlaneInfo& plane) { return plane.part == 0 ? Keep::name : Keep::nothing; }};
  return redact(from, to, policy).ok();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::cerr << "make_package_seeds FOLDER\n", 2;
  const std::filesystem::path folder = arguments[1];
  // Without the extension of packages, which git passes over.
  const bool done = write_package(folder / "ed25519", base::SignatureAlgorithm::ed25519) &&
                    write_package(folder / "p384", base::SignatureAlgorithm::ecdsa_p384) &&
                    write_redacted(folder / "ed25519", folder / "redacted") &&
                    write_by_hash(folder / "by_hash") && write_script(folder / "script") &&
                    write_script_by_hash(folder / "script_by_hash");
  std::filesystem::copy_file(folder / "ed25519", folder / "torn");
  std::filesystem::resize_file(folder / "torn", std::filesystem::file_size(folder / "torn") / 2);
  return done ? 0 : 1;
}
