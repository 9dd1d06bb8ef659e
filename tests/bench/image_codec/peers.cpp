#include "tests/bench/image_codec/peers.hpp"

#include <blosc.h>
#include <charls/charls.h>
#include <jxl/decode.h>
#include <jxl/encode.h>
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_params.h>

#include <algorithm>
#include <cstring>

#include "core/codec/codec.hpp"

namespace garita::bench {
namespace {

class Ours final : public PlaneCodec {
 public:
  size_t encode(const Plane& plane) override {
    code_.clear();
    ends_.clear();
    for (uint32_t row = 0; row < plane.rows; row += codec::max_rows) {
      const codec::Shape shape{std::min(codec::max_rows, plane.rows - row), plane.columns, 2};
      const base::Bytes pixels(plane.samples.data() + size_t{row} * plane.columns, codec::size_bytes(shape));
      if (!encoder_->encode(pixels, shape, code_)) return 0;
      ends_.push_back(code_.size());
    }
    return code_.size();
  }

  bool decode(Plane& plane) override {
    size_t from = 0;
    for (size_t tile = 0; tile < ends_.size(); ++tile) {
      const auto row = static_cast<uint32_t>(tile) * codec::max_rows;
      const codec::Shape shape{std::min(codec::max_rows, plane.rows - row), plane.columns, 2};
      auto* out = reinterpret_cast<std::byte*>(plane.samples.data() + size_t{row} * plane.columns);
      if (!decoder_->decode(base::Bytes(code_.data() + from, ends_[tile] - from), shape,
                            {out, codec::size_bytes(shape)}))
        return false;
      from = ends_[tile];
    }
    return true;
  }

 private:
  std::unique_ptr<codec::Encoder> encoder_ = *codec::make_encoder(codec::Id::predictive);
  std::unique_ptr<codec::Decoder> decoder_ = *codec::make_decoder(codec::Id::predictive);
  std::vector<std::byte> code_;
  std::vector<size_t> ends_;
};

class CharLs final : public PlaneCodec {
 public:
  size_t encode(const Plane& plane) override {
    code_.resize(plane.size_bytes() * 2 + 1024);
    charls::jpegls_encoder encoder;
    encoder.frame_info({plane.columns, plane.rows, 16, 1});
    encoder.destination(code_);
    return size_ = encoder.encode(plane.samples);
  }
  bool decode(Plane& plane) override {
    charls::jpegls_decoder decoder(code_.data(), size_, true);
    decoder.decode(plane.samples);
    return true;
  }

 private:
  std::vector<uint8_t> code_;
  size_t size_ = 0;
};

class OpenJph final : public PlaneCodec {
 public:
  size_t encode(const Plane& plane) override {
    out_.open();
    ojph::codestream codestream;
    ojph::param_siz size = codestream.access_siz();
    size.set_image_extent(ojph::point(plane.columns, plane.rows));
    size.set_num_components(1);
    size.set_component(0, ojph::point(1, 1), 16, false);
    codestream.access_cod().set_reversible(true);
    codestream.access_cod().set_num_decomposition(5);
    codestream.set_planar(false);
    codestream.write_headers(&out_);
    ojph::ui32 component = 0;
    ojph::line_buf* line = codestream.exchange(nullptr, component);
    for (uint32_t row = 0; row < plane.rows; ++row) {
      const uint16_t* from = plane.samples.data() + size_t{row} * plane.columns;
      std::copy_n(from, plane.columns, line->i32);
      line = codestream.exchange(line, component);
    }
    codestream.flush();
    const auto used = static_cast<size_t>(out_.tell());
    code_.assign(out_.get_data(), out_.get_data() + used);
    codestream.close();
    return used;
  }
  bool decode(Plane& plane) override {
    ojph::mem_infile file;
    file.open(code_.data(), code_.size());
    ojph::codestream codestream;
    codestream.read_headers(&file);
    codestream.set_planar(false);
    codestream.create();
    for (uint32_t row = 0; row < plane.rows; ++row) {
      ojph::ui32 component = 0;
      const ojph::line_buf* line = codestream.pull(component);
      uint16_t* to = plane.samples.data() + size_t{row} * plane.columns;
      std::copy_n(line->i32, plane.columns, to);
    }
    codestream.close();
    return true;
  }

