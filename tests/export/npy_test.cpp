#include "core/export/npy.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <iterator>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "garita/status.h"

namespace garita::exporter {
namespace {

class Npy : public ::testing::Test {
 protected:
  // A file of version 1.0 with that dictionary and so many bytes of samples.
  static std::string file_of(std::string dictionary, size_t data_bytes) {
    dictionary += '\n';
    std::string file("\x93NUMPY\x01\x00", 8);
    file += static_cast<char>(dictionary.size() & 0xff);
    file += static_cast<char>(dictionary.size() >> 8);
    return file + dictionary + std::string(data_bytes, '\x05');
  }
  static std::string refusal(const std::string& front) {
    const auto layout = parse_npy_header(front, "x.npy");
    return layout ? "accepted" : layout.error().id;
  }
  static std::string refusal_of(const std::string& dictionary) { return refusal(file_of(dictionary, 0)); }

  std::filesystem::path path() const { return folder.path() / "x.npy"; }
  void put(const std::string& content) const { std::ofstream(path(), std::ios::binary) << content; }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  base::testing::TemporaryFolder folder;
};

TEST_F(Npy, header_that_numpy_writes_is_read) {
  const auto layout = parse_npy_header(
      file_of("{'descr': '<u2', 'fortran_order': False, 'shape': (675, 1442, 2), }     ", 0), "x");
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->header.sample_type, GARITA_SAMPLE_U16);
  EXPECT_EQ(layout->header.shape, (std::vector<uint64_t>{675, 1442, 2}));
  EXPECT_EQ(layout->header.data_bytes(), 675u * 1442 * 2 * 2);
}

TEST_F(Npy, keys_may_come_in_any_order_and_quotes) {
  EXPECT_EQ(refusal_of("{\"shape\":(3,),'fortran_order':False,'descr':'|u1'}"), "accepted");
  EXPECT_EQ(refusal_of("{ 'descr' : '<f8' , 'shape' : ( 2 , 3 , ) , 'fortran_order' : False , }"),
            "accepted");
}

TEST_F(Npy, headers_of_versions_2_and_3_have_four_bytes_of_length) {
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
  for (const char version : {2, 3}) {
    std::string file("\x93NUMPY", 6);
    file += {version, 0, static_cast<char>(dictionary.size()), 0, 0, 0};
    EXPECT_EQ(refusal(file + dictionary), "accepted");
    file[10] = 1;  // 64 KiB and more
    EXPECT_NE(refusal(file + dictionary), "accepted");
  }
}

TEST_F(Npy, what_is_not_one_is_refused_with_its_own_sentence) {
  EXPECT_EQ(refusal(""), "export.npy_not");
  EXPECT_EQ(refusal("PK\x03\x04 and so on"), "export.npy_not");
  EXPECT_EQ(refusal(std::string("\x93NUMPY\x04\x00\x00\x00", 10)), "export.npy_version");
  EXPECT_EQ(refusal(std::string("\x93NUMPY\x01\x00\xff\x00{", 11)), "export.npy_short");
}

TEST_F(Npy, dictionary_that_is_not_exactly_one_is_refused) {
  const std::string good = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2)}";
  ASSERT_EQ(refusal_of(good), "accepted");
  for (const char* bad :
       {"", "{}", "{'descr': '<u2', 'fortran_order': False}", "{'descr': '<u2', 'shape': (2, 2)}",
        "{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (2, 2)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2), 'x': 1}",
        "{'descr': '<u2', 'fortran_order': 0, 'shape': (2, 2)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2, -2)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': [2, 2]}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 99999999999999999999)}",
        "{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (2, 2)}",
        "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 2)} import os"})
    EXPECT_EQ(refusal_of(bad), "export.npy_header") << bad;
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(refusal_of(good.substr(0, size)), "export.npy_header") << size;
}

TEST_F(Npy, other_types_orders_and_shapes_are_refused) {
  for (const char* type : {">u2", "<c8", "<M8[ns]", "|O", "<U4", "=u2", "u2", "", "<u1x", ">i4", "|u2"})
    EXPECT_EQ(refusal_of("{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (2, 2)}"),
              "export.npy_type")
        << type;
  EXPECT_EQ(refusal_of("{'descr': '<u2', 'fortran_order': True, 'shape': (2, 2)}"), "export.npy_fortran");
  for (const char* shape :
       {"()", "(0,)", "(2, 0)", "(1, 1, 1, 1, 1)", "(9223372036854775807, 2)", "(4294967296, 4294967296)"})
    EXPECT_EQ(refusal_of("{'descr': '<u2', 'fortran_order': False, 'shape': " + std::string(shape) + "}"),
              "export.npy_shape")
        << shape;
}

TEST_F(Npy, flipped_byte_in_the_header_never_crashes) {
  const std::string good = file_of("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }   ", 12);
  for (size_t at = 0; at < good.size() - 12; ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      const auto layout = parse_npy_header(flipped, "x");
      if (layout) {
        EXPECT_LE(layout->header.data_bytes(), uint64_t{1} << 62);
      }
    }
}

