// The trust documents of a site, in `trust/` of its state folder:
//
//   root-VERSION.json   status-ROLE-NUMBER.json   certificate-ID.json      envelopes as they came
//   seen.json   {"schema": "garita.seen/1", "root": {"number": version, "sha256": hex},
//                "status": {"ROLE": {"number": n, "sha256": hex}, …}}
//
// seen.json says which of them hold: the highest that was ever taken, and its very bytes. It is written last,
// so that whoever reads at the same time, or after a crash, has the old or the new. An older document that is
// put in the place of a newer one is not the one that was taken, and holds nothing.
#pragma once

#include <filesystem>
#include <map>

#include "core/base/file.hpp"
#include "core/trust/admit.hpp"

namespace garita::trust {

inline constexpr size_t max_certificates = 1024;

// One thread at a time. Reading needs no lock; of those who install there is one at a time, which the state
// folder's lock sees to.
class Store {
 public:
  // Reads and verifies what is there. An empty folder, or none, is a store without a root; what cannot be
  // believed is among documents().faults. Errors: of seen.json, for without it nothing can be told.
  static base::Result<Store> open(const std::filesystem::path& folder,
                                  base::FileSystem& files = base::real_file_system());

  const Documents& documents() const { return documents_; }

  // Takes a root, a status list or a certificate by its kind; the same again changes nothing. A root in a
  // store without one must be that whose payload has the digest `expected` ("trust.root_unpinned" {digest}):
  // people compared it by another way. Nothing that is older than what was seen ("trust.rolled_back").
  base::Result<void> install(const Envelope& envelope, const std::optional<base::Digest>& expected = {});

 private:
  struct Seen {
    uint64_t number = 0;
    base::Digest sha256{};
  };

  Store(std::filesystem::path folder, base::FileSystem& files) : folder_(std::move(folder)), files_(&files) {}
  base::Result<void> load_seen();
  void load_root();
  void load_lists();
  void load_certificates();
  base::Result<Envelope> read_taken(const std::string& name, const Seen& seen) const;

  base::Result<void> install_root(const Envelope& envelope, const std::optional<base::Digest>& expected);
  base::Result<Root> check_root(const Envelope& envelope, const std::optional<base::Digest>& expected) const;
  base::Result<void> install_list(const Envelope& envelope);
  void forget_lists(const std::string& role, uint64_t number) const;
  base::Result<void> install_certificate(const Envelope& envelope);
  base::Result<void> save(const std::string& name, const Envelope& envelope) const;
  base::Result<void> save_seen() const;

  std::filesystem::path folder_;
  base::FileSystem* files_;
  Documents documents_;
  Seen root_;
  std::map<std::string, Seen> lists_;  // by role
};

base::Result<Envelope> read_envelope(const std::filesystem::path& path,
                                     base::FileSystem& files = base::real_file_system());

}  // namespace garita::trust
