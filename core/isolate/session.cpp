#include "core/isolate/session.hpp"

#include "core/isolate/box/reach.hpp"
#include "core/isolate/isolated.hpp"
#include "core/load/negotiate.hpp"

namespace garita::isolate {

base::Result<void> Isolated::start(int region_fd) {
  std::vector<const load::PackageFile*> files = {&manifest_.driver};
  for (const load::PackageFile& file : manifest_.files) files.push_back(&file);
  const std::filesystem::path program = options_.program.empty() ? find_worker_program() : options_.program;
  const std::optional<Box> asked = options_.debugger ? std::optional(Box::B0) : options_.box;
  GARITA_TRY_ASSIGN(box, choose_box(program, asked, options_.required_box));
  box_ = box;
  std::vector<int> fds = {region_fd, pool_->fd()};
  Supervised supervised{{}, options_.decoy, options_.attempts, {}};
  if (!manifest_.granted_connects.empty()) supervised.connects = options_.connects;
  for (const load::PackageFile* file : files) {
    GARITA_TRY_ASSIGN(copy, sealed_copy(manifest_, *file));
    if (box == Box::B0)
      fds.push_back(copy);
    else
      supervised.files[boxed_folder + file->path] = copy;
  }
  auto process = box == Box::B0 ? Process::start(program, fds)
                                : Process::start(program, fds, box_order(box), std::move(supervised));
  if (!process) return std::move(process).error();
  process_ = std::move(*process);
  pool_->close_fd();
  if (options_.observer) options_.observer->started(process_->pid());
  if (options_.debugger) return options_.debugger(process_->pid());
  return {};
}

// What the manifest asks for, and room for what the worker needs itself. Address space is cheap and much of
// it never used: each thread's heap reserves some.
BoxOrder Isolated::box_order(Box box) const {
  constexpr uint64_t mib = 1u << 20;
  constexpr uint32_t spare_threads =
      8;  // how many a driver says that it has is a rule for conformance; this is for bombs
  BoxOrder order;
  order.box = static_cast<uint32_t>(box);
  order.threads = manifest_.limits.max_threads + spare_threads;
  order.data_bytes = manifest_.limits.memory_mb * mib + order.threads * 8 * mib + 32 * mib;
  order.address_bytes =
      order.data_bytes + options_.pool_bytes + Region::size_bytes + 512 * mib + order.threads * 128 * mib;
  order.sockets = !manifest_.granted_connects.empty() && options_.connects ? 1 : 0;
  order.memory_bytes = manifest_.limits.memory_mb * mib + options_.pool_bytes + Region::size_bytes + 64 * mib;
  return order;
}

namespace {

base::Result<std::unique_ptr<Isolated>> started(const load::Manifest& manifest, load::Services& services,
                                                const WorkerOptions& options) {
  GARITA_TRY(load::ranges_meet(manifest));
  const base::Error no_memory{
      base::Outcome::not_loaded, "isolate.no_memory", {{"driver", manifest.name}}, GARITA_HOST_FAILURE};
  std::shared_ptr<SharedPool> pool = SharedPool::create(options.pool_bytes);
  const Descriptor memory = sealed_memory("garita-region", Region::size_bytes);
  std::optional<Mapping> mapping = memory ? Mapping::of(memory.get(), Region::size_bytes) : std::nullopt;
  if (!pool || !mapping) return no_memory;
  Region region(std::move(*mapping));
  region.control().header = {region_magic, region_version, options.spin_us,
                             options.debugger ? flag_debugged : 0};
  auto session = std::make_unique<Isolated>(manifest, services, std::move(pool), std::move(region), options);
  GARITA_TRY(session->start(memory.get()));
  GARITA_TRY(session->load());
  return session;
}

// What a driver is granted that is only loaded: nothing asks for it.
class NoServices final : public load::Services {
 public:
  load::Answer stream_open(std::string_view, uint64_t, garita_stream_info&, uint32_t&) override {
    return none();
  }
  load::Answer stream_read(uint32_t, std::span<std::byte>, uint64_t, load::ReadInfo&) override {
    return none();
  }
  load::Answer stream_write(uint32_t, std::span<const std::byte>, uint64_t, uint32_t&) override {
    return none();
  }
  load::Answer stream_wait(std::span<const uint32_t>, uint64_t, uint64_t&, std::span<uint64_t>) override {
    return none();
  }
  load::Answer stream_close(uint32_t) override { return none(); }
  load::Answer object_next(uint32_t, uint64_t, load::ObjectInfo&) override { return none(); }
  load::Answer object_sibling(uint64_t, std::string_view, load::ObjectInfo&) override { return none(); }
  load::Answer object_read_at(uint64_t, uint64_t, std::span<std::byte>, uint32_t&) override { return none(); }
  load::Answer object_done(uint64_t) override { return none(); }
  load::Answer object_reject(uint64_t, uint32_t, std::string_view) override { return none(); }
  load::Answer strip_alloc(uint64_t, uint32_t, uint64_t, std::vector<load::StripMemory>&) override {
    return none();
  }
  uint64_t now_ns() override { return monotonic_ns(); }
  void log(uint32_t, std::string_view) override {}
  const image::Value* config(std::string_view) override { return nullptr; }
  load::Answer text_to_utf8(std::string_view, std::span<const std::byte>, std::string&) override {
    return none();
  }
  const garita_limits& limits() const override { return limits_; }
  void raise_cancel() override {}
  void lower_cancel() override {}

 private:
  static load::Answer none() { return {GARITA_NOT_SUPPORTED, {}}; }
  garita_limits limits_{};
};

}  // namespace

base::Result<std::unique_ptr<load::Session>> open_isolated(const load::Manifest& manifest,
                                                           load::Services& services, std::string_view model,
                                                           std::string_view instance, uint64_t deadline_ns,
                                                           const WorkerOptions& options) {
  GARITA_TRY_ASSIGN(session, started(manifest, services, options));
  GARITA_TRY(session->open(model, instance, deadline_ns));
  return std::unique_ptr<load::Session>(std::move(session));
}

base::Result<void> try_loading(const load::Manifest& manifest, const WorkerOptions& options) {
  NoServices services;
  WorkerOptions small = options;
  small.pool_bytes = 4096;
  GARITA_TRY_ASSIGN(session, started(manifest, services, small));
  return {};
}

}  // namespace garita::isolate
