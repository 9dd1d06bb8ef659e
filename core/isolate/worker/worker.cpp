#include "core/isolate/worker/worker.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/isolate/wire/box.hpp"
#include "core/isolate/worker/box.hpp"
#include "core/isolate/worker/last_words.hpp"
#include "core/isolate/worker/line.hpp"
#include "core/isolate/worker/remote_services.hpp"
#include "core/load/in_process.hpp"
#include "core/load/library.hpp"
#include "garita/ext/message.h"

namespace garita::isolate {
namespace {

// Ends the process where the driver ends the thread that called it: unwinding comes through here.
struct ThreadEnds {
  ~ThreadEnds() { _exit(exit_thread_ended); }
};

class Worker {
 public:
  Worker(Region region, Mapping pool, bool boxed, bool debugged)
      : line_(std::move(region)), pool_(std::move(pool)), boxed_(boxed), debugged_(debugged) {}

  [[noreturn]] void serve() {
    const ThreadEnds guard;
    for (;;) {
      Reader command;
      switch (line_.await_command(command)) {
        case Command::load:
          load(command);
          break;
        case Command::open:
          open(command);
          break;
        case Command::next:
          next(command);
          break;
        case Command::stored:
          stored(command);
          break;
        case Command::message:
          message(command);
          break;
        case Command::close:
          close(command);
          break;
        default:
          _exit(exit_bad_start);
      }
    }
  }

 private:
  void answer(const base::Result<void>& result) {
    Writer out = line_.begin();
    out.put(static_cast<uint8_t>(result.ok()));
    if (!result.ok()) put_error(out, result.error());
    line_.answer(out);
  }

  // Where a sealed file of the package is found: by its number, or by its name where only the supervisor can open
  // it. A debugger finds symbols by the name alone: it gets the file on the disk.
  std::string place_of(const load::Manifest& manifest, int fd, const std::string& path) const {
    if (debugged_) return (manifest.folder / path).string();
    return boxed_ ? boxed_folder + path : "/proc/self/fd/" + std::to_string(fd);
  }

  // The listed libraries first, so that the driver finds them by name and no search path is needed. One that
  // is no library is data.
  void load(Reader& in) {
    const load::Manifest manifest = get_manifest(in);
    line_.phase(Phase::constructors);
    for (size_t i = 0; i < manifest.files.size(); ++i)
      if (manifest.files[i].path.find(".so") != std::string::npos)
        dlopen(place_of(manifest, first_file_fd + static_cast<int>(i), manifest.files[i].path).c_str(),
               RTLD_NOW | RTLD_LOCAL);
    const std::string driver = place_of(manifest, driver_fd, manifest.driver.path);
    (void)dlopen(driver.c_str(), RTLD_NOW | RTLD_LOCAL);  // why it does not load is said below
    line_.phase(Phase::entry);
    auto library = load::Library::load_checked(manifest, driver);
    note_modules(line_.trace());
    if (library) library_ = std::move(*library);
    answer(library ? base::Result<void>() : base::Result<void>(library.error()));
  }

  void open(Reader& in) {
    const std::string model = in.text(64u << 10), instance = in.text(64u << 10);
    const auto deadline_ns = in.get<uint64_t>();
    garita_limits limits{};
    limits.struct_size = sizeof limits;
    limits.max_event_bytes = in.get<uint32_t>();
    limits.max_strip_bytes = in.get<uint64_t>();
    limits.max_attachment_bytes = in.get<uint64_t>();
    for (uint32_t* limit :
         {&limits.max_held_strips, &limits.max_held_objects, &limits.max_streams, &limits.max_message_bytes})
      *limit = in.get<uint32_t>();
    services_.emplace(line_, pool_, limits);
    auto session = load::open_in_process(library_, *services_, model, instance, deadline_ns);
    if (session) {
      session_ = std::move(*session);
      start_cancel_thread();
    }
    answer(session ? base::Result<void>() : base::Result<void>(session.error()));
  }

  void next(Reader& in) {
    const auto deadline_ns = in.get<uint64_t>();
    services_->stock(in);
    load::Next next = session_->next(deadline_ns);
    const bool goes_on =
        next.status == GARITA_OK || next.status == GARITA_TIMEOUT || next.status == GARITA_WORKING;
    if (!goes_on || std::holds_alternative<image::ScanEnd>(next.event)) services_->drop_stock();
    Writer out = line_.begin();
    out.put(next.status);
    put_counts(out, session_->counts(), told_counts_);
    out.put(services_->stock_left());
    if (next.status == GARITA_OK)
      encode_event(out, next.event, *services_);
    else if (!next.error.id.empty())
      put_error(out, next.error);
    line_.answer(out);
  }

  void stored(Reader& in) {
    const std::string key = in.text(64u << 10);
    const auto outcome = in.get<uint32_t>();
    const garita_status status = session_->stored(key, outcome, in.get<uint64_t>());
    Writer out = line_.begin();
    out.put(status);
    line_.answer(out);
  }

  void message(Reader& in) {
    const std::string id = in.text(64u << 10), data = in.text(GARITA_MAX_MESSAGE_BYTES);
    const auto answered = session_->message(id, data, in.get<uint64_t>());
    Writer out = line_.begin();
    out.put(static_cast<uint8_t>(answered.ok()));
    if (answered)
      out.text(*answered);
    else
      put_error(out, answered.error());
    line_.answer(out);
  }

  // The host ends the process when it has the answer: nothing that the driver left for exit ever runs.
  void close(Reader& in) { answer(session_->close(in.get<uint64_t>())); }

  void start_cancel_thread() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256u << 10);
    pthread_t thread;
    pthread_create(
        &thread, &attributes,
        [](void* self) -> void* {
          static_cast<Worker*>(self)->forward_cancels();
          return nullptr;
        },
        this);
    pthread_attr_destroy(&attributes);
  }

  void forward_cancels() {
    Cancel& cancel = line_.control().cancel;
    for (uint32_t seen = 0;;) {
      const uint32_t requested = cancel.requested.load(std::memory_order_acquire);
      if (requested == seen) {
        futex_wait(cancel.requested, seen, UINT64_MAX);
        continue;
      }
      seen = requested;
      session_->cancel();
      cancel.done.store(seen, std::memory_order_release);
      futex_wake(cancel.done);
    }
  }

  Line line_;
  Mapping pool_;
  const bool boxed_, debugged_;
  std::shared_ptr<const load::Library> library_;
  std::optional<RemoteServices> services_;
  std::unique_ptr<load::Session> session_;
  load::Counts told_counts_;
};

}  // namespace

void serve_driver(bool boxed) {
  std::optional<Mapping> shared = Mapping::of(region_fd, Region::size_bytes);
  if (!shared) _exit(exit_bad_start);
  const Header& header = reinterpret_cast<const Control*>(shared->data())->header;
  if (header.magic != region_magic || header.version != region_version) _exit(exit_bad_start);
  const uint64_t pool_bytes = static_cast<uint64_t>(lseek(pool_fd, 0, SEEK_END));
  std::optional<Mapping> pool = Mapping::of(pool_fd, pool_bytes);
  if (!pool) _exit(exit_bad_start);
  Region region(std::move(*shared));
  const bool debugged = !boxed && (region.control().header.flags & flag_debugged) != 0;
  if (debugged) prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  leave_last_words_in(region.trace());
  // Before the box is shut: it asks how many processors there are.
  auto* const worker = new Worker(std::move(region), std::move(*pool), boxed, debugged);
  if (boxed) enter_box();
  worker->serve();
}

}  // namespace garita::isolate
