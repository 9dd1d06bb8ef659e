#include "core/export/tiff/tiff_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <tiffio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include "core/base/file_error.hpp"
#include "garita/status.h"

namespace garita::exporter::tiff {
namespace {

using base::Error;

constexpr uint32_t rows_a_strip = 128;
constexpr uint64_t spare_bytes = 64u << 20;  // for directories, and strips that grow when they are packed
constexpr int zstd_level = 3, deflate_level = 6;

struct Sample {
  uint32_t type;
  uint16_t bytes, format;
};
constexpr Sample sample_kinds[] = {
    {GARITA_SAMPLE_U8, 1, SAMPLEFORMAT_UINT},    {GARITA_SAMPLE_U16, 2, SAMPLEFORMAT_UINT},
    {GARITA_SAMPLE_I16, 2, SAMPLEFORMAT_INT},    {GARITA_SAMPLE_U32, 4, SAMPLEFORMAT_UINT},
    {GARITA_SAMPLE_I32, 4, SAMPLEFORMAT_INT},    {GARITA_SAMPLE_U64, 8, SAMPLEFORMAT_UINT},
    {GARITA_SAMPLE_F32, 4, SAMPLEFORMAT_IEEEFP}, {GARITA_SAMPLE_F64, 8, SAMPLEFORMAT_IEEEFP},
};

const Sample* sample_of(uint32_t type) {
  const auto found = std::find_if(std::begin(sample_kinds), std::end(sample_kinds),
                                  [&](const Sample& each) { return each.type == type; });
  return found == std::end(sample_kinds) ? nullptr : found;
}

// The file as libtiff sees it, the first error of the system, and libtiff's first complaint.
struct Stream {
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    if (descriptor >= 0) ::close(descriptor);
  }

  int descriptor = -1;
  uint64_t at = 0;
  int error = 0;
  std::string complaint;
};

Stream& stream_of(void* handle) { return *static_cast<Stream*>(handle); }

// Whole or not at all: the bytes done, or 0 and the error kept.
template <typename Call>
tmsize_t all_of(Stream& stream, tmsize_t size, const Call& call) {
  tmsize_t done = 0;
  while (done < size) {
    const ssize_t moved = call(done, static_cast<size_t>(size - done),
                               static_cast<off_t>(stream.at + static_cast<uint64_t>(done)));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0 && stream.error == 0) stream.error = errno;
    if (moved <= 0) return 0;
    done += moved;
  }
  stream.at += static_cast<uint64_t>(done);
  return done;
}

tmsize_t read_proc(thandle_t handle, void* out, tmsize_t size) {
  Stream& stream = stream_of(handle);
  return all_of(stream, size, [&](tmsize_t done, size_t rest, off_t at) {
    return ::pread(stream.descriptor, static_cast<char*>(out) + done, rest, at);
  });
}

tmsize_t write_proc(thandle_t handle, void* bytes, tmsize_t size) {
  Stream& stream = stream_of(handle);
  return all_of(stream, size, [&](tmsize_t done, size_t rest, off_t at) {
    return ::pwrite(stream.descriptor, static_cast<const char*>(bytes) + done, rest, at);
  });
}

toff_t size_proc(thandle_t handle) {
  struct stat status {};
  return ::fstat(stream_of(handle).descriptor, &status) == 0 ? static_cast<toff_t>(status.st_size) : 0;
}

toff_t seek_proc(thandle_t handle, toff_t offset, int whence) {
  Stream& stream = stream_of(handle);
  stream.at = whence == SEEK_SET   ? offset
              : whence == SEEK_CUR ? stream.at + offset
                                   : size_proc(handle) + offset;
  return stream.at;
}

int close_proc(thandle_t) { return 0; }

