// A driver's binary that was kept scans in today's box, and its recording plays to today's driver too.
#include "tests/frozen/frozen.hpp"

namespace garita::frozen {
namespace {

class Driver : public Version {
 protected:
  // Replays the kept recording through a driver; the hashes of the planes that come of it.
  std::string planes_by(const fs::path& manifest) {
    const fs::path recording = kept("recording/session.rec");
    const cli_test::Outcome scanned = run("garita scan --driver " + manifest.string() + " --replay " +
                                          recording.string() + " --out out --state state");
    EXPECT_EQ(scanned.exit_code, 0) << no_longer(recording, "plays through " + manifest.string())
                                    << scanned.err << scanned.out;
    std::string planes;
    if (!fs::exists(folder / "out")) return planes;
    for (const fs::path& package : files_in(folder / "out"))
      planes += run("garita verify --planes " + package.string()).out;
    return planes;
  }
};

TEST_P(Driver, of_then_gives_the_pixels_of_then_in_the_box_of_today) {
  EXPECT_EQ(planes_by(kept("driver/portal.garita.json")), kept_text(kept("recording/planes.txt")))
      << no_longer(kept("driver/portal.so"), "scans as it did");
}

TEST_P(Driver, of_today_gives_the_pixels_of_then_from_the_recording_of_then) {
  EXPECT_EQ(planes_by(GARITA_DRIVER_DIR "/portal/portal.garita.json"),
            kept_text(kept("recording/planes.txt")))
      << no_longer(kept("recording/session.rec"), "gives the pixels that it did");
}

INSTANTIATE_TEST_SUITE_P(Of, Driver, ::testing::ValuesIn(versions()), name_of);

}  // namespace
}  // namespace garita::frozen
