#include "core/host/exchange/sending.hpp"

#include "core/base/clock.hpp"
#include "core/catalog/entry.hpp"
#include "core/exchange/policy/redacting.hpp"
#include "core/exchange/sealing/seal.hpp"
#include "core/host/exchange/memory_files.hpp"
#include "core/host/open_package.hpp"

namespace garita::host {
namespace {

using exchange::ParcelKind;
using exchange::Priority;

// A head, and a file behind it.
class Headed final : public base::RandomAccessFile {
 public:
  Headed(std::string head, std::unique_ptr<base::RandomAccessFile> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}
  base::Result<void> read(uint64_t offset, std::span<std::byte> out) const override {
    size_t done = 0;
    if (offset < head_.size()) {
      done = std::min<size_t>(out.size(), head_.size() - static_cast<size_t>(offset));
      std::memcpy(out.data(), head_.data() + offset, done);
    }
    if (done == out.size()) return {};
    return rest_->read(offset + done - head_.size(), out.subspan(done));
  }
  base::Result<size_t> read_some(uint64_t offset, std::span<std::byte> out) const override {
    GARITA_TRY_ASSIGN(size, size_bytes());
    if (offset >= size) return size_t{0};
    const auto part = out.first(std::min<uint64_t>(out.size(), size - offset));
    GARITA_TRY(read(offset, part));
    return part.size();
  }
  base::Result<uint64_t> size_bytes() const override {
    GARITA_TRY_ASSIGN(size, rest_->size_bytes());
    return head_.size() + size;
  }

 private:
  std::string head_;
  std::unique_ptr<base::RandomAccessFile> rest_;
};

// The same rule, but no finer than an overview and without what is large: it is there while the rest is still
// on its way.
exchange::SharingPolicy overview_of(const exchange::SharingPolicy& policy,
                                    const exchange::SharingRule& rule) {
  exchange::SharingPolicy first{policy.path, {rule}};
  exchange::SharingRule& reduced = first.rules[0];
  reduced.planes = exchange::PlaneShare::reduced;
  reduced.factor = overview_factor;
  reduced.attachments.clear();
  reduced.calibrations.reset();
  reduced.raw.reset();
  reduced.recordings.reset();
  return first;
}

base::Result<std::vector<std::byte>> sealed_for(const base::RandomAccessFile& content,
                                                const std::vector<exchange::SealingCertificate>& recipients) {
  GARITA_TRY_ASSIGN(size, content.size_bytes());
  std::vector<std::byte> sealed;
  sealed.reserve(size + size / 512 + (64u << 10));
  GARITA_TRY(exchange::seal(content, recipients, [&](base::Bytes piece) -> base::Result<void> {
    sealed.insert(sealed.end(), piece.begin(), piece.end());
    return {};
  }));
  return sealed;
}

}  // namespace

base::Result<exchange::Entry> Sender::put(const Consignment& consignment,
                                          const exchange::SharingPolicy& policy,
                                          const exchange::Parcel& parcel, const exchange::Sending& sending) {
  GARITA_TRY_ASSIGN(recipients, recipients_of(config_, consignment.peer));
  MemoryFiles memory(max_parcel_bytes);
  const std::filesystem::path name = "/memory/copy";
  GARITA_TRY(
      exchange::redact_for(consignment.package, name, policy, consignment.peer, consignment.purpose, memory));
  GARITA_TRY_ASSIGN(copy, memory.open(name));
  GARITA_TRY_ASSIGN(sealed,
                    sealed_for(Headed(exchange::write_parcel_head(parcel), std::move(copy)), recipients));
  return outbox_.put(sending, base::Bytes(sealed));
}

base::Result<Consigned> Sender::send(const Consignment& consignment) {
  GARITA_TRY_ASSIGN(policy, exchange::load_sharing(config_.path(config_.said.policy()).string()));
  GARITA_TRY_ASSIGN(package, open_package(consignment.package));
  const base::Digest root = package.reader.root();
  const std::string key = base::to_text(root) + ' ' + consignment.purpose;
  GARITA_TRY_ASSIGN(before, outbox_.find(consignment.peer, key));
  if (before) return Consigned{{*before}, true};
  const catalog::Entry facts = catalog::entry_of(package.record, consignment.package, root, 0);
  constexpr uint32_t readings = catalog::alarm_gamma | catalog::alarm_neutron | catalog::alarm_other;
  const bool alarm = consignment.alarm || (facts.alarms & readings) != 0;
  const std::string lane = !consignment.lane.empty() ? consignment.lane
                           : !facts.lane.empty()     ? facts.lane
                                                     : "unnamed";
  const int64_t now = base::system_clock().utc_ns();
  Consigned done;
  const exchange::SharingRule* rule = policy.find(consignment.peer, consignment.purpose);
  if (rule && rule->planes == exchange::PlaneShare::whole) {
    GARITA_TRY_ASSIGN(first, put(consignment, overview_of(policy, *rule), {ParcelKind::overview, root, now},
                                 {consignment.peer, lane, key + " overview",
                                  alarm ? Priority::alarm : Priority::overview}));
    done.entries.push_back(std::move(first));
  }
  GARITA_TRY_ASSIGN(rest, put(consignment, policy, {ParcelKind::inspection, root, now},
                              {consignment.peer, lane, key, alarm ? Priority::alarm : Priority::rest}));
  done.entries.push_back(std::move(rest));
  return done;
}

base::Result<exchange::Entry> Sender::answer(const std::string& peer, const exchange::Answer& answer) {
  GARITA_TRY_ASSIGN(recipients, recipients_of(config_, peer));
  const std::string said = exchange::write_answer(answer);
  const exchange::Parcel parcel{ParcelKind::answer, answer.inspection, base::system_clock().utc_ns(), {}};
  const std::string bytes = exchange::write_parcel_head(parcel) + said;
  GARITA_TRY_ASSIGN(sealed, exchange::seal(base::Bytes(bytes), recipients));
  return outbox_.put({peer, "answers", "answer " + base::to_text(base::sha256(said)), Priority::answer},
                     base::Bytes(sealed));
}

}  // namespace garita::host
