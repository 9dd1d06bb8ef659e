// A site's state folder, a folder of packages, and the verbs that tests of the catalog use.
#pragma once

#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <string>

#include "core/base/testing/temporary_folder.hpp"
#include "core/catalog/reader.hpp"
#include "core/catalog/rebuild.hpp"
#include "core/catalog/retention.hpp"
#include "core/catalog/writer.hpp"
#include "core/package/addenda.hpp"
#include "core/package/inspection.hpp"

namespace garita::catalog::testing {

namespace fs = std::filesystem;

inline constexpr int64_t ns_a_second = 1'000'000'000, ns_a_day = 86'400 * ns_a_second;
inline constexpr int64_t march = 1'772'323'200 * ns_a_second;  // 2026-03-01T00:00:00Z

inline const base::SigningKey& site_key() {
  static const base::SigningKey key = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  return key;
}
inline const base::SigningKey& strange_key() {
  static const base::SigningKey key = *base::SigningKey::generate(base::SignatureAlgorithm::ecdsa_p384);
  return key;
}

inline v1::Inspection truck(const std::string& container, const std::string& plate, int64_t utc_ns = march) {
  v1::Inspection record;
  record.mutable_identity()->set_scan_key("scan-" + container + plate);
  record.mutable_identity()->set_site("mexicali");
  record.mutable_identity()->set_lane("lane1");
  record.mutable_device()->set_vendor("Acme Scanners");
  record.mutable_time()->mutable_started()->set_utc_ns(utc_ns);
  record.mutable_conveyance()->add_containers()->set_number(container);
  record.mutable_conveyance()->add_plates()->set_number(plate);
  record.mutable_completeness()->set_state(v1::Completeness::STATE_COMPLETE);
  return record;
}

class CatalogTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directory(packages_); }

  // A real package, sealed and signed by the site.
  fs::path package(const std::string& name, const v1::Inspection& record) {
    const fs::path path = packages_ / (name + ".garita");
    auto writer = package::Writer::create(base::real_file_system(), path, site_key());
    EXPECT_TRUE(writer.ok());
    const auto plane = writer->add_plane({.view = "side", .channel = "high", .columns = 4, .rows = 1});
    EXPECT_TRUE(writer->append_rows(*plane, std::string(8, 'x'), 1).ok());
    auto sealed = package::finish(*writer, record);
    EXPECT_TRUE(sealed.ok());
    root_ = sealed ? sealed->root : base::Digest{};
    return path;
  }

  // A row without a file.
  Entry row(const std::string& name, const v1::Inspection& record, uint64_t size_bytes = 1000) {
    return entry_of(record, packages_ / (name + ".garita"), base::sha256(name), size_bytes);
  }

  Writer writer() { return *Writer::open(database_); }
  Reader reader() { return *Reader::open(database_); }
  std::vector<std::string> names(const Query& query, size_t limit = 100) {
    std::vector<std::string> found;
    const auto result = reader().find(query, limit);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().id);
    if (result)
      for (const Entry& entry : result->entries) found.push_back(entry.path.stem());
    return found;
  }
  uint64_t count() { return reader().totals()->packages; }

  base::Result<package::SignedAddendum> decide(const fs::path& package, v1::Decision::Verdict verdict,
                                               const base::SigningKey& key = site_key()) {
    v1::Addendum content;
    content.mutable_decision()->set_verdict(verdict);
    return package::append_addendum(package, root_, content, key, clock_);
  }

  base::testing::TemporaryFolder folder_;
  base::ManualClock clock_{march};
  const fs::path database_ = folder_.path() / "catalog.db";
  const fs::path packages_ = folder_.path() / "packages";
  base::Digest root_{};  // of the last package
};

using Names = std::vector<std::string>;

}  // namespace garita::catalog::testing
