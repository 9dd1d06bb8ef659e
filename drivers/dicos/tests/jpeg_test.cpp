// Frames that a decoder may be given, and every kind of damage that it may not.
#include "drivers/dicos/jpeg.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "drivers/dicos/decode.hpp"
#include "drivers/dicos/tests/samples.hpp"
#include "garita/error.hpp"

namespace garita::dicos {
namespace {

using Bytes = std::vector<std::byte>;

// The one frame of a sample file, by its own markers.
Bytes frame_of(const samples::Sample& sample) {
  const std::string file = samples::image(sample);
  const size_t begin = file.find("\xFF\xD8\xFF"), end = file.rfind("\xFF\xD9");
  const auto bytes = std::as_bytes(std::span(file)).subspan(begin, end + 2 - begin);
  return {bytes.begin(), bytes.end()};
}

struct Coding {
  const char* name;
  E_TransferSyntax syntax;
  JpegKind kind;
};
const Coding codings[] = {{"lossless", EXS_JPEGProcess14SV1, JpegKind::lossless},
                          {"jpeg_ls", EXS_JPEGLSLossless, JpegKind::jpeg_ls}};

class JpegCheck : public ::testing::TestWithParam<Coding> {
 protected:
  static constexpr uint32_t rows = 19, columns = 13;

  JpegCheck() : whole_(frame_of({.coding = GetParam().syntax, .rows = rows, .columns = columns})) {}

  std::optional<Stop> stop_of(const Bytes& bytes, uint32_t sample_bytes = 2) const {
    try {
      check_jpeg(bytes, {GetParam().kind, columns, rows, sample_bytes});
      return std::nullopt;
    } catch (const Stop& stop) {
      return stop;
    }
  }

  // Where a marker's own byte stands.
  size_t place_of(uint8_t marker) const {
    for (size_t i = 1; i < whole_.size(); ++i)
      if (whole_[i - 1] == std::byte{0xFF} && whole_[i] == std::byte{marker}) return i;
    ADD_FAILURE() << "no such marker";
    return 0;
  }
  size_t frame_header() const { return place_of(GetParam().kind == JpegKind::lossless ? 0xC3 : 0xF7); }

  void expect_refused(const Bytes& bytes, const char* word) const {
    const auto stop = stop_of(bytes);
    ASSERT_TRUE(stop) << word;
    EXPECT_TRUE(is_data(stop->status));
    EXPECT_NE(stop->message.find(word), std::string::npos) << stop->message;
  }
  Bytes with(size_t place, uint8_t value) const {
    Bytes changed = whole_;
    changed[place] = std::byte{value};
    return changed;
  }

  const Bytes whole_;
};

TEST_P(JpegCheck, lets_a_whole_frame_pass_with_or_without_its_padding) {
  const auto stop = stop_of(whole_);
  EXPECT_FALSE(stop) << stop->message;
  Bytes padded = whole_;
  padded.push_back({});
  EXPECT_FALSE(stop_of(padded));
}

TEST_P(JpegCheck, cut_at_any_byte_is_refused) {
  for (size_t size = 0; size < whole_.size(); ++size)
    EXPECT_TRUE(stop_of({whole_.begin(), whole_.begin() + static_cast<ptrdiff_t>(size)})) << size;
}

TEST_P(JpegCheck, of_another_size_precision_or_number_of_components_is_refused) {
  const size_t header = frame_header();  // marker, u16 size, precision, u16 rows, u16 columns, components
  expect_refused(with(header + 5, rows + 1), "13 x 20");
  expect_refused(with(header + 6, 1), "x 19");
  expect_refused(with(header + 3, 8), "8 bits");
  expect_refused(with(header + 3, 17), "17 bits");
  expect_refused(with(header + 8, 3), "3 components");
  expect_refused(with(header + 10, 0x21), "sampled");
  EXPECT_TRUE(stop_of(whole_, 1));
}

TEST_P(JpegCheck, with_a_second_frame_header_or_a_scan_of_another_component_is_refused) {
  const size_t header = frame_header(), size = 2 + std::to_integer<size_t>(whole_[header + 2]);
  Bytes twice = whole_;
  twice.insert(twice.begin() + static_cast<ptrdiff_t>(header) - 1,
               whole_.begin() + static_cast<ptrdiff_t>(header) - 1,
               whole_.begin() + static_cast<ptrdiff_t>(header - 1 + size));
  expect_refused(twice, "two frame headers");
  expect_refused(with(place_of(0xDA) + 4, 77), "component");
}

TEST_P(JpegCheck, with_a_marker_among_its_samples_is_refused) {
  Bytes marked = whole_;
  const size_t scan = place_of(0xDA), at = scan + 1 + std::to_integer<size_t>(whole_[scan + 2]) + 4;
  const Bytes restart = {std::byte{0xFF}, std::byte{0xD0}};
  marked.insert(marked.begin() + static_cast<ptrdiff_t>(at), restart.begin(), restart.end());
  expect_refused(marked, "among their samples");
}

TEST_P(JpegCheck, with_something_behind_its_end_is_refused) {
  Bytes longer = whole_;
  longer.insert(longer.end(), whole_.begin(), whole_.end());
  expect_refused(longer, "follows");
}

INSTANTIATE_TEST_SUITE_P(codings, JpegCheck, ::testing::ValuesIn(codings),
                         [](const auto& coding) { return std::string(coding.param.name); });

// A frame made by hand: what no encoder writes.
class LosslessByHand : public ::testing::Test {
 protected:
  using Words = std::vector<int>;

