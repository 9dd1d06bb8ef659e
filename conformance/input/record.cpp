#include "conformance/input/record.hpp"

#include <algorithm>
#include <utility>

#include "core/host/services.hpp"
#include "core/isolate/session.hpp"
#include "core/load/status.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t pool_bytes = 64u << 20;
constexpr uint64_t open_ms = 10'000, close_ms = 2000;

class NoLog final : public host::LogSink {
 public:
  void line(uint32_t, std::string_view) override {}
};

// The host's services, with an ear on what is read.
class Ear final : public load::Services {
 public:
  Ear(load::Services& inner, const load::Manifest& manifest, Input& input)
      : inner_(inner), manifest_(manifest), input_(input) {}

  load::Answer stream_open(std::string_view name, uint64_t deadline_ns, garita_stream_info& info,
                           uint32_t& stream) override {
    load::Answer answer = inner_.stream_open(name, deadline_ns, info, stream);
    if (answer.ok()) names_.emplace_back(stream, std::string(name));
    return answer;
  }
  load::Answer stream_read(uint32_t stream, std::span<std::byte> out, uint64_t deadline_ns,
                           load::ReadInfo& info) override {
    load::Answer answer = inner_.stream_read(stream, out, deadline_ns, info);
    if (answer.ok()) keep(stream, out.first(std::min<size_t>(out.size(), info.size_bytes)), info.received_ns);
    if (answer.ok()) input_.dropped += info.dropped;
    return answer;
  }
  load::Answer stream_write(uint32_t stream, std::span<const std::byte> data, uint64_t deadline_ns,
                            uint32_t& written) override {
    return inner_.stream_write(stream, data, deadline_ns, written);
  }
  load::Answer stream_wait(std::span<const uint32_t> streams, uint64_t deadline_ns, uint64_t& bits,
                           std::span<uint64_t> oldest) override {
    return inner_.stream_wait(streams, deadline_ns, bits, oldest);
  }
  load::Answer stream_close(uint32_t stream) override { return inner_.stream_close(stream); }
  load::Answer object_next(uint32_t stream, uint64_t deadline_ns, load::ObjectInfo& info) override {
    return inner_.object_next(stream, deadline_ns, info);
  }
  load::Answer object_sibling(uint64_t object, std::string_view name, load::ObjectInfo& info) override {
    return inner_.object_sibling(object, name, info);
  }
  load::Answer object_read_at(uint64_t object, uint64_t offset, std::span<std::byte> out,
                              uint32_t& read) override {
    return inner_.object_read_at(object, offset, out, read);
  }
  load::Answer object_done(uint64_t object) override { return inner_.object_done(object); }
  load::Answer object_reject(uint64_t object, uint32_t code, std::string_view message) override {
    return inner_.object_reject(object, code, message);
  }
  load::Answer strip_alloc(uint64_t size, uint32_t count, uint64_t deadline_ns,
                           std::vector<load::StripMemory>& out) override {
    return inner_.strip_alloc(size, count, deadline_ns, out);
  }
  uint64_t now_ns() override { return inner_.now_ns(); }
  void log(uint32_t level, std::string_view text) override { inner_.log(level, text); }
  const image::Value* config(std::string_view key) override { return inner_.config(key); }
  load::Answer text_to_utf8(std::string_view encoding, std::span<const std::byte> data,
                            std::string& out) override {
    return inner_.text_to_utf8(encoding, data, out);
  }
  const garita_limits& limits() const override { return inner_.limits(); }
  void raise_cancel() override { inner_.raise_cancel(); }
  void lower_cancel() override { inner_.lower_cancel(); }

  // Puts what was kept of several streams into one order, that of arrival: a driver took it in its own.
  void put_in_order() {
    std::stable_sort(arrivals_.begin(), arrivals_.end(),
                     [](const Arrival& a, const Arrival& b) { return a.received_ns < b.received_ns; });
    for (size_t rank = 0; rank < arrivals_.size(); ++rank)
      input_.streams[arrivals_[rank].stream].order.push_back(static_cast<uint32_t>(rank));
  }

 private:
  struct Arrival {
    uint64_t received_ns = 0;
    size_t stream = 0;  // of the input
  };

