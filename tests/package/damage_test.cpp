#include "tests/package/fixture.hpp"

namespace garita::package::testing {
namespace {

class DamageTest : public PackageTest {
 protected:
  void flip(size_t at, unsigned mask) { bytes()[at] ^= static_cast<std::byte>(mask); }

  void cut(size_t size) { bytes().resize(size); }

  size_t find(std::string_view chunk_type, size_t from = 0) {
    return std::string_view(reinterpret_cast<const char*>(bytes().data()), bytes().size())
        .find(chunk_type, from);
  }
};

// The same sample with each codec.
class DamagedCodeTest : public DamageTest, public ::testing::WithParamInterface<bool> {
 protected:
  void write_sample() { DamageTest::write_sample(base::SignatureAlgorithm::ed25519, GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(codecs, DamagedCodeTest, ::testing::Bool(), [](const auto& one) {
  return one.param ? std::string("predictive") : std::string("byte_planes");
});

TEST_P(DamagedCodeTest, any_flipped_bit_is_noticed_with_its_place) {
  write_sample();
  const auto good = bytes();
  for (size_t at = 0; at < good.size(); ++at) {
    const unsigned mask = 1u << (at % 8);
    flip(at, mask);
    const auto report = verified();
    ASSERT_TRUE(report.fault) << "byte " << at;
    EXPECT_NE(report.outcome(), base::Outcome::incomplete)
        << "byte " << at << " " << report.fault->field("place");
    EXPECT_FALSE(report.fault->field("place").empty()) << "byte " << at << " " << report.fault->id;
    flip(at, mask);
  }
}

TEST_F(DamageTest, any_flipped_byte_of_a_p384_seal_is_noticed) {
  write_sample(base::SignatureAlgorithm::ecdsa_p384);
  const size_t first = find("SEAL"), end = find("INDX");
  ASSERT_GT(end, first + 300);
  for (size_t at = first; at < end; ++at) {
    flip(at, 1u << (at % 8));
    ASSERT_TRUE(verified().fault) << "byte " << at;
    flip(at, 1u << (at % 8));
  }
}

TEST_P(DamagedCodeTest, reader_never_returns_what_was_not_signed) {
  write_sample();
  for (size_t at = 0; at < bytes().size(); ++at) {
    flip(at, 0x10);
    if (auto reader = opened()) {
      for (const PlaneInfo& plane : reader->planes()) {
        std::vector<std::byte> out(plane.rows * plane.spec.columns *
                                   image::sample_size_bytes(plane.spec.sample_type));
        if (!reader->read_rows(plane, 0, plane.rows, out)) continue;
        const auto& right = plane.part == 0 ? high_ : plane.part == 1 ? flipped(low_, 8) : volume_;
        EXPECT_EQ(out, right) << "byte " << at;
      }
      const auto fields = reader->read_record();
      EXPECT_TRUE(!fields || fields->size() == record_.size()) << "byte " << at;
    }
    flip(at, 0x10);
  }
}

TEST_P(DamagedCodeTest, package_cut_anywhere_is_proved_to_its_last_checkpoint_or_refused) {
  write_sample();
  const auto good = bytes();
  bool proved_some = false, proved_none = false;
  for (size_t size = 0; size < good.size(); ++size) {
    cut(size);
    const auto report = verified();
    ASSERT_EQ(report.outcome(), base::Outcome::incomplete) << "cut at " << size;
    EXPECT_FALSE(report.complete);
    EXPECT_LE(report.proved_bytes, size);
    if (size % 16 == 0) {
      EXPECT_EQ(opened().error().id, "package.torn");
    }
    proved_some |= report.proved_bytes > 0;
    proved_none |= report.proved_bytes == 0;
    bytes() = good;
  }
  EXPECT_TRUE(proved_some && proved_none);
}

TEST_P(DamagedCodeTest, torn_package_is_read_as_far_as_it_is_proved) {
  write_sample();
  cut(find("SEAL"));
  auto reader = *opened(true);
  EXPECT_FALSE(reader.complete());
  ASSERT_EQ(reader.planes().size(), 2u);  // the volume came after the checkpoint
  EXPECT_EQ(reader.planes()[0].rows, 128u);
  EXPECT_FALSE(reader.planes()[0].complete);
  std::vector<std::byte> out(128 * 2 * reader.planes()[0].spec.columns);
  ASSERT_TRUE(reader.read_rows(reader.planes()[0], 0, 128, out).ok());
  EXPECT_TRUE(std::equal(out.begin(), out.end(), high_.begin()));
  EXPECT_TRUE(reader.read_record()->empty());
}

TEST_P(DamagedCodeTest, flipped_byte_in_a_torn_package_is_no_tear) {
  write_sample();
  cut(bytes().size() - 100);
  for (size_t at = 0; at < 1000; ++at) {
    flip(at, 0x80);
    const auto report = verified();
    EXPECT_NE(report.outcome(), base::Outcome::incomplete) << "byte " << at;
    flip(at, 0x80);
  }
}

TEST_F(DamageTest, bytes_behind_the_end_are_noticed) {
  write_sample();
  bytes().push_back(std::byte{0});
  EXPECT_EQ(verified().outcome(), base::Outcome::no);
  EXPECT_FALSE(opened().ok());
}

TEST_F(DamageTest, place_of_a_wrong_hash_names_plane_and_tile) {
  write_sample();
  flip(find("CKPT") - 1, 1);  // the last pixel of the tile before
  const auto report = verified();
  EXPECT_EQ(report.fault->id, "package.hash_mismatch");
  EXPECT_EQ(report.fault->field("place"), "plane side/low, tile 0");
}

TEST_F(DamageTest, other_files_are_told_from_packages) {
  files_.content(path_).assign(1000, std::byte{'x'});
  EXPECT_EQ(verified().fault->id, "package.not_a_package");
  EXPECT_EQ(verified().outcome(), base::Outcome::not_loaded);
  EXPECT_EQ(opened().error().id, "package.not_a_package");
}

TEST_F(DamageTest, package_of_a_later_version_is_named_as_such) {
  write_sample();
  bytes()[8] = std::byte{2};
  EXPECT_EQ(verified().fault->id, "package.other_version");
  EXPECT_EQ(opened().error().field("version"), "2");
}

TEST_F(DamageTest, missing_file_is_the_file_systems_error) {
  EXPECT_EQ(verified().fault->id, "base.file_missing");
  EXPECT_EQ(verified().outcome(), base::Outcome::not_loaded);
}

}  // namespace
}  // namespace garita::package::testing
