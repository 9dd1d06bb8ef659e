// Detector by detector, energies alternating -> line by line, an image an energy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace garita::nuctech {

// raw        u16 [columns][2 · rows], even pulses high, odd pulses low; any alignment.
// high, low  u16 [rows][columns] each, overwritten.
void deinterlace(std::span<const std::byte> raw, size_t columns, size_t rows, std::span<uint16_t> high,
                 std::span<uint16_t> low);

}  // namespace garita::nuctech
