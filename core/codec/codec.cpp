#include "core/codec/codec.hpp"

#include "core/codec/byte_planes.hpp"
#include "core/codec/predictive.hpp"

namespace garita::codec {
namespace {

base::Error unknown(Id id) {
  return {base::Outcome::no, "codec.unknown", {{"id", std::to_string(static_cast<unsigned>(id))}}};
}

}  // namespace

bool is_valid(const Shape& shape) {
  const uint32_t width = shape.sample_bytes;
  return shape.rows >= 1 && shape.rows <= max_rows && shape.columns >= 1 && shape.columns <= max_columns &&
         (width == 1 || width == 2 || width == 4 || width == 8);
}

uint64_t size_bytes(const Shape& shape) {
  return is_valid(shape) ? uint64_t{shape.rows} * shape.columns * shape.sample_bytes : 0;
}

base::Result<std::unique_ptr<Encoder>> make_encoder(Id id) {
  if (id == Id::zstd_planes) return make_byte_plane_encoder();
  if (id == Id::predictive) return make_predictive_encoder();
  return unknown(id);
}

base::Result<std::unique_ptr<Decoder>> make_decoder(Id id) {
  if (id == Id::zstd_planes) return make_byte_plane_decoder();
  if (id == Id::predictive) return make_predictive_decoder();
  return unknown(id);
}

}  // namespace garita::codec
