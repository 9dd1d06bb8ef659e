#include "core/host/site/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <unistd.h>

#include <functional>
#include <vector>

#include "core/base/text.hpp"

namespace garita::host {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double second_ns = 1e9;

struct PerDevice {
  const char* name;
  const char* help;
  MetricType type;
  std::function<double(const DeviceStatus&)> value;
};

std::vector<PerDevice> per_device(int64_t now_utc_ns) {
  const auto counter = MetricType::Counter, gauge = MetricType::Gauge;
  using D = const DeviceStatus&;
  const auto number = [](uint64_t DeviceStatus::*field) {
    return [field](D d) { return static_cast<double>(d.*field); };
  };
  return {
      {"garita_scans_total", "Packages written, incomplete ones included.", counter,
       number(&DeviceStatus::scans)},
      {"garita_scans_incomplete_total", "Packages of scans that were cut.", counter,
       number(&DeviceStatus::incomplete)},
      {"garita_scans_suspect_total", "Packages whose pixels are no new exposure.", counter,
       number(&DeviceStatus::suspects)},
      {"garita_scans_duplicate_total", "Scans that came again and were passed over.", counter,
       number(&DeviceStatus::duplicates)},
      {"garita_scans_joined_total", "Scans that went into the package of another device.", counter,
       number(&DeviceStatus::joined)},
      {"garita_scans_dropped_total", "Cut scans that the policy drops.", counter,
       number(&DeviceStatus::dropped)},
      {"garita_files_refused_total", "Files of an inbox that were refused.", counter,
       number(&DeviceStatus::refused)},
      {"garita_files_passed_over_total", "Files of an inbox that are not the driver's.", counter,
       number(&DeviceStatus::passed_over)},
      {"garita_worker_restarts_total", "Workers started again after their driver died.", counter,
       number(&DeviceStatus::restarts)},
      {"garita_breaches_total", "Attempts of a driver to leave its box.", counter,
       number(&DeviceStatus::breaches)},
      {"garita_troubles_total", "Errors of device, driver or data that were told.", counter,
       number(&DeviceStatus::troubles)},
      {"garita_openings_total", "Runs begun: one, and one more after each error.", counter,
       number(&DeviceStatus::openings)},
      {"garita_raw_bytes_total", "Bytes of pixels as drivers delivered them.", counter,
       number(&DeviceStatus::raw_bytes)},
      {"garita_scan_rows", "Rows so far of the scan under way.", gauge, number(&DeviceStatus::rows)},
      {"garita_last_scan_age_seconds", "Since the last package was written; -1 before the first.", gauge,
       [now_utc_ns](D d) {
         return d.last_scan_utc_ns ? static_cast<double>(now_utc_ns - d.last_scan_utc_ns) / second_ns : -1.0;
       }},
      {"garita_worker_resident_bytes", "Memory of the worker and its init, shared pages included.", gauge,
       [](D d) { return static_cast<double>(resident_bytes(d.worker)); }},
  };
}

ClientMetric metric_of(const DeviceStatus& device, MetricType type, double value) {
  ClientMetric metric;
  metric.label = {{"lane", device.lane}, {"device", device.device}, {"driver", device.driver}};
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

MetricFamily single(const char* name, const char* help, MetricType type, double value) {
  MetricFamily family{name, help, type, {ClientMetric{}}};
  (type == MetricType::Counter ? family.metric[0].counter.value : family.metric[0].gauge.value) = value;
  return family;
}

}  // namespace

std::string metrics_text(const SiteStatus& status, int64_t now_utc_ns) {
  std::vector<MetricFamily> families;
  for (const PerDevice& each : per_device(now_utc_ns)) {
    MetricFamily family{each.name, each.help, each.type, {}};
    for (const DeviceStatus& device : status.devices)
      family.metric.push_back(metric_of(device, each.type, each.value(device)));
    families.push_back(std::move(family));
  }
  MetricFamily states{"garita_device_state", "1 for the state that the device is in.", MetricType::Gauge, {}};
  MetricFamily drivers{"garita_driver_info", "The driver that runs.", MetricType::Gauge, {}};
  for (const DeviceStatus& device : status.devices) {
    for (size_t i = 0; i < device_states; ++i) {
      const auto state = static_cast<DeviceState>(i);
      ClientMetric metric = metric_of(device, MetricType::Gauge, state == device.state ? 1 : 0);
      metric.label.push_back({"state", name_of(state)});
      states.metric.push_back(std::move(metric));
    }
    ClientMetric metric = metric_of(device, MetricType::Gauge, 1);
    metric.label.push_back({"version", base::printable(device.version)});
    drivers.metric.push_back(std::move(metric));
  }
  families.push_back(std::move(states));
  families.push_back(std::move(drivers));
  const auto counter = MetricType::Counter, gauge = MetricType::Gauge;
  families.push_back(single("garita_uptime_seconds", "Since the site was started.", gauge,
                            static_cast<double>(now_utc_ns - status.started_utc_ns) / second_ns));
  families.push_back(single("garita_resident_bytes", "Memory of the host; its workers are counted each.",
                            gauge, static_cast<double>(resident_bytes(::getpid(), false))));
  families.push_back(single("garita_config_reloads_total", "Configurations taken while running.", counter,
                            static_cast<double>(status.reloads)));
  families.push_back(single("garita_config_reloads_refused_total", "Configurations refused while running.",
                            counter, static_cast<double>(status.reloads_refused)));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace garita::host
