// What a running site did, as Prometheus reads it (text exposition format 0.0.4).
#pragma once

#include <string>

#include "core/host/site/site_status.hpp"

namespace garita::host {

// garita_scans_total, garita_scans_incomplete_total, garita_scans_duplicate_total, garita_scans_joined_total,
// garita_scans_dropped_total, garita_scans_suspect_total, garita_files_refused_total, garita_files_passed_over_total,
// garita_worker_restarts_total, garita_breaches_total, garita_troubles_total, garita_openings_total,
// garita_raw_bytes_total, garita_scan_rows, garita_last_scan_age_seconds, garita_worker_resident_bytes: each
// with {lane, device, driver}; garita_device_state with {state} beside them, 1 for the one that holds;
// garita_driver_info with {version}; of the host garita_resident_bytes, garita_uptime_seconds,
// garita_config_reloads_total, garita_config_reloads_refused_total.
std::string metrics_text(const SiteStatus& status, int64_t now_utc_ns);

}  // namespace garita::host
