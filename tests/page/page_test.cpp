// What is written into a page: every pixel, every word as text and none as markup, nothing from outside.
#include <algorithm>
#include <regex>
#include <set>

#include "core/base/testing/faulty_files.hpp"
#include "core/base/text/catalogue.hpp"
#include "core/host/page/document.hpp"
#include "core/host/page/model.hpp"
#include "core/host/page/parts.hpp"
#include "core/host/page/plane_rows.hpp"
#include "tests/page/page_fixture.hpp"

namespace garita::host::testing {
namespace {

using nlohmann::json;

std::string whole_part(std::string_view ending) {
  std::string joined;
  for (const base::EmbeddedFile& file : page_parts())
    if (file.name.ends_with(ending)) joined += file.text;
  return joined;
}

size_t count_of(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++count;
  return count;
}

TEST_F(Page, holds_every_pixel_of_a_plane_of_many_tiles) {
  view();
  write_package({{.rows = 1030, .columns = 1100}});
  const std::string own = page();
  for (const auto& [id, row, column, rows, columns] : {std::tuple{"t0-0-0-0", 0u, 0u, 513u, 1025u},
                                                       {"t0-0-0-1", 0u, 1024u, 513u, 76u},
                                                       {"t0-0-1-0", 512u, 0u, 513u, 1025u},
                                                       {"t0-0-2-1", 1024u, 1024u, 6u, 76u}}) {
    auto numbers = tile(own, id, size_t{rows} * columns);
    ASSERT_EQ(numbers.size(), size_t{rows} * columns) << id;
    unfold(numbers, columns);
    for (uint32_t r = 0; r < rows; ++r)
      for (uint32_t c = 0; c < columns; ++c)
        ASSERT_EQ(numbers[r * columns + c], wedge(row + r, column + c)) << id << ' ' << r << ' ' << c;
  }
  EXPECT_EQ(count_of(own, "id=\"t0-"), 6u);
}

TEST_F(Page, of_a_plane_one_row_longer_than_a_band_has_that_row) {
  view();
  write_package({{.rows = 513, .columns = 10}});
  auto numbers = tile(page(), "t0-0-1-0", 10);
  unfold(numbers, 10);
  ASSERT_EQ(numbers.size(), 10u);
  EXPECT_EQ(numbers[7], wedge(512, 7));
}

TEST_F(Page, has_its_overview_before_the_script_and_its_tiles_behind) {
  view();
  write_package({{.rows = 3000, .columns = 40}});
  const std::string own = page();
  const size_t overview = own.find("id=\"o0-0\""), script = own.find("<script>'use strict'"),
               tile_at = own.find("id=\"t0-0-0-0\"");
  ASSERT_NE(tile_at, std::string::npos);
  EXPECT_LT(overview, script);
  EXPECT_LT(script, tile_at);
  EXPECT_EQ(model(own)["views"][0]["overview"], json::parse("[750,10]"));
}

TEST_F(Page, overview_is_the_mean_of_boxes) {
  view();
  write_package({{.rows = 3000, .columns = 40}});
  auto numbers = tile(page(), "o0-0", 7500);
  unfold(numbers, 10);
  uint32_t sum = 0;
  for (uint32_t r = 400; r < 404; ++r)
    for (uint32_t c = 12; c < 16; ++c) sum += wedge(r, c);
  EXPECT_EQ(numbers.at(100 * 10 + 3), (sum + 8) / 16);
}

TEST_F(Page, of_planes_beyond_its_limit_has_their_average_and_says_so) {
  view();
  write_package({{.rows = 1200, .columns = 64}});
  const std::string own = page({.max_plane_bytes = 100'000});
  const json first = model(own)["views"][0];
  EXPECT_EQ(first["averaged"], 4);
  EXPECT_EQ(first["rows"], 300);
  EXPECT_DOUBLE_EQ(first["pitch"][0], 0.016);
  ASSERT_EQ(summary.notes.size(), 1u);
  EXPECT_EQ(summary.notes[0].id, "host.page_averaged");
  EXPECT_EQ(model(own)["notes"]["es"][0], base::render(summary.notes[0], base::Language::es));
}

TEST_F(Page, keeps_the_low_energy_beside_the_high_and_the_curves_of_materials) {
  v1::View& own = view();
  own.add_channels()->set_kind(v1::Channel::KIND_HIGH);
  own.add_channels()->set_kind(v1::Channel::KIND_LOW);
  write_package({{.channel = "high"},
                 {.channel = "low", .numbers = [](uint64_t, uint32_t) { return uint16_t{7777}; }}});
  const std::string text = page();
  auto low = tile(text, "t0-1-0-0", 60'000);
  unfold(low, 200);
  EXPECT_EQ(std::count(low.begin(), low.end(), 7777), 60'000);
  EXPECT_EQ(base::from_base64(block(text, "c0"))->size(), 3 * 401 * sizeof(float));
}

TEST_F(Page, without_a_low_energy_of_the_same_size_shows_the_high_alone) {
  view();
  write_package({{.channel = "high"}, {.channel = "low", .rows = 299}});
  EXPECT_EQ(model(page())["views"][0]["low"], false);
}

// ---- Words from outside

constexpr const char* hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'`&amp;<!--";

TEST_F(Page, has_no_word_of_the_record_outside_of_its_json) {
  view();
  record.mutable_conveyance()->add_plates()->set_number(hostile);
  record.mutable_identity()->set_scan_key(hostile);
  record.mutable_identity()->set_site(hostile);
  record.mutable_device()->set_vendor(hostile);
  record.mutable_documents()->add_manifest()->set_description(hostile);
  v1::Reading& reading = *record.add_readings();
  reading.set_panel(hostile);
  reading.add_values(1);
  write_package({{}}, {{"image/png", hostile, "\x89PNG\r\n\x1A\n..."}});
  const std::string own = page();
  EXPECT_EQ(own.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(own.find("<img src=x"), std::string::npos);
  EXPECT_EQ(own.find("&amp;<!--"), std::string::npos);
  const json all = model(own);
  EXPECT_EQ(all["title"]["what"], hostile);  // all of it, as a string
  EXPECT_EQ(all["readings"][0]["panel"], hostile);
  EXPECT_EQ(all["photos"][0]["name"], hostile);
  // Elements: those of ours, however hostile the words.
  EXPECT_EQ(count_of(own, "<script>"), 1u);
  EXPECT_EQ(count_of(own, "<script"), count_of(own, "</script>"));
}

TEST_F(Page, drops_what_turns_the_direction_of_text) {
  view();
  record.mutable_identity()->set_scan_key(
      "abc\xE2\x80\xAE"
      "cba \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D");  // RLO, then Hebrew
  write_package({{}});
  EXPECT_EQ(model(page())["title"]["what"], "abccba \xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D");
}

TEST_F(Page, of_text_that_is_no_utf8_is_a_page_all_the_same) {
  view();
  record.mutable_identity()->set_scan_key("plain");
  record.mutable_conveyance()->set_vin(std::string("\xFF\xFE\x00\x01", 4));
  write_package({{}}, {{"image/jpeg", "a.jpg", "\xFF\xD8\xFF\xE0 and more"}});
  EXPECT_EQ(model(page())["photos"].size(), 1u);
}

TEST(JsonForScript, cannot_end_its_element) {
  EXPECT_EQ(json_for_script(R"({"a":"</script>&"})"), R"({"a":"\u003c/script\u003e\u0026"})");
}

// ---- Its policy

TEST_F(Page, allows_its_own_script_and_style_and_nothing_else) {
  view();
  write_package({{}});
  const std::string own = page();
  std::smatch policy;
  ASSERT_TRUE(std::regex_search(own, policy, std::regex("Content-Security-Policy\" content=\"([^\"]*)\"")));
  const size_t script = own.find("<script>") + 8, style = own.find("<style>") + 7;
  const std::string script_text = own.substr(script, own.find("</script>", script) - script);
  const std::string style_text = own.substr(style, own.find("</style>", style) - style);
  EXPECT_EQ(policy[1], "default-src 'none'; script-src " + policy_source(script_text) + "; style-src " +
                           policy_source(style_text) +
                           "; img-src data:; base-uri 'none'; form-action 'none'");
  EXPECT_LT(own.find("Content-Security-Policy"), own.find("<style>"));
}

TEST(PageParts, name_no_address_and_make_no_markup_of_strings) {
  const std::string script = whole_part(".js"), markup = whole_part(".html"), style = whole_part(".css");
  for (const char* word :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch(",
        "XMLHttpRequest", "import(", "WebSocket", "localStorage", "</script"})
    EXPECT_EQ(script.find(word), std::string::npos) << word;
  for (const std::string& text : {script, markup, style})
    for (const char* word : {"https:", "@import", "url("})
      EXPECT_EQ(text.find(word), std::string::npos) << word;
  EXPECT_EQ(count_of(script, "http:"), count_of(script, "http://www.w3.org/2000/svg"));
  EXPECT_EQ(markup.find("style=\""), std::string::npos) << "the policy forbids it";
}

// Every id that the page's parts ask for is in the catalogue's [page]; each of [page] is asked for.
TEST(PageParts, ask_for_the_words_that_the_catalogue_has) {
  const std::string parts = whole_part(".js") + whole_part(".html");
  std::set<std::string> known, asked;
  for (const base::CatalogueRow& row : base::catalogue())
    if (row.id.starts_with("page.")) known.insert(std::string(row.id.substr(5)));
  const std::regex id(R"((?:data-text="|data-label="|word\('|say\('|\{\{page\.)([a-z0-9_]+))");
  for (std::sregex_iterator at(parts.begin(), parts.end(), id), end; at != end; ++at) {
    asked.insert((*at)[1]);
    EXPECT_TRUE(known.contains((*at)[1])) << (*at)[1];
  }
  EXPECT_GT(asked.size(), 40u);
  for (const std::string& each : known) {
    const size_t end = each.rfind('_');  // 'unit_${…}' asks for all that begin so
    const bool composed = end != each.npos && parts.find(each.substr(0, end + 1) + "${") != parts.npos;
    EXPECT_TRUE(composed || asked.contains(each) || parts.find("'" + each + "'") != parts.npos)
        << each << " is never asked for";
  }
}

TEST_F(Page, has_its_words_in_both_languages) {
  view();
  write_package({{}});
  const json all = model(page({.language = base::Language::es}));
  EXPECT_EQ(all["language"], "es");
  EXPECT_EQ(all["texts"]["en"].size(), all["texts"]["es"].size());
  EXPECT_EQ(all["texts"]["en"]["grey"], "Grey");
  EXPECT_EQ(all["texts"]["es"]["grey"], "Gris");
  EXPECT_EQ(all["record"]["en"].size(), all["record"]["es"].size());
}

// ---- Photographs

TEST_F(Page, shows_pictures_that_begin_as_their_media_type_says) {
  view();
  const std::string jpeg = "\xFF\xD8\xFF\xE0 the rest is for the browser",
                    png = "\x89PNG\r\n\x1A\n and so on";
  write_package({{}}, {{"image/jpeg", "scene.jpg", jpeg},
                       {"image/png", "plate.png", png},
                       {"image/jpeg", "liar.jpg", "<svg onload=alert(1)>"},
                       {"image/svg+xml", "drawing.svg", "<svg/>"},
                       {"text/html", "page.html", "<script>alert(1)</script>"}});
  const std::string own = page();
  EXPECT_EQ(model(own)["photos"].size(), 2u);
  EXPECT_EQ(block(own, "photo0"), base::to_base64(base::Bytes(jpeg)));
  EXPECT_EQ(model(own)["photos"][1]["type"], "image/png");
  ASSERT_EQ(summary.notes.size(), 1u);
  EXPECT_EQ(summary.notes[0].field("name"), "liar.jpg");
}

TEST_F(Page, names_a_picture_that_is_too_large) {
  view();
  write_package({{}}, {{"image/jpeg", "scene.jpg", "\xFF\xD8\xFF" + std::string(5000, 'x')}});
  EXPECT_EQ(model(page({.max_photo_bytes = 4096}))["photos"].size(), 0u);
  ASSERT_EQ(summary.notes.size(), 1u);
  EXPECT_EQ(summary.notes[0].id, "host.page_photo_large");
}

// ---- Readings

TEST_F(Page, joins_the_pieces_of_a_panel_and_thins_them_without_losing_a_peak) {
  for (int piece = 0; piece < 2; ++piece) {
    v1::Reading& reading = *record.add_readings();
    reading.set_kind(v1::Reading::KIND_GAMMA);
    reading.set_panel("Al");
    reading.mutable_started()->set_utc_ns(1'000'000'000 * (1 + piece));
    reading.set_interval_ns(200'000'000);
    reading.set_alarm(piece == 1);
    for (int i = 0; i < 5000; ++i) reading.add_values(piece == 1 && i == 3333 ? 900 : 10);
  }
  const json all = readings_of(record);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["alarm"], true);
  const json& second = all[0]["pieces"][1];
  EXPECT_DOUBLE_EQ(second["start"], 1.0);
  EXPECT_LE(second["values"].size(), max_points);
  EXPECT_DOUBLE_EQ(second["step"].get<double>(), 0.2 * 3);
  EXPECT_EQ(std::count(second["values"].begin(), second["values"].end(), 900), 1);
}

TEST_F(Page, survives_readings_that_are_no_numbers_and_without_end) {
  for (int i = 0; i < 200; ++i) {
    v1::Reading& reading = *record.add_readings();
    reading.set_kind(v1::Reading::KIND_SPECTRUM);
    reading.add_values(std::nan(""));
    reading.add_values(INFINITY);
  }
  const json all = readings_of(record);
  EXPECT_EQ(all.size(), max_series);
  EXPECT_EQ(all[0]["pieces"][0]["values"], json::parse("[0.0,0.0]"));
}

// ---- Boxes, marks, views

TEST_F(Page, turns_boxes_of_a_plane_that_is_stored_from_the_rear_and_clips_them) {
  view().mutable_geometry()->set_rows_rear_first(true);
  v1::Detection& box = *record.add_detections();
  box.set_view("side");
  box.set_first_row(10), box.set_rows(20), box.set_first_column(150), box.set_columns(5000);
  v1::Detection& outside = *record.add_detections();
  outside.set_view("side");
  outside.set_first_row(UINT64_MAX - 3), outside.set_rows(UINT64_MAX), outside.set_columns(1);
  write_package({{}});
  const json boxes = model(page())["views"][0]["boxes"];
  ASSERT_EQ(boxes.size(), 1u);
  EXPECT_EQ(boxes[0]["row"], 270);
  EXPECT_EQ(boxes[0]["columns"], 50);
}

TEST_F(Page, of_a_view_without_a_plane_says_so_and_shows_the_rest) {
  view("side");
  view("top");
  write_package({{.view = "top"}});
  const json all = model(page());
  ASSERT_EQ(all["views"].size(), 1u);
  EXPECT_EQ(all["views"][0]["name"], "top");
  EXPECT_EQ(summary.notes[0].id, "host.no_plane");
}

TEST_F(Page, of_a_plane_that_is_no_transmission_says_what_its_numbers_mean) {
  v1::View& own = view();
  own.clear_transmission_scale();
  own.set_unit(v1::View::UNIT_COUNTS);
  write_package({{}});
  const json first = model(page())["views"][0];
  EXPECT_EQ(first["canonical"], false);
  EXPECT_EQ(first["slope"], 1);
  EXPECT_EQ(first["intercept"], 0);
}

TEST_F(Page, of_a_scan_that_nobody_suspects_says_nothing_of_it) {
  view();
  write_package({{}});
  const json seen = model(page());
  EXPECT_EQ(seen["title"]["suspect"], false);
  EXPECT_EQ(seen["notes"]["en"], json::array());
}

TEST_F(Page, of_a_replayed_scan_says_so_on_top_and_in_a_sentence) {
  view();
  record.mutable_freshness()->set_reason(v1::Freshness::REASON_EQUAL_PLANES);
  record.mutable_freshness()->set_view("side");
  record.mutable_freshness()->set_channel("high");
  record.mutable_freshness()->set_earlier_scan_key("L3-000041");
  write_package({{}});
  const json seen = model(page());
  EXPECT_EQ(seen["title"]["suspect"], true);
  EXPECT_NE(seen["notes"]["en"][0].get<std::string>().find("L3-000041"), std::string::npos);
}

TEST_F(Page, that_cannot_be_written_leaves_nothing) {
  using base::testing::FileCall;
  view();
  write_package({{.rows = 1030, .columns = 1100}});
  auto package = open_package(folder / "x.garita");
  ASSERT_TRUE(package);
  for (const auto& [call, at] : {std::pair{FileCall::create, 1u},
                                 {FileCall::append, 1u},
                                 {FileCall::append, 2u},
                                 {FileCall::sync, 1u},
                                 {FileCall::rename, 1u}}) {
    base::testing::FaultyFileSystem files;
    files.fail({.call = call, .at = at, .partial_bytes = 1000});
    EXPECT_FALSE(write_page(*package, folder / "page.html", {}, files));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      EXPECT_EQ(entry.path().extension(), ".garita") << entry.path();
  }
}

// ---- Rows

class Rows : public ::testing::Test {
 protected:
  std::vector<uint16_t> all(uint32_t level = 0) {
    std::vector<uint16_t> rows;
    const picture::Plane counted{plane.rows, plane.columns, [this](uint64_t row, std::span<uint16_t> out) {
                                   EXPECT_TRUE(asked.empty() || row > asked.back())
                                       << "rows are asked once, in order";
                                   asked.push_back(row);
                                   return plane.read(row, out);
                                 }};
    EXPECT_TRUE(
        each_row(counted, masks, level, [&](std::span<const uint16_t> some, uint32_t) -> base::Result<void> {
          rows.insert(rows.end(), some.begin(), some.end());
          return {};
        }));
    return rows;
  }

  picture::Plane plane{200, 3, [](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
                         for (size_t c = 0; c < out.size(); ++c)
                           out[c] = static_cast<uint16_t>(100 * row + 1000 * c);
                         return {};
                       }};
  picture::Masks masks;
  std::vector<uint64_t> asked;
};

TEST_F(Rows, that_were_lost_are_bridged_and_never_read) {
  masks.lost_rows = {0, 1, 63, 64, 65, 199};
  const auto rows = all();
  ASSERT_EQ(rows.size(), 600u);
  EXPECT_EQ(rows[0], 200);            // from the first that lives
  EXPECT_EQ(rows[64 * 3], 6400);      // between 62 and 66
  EXPECT_EQ(rows[66 * 3 + 1], 7600);  // and goes on
  EXPECT_EQ(rows[199 * 3], 19800);    // from the last
  for (const uint64_t row : masks.lost_rows) EXPECT_EQ(std::count(asked.begin(), asked.end(), row), 0);
}

TEST_F(Rows, that_are_all_lost_are_as_they_are) {
  for (uint64_t row = 0; row < plane.rows; ++row) masks.lost_rows.push_back(row);
  EXPECT_EQ(all().size(), 600u);
}

TEST_F(Rows, have_their_dead_columns_bridged) {
  masks.dead_columns = {1};
  EXPECT_EQ(all()[1], 1000);
  masks.dead_columns = {0, 1};
  asked.clear();
  EXPECT_EQ(all()[0], 2000);
  masks.dead_columns = {0, 1, 2};  // nothing lives
  asked.clear();
  EXPECT_EQ(all()[2], 2000);
}

}  // namespace
}  // namespace garita::host::testing