int note_error(TIFF*, void* user_data, const char*, const char* format, va_list arguments) {
  std::string& complaint = stream_of(user_data).complaint;
  if (!complaint.empty()) return 1;
  char line[160];
  std::vsnprintf(line, sizeof line, format, arguments);
  complaint = line;
  return 1;
}
int ignore_warning(TIFF*, void*, const char*, const char*, va_list) { return 1; }

class File final : public PlaneFile {
 public:
  File(base::AtomicFile file, const Header& header, const Sample& sample)
      : file_(std::move(file)),
        header_(header),
        sample_(sample),
        row_bytes_(uint64_t{header.columns} * sample.bytes) {}
  ~File() override {
    if (tiff_ != nullptr) TIFFCleanup(tiff_);
  }

  base::Result<void> open() {
    stream_.descriptor = ::open(file_.temporary_path().c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (stream_.descriptor < 0) return base::file_error(errno, file_.temporary_path());
    TIFFOpenOptions* const options = TIFFOpenOptionsAlloc();
    TIFFOpenOptionsSetErrorHandlerExtR(options, note_error, &stream_);
    TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, &stream_);
    tiff_ = TIFFClientOpenExt("", header_.is_big() ? "w8l" : "wl", &stream_, read_proc, write_proc, seek_proc,
                              close_proc, size_proc, nullptr, nullptr, options);
    TIFFOpenOptionsFree(options);
    if (tiff_ == nullptr) return failed();
    return begin_page();
  }

  base::Result<void> rows(std::span<const std::byte> samples) override {
    if (samples.size() % row_bytes_ != 0 || samples.size() / row_bytes_ > header_.rows - rows_)
      return Error{base::Outcome::no, "export.tiff_rows", {{"path", file_.path().string()}}};
    while (!samples.empty()) {
      const uint64_t wanted = strip_rows() * row_bytes_ - strip_.size();
      const auto part = samples.first(std::min<uint64_t>(wanted, samples.size()));
      strip_.insert(strip_.end(), part.begin(), part.end());
      samples = samples.subspan(part.size());
      if (part.size() == wanted) GARITA_TRY(end_strip());
    }
    return {};
  }

  base::Result<void> finish() override {
    if (rows_ != header_.rows)
      return Error{base::Outcome::no, "export.tiff_rows", {{"path", file_.path().string()}}};
    if (!TIFFFlush(tiff_)) return failed();
    TIFFCleanup(std::exchange(tiff_, nullptr));
    if (stream_.error != 0) return failed();
    return file_.commit();
  }

 private:
  uint64_t page() const { return rows_ / header_.rows_a_page; }
  uint64_t pages() const { return (header_.rows + header_.rows_a_page - 1) / header_.rows_a_page; }
  uint64_t page_rows() const {
    return std::min(header_.rows_a_page, header_.rows - page() * header_.rows_a_page);
  }
  uint64_t row_of_page() const { return rows_ % header_.rows_a_page; }
  uint64_t strip_rows() const { return std::min<uint64_t>(rows_a_strip, page_rows() - row_of_page()); }

  base::Result<void> end_strip() {
    const auto strip = static_cast<uint32_t>(row_of_page() / rows_a_strip);
    const uint64_t count = strip_rows();
    const bool last_of_page = row_of_page() + count == page_rows();
    if (TIFFWriteEncodedStrip(tiff_, strip, strip_.data(), static_cast<tmsize_t>(strip_.size())) < 0)
      return failed();
    strip_.clear();
    rows_ += count;
    if (!last_of_page) return {};
    if (!TIFFWriteDirectory(tiff_)) return failed();
    return rows_ < header_.rows ? begin_page() : base::Result<void>();
  }

  base::Result<void> begin_page() {
    const bool done = set_samples() && set_packing() && set_place() && set_texts();
    return done ? base::Result<void>() : failed();
  }

  template <typename... Values>
  bool set(uint32_t tag, Values... values) {
    return TIFFSetField(tiff_, tag, values...) == 1;
  }