 private:
  ojph::mem_outfile out_;
  std::vector<uint8_t> code_;
};

class Jxl final : public PlaneCodec {
 public:
  Jxl() : encoder_(JxlEncoderCreate(nullptr)), decoder_(JxlDecoderCreate(nullptr)) {}
  ~Jxl() override {
    JxlEncoderDestroy(encoder_);
    JxlDecoderDestroy(decoder_);
  }
  size_t encode(const Plane& plane) override {
    JxlEncoderReset(encoder_);
    JxlBasicInfo info;
    JxlEncoderInitBasicInfo(&info);
    info.xsize = plane.columns;
    info.ysize = plane.rows;
    info.bits_per_sample = 16;
    info.num_color_channels = 1;
    info.uses_original_profile = JXL_TRUE;
    JxlColorEncoding color;
    JxlColorEncodingSetToSRGB(&color, JXL_TRUE);
    JxlEncoderSetBasicInfo(encoder_, &info);
    JxlEncoderSetColorEncoding(encoder_, &color);
    JxlEncoderFrameSettings* settings = JxlEncoderFrameSettingsCreate(encoder_, nullptr);
    JxlEncoderSetFrameLossless(settings, JXL_TRUE);
    JxlEncoderFrameSettingsSetOption(settings, JXL_ENC_FRAME_SETTING_EFFORT, 1);
    const JxlPixelFormat format{1, JXL_TYPE_UINT16, JXL_NATIVE_ENDIAN, 0};
    if (JxlEncoderAddImageFrame(settings, &format, plane.samples.data(), plane.size_bytes()) !=
        JXL_ENC_SUCCESS)
      return 0;
    JxlEncoderCloseInput(encoder_);
    code_.resize(plane.size_bytes() * 2 + 65536);
    uint8_t* next = code_.data();
    size_t left = code_.size();
    if (JxlEncoderProcessOutput(encoder_, &next, &left) != JXL_ENC_SUCCESS) return 0;
    return size_ = code_.size() - left;
  }
  bool decode(Plane& plane) override {
    JxlDecoderReset(decoder_);
    JxlDecoderSubscribeEvents(decoder_, JXL_DEC_FULL_IMAGE);
    JxlDecoderSetInput(decoder_, code_.data(), size_);
    JxlDecoderCloseInput(decoder_);
    const JxlPixelFormat format{1, JXL_TYPE_UINT16, JXL_NATIVE_ENDIAN, 0};
    for (;;) {
      const JxlDecoderStatus status = JxlDecoderProcessInput(decoder_);
      if (status == JXL_DEC_NEED_IMAGE_OUT_BUFFER)
        JxlDecoderSetImageOutBuffer(decoder_, &format, plane.samples.data(), plane.size_bytes());
      else
        return status == JXL_DEC_FULL_IMAGE;
    }
  }

 private:
  JxlEncoder* encoder_;
  JxlDecoder* decoder_;
  std::vector<uint8_t> code_;
  size_t size_ = 0;
};

class Blosc final : public PlaneCodec {
 public:
  size_t encode(const Plane& plane) override {
    code_.resize(plane.size_bytes() + BLOSC_MAX_OVERHEAD);
    const int size = blosc_compress_ctx(1, BLOSC_BITSHUFFLE, 2, plane.size_bytes(), plane.samples.data(),
                                        code_.data(), code_.size(), "zstd", 0, 1);
    return size > 0 ? static_cast<size_t>(size) : 0;
  }
  bool decode(Plane& plane) override {
    return blosc_decompress_ctx(code_.data(), plane.samples.data(), plane.size_bytes(), 1) > 0;
  }

 private:
  std::vector<uint8_t> code_;
};

}  // namespace

std::unique_ptr<PlaneCodec> make_ours() { return std::make_unique<Ours>(); }
std::unique_ptr<PlaneCodec> make_charls() { return std::make_unique<CharLs>(); }
std::unique_ptr<PlaneCodec> make_openjph() { return std::make_unique<OpenJph>(); }
std::unique_ptr<PlaneCodec> make_jxl() { return std::make_unique<Jxl>(); }
std::unique_ptr<PlaneCodec> make_blosc() { return std::make_unique<Blosc>(); }

}  // namespace garita::bench
