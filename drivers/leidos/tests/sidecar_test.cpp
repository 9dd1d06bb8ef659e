#include "drivers/leidos/sidecar.hpp"

#include <gtest/gtest.h>

#include <random>

#include "drivers/leidos/tests/samples.hpp"
#include "garita/error.hpp"
#include "garita/view.h"

namespace garita::leidos {
namespace {

using samples::sidecar;

Sidecar sidecar_of(std::string text) { return read_sidecar(std::as_writable_bytes(std::span(text))); }

std::string sidecar_refusal(const std::string& text) {
  try {
    sidecar_of(text);
    return "";
  } catch (const Stop& stop) {
    EXPECT_TRUE(is_data(stop.status)) << stop.message;
    return stop.message.empty() ? "refused without a sentence" : stop.message;
  }
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

const Attribute* find(const Sidecar& sidecar, const std::string& key) {
  for (const Attribute& attribute : sidecar.attributes)
    if (attribute.key == key) return &attribute;
  return nullptr;
}
double number(const Sidecar& sidecar, const std::string& key) {
  const Attribute* found = find(sidecar, key);
  return found ? found->real : -1e300;
}
std::string text(const Sidecar& sidecar, const std::string& key) {
  const Attribute* found = find(sidecar, key);
  return found ? found->bytes : "";
}

TEST(Sidecar, imperial_values_are_si) {
  const Sidecar file = sidecar_of(sidecar());
  EXPECT_DOUBLE_EQ(number(file, "conveyance.length_mm"), 16'319.5);
  EXPECT_DOUBLE_EQ(number(file, "conveyance.speed_mps"), 2.2352);
  EXPECT_DOUBLE_EQ(number(file, "conveyance.gross_mass_kg"), 453.59237);
  EXPECT_DOUBLE_EQ(number(file, "org.garita.leidos.ambient_celsius"), -40);
  EXPECT_EQ(file.images.at(0).pitch_along_um, 5080u);
  EXPECT_EQ(file.images.at(0).pitch_up_um, 6350u);
}

TEST(Sidecar, images_papers_files_and_marks_are_there) {
  const Sidecar file =
      sidecar_of(sidecar({.more = "<Mark view='transmission' code='LX.AMMO' left='1' top='2' "
                                  "width='3' height='1' confidence='87'>box</Mark>"}));
  ASSERT_EQ(file.images.size(), 2u);
  EXPECT_FALSE(file.images[0].backscatter);
  EXPECT_EQ(file.images[0].open, 51'000);
  EXPECT_EQ(file.plate_photos.size(), 1u);
  EXPECT_EQ(file.radiation.at(0).sha256.size(), 32u);
  EXPECT_EQ(file.passage_key, "K-7");
  EXPECT_EQ(file.source_side, GARITA_SOURCE_LEFT);
  EXPECT_EQ(text(file, "conveyance.containers[0].number"), "CSQU3054383");
  EXPECT_EQ(text(file, "documents.manifest[0].hs_code"), "220300");
  EXPECT_DOUBLE_EQ(number(file, "conveyance.plates[0].confidence"), 0.935);
  ASSERT_EQ(file.marks.size(), 1u);
  EXPECT_DOUBLE_EQ(file.marks[0].confidence, 0.87);
}

TEST(Sidecar, transmission_leads_whatever_the_order_in_the_file) {
  std::string text = sidecar();
  const size_t first = text.find("<Image view='transmission'"),
               second = text.find("<Image view='backscatter'"), end = text.find("<Photo");
  text = text.substr(0, first) + text.substr(second, end - second) + text.substr(first, second - first) +
         text.substr(end);
  EXPECT_FALSE(sidecar_of(text).images.at(0).backscatter);
}

TEST(Sidecar, doubtful_time_costs_nothing_and_is_noted) {
  const Sidecar file =
      sidecar_of(sidecar({.start = "<Start zone='America/Tijuana'>2026-11-01T01:30:00</Start>"}));
  EXPECT_EQ(file.started.uncertainty_ns, 3'600'000'000'000);
  EXPECT_NE(text(file, "org.garita.leidos.start_doubt"), "");
  EXPECT_EQ(text(file, "org.garita.leidos.start_local"), "2026-11-01T01:30:00");
}

TEST(Sidecar, end_before_the_start_is_no_end) {
  const Sidecar file = sidecar_of(sidecar({.stop = "<Stop offset='-08:00'>2026-01-15T09:00:00</Stop>"}));
  EXPECT_EQ(file.ended.utc_ns, GARITA_UTC_UNKNOWN);
  EXPECT_NE(file.started.utc_ns, GARITA_UTC_UNKNOWN);
}

TEST(Sidecar, unknown_unit_is_kept_as_it_was_written) {
  const Sidecar file = sidecar_of(replaced(sidecar(), "<Speed unit='mph'>5", "<Speed unit='kn'>5"));
  EXPECT_EQ(find(file, "conveyance.speed_mps"), nullptr);
  EXPECT_EQ(text(file, "org.garita.leidos.speed_mps_as_written"), "5 kn");
}

TEST(Sidecar, name_that_is_a_path_is_refused) {
  for (const char* name :
       {"../p1_tx.tif", "/etc/passwd", "a/b.tif", "..", ".hidden", "a\\b.tif", "", "C:p.tif"})
    EXPECT_NE(sidecar_refusal(replaced(sidecar(), "p1_tx.tif", name)), "") << name;
}

TEST(Sidecar, scale_without_range_is_refused) {
  for (const char* scale :
       {"opaque='1000' open='1000'", "opaque='2000' open='1000'", "opaque='1000' open='70000'", "open='1000'",
        "opaque='-1' open='50000'", "opaque='1e3' open='50000'", "opaque='1000' open='1255'"})
    EXPECT_NE(sidecar_refusal(sidecar({.scale = scale})), "") << scale;
}

TEST(Sidecar, wrong_sizes_digests_versions_and_views_are_refused) {
  const std::string good = sidecar();
  ASSERT_EQ(sidecar_refusal(good), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "width='6'", "width='0'")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "width='6'", "width='65536'")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "sha256='", "sha256='zz")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "version='1'>", "version='2'>")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "view='transmission'", "view='terahertz'")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "view='transmission'", "view='backscatter'")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "id='p1'", "id='p 1'")), "");
  EXPECT_NE(sidecar_refusal(replaced(good, "SimGantryPassage ", "Other ")), "");
}