  void keep(uint32_t stream, std::span<const std::byte> bytes, uint64_t received_ns) {
    const auto named =
        std::find_if(names_.rbegin(), names_.rend(), [&](const auto& each) { return each.first == stream; });
    if (named == names_.rend() || bytes.empty() || kept_bytes_ + bytes.size() > max_input_bytes) return;
    auto own = std::find_if(input_.streams.begin(), input_.streams.end(),
                            [&](const auto& each) { return each.name == named->second; });
    if (own == input_.streams.end()) {
      const load::StreamDeclaration* declared = manifest_.stream(named->second);
      input_.streams.push_back({named->second, declared ? declared->kind : GARITA_STREAM_BYTES, {}, {}});
      own = std::prev(input_.streams.end());
    }
    own->bytes.insert(own->bytes.end(), bytes.begin(), bytes.end());
    own->chunks.push_back(static_cast<uint32_t>(bytes.size()));
    arrivals_.push_back({received_ns, static_cast<size_t>(own - input_.streams.begin())});
    kept_bytes_ += bytes.size();
  }

  load::Services& inner_;
  const load::Manifest& manifest_;
  Input& input_;
  std::vector<std::pair<uint32_t, std::string>> names_;
  uint64_t kept_bytes_ = 0;
  std::vector<Arrival> arrivals_;  // of all chunks, in the order of their reads
};

// Until enough scans have ended, the source ends, or nothing comes any more.
void listen(load::Session& session, const base::Clock& clock, const RecordLimits& limits, Input& input) {
  const uint64_t begun_ns = clock.monotonic_ns();
  uint64_t heard_ns = begun_ns;
  for (;;) {
    const load::Next next = session.next(clock.monotonic_ns() + 200 * ms);
    const uint64_t now_ns = clock.monotonic_ns();
    input.goes_on = true;
    if (next.status == GARITA_OK) {
      heard_ns = now_ns;
      if (const auto* end = std::get_if<image::ScanEnd>(&next.event); end && ++input.scans >= limits.scans)
        return;
    } else if (next.status == GARITA_END || load::class_of(next.status) != load::StatusClass::flow) {
      input.goes_on = false;
      return;
    }
    if (now_ns - heard_ns > limits.silence_ms * ms || now_ns - begun_ns > limits.longest_ms * ms) return;
  }
}

base::Result<void> hear(const load::Manifest& manifest, broker::Broker::Sources live,
                        const RecordLimits& limits, Input& input) {
  const base::Clock& clock = base::system_clock();
  GARITA_TRY_ASSIGN(broker, broker::Broker::create(std::move(live), clock));
  GARITA_TRY_ASSIGN(configuration, host::grant_configuration(manifest, input.config));
  NoLog log;
  host::HostServices services(*broker, clock, log, std::move(configuration), pool_bytes);
  Ear ear(services, manifest, input);
  GARITA_TRY_ASSIGN(session, isolate::open_isolated(manifest, ear, input.model, "conformance",
                                                    clock.monotonic_ns() + open_ms * ms));
  listen(*session, clock, limits, input);
  (void)session->close(clock.monotonic_ns() + close_ms * ms);
  ear.put_in_order();
  return {};
}

}  // namespace

base::Result<void> record(const load::Manifest& manifest, const broker::Broker::Sources& sources,
                          const RecordLimits& limits, Input& input) {
  broker::Broker::Sources live;
  for (const auto& [name, address] : sources)
    if (address.scheme != "dir") live.emplace(name, address);
  std::vector<StreamInput> files =
      std::exchange(input.streams, {});  // read whole already; what the driver took of them is not kept
  const base::Result<void> heard = hear(manifest, std::move(live), limits, input);
  for (StreamInput& file : files) {
    std::erase_if(input.streams, [&](const StreamInput& each) { return each.name == file.name; });
    input.streams.push_back(std::move(file));
  }
  if (!heard) return heard;
  if (input.streams.size() <= files.size() && input.scans == 0)
    return base::Error{
        base::Outcome::incomplete, "conform.nothing_recorded", {{"source", input.title}}, GARITA_DEVICE_LOST};
  return {};
}

}  // namespace garita::conformance
