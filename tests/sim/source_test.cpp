// What the simulated portal sends: exact images, repeatable lorries, well-formed papers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/file.hpp"
#include "core/export/npy.hpp"
#include "garita/scan.h"
#include "tools/garita-sim/papers.hpp"
#include "tools/garita-sim/portal_source.hpp"

namespace garita::sim {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "garita_sim_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const char* name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

fs::path write_image(const fs::path& path, std::vector<uint64_t> shape,
                     const std::vector<uint16_t>& samples) {
  auto writer = exporter::NpyWriter::create(path, {GARITA_SAMPLE_U16, std::move(shape)});
  EXPECT_TRUE(writer && writer->write(std::as_bytes(std::span(samples))) && writer->finish());
  return path;
}

// The canonical image's definition (record.md), dose 1, and back to the image's values.
double recovered(uint16_t raw, uint32_t dark_q8, uint32_t air_q8, double air) {
  const auto x = static_cast<float>(256 * static_cast<int32_t>(raw) - static_cast<int32_t>(dark_q8));
  const float gain =
      57344.0f / static_cast<float>(static_cast<int32_t>(air_q8) - static_cast<int32_t>(dark_q8));
  const double stored = std::nearbyint(std::fmin(std::fmax(x * gain * 1.0f + 1024.0f, 0.0f), 65535.0f));
  return (stored - 1024) / 57344 * air;
}

// One line as it comes off the wire.
struct Received {
  std::vector<uint16_t> raw;
  uint32_t dose_q16 = 0;
};

Received through_the_wire(Passage& passage, uint32_t i, size_t samples) {
  std::vector<uint16_t> raw(samples);
  const uint32_t dose = passage.line(i, raw);
  portal::FrameWriter frames;
  std::vector<std::byte> bytes;
  portal::encode(frames, portal::Line{i, dose, 0, 0, std::as_bytes(std::span(raw))}, bytes);
  const portal::Decoded decoded = portal::decode(portal::cut_frame(bytes).frame);
  const auto& line = std::get<portal::Line>(decoded.message);
  Received received{std::vector<uint16_t>(line.samples.size() / 2), line.dose_q16};
  std::memcpy(received.raw.data(), line.samples.data(), line.samples.size());
  return received;
}

struct Comparison {
  double worst = 0;  // outside dead detectors, in image values
  size_t compared = 0;
};

// image: [detector][line][channel].
Comparison compare(PortalSource& source, double air, const std::vector<uint16_t>& image, uint32_t lines) {
  const portal::Calibration calibration = source.calibration(1);
  const uint32_t columns = source.columns(), channels = static_cast<uint32_t>(source.energies_kev().size());
  const auto& dead = source.dead_columns();
  auto passage = source.passage(0, "k");
  Comparison result;
  for (uint32_t i = 0; passage && i < lines; ++i) {
    const Received line = through_the_wire(**passage, i, size_t{columns} * channels);
    EXPECT_EQ(line.dose_q16, GARITA_DOSE_ONE);
    for (uint32_t channel = 0; channel < channels; ++channel)
      for (uint32_t column = 0; column < columns; ++column) {
        if (std::find(dead.begin(), dead.end(), column) != dead.end()) continue;
        const double value =
            recovered(line.raw[channel * columns + column], calibration.dark[channel][column],
                      calibration.air[channel][column], air);
        const double wanted = image[(size_t{column} * lines + i) * channels + channel];
        result.worst = std::max(result.worst, std::fabs(value - wanted));
        ++result.compared;
      }
  }
  return result;
}

// Every value from 0 to 65535, and more.
std::vector<uint16_t> all_values(size_t count) {
  std::vector<uint16_t> samples(count);
  for (size_t i = 0; i < count; ++i) samples[i] = static_cast<uint16_t>(i * 40503);
  return samples;
}

std::unique_ptr<PortalSource> source_of(const fs::path& image, double air = 65535, uint64_t seed = 1) {
  auto source = image_source({image, air, 5000, 5000, {}}, seed, {});
  EXPECT_TRUE(source) << source.error().id;
  return source ? std::move(*source) : nullptr;
}

TEST(ImageSource, every_value_comes_back_within_two_after_the_canonical_rounding) {
  const Folder folder;
  const auto samples = all_values(64 * 2048 * 2);
  const auto source = source_of(write_image(folder / "a.npy", {64, 2048, 2}, samples));
  const Comparison result = compare(*source, 65535, samples, 2048);
  EXPECT_GT(result.compared, 64u * 2048);
  EXPECT_LT(result.worst, 2.0);
  EXPECT_GT(result.worst, 0.5);  // else nothing was rounded, and this test looked at nothing
}

TEST(ImageSource, one_energy_works_as_two_do) {
  const Folder folder;
  const auto samples = all_values(40 * 300);
  const auto source = source_of(write_image(folder / "a.npy", {40, 300}, samples));
  EXPECT_EQ(source->energies_kev().size(), 1u);
  EXPECT_LT(compare(*source, 65535, samples, 300).worst, 2.0);
}

TEST(ImageSource, an_open_beam_below_the_top_of_the_scale_is_taken_as_given) {
  const Folder folder;
  auto samples = all_values(40 * 300);
  for (auto& sample : samples) sample = static_cast<uint16_t>(sample % 60000);
  const auto source = source_of(write_image(folder / "a.npy", {40, 300}, samples), 57000);
  EXPECT_LT(compare(*source, 57000, samples, 300).worst, 2.0);
}

TEST(ImageSource, detectors_differ_in_gain_between_seven_and_nine_tenths_and_some_are_dead) {
  const Folder folder;
  const auto source = source_of(write_image(folder / "a.npy", {200, 4, 2}, all_values(1600)));
  const portal::Calibration calibration = source->calibration(1);
  EXPECT_GE(source->dead_columns().size(), 1u);
  for (uint32_t column = 0; column < 200; ++column) {
    const double gain = (calibration.air[0][column] - calibration.dark[0][column]) / 256.0 / 65535;
    const auto& dead = source->dead_columns();
    if (std::find(dead.begin(), dead.end(), column) != dead.end())
      EXPECT_EQ(gain, 0);
    else
      EXPECT_TRUE(gain > 0.699 && gain < 0.901) << gain;
  }
}

TEST(ImageSource, the_same_seed_has_the_same_dead_detectors) {
  const Folder folder;
  const auto image = write_image(folder / "a.npy", {200, 4}, all_values(800));
  EXPECT_EQ(source_of(image)->dead_columns(), source_of(image)->dead_columns());
  EXPECT_NE(source_of(image)->dead_columns(), source_of(image, 65535, 2)->dead_columns());
}

std::string refusal(const fs::path& image, double air = 65535) {
  const auto source = image_source({image, air, 5000, 5000, {}}, 1, {});
  return source ? "" : source.error().id;
}

TEST(ImageSource, files_that_no_portal_could_have_measured_are_refused) {
  const Folder folder;
  EXPECT_EQ(refusal(write_image(folder / "a.npy", {4, 4, 3}, all_values(48))), "sim.image_shape");
  EXPECT_EQ(refusal(write_image(folder / "b.npy", {4097, 1}, all_values(4097))), "sim.image_shape");
  EXPECT_EQ(refusal(write_image(folder / "c.npy", {1, 1}, {40000}), 30000), "sim.image_above_air");
  EXPECT_NE(refusal(folder / "missing.npy"), "");
}

TEST(ImageSource, a_real_cargo_image_comes_back_within_two) {
  const char* data = std::getenv("GARITA_TEST_DATA");
  const fs::path image =
      fs::path(data != nullptr ? data : GARITA_SOURCE_DIR "/../shared/data") / "cargo/zcon_5.npy";
  if (!fs::exists(image)) {
    std::cerr << "SKIPPED: " << image << " is not there; set GARITA_TEST_DATA\n";
    GTEST_SKIP();
  }
  const auto reader = exporter::NpyReader::open(image);
  ASSERT_TRUE(reader);
  std::vector<uint16_t> samples(reader->header().data_bytes() / 2);
  ASSERT_TRUE(reader->read(0, std::as_writable_bytes(std::span(samples))));
  const auto source = source_of(image);
  const Comparison result =
      compare(*source, 65535, samples, static_cast<uint32_t>(reader->header().shape[1]));
  EXPECT_LT(result.worst, 2.0);
  EXPECT_GT(result.compared, 1000000u);
}

std::vector<uint16_t> first_lines(uint64_t seed, uint64_t number) {
  const auto source = truck_source(seed, {});
  auto passage = source->passage(number, "k");
  std::vector<uint16_t> raw(source->columns() * 2), all;
  for (uint32_t i = 0; i < 300; ++i) {
    (*passage)->line(i, raw);
    all.insert(all.end(), raw.begin(), raw.end());
  }
  return all;
}

TEST(TruckSource, a_seed_repeats_scan_by_scan_and_another_differs) {
  EXPECT_EQ(first_lines(3, 1), first_lines(3, 1));
  EXPECT_NE(first_lines(3, 1), first_lines(3, 2));
  EXPECT_NE(first_lines(3, 1), first_lines(4, 1));
}

TEST(TruckSource, a_scan_begins_and_ends_in_air) {
  const auto source = truck_source(3, {});
  const portal::Calibration calibration = source->calibration(1);
  auto passage = source->passage(0, "k");
  std::vector<uint16_t> raw(source->columns() * 2);
  for (const uint32_t i : {0u, 100u, (*passage)->lines() - 1}) {
    const double dose = (*passage)->line(i, raw) / 65536.0;
    double sum = 0;
    size_t alive = 0;
    for (uint32_t column = 0; column < source->columns(); ++column) {
      const double dark = calibration.dark[0][column], open = calibration.air[0][column] - dark;
      if (open < 256) continue;
      sum += (256.0 * raw[column] - dark) / open / dose;
      ++alive;
    }
    EXPECT_NEAR(sum / static_cast<double>(alive), 1, 0.01) << "line " << i;
  }
}

TEST(TruckSource, ground_truth_has_a_density_for_every_ray_and_says_what_is_hidden) {
  const Folder folder;
  const auto source = truck_source(3, folder.path());
  auto passage = source->passage(0, "key");
  ASSERT_TRUE(passage);
  std::vector<uint16_t> raw(source->columns() * 2);
  for (uint32_t i = 0; i < (*passage)->lines(); ++i) (*passage)->line(i, raw);
  ASSERT_TRUE((*passage)->finish());
  const auto densities = exporter::NpyReader::open(folder / "key.npy");
  ASSERT_TRUE(densities);
  EXPECT_EQ(densities->header().shape, (std::vector<uint64_t>{(*passage)->lines(), source->columns(), 4}));
  const auto json = nlohmann::json::parse(base::read_text_file(folder / "key.json", 1 << 20).value());
  EXPECT_EQ(json["dead_columns"].get<std::vector<uint32_t>>(), source->dead_columns());
  EXPECT_GT(json["solids"].size(), 10u);
}

// ISO 6346 by its own words: A = 10, B = 12, skipping 11, 22 and 33; weights double; modulo 11, 10 is 0.
int check_digit(const std::string& number) {
  constexpr int letters[] = {10, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24,
                             25, 26, 27, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38};
  int sum = 0;
  for (int i = 0; i < 10; ++i) sum += (number[i] >= 'A' ? letters[number[i] - 'A'] : number[i] - '0') << i;
  return sum % 11 % 10;
}

TEST(Papers, container_numbers_have_the_right_check_digit) {
  ASSERT_EQ(check_digit("CSQU305438"), 3);
  Random random(9);
  for (int i = 0; i < 1000; ++i) {
    const std::string number = draw_container_number(random);
    ASSERT_EQ(number.size(), 11u);
    EXPECT_EQ(check_digit(number), number[10] - '0') << number;
  }
}

}  // namespace
}  // namespace garita::sim
