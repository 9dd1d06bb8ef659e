// Codec 1, for rooms below codec.cpp only: ask make_encoder and make_decoder.
#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/codec/codec.hpp"

namespace garita::codec {

base::Result<std::unique_ptr<Encoder>> make_byte_plane_encoder();
base::Result<std::unique_ptr<Decoder>> make_byte_plane_decoder();

}  // namespace garita::codec
