// What a right acme-x1 records of the object: acme-x1-record-object RECORDING.toml OUT.bin
#include <fstream>

#include "conformance/twin/settings.hpp"
#include "encode.hpp"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto object = garita::conformance::read_object(argv[1]);
  if (!object) return 3;
  constexpr double first_mm = 150;  // of the object's corner, both ways
  garita::twin::Scene scene;
  scene.rows = 200;
  scene.columns = 128;
  scene.key = "OBJECT";
  scene.transmission.assign(size_t{scene.rows} * scene.columns, 1.0f);
  for (uint32_t row = 0; row < scene.rows; ++row)
    for (uint32_t column = 0; column < scene.columns; ++column) {
      const double x = (column + 0.5) * object->pitch_column_mm - first_mm,
                   y = (row + 0.5) * object->pitch_row_mm - first_mm;
      for (const auto& part : object->parts)
        if (x >= part.x0 && x < part.x1 && y >= part.y0 && y < part.y1)
          scene.transmission[size_t{row} * scene.columns + column] = static_cast<float>(1 - part.shade);
    }
  const std::vector<std::byte> bytes = acme::encode(scene);
  std::ofstream out(argv[2], std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return out.flush().good() ? 0 : 4;
}