TEST(Sidecar, doctype_size_and_tags_have_limits) {
  EXPECT_NE(sidecar_refusal("<!DOCTYPE a [<!ENTITY b 'c'>]>" + sidecar()).find("DOCTYPE"), std::string::npos);
  EXPECT_NE(sidecar_refusal(std::string(max_sidecar_bytes + 1, ' ')).find("MiB"), std::string::npos);
  EXPECT_NE(sidecar_refusal(std::string(max_tags + 1, '<')).find("tags"), std::string::npos);
  std::string marks;
  for (size_t i = 0; i <= max_marks; ++i) marks += "<Mark left='0' top='0' width='1' height='1'/>";
  EXPECT_NE(sidecar_refusal(sidecar({.more = marks})).find("marks"), std::string::npos);
  EXPECT_EQ(sidecar_refusal("").substr(0, 8), "is empty");
}

TEST(Sidecar, file_cut_anywhere_is_refused) {
  const std::string whole = sidecar();
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_NE(sidecar_refusal(whole.substr(0, size)), "") << size;
}

TEST(Sidecar, flipped_bits_give_values_within_the_limits_or_a_refusal) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = sidecar();
    for (int flips = 0; flips < 3; ++flips)
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    try {
      const Sidecar file = sidecar_of(damaged);
      ASSERT_GE(file.images.size(), 1u) << "seed " << seed;
      ASSERT_GE(file.images[0].open, file.images[0].opaque + 256) << "seed " << seed;
    } catch (const Stop& stop) {
      ASSERT_TRUE(is_data(stop.status)) << "seed " << seed << ' ' << stop.message;
    }
  }
}

}  // namespace
}  // namespace garita::leidos
