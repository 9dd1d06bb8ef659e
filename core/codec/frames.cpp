#define ZSTD_STATIC_LINKING_ONLY  // for one parameter: literals are Huffman-coded although the level is
                                  // negative
#include "core/codec/frames.hpp"

#include "core/codec/huffman_frame.hpp"

namespace garita::codec {

std::unique_ptr<FrameWriter> FrameWriter::create() {
  auto writer = std::make_unique<FrameWriter>();
  writer->literals_.reset(ZSTD_createCCtx());
  writer->runs_.reset(ZSTD_createCCtx());
  if (!writer->literals_ || !writer->runs_) return nullptr;
  // The lowest level steps over whole blocks: no search for matches that are not there.
  ZSTD_CCtx* literals = writer->literals_.get();
  // The least table: it is cleared for every frame.
  const bool set =
      !ZSTD_isError(ZSTD_CCtx_setParameter(literals, ZSTD_c_compressionLevel, ZSTD_minCLevel())) &&
      !ZSTD_isError(ZSTD_CCtx_setParameter(literals, ZSTD_c_literalCompressionMode, ZSTD_ps_enable)) &&
      !ZSTD_isError(ZSTD_CCtx_setParameter(literals, ZSTD_c_hashLog, ZSTD_HASHLOG_MIN)) &&
      !ZSTD_isError(ZSTD_CCtx_setParameter(literals, ZSTD_c_windowLog, 17)) &&
      !ZSTD_isError(ZSTD_CCtx_setParameter(writer->runs_.get(), ZSTD_c_compressionLevel, 1));
  if (!set) return nullptr;
  return writer;
}

size_t FrameWriter::append(base::Bytes bytes, Content content, const Kernels& kernels, Buffer& out) {
  if (content != Content::runs)
    if (const size_t size = append_huffman_frame(bytes, content == Content::halves ? 2 : 1, kernels, out))
      return size;
  const size_t bound = ZSTD_compressBound(bytes.size());
  const size_t size = ZSTD_compress2((content == Content::symbols ? literals_ : runs_).get(), out.room(bound),
                                     bound, bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return 0;
  out.grow(size);
  return size;
}

std::unique_ptr<FrameReader> FrameReader::create() {
  auto reader = std::make_unique<FrameReader>();
  reader->context_.reset(ZSTD_createDCtx());
  return reader->context_ ? std::move(reader) : nullptr;
}

bool FrameReader::read(base::Bytes frame, uint8_t* out, size_t size) {
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != size) return false;
  const size_t frame_size = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_isError(frame_size) || frame_size != frame.size()) return false;
  if (ZSTD_getDictID_fromFrame(frame.data(), frame.size()) != 0) return false;
  return ZSTD_decompressDCtx(context_.get(), out, size, frame.data(), frame.size()) == size;
}

}  // namespace garita::codec
