// Events as bytes: what goes in comes out, and what no worker sends is refused with a word that says why.
#include "core/isolate/wire/event_codec.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace garita::isolate {
namespace {

class Book final : public Held, public StripPlaces {
 public:
  std::set<uint64_t> held = {0, 4096};
  std::optional<load::StripMemory> take_strip(uint64_t offset) override {
    if (held.erase(offset) == 0) return std::nullopt;
    return load::StripMemory{std::shared_ptr<std::byte>(pool_, pool_.get() + offset), 4096};
  }
  bool holds_object(uint64_t object) const override { return object == 3; }
  uint64_t deliver(const std::byte* memory) override { return static_cast<uint64_t>(memory - pool_.get()); }
  image::Memory at(uint64_t offset) const { return image::Memory(pool_, pool_.get() + offset); }

 private:
  std::shared_ptr<std::byte[]> pool_{new std::byte[8192]()};
};

class EventCodec : public ::testing::Test {
 protected:
  std::vector<std::byte> encoded(image::Event event) {
    std::vector<std::byte> room(1 << 20);
    Writer out(room);
    encode_event(out, event, book_);
    room.resize(out.size());
    return room;
  }
  std::optional<image::Event> decoded(const std::vector<std::byte>& bytes) {
    OutsideReader in(bytes);
    const auto event = decode_event(in, book_, what_);
    return event ? event->checked([](const image::Event&) { return true; }) : std::nullopt;
  }
  image::Strip strip() {
    image::Strip strip;
    strip.rows = 4;
    strip.row_stride_bytes = 1024;
    strip.memory = book_.at(4096);
    strip.dose_q16 = {1, 2, 3, 4};
    return strip;
  }

  Book book_;
  std::string what_;
};

TEST_F(EventCodec, a_strip_keeps_its_place_and_its_rows) {
  const auto event = decoded(encoded(strip()));
  ASSERT_TRUE(event) << what_;
  EXPECT_EQ(std::get<image::Strip>(*event).memory, book_.at(4096));
  EXPECT_EQ(std::get<image::Strip>(*event).dose_q16, (std::vector<uint32_t>{1, 2, 3, 4}));
  EXPECT_EQ(book_.held, std::set<uint64_t>{0}) << "it is the host's now";
}

TEST_F(EventCodec, every_prefix_of_an_event_is_refused) {
  image::ScanBegin begin;
  begin.key = "scan-1";
  begin.attributes.push_back({"conveyance.containers[0].number", {GARITA_VALUE_TEXT, 0, 0, "CSQU3054383"}});
  begin.views.emplace_back().channels.emplace_back();
  begin.objects = {3};
  const std::vector<std::byte> whole = encoded(begin);
  ASSERT_TRUE(decoded(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    what_.clear();
    EXPECT_FALSE(decoded({whole.begin(), whole.begin() + static_cast<long>(size)})) << size;
    EXPECT_FALSE(what_.empty());
  }
}

TEST_F(EventCodec, a_strip_that_the_driver_does_not_hold_is_refused) {
  const auto bytes = encoded(strip());
  ASSERT_TRUE(decoded(bytes));
  EXPECT_FALSE(decoded(bytes));
  EXPECT_EQ(what_, "strip");
}

TEST_F(EventCodec, rows_beyond_the_strip_are_refused) {
  image::Strip large = strip();
  large.row_stride_bytes = 1025;
  large.dose_q16.clear();
  EXPECT_FALSE(decoded(encoded(large)));
  EXPECT_EQ(what_, "rows");
}

TEST_F(EventCodec, an_array_that_is_not_one_value_a_row_is_refused) {
  image::Strip odd = strip();
  odd.dose_q16 = {1, 2, 3};
  EXPECT_FALSE(decoded(encoded(odd)));
}

TEST_F(EventCodec, an_object_that_the_driver_does_not_hold_is_refused) {
  image::Attachment attachment;
  attachment.object = 4;
  EXPECT_FALSE(decoded(encoded(attachment)));
  EXPECT_EQ(what_, "object");
}

TEST_F(EventCodec, bytes_behind_the_event_are_refused) {
  std::vector<std::byte> bytes = encoded(image::Health{});
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decoded(bytes));
}

TEST_F(EventCodec, another_version_is_refused) {
  std::vector<std::byte> bytes = encoded(image::Health{});
  bytes[0] = std::byte{2};
  EXPECT_FALSE(decoded(bytes));
  EXPECT_EQ(what_, "version");
}

TEST_F(EventCodec, the_fuzzers_seeds_are_events_but_for_the_broken_ones) {
  for (const auto& entry : std::filesystem::directory_iterator(GARITA_SOURCE_DIR "/tests/fuzz/event_decoder/corpus")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::byte> bytes(content.size());
    std::memcpy(bytes.data(), content.data(), content.size());
    book_.held = {0, 4096, 8192};
    const std::string name = entry.path().filename();
    const bool broken = name == "strip_overrun" || name == "count_huge" || name == "scan_begin";  // objects 1 and 2
    EXPECT_EQ(decoded(bytes).has_value(), !broken) << name;
  }
}

}  // namespace
}  // namespace garita::isolate