  bool set_samples() {
    return set(TIFFTAG_IMAGEWIDTH, header_.columns) &&
           set(TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(page_rows())) &&
           set(TIFFTAG_BITSPERSAMPLE, 8 * sample_.bytes) && set(TIFFTAG_SAMPLESPERPIXEL, 1) &&
           set(TIFFTAG_SAMPLEFORMAT, sample_.format) && set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) &&
           set(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) && set(TIFFTAG_ROWSPERSTRIP, rows_a_strip);
  }

  bool set_packing() {
    if (header_.packing == TiffPacking::none) return set(TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    const int predictor =
        sample_.format == SAMPLEFORMAT_IEEEFP ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL;
    if (header_.packing == TiffPacking::zstd)
      return set(TIFFTAG_COMPRESSION, COMPRESSION_ZSTD) && set(TIFFTAG_ZSTD_LEVEL, zstd_level) &&
             set(TIFFTAG_PREDICTOR, predictor);
    return set(TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE) && set(TIFFTAG_ZIPQUALITY, deflate_level) &&
           set(TIFFTAG_PREDICTOR, predictor);
  }

  bool set_place() {
    const auto a_centimetre = [](uint32_t pitch_um) { return 1e4 / pitch_um; };
    const bool known = header_.pitch_x_um > 0 && header_.pitch_y_um > 0;
    return set(TIFFTAG_ORIENTATION, header_.row_is_a_column ? ORIENTATION_LEFTTOP : ORIENTATION_TOPLEFT) &&
           (!known || (set(TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER) &&
                       set(TIFFTAG_XRESOLUTION, a_centimetre(header_.pitch_x_um)) &&
                       set(TIFFTAG_YRESOLUTION, a_centimetre(header_.pitch_y_um))));
  }

  bool set_texts() {
    const bool one = pages() == 1;
    const std::string name = one ? header_.page_name : header_.page_name + "/" + std::to_string(page());
    const auto text = [&](uint32_t tag, const std::string& value) {
      return value.empty() || set(tag, value.c_str());
    };
    return text(TIFFTAG_IMAGEDESCRIPTION, header_.description) && text(TIFFTAG_SOFTWARE, header_.software) &&
           text(TIFFTAG_DATETIME, header_.date_time) && text(TIFFTAG_PAGENAME, name) &&
           (one || pages() > UINT16_MAX ||
            set(TIFFTAG_PAGENUMBER, static_cast<int>(page()), static_cast<int>(pages())));
  }

  Error failed() const {
    if (stream_.error != 0) return base::file_error(stream_.error, file_.path());
    return {base::Outcome::not_loaded,
            "export.tiff_failed",
            {{"path", file_.path().string()}, {"reason", stream_.complaint}},
            GARITA_HOST_LIMIT};
  }

  base::AtomicFile file_;
  const Header header_;
  const Sample sample_;
  const uint64_t row_bytes_;
  Stream stream_;
  TIFF* tiff_ = nullptr;
  uint64_t rows_ = 0;  // written
  std::vector<std::byte> strip_;
};

}  // namespace

bool Header::is_big() const {
  const Sample* const sample = sample_of(sample_type);
  return sample != nullptr && rows > (UINT32_MAX - spare_bytes) / (uint64_t{columns} * sample->bytes);
}

base::Result<std::unique_ptr<PlaneFile>> create(const std::filesystem::path& path, const Header& header,
                                                base::FileSystem& files) {
  const Sample* const sample = sample_of(header.sample_type);
  if (sample == nullptr || header.columns == 0 || header.rows == 0 || header.rows_a_page == 0 ||
      std::min(header.rows, header.rows_a_page) > UINT32_MAX)
    return Error{base::Outcome::no, "export.tiff_rows", {{"path", path.string()}}};
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files));
  auto out = std::make_unique<File>(std::move(file), header, *sample);
  GARITA_TRY(out->open());
  return std::unique_ptr<PlaneFile>(std::move(out));
}

}  // namespace garita::exporter::tiff
