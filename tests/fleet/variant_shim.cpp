// Stands between host and driver, and spoils each strip of transmission as variants.hpp says.
//
// The driver's own sources are compiled with garita_driver_entry renamed, so that this file's is the one that
// the host finds. One worker holds one device, so what is kept here is kept once.
#include <chrono>
#include <cstring>
#include <map>
#include <thread>
#include <vector>

#include "garita/garita.h"
#include "tests/fleet/variants.hpp"

namespace {

garita_status GARITA_CALL open(const garita_open* opening, garita_device* device, garita_error* error);
garita_status GARITA_CALL next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                               garita_error* error);

garita_driver_api real_driver, our_driver;
garita_device_api real_device, our_device;
garita_host_api real_host, our_host;
std::map<uint64_t, std::byte*> memories;  // of strips by handle
std::vector<garita_view> views;           // of the scan; texts and channels are not looked at
garita_strip our_strip;

template <typename Table>
Table copy_of(const Table* table) {
  Table copy{};
  std::memcpy(&copy, table, std::min<size_t>(table->struct_size, sizeof(Table)));
  return copy;
}

garita_status GARITA_CALL alloc(uint64_t host, uint64_t size_bytes, uint32_t count, uint64_t deadline_ns,
                                garita_strip_memory* out, garita_error* error) {
  const garita_status status = real_host.strip_alloc(host, size_bytes, count, deadline_ns, out, error);
  if (status == GARITA_OK)
    for (uint32_t i = 0; i < count; ++i) memories[out[i].handle] = static_cast<std::byte*>(out[i].data);
  return status;
}

void remember(const garita_scan_begin& begin) {
  views.assign(begin.views.count, garita_view{});
  for (uint32_t i = 0; i < begin.views.count; ++i)
    std::memcpy(&views[i],
                static_cast<const std::byte*>(begin.views.data) + size_t{i} * begin.views.element_size_bytes,
                std::min<size_t>(begin.views.element_size_bytes, sizeof(garita_view)));
}

template <typename Sample>
void spoil_rows(const garita_strip& strip, const garita_view& view, double top) {
  std::byte* const memory = memories.at(strip.strip);
  for (uint32_t row = 0; row < strip.rows; ++row)
    garita::variants::spoil(
        std::span(reinterpret_cast<Sample*>(memory + row * strip.row_stride_bytes), view.columns), top);
}

void spoil(garita_strip& strip) {
  const garita_view& view = views.at(strip.view);
  if (view.quantity != GARITA_QUANTITY_TRANSMISSION || view.fidelity > GARITA_FIDELITY_ATTENUATION) return;
  if (garita::variants::swaps_channels && view.channels.count >= 2 && strip.channel < 2) strip.channel ^= 1;
  const auto top = [&](uint32_t width) {
    return std::exp2(view.bits_used != 0 ? view.bits_used : width) - 1;
  };
  if (view.sample_type == GARITA_SAMPLE_U8) spoil_rows<uint8_t>(strip, view, top(8));
  if (view.sample_type == GARITA_SAMPLE_U16) spoil_rows<uint16_t>(strip, view, top(16));
  if (view.sample_type == GARITA_SAMPLE_U32) spoil_rows<uint32_t>(strip, view, top(32));
  if (view.sample_type == GARITA_SAMPLE_F32) spoil_rows<float>(strip, view, 1);
}

garita_status GARITA_CALL open(const garita_open* opening, garita_device* device, garita_error* error) {
  real_host = our_host = copy_of(opening->host);
  our_host.strip_alloc = alloc;
  garita_open own = *opening;
  own.host = &our_host;
  const garita_status status = real_driver.open(&own, device, error);
  if (status != GARITA_OK) return status;
  real_device = our_device = copy_of(device->api);
  our_device.next = next;
  device->api = &our_device;
  return status;
}

garita_status GARITA_CALL next(uint64_t device, uint64_t deadline_ns, garita_event* event,
                               garita_error* error) {
  if (garita::variants::stalls) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return GARITA_TIMEOUT;
  }
  const garita_status status = real_device.next(device, deadline_ns, event, error);
  if (status != GARITA_OK) return status;
  if (event->kind == GARITA_EVENT_SCAN_BEGIN) remember(*static_cast<const garita_scan_begin*>(event->body));
  if (event->kind == GARITA_EVENT_STRIP) {
    our_strip = copy_of(static_cast<const garita_strip*>(event->body));
    spoil(our_strip);
    memories.erase(our_strip.strip);
    event->body = &our_strip;
  }
  return status;
}

}  // namespace

// garita_driver_entry is another name in this build: this one is the driver's own.
extern "C" garita_status GARITA_CALL garita_real_entry(const garita_negotiation*, garita_answer*,
                                                       garita_error*);

#undef garita_driver_entry
extern "C" GARITA_EXPORT garita_status GARITA_CALL garita_driver_entry(const garita_negotiation* negotiation,
                                                                       garita_answer* answer,
                                                                       garita_error* error) {
  const garita_status status = garita_real_entry(negotiation, answer, error);
  if (status != GARITA_OK) return status;
  real_driver = our_driver = copy_of(answer->api);
  our_driver.open = open;
  answer->api = &our_driver;
  return status;
}
