// Passages of an inbox as a Device: one sidecar with its pictures, one scan; or one sentence that says why
// not.
#include "garita/driver.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/leidos/events.hpp"
#include "drivers/leidos/sidecar.hpp"
#include "drivers/leidos/tiff.hpp"
#include "garita/inbox.hpp"

namespace garita::leidos {

class Gantry final : public Device {
 public:
  explicit Gantry(const Opening& opening)
      : Device(opening),
        exports_(*this, "exports"),
        northbound_(host().config<std::string>("northbound")),
        keeps_radiation_(host().config<std::string>("radiation_file") == "keep") {}

 private:
  // A passage whose files are in hand. Everything was read before its scan begins: what can fail has failed.
  struct Job {
    Object object;
    Sidecar sidecar;
    std::vector<Picture> pictures;  // parallel to sidecar.images
    std::vector<Attachment> attachments;
    std::vector<uint64_t> objects;  // handles of all files that went in
    std::string reason;             // what the sidecar names and is not here
    garita_status code = GARITA_OK;
    size_t view = 0;
    uint64_t row = 0;
  };

  // Done is said a step late: until then the events that name the object have been delivered.
  void next() override {
    if (finished_) exports_.done(*std::exchange(finished_, std::nullopt));
    if (in_scan()) return deliver_rows();
    if (job_) return begin();
    take_object();
  }

  // Cancelled: the object is neither done nor refused, so that it comes again.
  void resync() override { job_.reset(); }

  void take_object() {
    Job job;
    job.object = exports_.next();
    try {
      read(job);
    } catch (const Stop& stop) {
      if (!is_data(stop.status)) throw;
      return exports_.reject(job.object, stop);
    } catch (const std::bad_alloc&) {
      return exports_.reject(job.object, {GARITA_DATA_UNSUPPORTED,
                                          "'" + job.object.name + "' needs more memory than the driver has"});
    }
    job_ = std::move(job);
  }

  // Throws Stop where there is nothing to publish: no sidecar, or no transmission image.
  void read(Job& job) {
    job.objects.push_back(job.object.handle);
    named(job.object.name, [&] {
      std::vector<std::byte> bytes = exports_.read_all(job.object, max_sidecar_bytes);
      job.sidecar = read_sidecar(bytes);
    });
    job.pictures.push_back(read_picture(job, job.sidecar.images[0]));
    if (job.sidecar.images.size() > 1)
      if (!have(job, [&] { job.pictures.push_back(read_picture(job, job.sidecar.images[1])); }))
        job.sidecar.images.pop_back();
    for (const Named& photo : job.sidecar.plate_photos)
      have(job, [&] { attach(job, photo, GARITA_ATTACHMENT_PLATE, "image/jpeg"); });
    for (const Named& photo : job.sidecar.scene_photos)
      have(job, [&] { attach(job, photo, GARITA_ATTACHMENT_SCENE, "image/jpeg"); });
    for (const Named& file : job.sidecar.radiation)
      if (keeps_radiation_)
        have(job, [&] { attach(job, file, GARITA_ATTACHMENT_REPORT, "application/xml"); });
  }

  // What fails in `body` gets the file's name before its sentence.
  template <typename Body>
  static void named(const std::string& file, Body body) {
    try {
      body();
    } catch (Stop& stop) {
      if (is_data(stop.status) && !stop.message.starts_with("'"))
        stop.message = "'" + file + "' " + stop.message;
      throw;
    }
  }

  // Runs `body`; where its file is not as the sidecar has it, the passage goes on without it and is
  // INCOMPLETE.
  template <typename Body>
  static bool have(Job& job, Body body) {
    try {
      body();
      return true;
    } catch (const Stop& stop) {
      if (!is_data(stop.status)) throw;
      if (job.code == GARITA_OK) job.code = stop.status;
      job.reason += (job.reason.empty() ? "" : "; ") + stop.message;
      return false;
    }
  }

  // The file beside the sidecar, of the size and the digest that it states.
  Object file_of(const Job& job, const Named& wanted) {
    std::optional<Object> found = exports_.sibling(job.object, wanted.name);
    if (!found)
      fail(GARITA_DATA_TRUNCATED, "is named by the sidecar and is not among the files of this passage");
    if (found->size_bytes != wanted.size_bytes)
      fail(found->size_bytes < wanted.size_bytes ? GARITA_DATA_TRUNCATED : GARITA_DATA_CORRUPT,
           "has " + std::to_string(found->size_bytes) + " bytes; the sidecar says " +
               std::to_string(wanted.size_bytes));
    if (!wanted.sha256.empty() && wanted.sha256 != found->sha256)
      fail(GARITA_DATA_CORRUPT, "is not the file that the sidecar describes: its SHA-256 differs");
    return *found;
  }