  static Bytes bytes(const Words& values) {
    Bytes out;
    for (const int value : values) out.push_back(static_cast<std::byte>(value));
    return out;
  }
  // 2 x 2 samples of 16 bits; tables: the body of DHT; extra: segments before the frame header.
  static Bytes frame(const Words& tables, const Words& extra = {},
                     const Words& scan = {1, 1, 0x00, 1, 0, 0}) {
    Words all = {0xFF, 0xD8};
    all.insert(all.end(), extra.begin(), extra.end());
    all.insert(all.end(), {0xFF, 0xC4, 0, static_cast<int>(tables.size() + 2)});
    all.insert(all.end(), tables.begin(), tables.end());
    all.insert(all.end(), {0xFF, 0xC3, 0, 11, 16, 0, 2, 0, 2, 1, 1, 0x11, 0});
    all.insert(all.end(), {0xFF, 0xDA, 0, static_cast<int>(scan.size() + 2)});
    all.insert(all.end(), scan.begin(), scan.end());
    all.insert(all.end(), {0x12, 0x34, 0xFF, 0xD9});
    return bytes(all);
  }
  // Class and place, sixteen counts, symbols.
  static Words table(int which, Words counts, const Words& symbols) {
    counts.resize(16);
    counts.insert(counts.begin(), which);
    counts.insert(counts.end(), symbols.begin(), symbols.end());
    return counts;
  }
  static std::string refusal(const Bytes& bytes) {
    try {
      check_jpeg(bytes, {JpegKind::lossless, 2, 2, 2});
      return "";
    } catch (const Stop& stop) {
      return stop.message;
    }
  }
  const Words good_ = table(0, {1, 1}, {0, 3});
};

TEST_F(LosslessByHand, is_let_pass_where_nothing_is_wrong) { EXPECT_EQ(refusal(frame(good_)), ""); }

TEST_F(LosslessByHand, with_codes_that_cannot_be_is_refused) {
  EXPECT_NE(refusal(frame(table(0, {3}, {0, 1, 2}))).find("more codes"), std::string::npos);
  EXPECT_NE(refusal(frame(table(0, {0, 5}, {0, 1, 2, 3, 4}))).find("more codes"), std::string::npos);
  EXPECT_NE(refusal(frame(table(0, {1}, {17}))).find("no sample has"), std::string::npos);
  EXPECT_NE(refusal(frame(table(4, {1}, {0}))).find("such place"), std::string::npos);
  EXPECT_NE(refusal(frame(table(0, {1, 1}, {0}))).find("shorter"), std::string::npos);
}

TEST_F(LosslessByHand, whose_scan_names_a_table_predictor_or_transform_that_is_not_there_is_refused) {
  for (const Words& scan : {Words{1, 1, 0x10, 1, 0, 0}, Words{1, 1, 0, 0, 0, 0}, Words{1, 1, 0, 8, 0, 0},
                            Words{1, 1, 0, 1, 1, 0}, Words{1, 1, 0, 1, 0, 16}})
    EXPECT_NE(refusal(frame(good_, {}, scan)).find("scan header"), std::string::npos);
}

TEST_F(LosslessByHand, whose_restarts_do_not_fall_on_rows_is_refused) {
  EXPECT_EQ(refusal(frame(good_, {0xFF, 0xDD, 0, 4, 0, 2})), "");
  EXPECT_NE(refusal(frame(good_, {0xFF, 0xDD, 0, 4, 0, 3})).find("scan header"), std::string::npos);
}

TEST_F(LosslessByHand, with_a_marker_that_its_coding_does_not_have_is_refused) {
  for (const int marker : {0xC9, 0xDC, 0xDE, 0xDB, 0xF8, 0x01, 0xD8, 0xD9})
    EXPECT_NE(refusal(frame(good_, {0xFF, marker, 0, 2})).find("marker FF"), std::string::npos) << marker;
}

// What the check lets pass is decoded, or refused by the decoder: with flips all over the frame, many times
// in one process, so that a sanitizer sees what the decoders do.
TEST(DamagedJpeg, is_decoded_or_refused_however_its_bits_are_flipped) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const Coding& coding : codings) {
    const std::string whole =
        samples::image({.coding = coding.syntax, .rows = 37, .columns = 29, .frames = 2});
    const size_t begin = whole.find("\xFF\xD8\xFF");
    for (int trial = 0; trial < 2000; ++trial) {
      std::string damaged = whole;
      for (int flip = 0; flip < 1 + trial % 3; ++flip)
        damaged[begin + random() % (whole.size() - begin)] ^= static_cast<char>(1 << random() % 8);
      try {
        File file(std::as_bytes(std::span(damaged)));
        Bytes row(2 * 29);
        for (uint32_t slice = 0; slice < 2; ++slice) file.read_rows(slice, 36, 1, row);
      } catch (const Stop& stop) {
        ASSERT_TRUE(is_data(stop.status)) << stop.message;
      }
    }
  }
}

}  // namespace
}  // namespace garita::dicos
