// zstd frames as codec 2 uses them: Huffman-coded literals, hardly any matches, the size always stated. Most
// are written here (huffman_frame.hpp); what has long repetitions or many different symbols is left to zstd.
#pragma once

#include <zstd.h>

#include <memory>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/codec/buffer.hpp"
#include "core/codec/kernels.hpp"

namespace garita::codec {

// symbols: without order; halves: two kinds of symbols, one behind the other; runs: of long repetitions.
enum class Content { symbols, halves, runs };

class FrameWriter {
 public:
  static std::unique_ptr<FrameWriter> create();  // null where there is no memory
  // Appends one frame of `bytes`; returns its size, 0 where zstd fails.
  size_t append(base::Bytes bytes, Content content, const Kernels& kernels, Buffer& out);

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> literals_, runs_;
};

class FrameReader {
 public:
  static std::unique_ptr<FrameReader> create();
  // The frame must be one, whole, without a dictionary, of exactly `size` bytes of content.
  bool read(base::Bytes frame, uint8_t* out, size_t size);

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace garita::codec