  Picture read_picture(Job& job, const Image& image) {
    Picture picture;
    named(image.file.name, [&] {
      const Object file = file_of(job, image.file);
      picture = read_tiff(exports_.read_all(file, max_tiff_bytes));
      if (picture.width != image.width || picture.height != image.height)
        fail(GARITA_DATA_CORRUPT, "is " + std::to_string(picture.width) + " x " +
                                      std::to_string(picture.height) + " pixels; the sidecar says " +
                                      std::to_string(image.width) + " x " + std::to_string(image.height));
      job.objects.push_back(file.handle);
    });
    return picture;
  }

  void attach(Job& job, const Named& wanted, uint32_t role, const char* media_type) {
    named(wanted.name, [&] {
      const Object file = file_of(job, wanted);
      if (file.size_bytes > host().limits().max_attachment_bytes)
        fail(GARITA_DATA_UNSUPPORTED, "is larger than an attachment may be");
      if (media_type == std::string_view("image/jpeg")) check_jpeg(file);
      job.objects.push_back(file.handle);
      job.attachments.push_back(
          {.role = role, .media_type = media_type, .name = wanted.name, .object = file.handle});
    });
  }

  // Begins and ends as a JPEG does: it is passed on whole and never unpacked here.
  void check_jpeg(const Object& file) {
    const std::vector<std::byte> start = exports_.read(file, 0, 2),
                                 end = exports_.read(file, file.size_bytes - 2, 2);
    if (start != std::vector{std::byte{0xFF}, std::byte{0xD8}} ||
        end != std::vector{std::byte{0xFF}, std::byte{0xD9}})
      fail(GARITA_DATA_CORRUPT, "is no whole JPEG");
  }

  // A machine that was set up anew counts from one again, so the bytes have a say.
  static std::string key_of(const Job& job) {
    constexpr char digits[] = "0123456789abcdef";
    std::string key = job.sidecar.id + "/";
    for (size_t i = 0; i < std::min<size_t>(job.object.sha256.size(), 8); ++i) {
      key += digits[std::to_integer<unsigned>(job.object.sha256[i]) >> 4];
      key += digits[std::to_integer<unsigned>(job.object.sha256[i]) & 15];
    }
    return key;
  }

  void begin() {
    Job& job = *job_;
    ScanBegin begin{.key = key_of(job),
                    .passage_key = job.sidecar.passage_key,
                    .time = job.sidecar.started,
                    .attributes = std::move(job.sidecar.attributes),
                    .objects = job.objects};
    for (const Image& image : job.sidecar.images) begin.views.push_back(view_of(job.sidecar, image));
    if (!job.sidecar.heading.empty() && northbound_ != "unsaid")
      begin.attributes.push_back(attribute(
          "identity.direction",
          (job.sidecar.heading == "north") == (northbound_ == "entering") ? "entering" : "leaving"));
    emit(std::move(begin));
  }

  void deliver_rows() {
    Job& job = *job_;
    const Picture& picture = job.pictures[job.view];
    const uint64_t stride = uint64_t{picture.height} * sizeof(uint16_t);
    const uint64_t most = std::min<uint64_t>(GARITA_MAX_STRIP_ROWS, host().limits().max_strip_bytes / stride);
    const uint64_t rows = std::min<uint64_t>(most, picture.width - job.row);
    auto held = strips(stride * rows, 1);
    copy_rows(picture, job.sidecar.images[job.view], job.row, rows,
              {reinterpret_cast<uint16_t*>(held[0].bytes().data()), rows * picture.height});
    emit(Strip{.view = static_cast<uint32_t>(job.view),
               .first_row = job.row,
               .rows = static_cast<uint32_t>(rows),
               .row_stride_bytes = stride,
               .strip = std::move(held[0]),
               .time = job.sidecar.started});
    job.row += rows;
    if (job.row < picture.width) return;
    job.row = 0;
    if (++job.view == job.pictures.size()) end();
  }

  void end() {
    Job job = std::move(*job_);
    job_.reset();
    for (const Mark& mark : job.sidecar.marks) emit(detection_of(mark, job.sidecar.images));
    for (Attachment& attachment : job.attachments) emit(std::move(attachment));
    ScanEnd end{.time = job.sidecar.ended};
    if (job.code != GARITA_OK) {
      end.outcome = GARITA_SCAN_FAULT;
      end.reason = std::move(job.reason);
      end.code = job.code;
    }
    emit(std::move(end));
    finished_ = std::move(job.object);
  }

  Inbox exports_;
  std::string northbound_;
  bool keeps_radiation_;
  std::optional<Job> job_;
  std::optional<Object> finished_;
};

}  // namespace garita::leidos

GARITA_DRIVER(garita::leidos::Gantry, "org.garita.leidos", "1.0.0", garita::models("SG-6B"), "shape.scan",
              "fidelity.transmission", "fidelity.display", "channels.single", "views.multi",
              "detection.machine", "attachment.plate", "attachment.scene", "attachment.report")
