// What a worker may say for the calls of its driver: any messages in any order. Each is answered within the host's own area
// or is none that a worker of ours sends; nothing that it took is left when it is gone.
//
//   input: u32 kind, u16 size, payload; again and again. Kind 0: the strips that a message begins with.
#include <cstdlib>
#include <cstring>

#include "core/isolate/call_server.hpp"
#include "core/load/testing/memory_services.hpp"

namespace {

using namespace garita;
using namespace garita::isolate;

constexpr uint64_t pool_bytes = 1u << 20;
constexpr int max_messages = 256;

void stock(load::testing::MemoryServices& services) {
  services.streams["scanner"] = {GARITA_STREAM_BYTES, "four score and seven bytes", true, "", false};
  services.streams["inbox"].kind = GARITA_STREAM_OBJECTS;
  services.objects.push_back({"a.scan", std::string(5000, 'x'), {{"a.xml", "<a/>"}}, false, 0, ""});
  services.configuration["speed"] = {};
}

void play(std::span<const std::byte> input, CallServer& server, std::span<std::byte> area) {
  for (int count = 0; input.size() >= 6 && count < max_messages; ++count) {
    uint32_t kind = 0;
    uint16_t size = 0;
    std::memcpy(&kind, input.data(), 4);
    std::memcpy(&size, input.data() + 4, 2);
    const auto payload = input.subspan(6, std::min<size_t>(size, input.size() - 6));
    input = input.subspan(6 + payload.size());
    OutsideReader in(payload);
    if (kind == 0) {
      if (!server.take_released(in)) return;
      continue;
    }
    const auto written = server.serve(kind, in, area, 0);
    if (!written) return;  // the worker is ended here
    if (*written > area.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static std::vector<std::byte> area(area_bytes);
  load::testing::MemoryServices services;
  stock(services);
  const auto pool = SharedPool::create(pool_bytes);
  {
    CallServer server(services, pool);
    play(std::as_bytes(std::span(data, size)), server, area);
    server.close();
    server.take_back_strips();
  }
  std::vector<SharedPool::Slice> all;
  if (!pool->alloc(pool_bytes, 1, 0, all).ok()) std::abort();  // a strip was kept
  for (const auto& [name, stream] : services.streams)
    if (stream.open) std::abort();
  return 0;
}
