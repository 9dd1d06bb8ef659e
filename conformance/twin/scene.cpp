#include "conformance/twin/scene.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

namespace garita::conformance {
namespace {

constexpr uint32_t blocks = 14, steps = 8, dots = 60;
constexpr int64_t first_time_ns = 1'767'225'600'000'000'000, year_ns = 31'536'000'000'000'000;  // 2026

// Numbers by a seed, the same with every library.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  uint64_t below(uint64_t end) { return engine_() % end; }
  double unit() { return static_cast<double>(engine_() >> 11) / static_cast<double>(uint64_t{1} << 53); }

 private:
  std::mt19937_64 engine_;
};

class Painter {
 public:
  Painter(Scene& scene, const std::vector<bool>& is_low) : scene_(scene), is_low_(is_low) {}

  // What is left of the beam behind `depth` of a material; `harder` says how much more lower energies lose.
  void rectangle(uint32_t row, uint32_t rows, uint32_t column, uint32_t columns, double depth,
                 double harder) {
    for (uint32_t channel = 0; channel < scene_.channels; ++channel) {
      const auto left = static_cast<float>(std::exp(-depth * (is_low_[channel] ? harder : 1)));
      for (uint32_t r = row; r < std::min(scene_.rows, row + rows); ++r)
        for (uint32_t c = column; c < std::min(scene_.columns, column + columns); ++c)
          scene_.at(channel, r, c) *= left;
    }
  }

 private:
  Scene& scene_;
  const std::vector<bool>& is_low_;
};

void put(std::vector<std::byte>& out, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> 8 * i & 0xFF));
}

void put(std::vector<std::byte>& out, const std::string& text) {
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
}

std::string word(Dice& dice, const char* letters, size_t size) {
  std::string own;
  for (size_t i = 0; i < size; ++i) own += letters[dice.below(std::char_traits<char>::length(letters))];
  return own;
}

}  // namespace

Scene make_scene(uint32_t rows, uint32_t columns, const std::vector<bool>& is_low, uint64_t seed) {
  Dice dice(seed);
  Scene scene{.rows = rows, .columns = columns, .channels = static_cast<uint32_t>(is_low.size())};
  scene.time_utc_ns =
      first_time_ns + static_cast<int64_t>(dice.unit() * static_cast<double>(year_ns)) / 1000 * 1000;
  scene.key = "SCENE-" + std::to_string(seed);
  scene.plate = word(dice, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789", 7);
  scene.transmission.assign(size_t{scene.channels} * rows * columns, 1.0f);
  Painter paint(scene, is_low);
  for (uint32_t row = 0; row < rows; ++row) paint.rectangle(row, 1, 0, columns, 0.05 * row / rows, 1.2);
  for (uint32_t i = 0; i < blocks; ++i)
    paint.rectangle(static_cast<uint32_t>(dice.below(rows)), 4 + static_cast<uint32_t>(dice.below(rows / 3)),
                    static_cast<uint32_t>(dice.below(columns)),
                    4 + static_cast<uint32_t>(dice.below(columns / 3)), 0.1 + 0.9 * dice.unit(),
                    1.2 + 0.3 * static_cast<double>(dice.below(3)));
  for (uint32_t i = 0; i < steps; ++i)  // along the columns, darker and darker
    paint.rectangle(rows / 2, rows / 8, i * columns / steps, columns / steps, 0.15 * (i + 1), 1.5);
  paint.rectangle(2, rows / 4, 2, 3, 1.5, 1.4);  // an L in the front, at the top
  paint.rectangle(2, 3, 2, columns / 6, 1.5, 1.4);
  for (uint32_t i = 0; i < dots; ++i)
    paint.rectangle(static_cast<uint32_t>(dice.below(rows)), 1, static_cast<uint32_t>(dice.below(columns)), 1,
                    0.4, 1.3);
  return scene;
}

std::vector<std::byte> scene_bytes(const Scene& scene) {
  std::vector<std::byte> out;
  put(out, std::string("GSCN"));
  for (const uint32_t value : {scene.rows, scene.columns, scene.channels}) put(out, value, 4);
  put(out, static_cast<uint64_t>(scene.time_utc_ns), 8);
  for (const std::string* text : {&scene.key, &scene.plate, &scene.container}) put(out, text->size(), 4);
  for (const std::string* text : {&scene.key, &scene.plate, &scene.container}) put(out, *text);
  for (const float value : scene.transmission) put(out, std::bit_cast<uint32_t>(value), 4);
  return out;
}

}  // namespace garita::conformance
