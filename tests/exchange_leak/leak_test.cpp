// Nothing that policy withholds is anywhere on the far side or between, in any form; and the same search
// finds all of it where policy gives it. GARITA_LONG=1: the second over each way.
#include "core/exchange/messages/parcel.hpp"
#include "core/exchange/outbox/outbox.hpp"
#include "tests/exchange_leak/leaking.hpp"

namespace garita::leak_test {
namespace {

const std::set<std::string> nowhere;

class OverAWay : public Leaking, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "nats" && !NatsServer::installed())
      GTEST_SKIP() << "SKIPPED, not a pass: " << NatsServer::program
                   << " is missing; apt-get install nats-server";
  }
  void send(const std::string& purpose) {
    carry(GetParam(), [&] { put(purpose); });
    look_at_all();
  }
};
using Leak = OverAWay;
using LeakControl = OverAWay;

TEST_P(Leak, nothing_withheld_is_anywhere_on_the_far_side_or_between) {
  send("some");
  EXPECT_EQ(withheld_found(far), nowhere);
  for (const auto& pixels : {sample->pixels, drawn_pixels()})
    for (const auto& [place, row] : pixels) EXPECT_EQ(far.media_of(Needle(row)), nowhere) << place;
  EXPECT_GT(far.bytes_in("drawn"), 10'000u) << "the overview is drawn there: " << said;
  // Between, not even what goes.
  EXPECT_EQ(between.media_of(Needle(stem)), nowhere);
  EXPECT_GT(between.bytes_in("share") + between.bytes_in("wire") + between.bytes_in("store"), 20'000u);
  // Nothing lies open at its sender. The outbox counts by lane, so it knows the lane's name.
  Search left;
  left.add_folder("exchange", folder / "mx/exchange");
  left.add_folder("tmp", folder / "tmp");
  left = left.with(Needle(stem));
  for (const Canary& canary : sample->canaries)
    EXPECT_EQ(left.media_of(Needle(canary.text)).empty(), canary.place != "identity.lane") << canary.place;
  // The same search finds what goes.
  const Search near = far.with(Needle(stem));
  for (const Canary& canary : sample->canaries)
    EXPECT_EQ(near.media_of(Needle(canary.text)).contains("package"), goes(canary)) << canary.place;
}

TEST_P(LeakControl, with_redaction_off_the_same_search_finds_all_of_it) {
  send("all");
  std::map<std::string, std::string> text_of;
  const Search near = far.with(Needle(stem));
  for (const Canary& canary : sample->canaries) {
    text_of[canary.place] = canary.text;
    const auto media = near.media_of(Needle(canary.text));
    const bool in_record = canary.place.find("attachment ") == std::string::npos;
    EXPECT_TRUE(media.contains("package")) << canary.place;
    EXPECT_TRUE(media.contains("show") || !in_record) << canary.place;
  }
  for (const char* place : {"conveyance.plates[0].number", "conveyance.containers[0].number"})
    for (const char* medium : {"state", "find", "drawn", "show"})
      EXPECT_TRUE(near.media_of(Needle(text_of[place])).contains(medium)) << place << " in " << medium;
  EXPECT_TRUE(far.media_of(Needle(Sample::numbers()[0])).contains("show"));
  EXPECT_TRUE(far.media_of(Needle(Sample::numbers()[1])).contains("package"));
  for (const auto& [place, row] : sample->pixels)
    EXPECT_TRUE(far.media_of(Needle(row)).contains("package")) << place;
  for (const auto& [place, row] : drawn_pixels())
    EXPECT_TRUE(far.media_of(Needle(row)).contains("drawn")) << place;
  EXPECT_TRUE(far.media_of(Needle(sample->pixels["plane high"])).contains("drawn")) << said;
  EXPECT_EQ(between.media_of(Needle(stem)), nowhere) << "sealed, whatever is in it";
}

std::vector<const char*> ways() { return {"folder", "tls", "nats"}; }
std::vector<const char*> ways_of_controls() {
  return std::getenv("GARITA_LONG") ? ways() : std::vector{"folder"};
}
std::string name_of(const ::testing::TestParamInfo<const char*>& way) { return way.param; }
INSTANTIATE_TEST_SUITE_P(By, Leak, ::testing::ValuesIn(ways()), name_of);
INSTANTIATE_TEST_SUITE_P(By, LeakControl, ::testing::ValuesIn(ways_of_controls()), name_of);

TEST_F(Leaking, pictures_and_the_page_of_whole_planes_tell_no_withheld_word) {
  carry_by_folder([this] { put("seen"); });
  look_at_all();
  EXPECT_EQ(withheld_found(far), nowhere);
  for (const auto& [place, row] : drawn_pixels())
    EXPECT_TRUE(far.media_of(Needle(row)).contains("drawn")) << place << said;
}

// What the seal hides from everybody between: the same package, put into the outbox without it.
class Unsealed : public Leaking {
 protected:
  void put_unsealed() {
    auto outbox = exchange::Outbox::open(folder / "mx/exchange/outbox");
    const auto bytes = base::read_text_file(package, 1u << 30);
    const exchange::Parcel parcel{
        exchange::ParcelKind::inspection, package::Reader::open(package)->root(), 1, {}};
    ASSERT_TRUE(outbox.ok() && bytes.ok());
    ASSERT_TRUE(outbox
                    ->put({"us", "lane", "unsealed", exchange::Priority::rest},
                          base::Bytes(exchange::write_parcel_head(parcel) + *bytes))
                    .ok());
    Search left;
    left.add_folder("exchange", folder / "mx/exchange");
    expect_all_in(left, "exchange");
  }
  void expect_all_in(const Search& where, const std::string& medium) const {
    const Search near = where.with(Needle(stem));
    for (const Canary& canary : sample->canaries)
      EXPECT_TRUE(near.media_of(Needle(canary.text)).contains(medium)) << canary.place << " in " << medium;
  }
  // It came as nobody may send it: kept as it came, and said.
  void expect_unreadable() {
    Search us;
    us.add_folder("unreadable", folder / "us/exchange/unreadable");
    us.add_folder("state", folder / "us/state");
    expect_all_in(us, "unreadable");
    EXPECT_FALSE(us.media_of(Needle(stem)).contains("state"));
    EXPECT_NE((said + text("us.log")).find("This is not sealed content"), std::string::npos) << said;
  }
};

TEST_F(Unsealed, lies_open_in_the_folder_between) {
  carry_by_folder([this] { put_unsealed(); });
  expect_all_in(between, "share");
  expect_unreadable();
}

TEST_F(Unsealed, lies_open_in_the_servers_store_and_on_its_line) {
  if (!NatsServer::installed())
    GTEST_SKIP() << "SKIPPED, not a pass: " << NatsServer::program
                 << " is missing; apt-get install nats-server";
  carry_by_nats([this] { put_unsealed(); });
  expect_all_in(between, "store");
  expect_all_in(between, "wire");
  expect_unreadable();
}

// There TLS hides it once more: what is captured shows that the line was heard, the folder there what went
// over it.
TEST_F(Unsealed, over_tls_is_hidden_from_the_line_alone) {
  carry_by_tls([this] { put_unsealed(); });
  EXPECT_EQ(between.media_of(Needle(stem)), nowhere);
  EXPECT_GT(between.bytes_in("wire"), fs::file_size(package));
  expect_unreadable();
}

}  // namespace
}  // namespace garita::leak_test
