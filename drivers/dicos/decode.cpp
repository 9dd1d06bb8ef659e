#include "drivers/dicos/decode.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "drivers/dicos/classes.hpp"
#include "drivers/dicos/image.hpp"
#include "drivers/dicos/jpeg.hpp"
#include "drivers/dicos/layout.hpp"
#include "drivers/dicos/memory_stream.hpp"
#include "drivers/dicos/metadata.hpp"
#include "drivers/dicos/report.hpp"
#include "drivers/dicos/rle.hpp"
#include "garita/error.hpp"

namespace garita::dicos {
namespace {

constexpr uint32_t loaded_value_bytes = 4096;  // longer values stay in the file until they are asked for

E_TransferSyntax coding_of(const Layout& layout) {
  if (layout.coding.deflated) return EXS_LittleEndianExplicit;  // inflated by us
  if (!layout.coding.encapsulated) {
    if (!layout.coding.explicit_vr) return EXS_LittleEndianImplicit;
    return layout.coding.big_endian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
  }
  return DcmXfer(layout.transfer_syntax.c_str()).getXfer();
}

bool is_unpacked_here(E_TransferSyntax coding) {
  switch (coding) {
    case EXS_LittleEndianImplicit:
    case EXS_LittleEndianExplicit:
    case EXS_BigEndianExplicit:
    case EXS_JPEGProcess1:
    case EXS_JPEGProcess2_4:
    case EXS_JPEGProcess14:
    case EXS_JPEGProcess14SV1:
    case EXS_JPEGLSLossless:
    case EXS_JPEGLSLossy:
    case EXS_RLELossless: return true;
    default: return false;
  }
}

std::optional<JpegKind> jpeg_kind_of(E_TransferSyntax coding) {
  switch (coding) {
    case EXS_JPEGProcess1: return JpegKind::baseline;
    case EXS_JPEGProcess2_4: return JpegKind::extended;
    case EXS_JPEGProcess14:
    case EXS_JPEGProcess14SV1: return JpegKind::lossless;
    case EXS_JPEGLSLossless:
    case EXS_JPEGLSLossy: return JpegKind::jpeg_ls;
    default: return std::nullopt;
  }
}

// A UID as files have them, also where DICOM forbids it; as a scan's key it must only be short and printable.
std::string usable_uid(std::string uid) {
  const bool usable = uid.size() <= 64 && std::all_of(uid.begin(), uid.end(), [](char c) { return c > ' ' && c < 127; });
  return usable ? std::move(uid) : std::string();
}

}  // namespace

struct File::Pixels {
  DcmDataset data_set;
  DcmElement* element = nullptr;
  bool compressed = false;
  uint64_t columns = 0, rows = 0, row_bytes = 0, frame_bytes = 0;
  std::vector<std::byte> frame;  // of a compressed file: the one unpacked last
  int64_t unpacked = -1;
  std::vector<Uint32> first_fragments;  // of a JPEG file's frames, and the end of the last

