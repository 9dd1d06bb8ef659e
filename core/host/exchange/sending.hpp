// What leaves this site: a package goes through the policy and the seal into the outbox; so does what one
// side says to the other about one. Between policy and seal it lies in memory alone.
#pragma once

#include "core/exchange/messages/parcel.hpp"
#include "core/exchange/outbox/outbox.hpp"
#include "core/exchange/policy/sharing.hpp"
#include "core/host/exchange/config.hpp"

namespace garita::host {

inline constexpr uint64_t max_parcel_bytes = uint64_t{2} << 30;  // it lies in memory, twice
inline constexpr uint32_t overview_factor = 16;

struct Consignment {
  std::filesystem::path package;
  std::string peer, purpose;
  std::string lane;    // "": that of the record
  bool alarm = false;  // also where a reading of the record alarmed
};

struct Consigned {
  std::vector<exchange::Entry> entries;  // the overview first, where there is one
  bool before = false;                   // was put there before; nothing was done
};

// Any thread. Config and outbox outlive it. Policy and certificates are read at each call, so that a change
// counts from then on.
class Sender {
 public:
  Sender(const ExchangeConfig& config, exchange::Outbox& outbox) : config_(config), outbox_(outbox) {}

  // Where the whole planes go, record and overview go before them, as a parcel of their own. Errors:
  // exchange.no_rule, exchange.parcel_large, exchange.outbox_full, exchange.certificate_expired, those of
  // redact_for().
  base::Result<Consigned> send(const Consignment& consignment);
  // The same answer to the same peer again is the same entry.
  base::Result<exchange::Entry> answer(const std::string& peer, const exchange::Answer& answer);

 private:
  base::Result<exchange::Entry> put(const Consignment& consignment, const exchange::SharingPolicy& policy,
                                    const exchange::Parcel& parcel, const exchange::Sending& sending);

  const ExchangeConfig& config_;
  exchange::Outbox& outbox_;
};

}  // namespace garita::host
