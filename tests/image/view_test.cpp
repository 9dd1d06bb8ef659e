#include "core/image/view.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace garita::image {
namespace {

TEST(View, a_sample_size_is_that_of_its_type) {
  const uint32_t sizes[] = {1, 2, 2, 4, 4, 8, 4, 8};
  for (uint32_t type = GARITA_SAMPLE_U8; type <= GARITA_SAMPLE_F64; ++type)
    EXPECT_EQ(sample_size_bytes(type), sizes[type - 1]) << type;
}

TEST(View, a_sample_type_that_the_abi_does_not_have_has_no_size) {
  for (uint32_t type : {0u, 9u, 0x80000000u, UINT32_MAX}) EXPECT_EQ(sample_size_bytes(type), 0u);
}

TEST(View, names_are_the_words_of_the_record) {
  EXPECT_EQ(sample_type_name(GARITA_SAMPLE_U16), "u16");
  EXPECT_EQ(fidelity_name(GARITA_FIDELITY_RAW_COUNTS), "raw_counts");
  EXPECT_EQ(quantity_name(GARITA_QUANTITY_BACKSCATTER), "backscatter");
  EXPECT_EQ(shape_name(GARITA_SHAPE_VOLUME), "volume");
  EXPECT_EQ(channel_name(GARITA_CHANNEL_LOW), "low");
}

TEST(View, an_unknown_number_is_named_as_unknown) {
  EXPECT_EQ(channel_name(0), "unknown_0");
  EXPECT_EQ(shape_name(4), "unknown_4");
  EXPECT_EQ(sample_type_name(0x7FFFFFFF), "unknown_2147483647");
}

TEST(View, a_vendors_number_is_named_as_the_vendors) {
  EXPECT_EQ(channel_name(GARITA_CHANNEL_VENDOR + 3), "vendor_3");
}

}  // namespace
}  // namespace garita::image
