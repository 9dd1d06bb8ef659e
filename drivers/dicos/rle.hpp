// RLE of DICOM, unpacked here: DCMTK's own decoder reads outside of damaged fragments.
#pragma once

#include <cstddef>
#include <span>

namespace garita::dicos {

// One frame of samples of `sample_bytes`, little endian, into `out`. A fragment is 16 numbers u32 (how many segments,
// and where each begins) and the segments: PackBits, one for each byte of the samples, the highest first.
// Unwinds with DATA_CORRUPT.
void unpack_rle(std::span<const std::byte> fragment, size_t sample_bytes, std::span<std::byte> out);

}  // namespace garita::dicos