  void check(const View& view, bool truncated);
  void unpack(uint32_t slice);
  void unpack_rle_frame(uint32_t slice);
  std::span<const std::byte> fragment(DcmPixelSequence& fragments, Uint32 index);
  void find_frames(DcmPixelSequence& fragments, uint32_t slices);
  void check_frame(uint32_t slice, JpegKind kind);
};

// All that can be known without unpacking, so that a file that ends early is refused before its scan is begun.
void File::Pixels::check(const View& view, bool truncated) {
  columns = view.columns;
  rows = view.rows;
  row_bytes = columns * sample_size_bytes(view.sample_type);
  frame_bytes = row_bytes * view.rows;
  if (element->ident() == EVR_PixelData || element->ident() == EVR_pixelSQ) {
    DcmPixelSequence* fragments = nullptr;
    E_TransferSyntax original = data_set.getOriginalXfer();
    auto* const pixels = static_cast<DcmPixelData*>(element);
    compressed = pixels->getEncapsulatedRepresentation(original, nullptr, fragments).good() && fragments != nullptr;
    if (compressed && truncated) fail(GARITA_DATA_TRUNCATED, "it ends inside its compressed pixels");
    if (compressed && fragments->card() < uint64_t{view.slices} + 1)
      fail(GARITA_DATA_TRUNCATED, "it has " + std::to_string(fragments->card()) + " fragments for " +
                                      std::to_string(view.slices) + " frames and their table");
    if (compressed && jpeg_kind_of(original)) find_frames(*fragments, view.slices);
  }
  if (compressed) {
    if (frame_bytes > max_frame_bytes)
      fail(GARITA_DATA_UNSUPPORTED, "its compressed frames hold more than " +
                                        std::to_string(max_frame_bytes >> 20) + " MiB");
    return;
  }
  const uint64_t needed = frame_bytes * view.slices, have = element->getLengthField();
  if (have < needed)
    fail(GARITA_DATA_TRUNCATED, "its pixels need " + std::to_string(needed) + " bytes, and it has " +
                                    std::to_string(have));
  if (truncated)  // DCMTK itself would read on as if zeros stood there
    fail(GARITA_DATA_TRUNCATED, "it ends inside its pixels, which need " + std::to_string(needed) + " bytes");
}

void File::Pixels::unpack(uint32_t slice) {
  if (unpacked == slice) return;
  frame.resize(frame_bytes + frame_bytes % 2);
  unpacked = -1;
  if (data_set.getOriginalXfer() == EXS_RLELossless) return unpack_rle_frame(slice);
  if (const auto kind = jpeg_kind_of(data_set.getOriginalXfer())) check_frame(slice, *kind);
  OFString colours;
  Uint32 next_fragment = first_fragments.empty() ? 0 : first_fragments[slice];
  const OFCondition done = static_cast<DcmPixelData*>(element)->getUncompressedFrame(
      &data_set, slice, next_fragment, frame.data(), static_cast<Uint32>(frame.size()), colours);
  if (done.bad())
    fail(GARITA_DATA_CORRUPT, "frame " + std::to_string(slice) + " of its compressed pixels is damaged: " + done.text());
  unpacked = slice;
}

std::span<const std::byte> File::Pixels::fragment(DcmPixelSequence& fragments, Uint32 index) {
  DcmPixelItem* item = nullptr;
  Uint8* bytes = nullptr;
  if (fragments.getItem(item, index).bad() || item->getUint8Array(bytes).bad() || bytes == nullptr)
    fail(GARITA_DATA_CORRUPT, "fragment " + std::to_string(index) + " of its compressed pixels is missing");
  return std::as_bytes(std::span(bytes, item->getLengthField()));
}

// A frame begins in the fragment that begins as a JPEG does, and goes on to the next of these.
void File::Pixels::find_frames(DcmPixelSequence& fragments, uint32_t slices) {
  const auto count = static_cast<Uint32>(fragments.card());
  for (Uint32 i = 1; i < count; ++i) {
    DcmPixelItem* item = nullptr;
    Uint8 start[2] = {};
    const bool there = fragments.getItem(item, i).good() && item->getLengthField() >= sizeof start &&
                       item->getPartialValue(start, 0, sizeof start).good();
    if (there && start[0] == 0xFF && start[1] == 0xD8) first_fragments.push_back(i);
    if (i == 1 && first_fragments.empty())
      fail(GARITA_DATA_CORRUPT, "its compressed pixels do not begin as a JPEG does");
  }
  if (first_fragments.size() != slices)
    fail(GARITA_DATA_CORRUPT, "it has " + std::to_string(first_fragments.size()) + " compressed frames and says " +
                                  std::to_string(slices));
  first_fragments.push_back(count);
}

void File::Pixels::check_frame(uint32_t slice, JpegKind kind) {
  DcmPixelSequence* fragments = nullptr;
  if (static_cast<DcmPixelData*>(element)
          ->getEncapsulatedRepresentation(data_set.getOriginalXfer(), nullptr, fragments)
          .bad())
    fail(GARITA_DATA_CORRUPT, "frame " + std::to_string(slice) + " of its compressed pixels is missing");
  std::vector<std::byte> whole;
  for (Uint32 i = first_fragments[slice]; i < first_fragments[slice + 1]; ++i) {
    const auto bytes = fragment(*fragments, i);
    whole.insert(whole.end(), bytes.begin(), bytes.end());
  }
  check_jpeg(whole, {kind, static_cast<uint32_t>(columns), static_cast<uint32_t>(rows),
                     static_cast<uint32_t>(row_bytes / columns)});
}

// DICOM has one fragment a frame here, behind the table.
void File::Pixels::unpack_rle_frame(uint32_t slice) {
  DcmPixelSequence* fragments = nullptr;
  DcmPixelItem* item = nullptr;
  Uint8* bytes = nullptr;
  if (static_cast<DcmPixelData*>(element)->getEncapsulatedRepresentation(EXS_RLELossless, nullptr, fragments).bad() ||
      fragments->getItem(item, slice + 1).bad() || item->getUint8Array(bytes).bad() || bytes == nullptr)
    fail(GARITA_DATA_CORRUPT, "frame " + std::to_string(slice) + " of its RLE pixels is missing");
  unpack_rle(std::as_bytes(std::span(bytes, item->getLengthField())), row_bytes / columns,
             std::span(frame).first(frame_bytes));
  unpacked = slice;
}

File::~File() = default;

File::File(std::span<const std::byte> bytes) : pixels_(std::make_unique<Pixels>()) {
  set_up_dcmtk();
  const Layout layout = find_data_set(bytes);
  const E_TransferSyntax coding = coding_of(layout);
  std::span<const std::byte> data = bytes.subspan(layout.data_set_offset);
  if (layout.coding.deflated) {
    inflated_ = inflated(data);
    data = inflated_;
  }
  const Structure structure = check_structure(data, layout.coding);

  MemoryStream stream(data);
  DcmDataset& data_set = pixels_->data_set;
  data_set.transferInit();
  const OFCondition read = data_set.read(stream, coding == EXS_Unknown ? EXS_LittleEndianExplicit : coding,
                                         EGL_noChange, loaded_value_bytes);
  data_set.transferEnd();
  const Tags tags(&data_set);
  const bool truncated = structure.truncated || read == EC_StreamNotifyClient;

  const std::string uid = tags.text({0x0008, 0x0016});
  const Class sop_class = class_of(uid, tags.text({0x0008, 0x0060}));
  if (sop_class.kind == Kind::unknown && sop_class.name.empty()) {
    if (truncated || read.bad())
      fail(GARITA_DATA_TRUNCATED, "it ends, or is damaged, before it says what it is");
    fail(GARITA_DATA_UNSUPPORTED, "it is a DICOM file that does not say what it is: SOP class and modality are missing");
  }
  if (sop_class.kind == Kind::unknown)
    fail(GARITA_DATA_UNSUPPORTED, "it is " + sop_class.name + ", and this driver reads CT, DX, CR and TDR");
  if (!is_unpacked_here(coding))
    fail(GARITA_DATA_UNSUPPORTED, "its transfer syntax is " + named(layout.transfer_syntax) +
                                      ", which this driver cannot unpack: export it uncompressed or in JPEG lossless");

  content_.instance_uid = usable_uid(tags.text({0x0008, 0x0018}));
  if (content_.instance_uid.empty()) content_.instance_uid = usable_uid(layout.instance_uid);
  content_.charset = charset_of(tags);
  content_.time = time_of(tags);
  content_.attributes = attributes_of(tags, sop_class.dicos || tags.has({0x4010, 0x103A}));
  if (!layout.transfer_syntax.empty())
    content_.attributes.push_back(attribute("org.nema.dicom.transfer_syntax", layout.transfer_syntax));
  if (sop_class.kind == Kind::report) {
    if (truncated) fail(GARITA_DATA_TRUNCATED, "it is a report that ends early");
    content_.report = true;
    content_.related_uid = usable_uid(referenced_image(tags));
    content_.detections = detections_of(tags, max_reported);
    return;
  }
  if (truncated && !tags.has({0x7FE0, 0x0010}) && !tags.has({0x7FE0, 0x0011}) && !tags.has({0x7FE0, 0x0012}) &&
      !tags.has({0x7FE0, 0x0013}))
    fail(GARITA_DATA_TRUNCATED, "it ends before its pixels");
  const DcmTagKey pixel_tag = pixel_tag_of(tags);
  content_.views.push_back(view_of(tags, sop_class, pixel_tag));
  // Some files give the number of frames as US, where DCMTK's decoders would see one frame alone.
  data_set.putAndInsertString(DcmTag(0x0028, 0x0008, EVR_IS), std::to_string(content_.views[0].slices).c_str());
  if (data_set.findAndGetElement(pixel_tag, pixels_->element).bad())
    fail(GARITA_DATA_CORRUPT, "it holds no pixels");
  pixels_->check(content_.views[0], truncated);
}

void File::read_rows(uint32_t slice, uint64_t first_row, uint64_t rows, std::span<std::byte> out) {
  Pixels& own = *pixels_;
  const uint64_t size = own.row_bytes * rows, offset = own.row_bytes * first_row;
  if (content_.views.empty() || out.size() < size || slice >= content_.views[0].slices ||
      offset + size > own.frame_bytes)
    fail(GARITA_DRIVER_FAULT, "the driver asked for rows that the image does not have");
  if (own.compressed) {
    own.unpack(slice);
    std::memcpy(out.data(), own.frame.data() + offset, size);
    return;
  }
  const uint64_t from = own.frame_bytes * slice + offset;
  if (own.element->getPartialValue(out.data(), static_cast<Uint32>(from), static_cast<Uint32>(size)).bad())
    fail(GARITA_DATA_TRUNCATED, "its pixels end before row " + std::to_string(first_row + rows));
}

}  // namespace garita::dicos
