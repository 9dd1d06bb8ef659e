// A whole host on one page: loads a driver, negotiates, lends it a toy set of services, and prints its
// events. usage: minimal_host DRIVER.so [FILE]     FILE is what the stream "scanner" gives; without it there
// is none.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "garita/garita.h"

namespace {

// The toy host: one stream in memory, strips from the heap; nothing ever waits.
bool has_stream = false;
std::vector<char> stream;
size_t stream_read_bytes = 0;
std::map<uint64_t, void*> strips;
uint64_t last_strip = 0;

garita_status no(garita_error* error, garita_status status, const char* message) {
  if (error == nullptr) return status;
  error->code = status;
  std::snprintf(error->message, sizeof error->message, "%s", message);
  return status;
}

std::string words(garita_text text) { return {text.data == nullptr ? "" : text.data, text.size_bytes}; }

garita_status open_stream(uint64_t, garita_text name, uint64_t, garita_stream_info* info, uint64_t* handle,
                          garita_error* error) {
  if (words(name) != "scanner" || !has_stream) return no(error, GARITA_NOT_CONFIGURED, "no such stream");
  if (info != nullptr) info->kind = GARITA_STREAM_BYTES;
  *handle = 1;
  return GARITA_OK;
}

// Gives at most 7 bytes at a time: a driver must live with any cut.
garita_status read_stream(uint64_t, uint64_t, void* data, uint32_t capacity, uint64_t, garita_read_info* info,
                          garita_error*) {
  const size_t left = stream.size() - stream_read_bytes;
  if (left == 0) return GARITA_END;
  info->size_bytes = static_cast<uint32_t>(std::min({left, size_t{capacity}, size_t{7}}));
  info->received_ns = info->dropped = 0;
  info->received_utc_ns = GARITA_UTC_UNKNOWN;
  std::memcpy(data, stream.data() + stream_read_bytes, info->size_bytes);
  stream_read_bytes += info->size_bytes;
  return GARITA_OK;
}

garita_status close_stream(uint64_t, uint64_t, garita_error*) { return GARITA_OK; }

garita_status give_strips(uint64_t, uint64_t size, uint32_t count, uint64_t, garita_strip_memory* memories,
                          garita_error*) {
  for (uint32_t i = 0; i < count; ++i) {
    void* memory = strips[++last_strip] = std::aligned_alloc(64, (size + 63) / 64 * 64);
    memories[i] = {last_strip, memory, size};
  }
  return GARITA_OK;
}

garita_status take_back(uint64_t, uint64_t strip, garita_error*) {
  std::free(strips[strip]);
  strips.erase(strip);
  return GARITA_OK;
}

uint64_t now(uint64_t) {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                               std::chrono::nanoseconds(1));
}
uint64_t in_a_second() { return now(0) + 1'000'000'000; }
void log_line(uint64_t, uint32_t, garita_text text) { std::printf("log: %s\n", words(text).c_str()); }

garita_status config(uint64_t, garita_text key, garita_value* value, garita_error* error) {
  if (words(key) != "pitch_um") return no(error, GARITA_NOT_SUPPORTED, "no such key");
  *value = {GARITA_VALUE_I64, 0, 4000, 0, {nullptr, 0, 0}};
  return GARITA_OK;
}

garita_host_api services() {
  garita_host_api api{};  // a service that is NULL is one that this host does not have
  api.struct_size = sizeof api;
  api.stream_open = open_stream;
  api.stream_read = read_stream;
  api.stream_close = close_stream;
  api.strip_alloc = give_strips;
  api.strip_discard = take_back;
  api.now_ns = now;
  api.log = log_line;
  api.config_get = config;
  return api;
}

void print_scan(const garita_scan_begin& begin) {
  const auto* views = static_cast<const char*>(begin.views.data);
  std::printf("scan begins, %u view\n", begin.views.count);
  for (uint32_t i = 0; i < begin.views.count; ++i) {  // the reader steps by the element size that it is told
    const auto& view =
        *reinterpret_cast<const garita_view*>(views + size_t{i} * begin.views.element_size_bytes);
    std::printf("  %s: %u columns, %u channel, pitch %u um\n", words(view.name).c_str(), view.columns,
                view.channels.count, view.pitch_across_um);
  }
}

void print_strip(const garita_strip& strip) {
  for (uint32_t row = 0; row < strip.rows; ++row) {
    std::printf("row %" PRIu64 ":", strip.first_row + row);
    const char* bytes = static_cast<const char*>(strips[strip.strip]) + row * strip.row_stride_bytes;
    for (uint64_t at = 0; at < strip.row_stride_bytes; at += 2)
      std::printf(" %u", *reinterpret_cast<const uint16_t*>(bytes + at));
    std::printf("\n");
  }
  take_back(0, strip.strip, nullptr);
}

void print_calibration(const garita_calibration& lines) {
  std::printf("calibration %" PRIu64 ", %s, %u columns, first %.2f counts\n", lines.id,
              lines.role == GARITA_CALIBRATION_DARK ? "dark" : "air", lines.columns,
              *static_cast<const uint32_t*>(strips[lines.strip]) / 256.0);
  take_back(0, lines.strip, nullptr);
}

void print_event(const garita_event& event) {
  switch (event.kind) {
    case GARITA_EVENT_SCAN_BEGIN:
      return print_scan(*static_cast<const garita_scan_begin*>(event.body));
    case GARITA_EVENT_CALIBRATION:
      return print_calibration(*static_cast<const garita_calibration*>(event.body));
    case GARITA_EVENT_STRIP:
      return print_strip(*static_cast<const garita_strip*>(event.body));
    case GARITA_EVENT_SCAN_END: {
      const auto& end = *static_cast<const garita_scan_end*>(event.body);
      std::printf("scan ends, outcome %u, code %u %s\n", end.outcome, end.code, words(end.reason).c_str());
      return;
    }
    default:
      std::printf("event %u\n", event.kind);
  }
}

int failed(const char* what, garita_status status, const garita_error& error) {
  std::printf("%s: status %u: %s\n", what, status, error.message);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: minimal_host DRIVER.so [FILE]\n"), 2;
  if (argc > 2) {
    std::ifstream file(argv[2], std::ios::binary);
    stream.assign(std::istreambuf_iterator<char>(file), {});
    has_stream = true;
  }
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::fprintf(stderr, "%s\n", dlerror()), 3;
  const auto entry = reinterpret_cast<garita_driver_entry_function>(dlsym(library, GARITA_DRIVER_ENTRY_NAME));
  if (entry == nullptr) return std::fprintf(stderr, "%s is not a driver\n", argv[1]), 3;

  garita_error error{};
  error.struct_size = sizeof error;
  garita_negotiation offer{sizeof offer, GARITA_ABI_MIN, GARITA_ABI_LATEST, 0, {"minimal", 7, 0}};
  garita_answer answer{sizeof answer, 0, nullptr};
  if (auto status = entry(&offer, &answer, &error); status != GARITA_OK)
    return failed("entry", status, error);

  garita_description about{};
  about.struct_size = sizeof about;
  answer.api->describe(&about, &error);
  std::printf("driver %s %s, ABI %u.%u\n", words(about.id).c_str(), words(about.version).c_str(),
              answer.abi >> 16, answer.abi & 0xFFFF);

  const garita_host_api host = services();
  const garita_limits limits{
      sizeof limits, GARITA_MAX_EVENT_BYTES, GARITA_MAX_STRIP_BYTES, GARITA_MAX_ATTACHMENT_BYTES, 8, 8, 8,
      65536};
  const garita_open open{sizeof open, 0, &host, 0, &limits, {"", 0, 0}, {"toy", 3, 0}, in_a_second()};
  garita_device device{sizeof device, 0, 0, nullptr};
  if (auto status = answer.api->open(&open, &device, &error); status != GARITA_OK)
    return failed("open", status, error);

  garita_status status = GARITA_OK;
  while (status == GARITA_OK || status == GARITA_WORKING) {
    garita_event event{sizeof event, 0, nullptr};
    status = device.api->next(device.handle, in_a_second(), &event, &error);
    if (status == GARITA_OK) print_event(event);
  }
  if (status != GARITA_END) failed("next", status, error);
  device.api->close(device.handle, in_a_second(), &error);
  for (const auto& [handle, memory] : strips) std::free(memory);
  std::printf("closed\n");
  return status == GARITA_END ? 0 : 1;  // the driver stays loaded: drivers are never unloaded
}
