#include "drivers/dicos/image.hpp"

#include <cmath>
#include <optional>
#include <string>

#include "drivers/dicos/decode.hpp"
#include "garita/error.hpp"

namespace garita::dicos {
namespace {

const DcmTagKey pixel_words(0x7FE0, 0x0010), standard_float(0x7FE0, 0x0008), standard_double(0x7FE0, 0x0009),
    dicos_32(0x7FE0, 0x0011), dicos_64(0x7FE0, 0x0012), dicos_float(0x7FE0, 0x0013);

// A number that must be there, whole and within limits.
uint32_t whole(const Tags& tags, DcmTagKey tag, const char* name, uint32_t lowest, uint32_t highest) {
  const auto value = tags.number(tag);
  if (!value) fail(GARITA_DATA_CORRUPT, std::string("it does not say its ") + name);
  if (*value < lowest || *value > highest || *value != std::floor(*value))
    fail(GARITA_DATA_CORRUPT, std::string("its ") + name + " is '" + tags.text(tag) + "'");
  return static_cast<uint32_t>(*value);
}

uint32_t sample_type_of(const Tags& tags, DcmTagKey pixel_tag) {
  if (pixel_tag == dicos_float || pixel_tag == standard_float) return GARITA_SAMPLE_F32;
  if (pixel_tag == standard_double) return GARITA_SAMPLE_F64;
  const uint32_t bits = whole(tags, {0x0028, 0x0100}, "bits allocated", 1, 64);
  const bool is_signed = tags.number({0x0028, 0x0103}).value_or(0) == 1;
  if (bits == 8 && !is_signed) return GARITA_SAMPLE_U8;
  if (bits == 16) return is_signed ? GARITA_SAMPLE_I16 : GARITA_SAMPLE_U16;
  if (bits == 32) return is_signed ? GARITA_SAMPLE_I32 : GARITA_SAMPLE_U32;
  if (bits == 64 && !is_signed) return GARITA_SAMPLE_U64;
  fail(GARITA_DATA_UNSUPPORTED, "its samples of " + std::to_string(bits) + (is_signed ? " signed" : " unsigned") +
                                    " bits are none that this driver reads");
}

// Of the samples, where they lie at the low end of their words as DICOM wants today; 0: all.
uint32_t bits_used(const Tags& tags, uint32_t sample_type) {
  const double stored = tags.number({0x0028, 0x0101}).value_or(0), high = tags.number({0x0028, 0x0102}).value_or(0);
  const bool is_float = sample_type == GARITA_SAMPLE_F32 || sample_type == GARITA_SAMPLE_F64;
  if (is_float || stored < 1 || stored > 8 * sample_size_bytes(sample_type) || high != stored - 1) return 0;
  return static_cast<uint32_t>(stored);
}

void check_colour(const Tags& tags) {
  const std::string colour = tags.text({0x0028, 0x0004});
  if (tags.number({0x0028, 0x0002}).value_or(1) != 1 || (!colour.empty() && !colour.starts_with("MONOCHROME")))
    fail(GARITA_DATA_UNSUPPORTED, "it is a colour picture (" + (colour.empty() ? std::string("unnamed") : colour) +
                                      "), and this driver reads X-ray images in one channel");
}

// Where a value may stand: in the data set, or of enhanced images in the group that all frames share.
Tags holder(const Tags& tags, DcmTagKey sequence, DcmTagKey tag) {
  if (tags.has(tag)) return tags;
  if (const Tags shared = tags.item({0x5200, 0x9229}).item(sequence)) return shared;
  return tags.item({0x5200, 0x9230}).item(sequence);
}

uint32_t to_um(std::optional<double> mm) {
  return mm && *mm > 0 && *mm < 1e6 ? static_cast<uint32_t>(std::lround(*mm * 1000)) : 0;
}

void set_pitch(const Tags& tags, View& view) {
  const Tags measures = holder(tags, {0x0028, 0x9110}, {0x0028, 0x0030});
  view.pitch_along_um = to_um(measures.number({0x0028, 0x0030}, 0));
  view.pitch_across_um = to_um(measures.number({0x0028, 0x0030}, 1));
  if (view.shape != GARITA_SHAPE_VOLUME) return;
  view.pitch_slice_um = to_um(measures.number({0x0018, 0x0088}));
  if (view.pitch_slice_um == 0) view.pitch_slice_um = to_um(measures.number({0x0018, 0x0050}));
}

// slope 1, intercept 0 and no unit where the file says nothing usable.
void set_scale(const Tags& tags, const Class& sop_class, View& view) {
  const Tags scale = holder(tags, {0x0028, 0x9145}, {0x0028, 0x1053});
  const double slope = scale.number({0x0028, 0x1053}).value_or(0);
  const std::string type = scale.text({0x0028, 0x1054});
  if (slope == 0) return;
  view.slope = slope;
  view.intercept = scale.number({0x0028, 0x1052}).value_or(0);
  if (view.fidelity != GARITA_FIDELITY_RECONSTRUCTED) return;
  if (type == "HU" || (type.empty() && sop_class.kind == Kind::volume && !sop_class.dicos)) view.unit = GARITA_UNIT_HU;
  if (type == "Z_EFF") view.unit = GARITA_UNIT_Z;
  if (type == "MGML") {
    view.unit = GARITA_UNIT_GRAM_PER_CM3;
    view.slope /= 1000;
    view.intercept /= 1000;
  }
}

// What DICOS says in the image type: which energy, or what was computed from several.
void set_meaning(const Tags& tags, const Class& sop_class, View& view) {
  const std::string types = tags.texts({0x0008, 0x0008});
  const auto is = [&](std::string_view word) { return types.find(word) != std::string::npos; };
  view.quantity = sop_class.kind == Kind::projection ? GARITA_QUANTITY_TRANSMISSION : GARITA_QUANTITY_OTHER;
  view.fidelity = sop_class.kind == Kind::volume ? GARITA_FIDELITY_RECONSTRUCTED : GARITA_FIDELITY_DISPLAY;
  if (is("\\HIGH ENERGY")) view.channels[0].kind = GARITA_CHANNEL_HIGH;
  if (is("\\LOW ENERGY")) view.channels[0].kind = GARITA_CHANNEL_LOW;
  for (const char* computed : {"\\MU", "\\DENSITY", "\\Z_EFFECTIVE", "\\COMPTON", "\\PHOTOELECTRIC", "\\BASIS_MATERIAL"})
    if (sop_class.dicos && is(computed) && !is("\\MULTI ENERGY")) {
      view.quantity = GARITA_QUANTITY_OTHER;
      view.fidelity = GARITA_FIDELITY_RECONSTRUCTED;
    }
  if (const auto kvp = tags.number({0x0018, 0x0060}); kvp && *kvp >= 1 && *kvp <= 100000)
    view.channels[0].nominal_energy_kev = static_cast<uint32_t>(std::lround(*kvp));
  const double sign = tags.number({0x0028, 0x1041}).value_or(0);
  if (view.fidelity != GARITA_FIDELITY_DISPLAY || sign == 0) return;
  view.polarity = sign > 0 ? GARITA_POLARITY_BRIGHT_MORE : GARITA_POLARITY_BRIGHT_LESS;
}

}  // namespace

DcmTagKey pixel_tag_of(const Tags& tags) {
  for (const DcmTagKey& tag : {pixel_words, dicos_32, dicos_64, dicos_float, standard_float, standard_double})
    if (tags.has(tag)) return tag;
  fail(GARITA_DATA_CORRUPT, "it holds no pixels");
}

View view_of(const Tags& tags, const Class& sop_class, DcmTagKey pixel_tag) {
  check_colour(tags);
  View view;
  view.name = sop_class.kind == Kind::volume ? "ct" : sop_class.kind == Kind::projection ? "xray" : "image";
  view.rows = whole(tags, {0x0028, 0x0010}, "rows", 1, 65535);
  view.columns = whole(tags, {0x0028, 0x0011}, "columns", 1, 65535);
  view.slices = tags.text({0x0028, 0x0008}).empty() ? 1 : whole(tags, {0x0028, 0x0008}, "number of frames", 1, max_frames);
  view.shape = view.slices > 1 ? GARITA_SHAPE_VOLUME : GARITA_SHAPE_FRAME;
  view.sample_type = sample_type_of(tags, pixel_tag);
  view.bits_used = bits_used(tags, view.sample_type);
  set_meaning(tags, sop_class, view);
  set_pitch(tags, view);
  set_scale(tags, sop_class, view);
  return view;
}

}  // namespace garita::dicos
