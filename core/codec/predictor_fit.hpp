// Which predictor suits a cell: found on a few of its rows, by whoever encodes. The format takes any.
#pragma once

#include "core/codec/kernels.hpp"

namespace garita::codec {

// The cell's rows 0 … rows - 1 and their surroundings are in place. The same answer on every machine.
Predictor fitted(CellBuffer& cell, uint32_t rows, uint32_t columns, const Kernels& kernels);

}  // namespace garita::codec
