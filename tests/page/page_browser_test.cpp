// The page in a real browser: the pixels that an officer sees, keys, languages, hostile words, a phone's
// width. Long: only with GARITA_LONG, and loudly skipped where there is no chromium.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "core/picture/colours/palette.hpp"
#include "core/picture/png.hpp"
#include "tests/page/page_fixture.hpp"

namespace garita::host::testing {
namespace {

using nlohmann::json;

class PageInBrowser : public Page {
 protected:
  void SetUp() override {
    if (!std::getenv("GARITA_LONG")) GTEST_SKIP() << "long: set GARITA_LONG";
    if (std::system("command -v chromium >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "NO CHROMIUM: the page was not looked at in a browser; install the package chromium";
  }

  static constexpr const char* software_gl =
      "--use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader";
  static constexpr const char* no_gl = "--disable-gpu --disable-software-rasterizer --disable-3d-apis";

  // Opens the page in a frame of that width and runs a script there, from outside: the page itself lets
  // nothing run. g: the page's own handle, d: its document. Answers what the script returns.
  json look(const std::string& script, int width = 1280, const char* graphics = software_gl) {
    std::ofstream(folder / "frame.html")
        << "<!doctype html><body style='margin:0'><iframe id=f src='page.html' style='border:0;width:"
        << width
        << "px;height:900px'></iframe><script>onload=async()=>{const "
           "w=f.contentWindow,d=w.document,g=w.garita;"
           "await g.ready;let r;try{r=await(async()=>{"
        << script << "})()}catch(e){r={thrown:String(e)}}document.title=JSON.stringify(r)}</script>";
    const std::string flags = std::string("chromium --headless --no-sandbox --hide-scrollbars ") + graphics +
                              " --allow-file-access-from-files --user-data-dir='" +
                              (folder / "profile").string() +
                              "' --enable-logging=stderr --virtual-time-budget=60000 --window-size=1300,950 ";
    const std::string url = "'file://" + (folder / "frame.html").string() + "'";
    const std::string out = folder / "dom.txt", err = folder / "console.txt";
    keep_screenshot(flags, url);
    (void)!std::system(
        ("timeout -k 5 280 " + flags + "--dump-dom " + url + " >'" + out + "' 2>'" + err + "'").c_str());
    const auto dom = base::read_text_file(out, 1u << 28), console = base::read_text_file(err, 1u << 24);
    if (!dom || !console) return ADD_FAILURE() << "the browser wrote nothing", json();
    EXPECT_EQ(console->find("CONSOLE"), std::string::npos) << *console;
    const size_t from = dom->find("<title>"), to = dom->find("</title>");
    if (from == std::string::npos) return ADD_FAILURE() << dom->substr(0, 4000) << *console, json();
    const json seen = json::parse(unescaped(dom->substr(from + 7, to - from - 7)), nullptr, false);
    EXPECT_FALSE(seen.is_object() && seen.contains("thrown")) << seen.dump();
    return seen;
  }

  // How brightness is defined (core/picture/drawing/window.hpp), written down once more.
  static double grey(double t, bool log, double low, double high, double gamma = 1, bool inverse = false) {
    const double inside = std::clamp(t, low, high);
    const double share = log ? std::log(inside / low) / std::log(high / low) : (inside - low) / (high - low);
    const double bright = std::pow(share, 1 / gamma);
    return 255 * (inverse ? 1 - bright : bright);
  }

  static double transmission(uint16_t number) { return (number - 1024.0) / 57344; }

 private:
  static std::string unescaped(std::string text) {
    for (const auto& [entity, letter] :
         {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
      for (size_t at = 0; (at = text.find(entity, at)) != std::string::npos; ++at)
        text.replace(at, std::string(entity).size(), letter);
    return text;
  }

  static void keep_screenshot(const std::string& flags, const std::string& url) {
    const char* const keep = std::getenv("GARITA_SCREENSHOTS");
    if (!keep || !*keep) return;
    const std::string name = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    (void)!std::system(("timeout -k 5 280 " + flags + "--screenshot='" + keep + "/" + name + ".png' " + url +
                        " >/dev/null 2>&1")
                           .c_str());
  }
};

TEST_F(PageInBrowser, shows_the_right_grey_at_three_windows) {
  view();
  write_package({{.rows = 1030, .columns = 1100}});
  page();
  // Corners, seams of tiles, the middle.
  const std::pair<uint32_t, uint32_t> places[] = {{0, 0},       {511, 1023}, {512, 1024}, {511, 1024},
                                                  {512, 1023},  {513, 1025}, {777, 333},  {1029, 0},
                                                  {1029, 1099}, {1024, 1099}};
  std::string list;
  for (const auto& [row, column] : places)
    list += (list.empty() ? "[" : ",[") + std::to_string(row) + "," + std::to_string(column) + "]";
  const json seen =
      look("const at=[" + list +
           "];const all=[];for(const set of [{scale:'linear',low:0,high:1},{scale:'log',low:0.002,high:1},"
           "{scale:'linear',low:0.3,high:0.7,gamma:2,inverse:true}]){g.set(set);"
           "all.push(at.map(([r,c])=>[g.stored(0,r,c)[0],...g.pixel(0,r,c)]))}return all");
  ASSERT_TRUE(seen.is_array()) << seen.dump();
  ASSERT_EQ(seen.size(), 3u);
  for (size_t i = 0; i < std::size(places); ++i) {
    const uint16_t number = wedge(places[i].first, places[i].second);
    const double t = transmission(number);
    const double expected[] = {grey(t, false, 0, 1), grey(t, true, 0.002, 1),
                               grey(t, false, 0.3, 0.7, 2, true)};
    for (size_t setting = 0; setting < 3; ++setting) {
      const json& pixel = seen[setting][i];
      EXPECT_EQ(pixel[0], number);
      for (int channel = 1; channel <= 3; ++channel)
        EXPECT_NEAR(pixel[channel].get<double>(), expected[setting], 1)
            << "setting " << setting << ", place " << i;
    }
  }
}

TEST_F(PageInBrowser, shows_pseudo_colours_as_a_png_has_them) {
  view();
  write_package({{}});
  page();
  const json seen = look("g.set({scale:'linear',low:0,high:1,colours:'pseudo'});return g.pixel(0,150,100)");
  const picture::Rgb expected = picture::pseudo_colour(static_cast<float>(transmission(wedge(150, 100))));
  EXPECT_NEAR(seen[0].get<int>(), expected.red, 3);
  EXPECT_NEAR(seen[1].get<int>(), expected.green, 3);
  EXPECT_NEAR(seen[2].get<int>(), expected.blue, 3);
}

TEST_F(PageInBrowser, obeys_keys_and_locks_its_views) {
  view("side");
  view("top");
  write_package({{.view = "side", .rows = 700}, {.view = "top", .rows = 350, .columns = 120}});
  page();
  const json seen = look(
      "const c=d.getElementById('picture'),key=(k,s)=>c.dispatchEvent(new w.KeyboardEvent('keydown',"
      "{key:k,shiftKey:!!s,bubbles:true,cancelable:true}));const "
      "out={};c.focus();out.focus=d.activeElement===c;"
      "const first=g.window;key('i');out.inverse=g.window.inverse;key('i');key('ArrowUp',true);"
      "out.level=g.window.low>first.low&&g.window.high>first.high;key('l');out.scale=g.window.scale;"
      "key('+');key('ArrowRight');out.locked=g.panes;key('k');key('+');out.free=g.panes;return out");
  EXPECT_EQ(seen["focus"], true);
  EXPECT_EQ(seen["inverse"], true);
  EXPECT_EQ(seen["level"], true);
  EXPECT_EQ(seen["scale"], "linear");
  ASSERT_EQ(seen["locked"].size(), 2u);
  EXPECT_EQ(seen["locked"][0]["x"], seen["locked"][1]["x"]);
  EXPECT_GT(seen["locked"][0]["x"], 0.5);
  EXPECT_GT(seen["locked"][0]["zoom"], 1.0);
  EXPECT_EQ(seen["locked"][0]["zoom"], seen["locked"][1]["zoom"]);
  EXPECT_NE(seen["free"][0]["zoom"], seen["free"][1]["zoom"]);
}

TEST_F(PageInBrowser, changes_its_language_and_fits_a_phone) {
  view();
  record.mutable_conveyance()->set_kind(v1::Conveyance::KIND_TRUCK);
  v1::Reading& reading = *record.add_readings();
  reading.set_kind(v1::Reading::KIND_GAMMA);
  reading.set_panel("Al");
  reading.set_interval_ns(200'000'000);
  for (int i = 0; i < 60; ++i) reading.add_values(40 + (i > 30 && i < 40 ? 100 : 0));
  const picture::PngImage image{{.width = 8, .height = 4}, std::vector<uint8_t>(32, 128)};
  ASSERT_TRUE(picture::write_png(folder / "scene.png", image));
  write_package({{}}, {{"image/png", "scene.png", *base::read_text_file(folder / "scene.png", 1u << 20)}});
  page();
  const json seen = look(
      "const words=()=>({lang:d.documentElement.lang,grey:d.querySelector('[data-colours=grey]').textContent,"
      "record:d.getElementById('record').textContent});const out={en:words()};"
      "d.querySelector('[data-language=es]').click();out.es=words();const "
      "e=d.documentElement,inner=w.innerWidth;"
      "out.scroll=e.scrollWidth-inner;out.wide=[...d.querySelectorAll('header *,main "
      "*')].filter(n=>n.offsetParent&&"
      "n.getBoundingClientRect().right>inner+1).map(n=>n.outerHTML.slice(0,80));out.curves=d."
      "querySelectorAll('polyline').length;"
      "const i=d.querySelector('img');await i.decode();out.photo=[i.naturalWidth,i.naturalHeight];"
      "out.unnamed=[...d.querySelectorAll('button,input,canvas[role]')].filter(n=>!n.hidden&&!n.textContent.trim()&"
      "&"
      "!n.getAttribute('aria-label')&&!n.closest('label')).map(n=>n.outerHTML.slice(0,80));return out",
      390);
  EXPECT_EQ(seen["en"]["lang"], "en");
  EXPECT_EQ(seen["en"]["grey"], "Grey");
  EXPECT_EQ(seen["es"]["lang"], "es");
  EXPECT_EQ(seen["es"]["grey"], "Gris");
  EXPECT_NE(seen["en"]["record"].get<std::string>().find("truck"), std::string::npos);
  EXPECT_NE(seen["es"]["record"].get<std::string>().find("camión"), std::string::npos);
  EXPECT_LE(seen["scroll"], 0);
  EXPECT_EQ(seen["wide"], json::array());
  EXPECT_EQ(seen["curves"], 1);
  EXPECT_EQ(seen["photo"], json::parse("[8,4]"));
  EXPECT_EQ(seen["unnamed"], json::array({}));
}

TEST_F(PageInBrowser, shows_hostile_words_as_words) {
  view();
  const std::string hostile = "</script><img src=x onerror=\"parent.hit=1\">'\"&lt;";
  record.mutable_identity()->set_scan_key(hostile);
  record.mutable_documents()->add_manifest()->set_description(hostile + "\xE2\x80\xAE");
  write_package({{}});
  page();
  const json seen = look(
      "return {what:d.getElementById('what').textContent,images:d.images.length,hit:!!parent.hit||!!w.hit,"
      "scripts:[...d.scripts].filter(s=>!s.type).length,record:d.getElementById('record').textContent}");
  EXPECT_EQ(seen["what"], hostile);
  EXPECT_EQ(seen["images"], 0);
  EXPECT_EQ(seen["hit"], false);
  EXPECT_EQ(seen["scripts"], 1);
  EXPECT_NE(seen["record"].get<std::string>().find(hostile), std::string::npos);
}

TEST_F(PageInBrowser, without_webgl_says_so_and_shows_the_record) {
  view();
  record.mutable_conveyance()->set_kind(v1::Conveyance::KIND_TRUCK);
  write_package({{}});
  page({.language = base::Language::es});
  const json seen = look(
      "const s=d.getElementById('sorry');return {hidden:s.hidden,text:s.textContent,"
      "record:d.getElementById('record').textContent,tools:d.getElementById('tools').hidden}",
      1280, no_gl);
  EXPECT_EQ(seen["hidden"], false);
  EXPECT_EQ(seen["text"], base::text(base::Language::es, "page.no_webgl"));
  EXPECT_EQ(seen["tools"], true);
  EXPECT_NE(seen["record"].get<std::string>().find("camión"), std::string::npos);
}

}  // namespace
}  // namespace garita::host::testing
