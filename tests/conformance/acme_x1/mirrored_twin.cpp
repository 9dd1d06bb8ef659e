// A twin whose author got top and bottom wrong.
#include "encode.hpp"

namespace {

std::vector<std::byte> encode_mirrored(const garita::twin::Scene& scene) {
  garita::twin::Scene other = scene;
  for (uint32_t row = 0; row < scene.rows; ++row)
    for (uint32_t column = 0; column < scene.columns; ++column)
      other.transmission[size_t{row} * scene.columns + column] = scene.at(0, row, scene.columns - 1 - column);
  return acme::encode(other);
}

}  // namespace

GARITA_TWIN(encode_mirrored, "com.example.acme-x1-twin", "0.1.0", "ACME-X1")
