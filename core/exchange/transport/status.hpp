// What waits, where, since when, and what has not arrived: for a person (garita exchange status) and for
// Prometheus.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/exchange/outbox/outbox.hpp"
#include "core/exchange/receiving/inbox.hpp"

namespace garita::exchange {

struct ExchangeStatus {
  std::vector<LaneStatus> out;
  std::vector<LaneGaps> in;
};

// Of FOLDER/outbox and FOLDER/inbox, which another program may have open.
base::Result<ExchangeStatus> status_of(const std::filesystem::path& folder);

// The text format of Prometheus: garita_exchange_waiting, …_waiting_bytes, …_oldest_seconds, …_receipts_total
// of each peer and lane; …_received_total and …_missing of each peer and lane number.
std::string metrics_text(const ExchangeStatus& status, int64_t now_utc_ns);

uint64_t missing(const LaneGaps& lane);

}  // namespace garita::exchange