TEST_F(Npy, written_is_what_numpy_would_write) {
  auto writer = NpyWriter::create(path(), {GARITA_SAMPLE_U16, {2, 3}});
  ASSERT_TRUE(writer);
  const uint16_t samples[] = {1, 2, 3, 4, 5, 0xabcd};
  ASSERT_TRUE(writer->write({samples, sizeof samples}));
  ASSERT_TRUE(writer->finish());
  const std::string dictionary = "{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3), }";
  const std::string front = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dictionary +
                            std::string(117 - dictionary.size(), ' ') + "\n";
  EXPECT_EQ(front.size(), 128u);
  EXPECT_EQ(bytes(), front + std::string(reinterpret_cast<const char*>(samples), sizeof samples));
}

TEST_F(Npy, every_type_and_shape_reads_back) {
  for (const uint32_t type : {GARITA_SAMPLE_U8, GARITA_SAMPLE_U16, GARITA_SAMPLE_I16, GARITA_SAMPLE_U32,
                              GARITA_SAMPLE_I32, GARITA_SAMPLE_U64, GARITA_SAMPLE_F32, GARITA_SAMPLE_F64})
    for (const std::vector<uint64_t>& shape : {std::vector<uint64_t>{7}, {3, 5}, {2, 3, 4}, {2, 1, 1, 2}}) {
      auto writer = NpyWriter::create(path(), {type, shape});
      ASSERT_TRUE(writer);
      const uint64_t size = NpyHeader{type, shape}.data_bytes();
      ASSERT_TRUE(writer->write(std::string(size, 'x')));
      ASSERT_TRUE(writer->finish());
      const auto reader = NpyReader::open(path());
      ASSERT_TRUE(reader);
      EXPECT_EQ(reader->header().sample_type, type);
      EXPECT_EQ(reader->header().shape, shape);
      EXPECT_EQ(bytes().size() % 64, size % 64);
    }
}

TEST_F(Npy, reader_gives_any_part_and_nothing_outside) {
  put(file_of("{'descr': '|u1', 'fortran_order': False, 'shape': (10,)}", 0) + "0123456789");
  const auto reader = NpyReader::open(path());
  ASSERT_TRUE(reader);
  std::byte part[4];
  ASSERT_TRUE(reader->read(6, part));
  EXPECT_EQ(std::memcmp(part, "6789", 4), 0);
  EXPECT_FALSE(reader->read(7, part));
  EXPECT_FALSE(reader->read(UINT64_MAX, part));
}

TEST_F(Npy, file_shorter_or_longer_than_its_header_says_is_refused) {
  for (const size_t size : {0, 11, 13, 1000}) {
    put(file_of("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3)}", size));
    const auto reader = NpyReader::open(path());
    ASSERT_FALSE(reader) << size;
    EXPECT_EQ(reader.error().id, "export.npy_length") << size;
    EXPECT_EQ(reader.error().status, size < 12 ? GARITA_DATA_TRUNCATED : GARITA_DATA_CORRUPT);
  }
}

TEST_F(Npy, image_of_u16_is_read_whole) {
  put(file_of("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3)}", 12));
  const auto image = read_npy_u16(path());
  ASSERT_TRUE(image);
  EXPECT_EQ(image->rows, 2u);
  EXPECT_EQ(image->columns, 3u);
  EXPECT_EQ(image->samples, std::vector<uint16_t>(6, 0x0505));
}

TEST_F(Npy, image_of_another_type_or_too_large_is_refused) {
  put(file_of("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}", 12));
  EXPECT_EQ(read_npy_u16(path()).error().id, "export.npy_not_u16");
  put(file_of("{'descr': '<u2', 'fortran_order': False, 'shape': (6,)}", 12));
  EXPECT_EQ(read_npy_u16(path()).error().id, "export.npy_not_u16");
  put(file_of("{'descr': '<u2', 'fortran_order': False, 'shape': (2, 3)}", 12));
  EXPECT_EQ(read_npy_u16(path(), 11).error().id, "export.npy_too_large");
  EXPECT_EQ(read_npy_u16(folder.path() / "missing.npy").error().id, "base.file_missing");
}

TEST_F(Npy, writer_refuses_too_many_bytes_and_does_not_finish_with_too_few) {
  {
    auto writer = NpyWriter::create(path(), {GARITA_SAMPLE_U16, {2, 2}});
    ASSERT_TRUE(writer);
    EXPECT_EQ(writer->write(std::string(9, 'x')).error().id, "export.npy_length");
    ASSERT_TRUE(writer->write(std::string(7, 'x')));
    EXPECT_EQ(writer->finish().error().id, "export.npy_length");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(Npy, writer_on_a_full_disk_leaves_nothing) {
  base::testing::FaultyFileSystem disk;
  disk.fail({.call = base::testing::FileCall::append, .at = 2, .code = ENOSPC, .for_good = true});
  {
    auto writer = NpyWriter::create(path(), {GARITA_SAMPLE_U16, {2, 2}}, disk);
    ASSERT_TRUE(writer);
    EXPECT_EQ(writer->write(std::string(8, 'x')).error().id, "base.disk_full");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(Npy, writer_refuses_a_shape_that_no_reader_takes) {
  EXPECT_EQ(NpyWriter::create(path(), {GARITA_SAMPLE_U16, {}}).error().id, "export.npy_shape");
  EXPECT_EQ(NpyWriter::create(path(), {GARITA_SAMPLE_U16, {3, 0}}).error().id, "export.npy_shape");
  EXPECT_EQ(NpyWriter::create(path(), {99, {3}}).error().id, "export.npy_shape");
}

}  // namespace
}  // namespace garita::exporter
