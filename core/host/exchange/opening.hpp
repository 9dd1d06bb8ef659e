// What becomes of what came: unsealed in memory, opened first in a closed box, held against the inbound
// policy, and then
//
//   STATE/packages/from-PEER/ROOT.garita            accepted: in the catalog, so that find and show see it
//   STATE/packages/from-PEER/ROOT.overview.garita   until the rest is here
//   FOLDER/quarantine/PEER-ROOT.garita              put aside: in no catalog
//   FOLDER/unreadable/PEER-CONTENT                  sealed as it came: nobody here can open it
//   FOLDER/answers/…                                what was said about inspections (answers.hpp)
//
// ROOT is the first 32 digits of the package's root: two copies of one inspection have one root, and the one
// that shows more stays. Whatever is not accepted is answered with a reason code. Each decision is a line of
// the site's log.
#pragma once

#include <functional>

#include "core/exchange/inbound/admission.hpp"
#include "core/exchange/receiving/inbox.hpp"
#include "core/exchange/sealing/seal.hpp"
#include "core/host/catalog_index.hpp"
#include "core/host/exchange/answers.hpp"
#include "core/host/exchange/sending.hpp"

namespace garita::host {

// What happened to one arrival, for a person and for programs.
struct Handled {
  std::string peer;
  exchange::ParcelKind kind = exchange::ParcelKind::inspection;
  base::Digest inspection{};
  exchange::Action action = exchange::Action::refuse;
  std::string code;                        // of a reason; "" where accepted
  uint32_t line = 0;                       // of the inbound policy, that decided; 0: no policy was asked
  std::filesystem::path path;              // of what was stored; "" where nothing was
  std::optional<exchange::Answer> answer;  // that came
  std::optional<base::Error> trouble;      // why it could not be read
};

// One thread. Everything that it is given outlives it.
class Opener {
 public:
  // What a closed box says of a package that lies in memory (inbound/open_boxed.hpp).
  using Examine = std::function<base::Result<exchange::Claims>(const exchange::Plain& package)>;

  static base::Result<std::unique_ptr<Opener>> open(const ExchangeConfig& config, exchange::Inbox& inbox,
                                                    Sender& sender, Examine examine);

  // All that is whole and not opened yet. An error is of this site's disk or log, and is tried again at the
  // next call; what is wrong with an arrival is in Handled.
  base::Result<std::vector<Handled>> work();

 private:
  Opener(const ExchangeConfig& config, exchange::Inbox& inbox, Sender& sender, Examine examine);

  base::Result<Handled> open_one(const exchange::Arrival& arrival);
  base::Result<void> open_answer(const exchange::Arrival& arrival, const exchange::Parcel& parcel,
                                 Handled& handled);
  base::Result<void> open_package(const exchange::Parcel& parcel, exchange::Plain& whole, Handled& handled);
  base::Result<void> keep_unreadable(const exchange::Arrival& arrival);
  base::Result<void> store(const exchange::Plain& package, uint64_t from, Handled& handled);
  base::Result<void> serve(const exchange::Request& request, const Handled& handled);
  base::Result<std::filesystem::path> find(const exchange::Request& request,
                                           const base::Digest& inspection) const;
  exchange::Verdict judged(const exchange::Claims& claims) const;
  void remove_halves() const;
  base::Result<void> write_down(const exchange::Arrival& arrival, const Handled& handled) const;

  const ExchangeConfig& config_;
  exchange::Inbox& inbox_;
  Sender& sender_;
  Examine examine_;
  std::vector<exchange::OpeningKey> keys_;
  AnswerBook book_;
  CatalogIndex catalog_;
};

}  // namespace garita::host
