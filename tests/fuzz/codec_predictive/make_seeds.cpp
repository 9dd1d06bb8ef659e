// The seed corpus: small tiles of every kind and mode. make_codec_seeds FOLDER
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "core/codec/codec.hpp"

namespace {

using namespace garita::codec;

std::vector<std::byte> picture(const Shape& shape, double noise, uint32_t step) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(0, noise);
  std::vector<std::byte> out(size_bytes(shape));
  for (size_t i = 0; i < out.size() / shape.sample_bytes; ++i) {
    const auto x = static_cast<double>(i % shape.columns), y = static_cast<double>(i / shape.columns);
    auto value = static_cast<int>(100 + x / 7 + (x > y ? 90 : 0) + (noise > 0 ? normal(random) : 0));
    if (noise > 0 && random() % 300 == 0) value = static_cast<int>(random());  // a peak: escapes
    value *= static_cast<int>(step);
    out[i * shape.sample_bytes] = static_cast<std::byte>(value);
    if (shape.sample_bytes == 2) out[2 * i + 1] = static_cast<std::byte>(value >> 8);
  }
  return out;
}

void write(const std::filesystem::path& path, const Shape& shape, const std::vector<std::byte>& pixels) {
  std::vector<std::byte> seed = {std::byte(shape.rows - 1), std::byte(shape.columns - 1),
                                 std::byte((shape.columns - 1) >> 8), std::byte(shape.sample_bytes - 1)};
  const auto encoder = *make_encoder(Id::predictive);
  if (!encoder->encode(pixels, shape, seed)) std::abort();
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::cerr << "make_codec_seeds FOLDER\n", 2;
  const std::filesystem::path folder = arguments[1];
  const Shape small{20, 45, 2}, two_cells{33, 290, 2}, bytes{17, 70, 1}, thin{128, 1, 2};
  write(folder / "calm", two_cells, picture(two_cells, 0.6, 1));
  write(folder / "noisy", two_cells, picture(two_cells, 40, 1));
  write(folder / "few_values", two_cells, picture(two_cells, 8, 64));
  write(folder / "constant", small, std::vector<std::byte>(size_bytes(small), std::byte{7}));
  write(folder / "smooth", small, picture(small, 0, 3));
  write(folder / "bytes", bytes, picture(bytes, 4, 1));
  write(folder / "thin", thin, picture(thin, 5, 1));
  std::vector<std::byte> noise(size_bytes(small));
  std::mt19937 random(4);
  for (auto& byte : noise) byte = static_cast<std::byte>(random());
  write(folder / "stored", small, noise);
  return 0;
}
