// The page in a real browser, at desktop and phone width, in both languages: pictures there, nothing cut, no
// error on the console. Long: only with GARITA_LONG, and loudly skipped where there is no chromium.
#include <cstdlib>

#include "tests/conformance/kit_fixture.hpp"

namespace garita::conformance {
namespace {

struct Look {
  const char* name;
  int width;
  const char* language;
};

void PrintTo(const Look& look, std::ostream* out) { *out << look.name; }

class ReportInBrowser : public Kit, public ::testing::WithParamInterface<Look> {
 protected:
  void SetUp() override {
    if (!std::getenv("GARITA_LONG")) GTEST_SKIP() << "long: set GARITA_LONG";
    if (std::system("command -v chromium >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "NO CHROMIUM: the report was not looked at in a browser; install the package chromium";
  }

  // A driver with something to show and something that fails: the portal's pictures, and one requirement
  // broken.
  void make_page(const std::string& language) {
    const Answer run = kit("run --evidence run.tar.zst --filter 'GAR-IMG-01*' --driver " + driver("portal") +
                           " --input " GARITA_SOURCE_DIR "/drivers/portal/conform.toml");
    ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
    ASSERT_EQ(kit("report run.tar.zst --html page.html --lang " + language).exit_code, 0);
    ASSERT_EQ(kit("run --out failed.jsonl --filter 'GAR-IMG-01*' --driver " + mutant("strip_gap") + leave())
                  .exit_code,
              1);
    ASSERT_EQ(kit("report failed.jsonl --html failed.html --lang " + language).exit_code, 0);
  }

  // Looks at the page in a frame of that width, from outside: the page itself lets no script run.
  nlohmann::json look_at(const std::string& page, int width) {
    std::ofstream(folder / "frame.html")
        << "<!doctype html><body style='margin:0'><iframe id=f src='" << page
        << "' style='border:0;width:" << width
        << "px;height:6000px'></iframe><script>onload=()=>{const "
           "d=f.contentDocument,e=d.documentElement,seen=[...d.images],inner=f.contentWindow.innerWidth;"
           "document.title=JSON.stringify({inner,scroll:e.scrollWidth,"
           "images:seen.length,broken:seen.filter(i=>!i.naturalWidth).length,"
           "plots:d.querySelectorAll('svg').length,"
           "wide:[...d.querySelectorAll('main *')]"
           ".filter(n=>n.getBoundingClientRect().right>inner+1).length,"
           "shown:[...d.querySelectorAll('main [lang]')].filter(n=>n.offsetParent).map(n=>n.lang)"
           ".filter((l,i,a)=>a.indexOf(l)==i).join()})}</script>";
    const std::string flags =
        "chromium --headless --no-sandbox --disable-gpu --allow-file-access-from-files --hide-scrollbars "
        "--user-data-dir='" +
        (folder / "profile").string() +
        "' --enable-logging=stderr --virtual-time-budget=5000 --window-size=1300,2400 ";
    const std::string url = "'file://" + (folder / "frame.html").string() + "'";
    const char* const keep = std::getenv("GARITA_SCREENSHOTS");
    if (keep && *keep)
      (void)!std::system((flags + "--screenshot='" + keep + "/" + page + "-" + GetParam().name + ".png' " +
                          url + " >/dev/null 2>&1")
                             .c_str());
    const std::string out = folder / "dom.txt", err = folder / "console.txt";
    (void)!std::system(
        ("timeout -k 5 120 " + flags + "--dump-dom " + url + " >'" + out + "' 2>'" + err + "'").c_str());
    const auto dom = base::read_text_file(out, 1u << 24), console = base::read_text_file(err, 1u << 24);
    EXPECT_EQ(console->find("CONSOLE"), std::string::npos) << *console;
    const size_t from = dom->find("<title>"), to = dom->find("</title>");
    if (from == std::string::npos) return ADD_FAILURE() << *dom << *console, nlohmann::json();
    return nlohmann::json::parse(dom->substr(from + 7, to - from - 7));
  }
};

INSTANTIATE_TEST_SUITE_P(Widths, ReportInBrowser,
                         ::testing::Values(Look{"desktop_en", 1280, "en"}, Look{"desktop_es", 1280, "es"},
                                           Look{"phone_en", 390, "en"}, Look{"phone_es", 390, "es"}),
                         [](const auto& each) { return std::string(each.param.name); });

TEST_P(ReportInBrowser, shows_everything_and_cuts_nothing) {
  const Look& look = GetParam();
  make_page(look.language);
  for (const char* page : {"page.html", "failed.html"}) {
    const nlohmann::json seen = look_at(page, look.width);
    ASSERT_TRUE(seen.is_object()) << page;
    EXPECT_EQ(seen["inner"], look.width);
    EXPECT_LE(seen["scroll"].get<int>(), look.width) << page;
    EXPECT_EQ(seen["wide"], 0) << page;
    EXPECT_EQ(seen["broken"], 0) << page;
    EXPECT_EQ(seen["shown"], look.language) << page;
    if (std::string(page) == "page.html") {
      EXPECT_GE(seen["images"].get<int>(), 4);
      EXPECT_GE(seen["plots"].get<int>(), 2);
    }
  }
}

}  // namespace
}  // namespace garita::conformance
