// Codec 2, for rooms below codec.cpp only: ask make_encoder and make_decoder.
#pragma once

#include <memory>

#include "core/base/result.hpp"
#include "core/codec/codec.hpp"
#include "core/codec/kernels.hpp"

namespace garita::codec {

// For tiles of 1- and 2-byte samples; "codec.shape" for others. With any kernels the code is the same, bit
// for bit.
base::Result<std::unique_ptr<Encoder>> make_predictive_encoder(const Kernels& kernels = best_kernels());
base::Result<std::unique_ptr<Decoder>> make_predictive_decoder(const Kernels& kernels = best_kernels());

}  // namespace garita::codec
