#include "core/isolate/wire/event_codec.hpp"

#include "core/base/weaken.hpp"
#include "core/load/event_copy.hpp"

namespace garita::isolate {
namespace {

constexpr size_t max_row_values = GARITA_MAX_STRIP_ROWS;
constexpr size_t max_note_bytes = 3 * load::max_text_bytes;  // a cut text whose every byte became U+FFFD
constexpr size_t max_totals = size_t{GARITA_MAX_VIEWS} * GARITA_MAX_CHANNELS;

// One list of fields serves both ways: To writes a field, From reads it and checks its size.
class To {
 public:
  To(Writer& out, StripPlaces& places) : out_(out), places_(places) {}

  template <typename... T>
  void numbers(const T&... values) {
    (out_.put(values), ...);
  }
  void text(const std::string& text, size_t) { out_.text(text); }
  template <typename T>
  void array(const std::vector<T>& values, size_t) {
    out_.array(values);
  }
  template <typename T, typename Fields>
  void list(std::vector<T>& values, size_t, Fields fields) {
    out_.put(static_cast<uint32_t>(values.size()));
    for (T& value : values) fields(*this, value);
  }
  // Most times say little: a byte whose bits tell which fields are not zero, then those.
  void time(const image::Time& t) {
    out_.put(static_cast<uint8_t>((t.utc_ns != 0) | (t.uncertainty_ns != 0) << 1 | (t.received_ns != 0) << 2 |
                                  (t.offset_s != 0) << 3 | (t.source != 0) << 4));
    if (t.utc_ns != 0) out_.put(t.utc_ns);
    if (t.uncertainty_ns != 0) out_.put(t.uncertainty_ns);
    if (t.received_ns != 0) out_.put(t.received_ns);
    if (t.offset_s != 0) out_.put(t.offset_s);
    if (t.source != 0) out_.put(t.source);
  }
  void objects(const std::vector<uint64_t>& objects) { out_.array(objects); }
  void object(uint64_t object) { out_.put(object); }
  void memory(const image::Memory& memory, uint64_t, uint64_t) {
    out_.put(memory ? places_.deliver(memory.get()) + 1 : uint64_t{0});
  }

 private:
  Writer& out_;
  StripPlaces& places_;
};

class From {
 public:
  From(Reader& in, Held& held, std::string& what) : in_(in), held_(held), what_(what) {}

  template <typename... T>
  void numbers(T&... values) {
    ((values = in_.get<T>()), ...);
  }
  void text(std::string& text, size_t limit_bytes) { text = in_.text(limit_bytes); }
  template <typename T>
  void array(std::vector<T>& values, size_t limit) {
    values = in_.array<T>(limit);
  }
  template <typename T, typename Fields>
  void list(std::vector<T>& values, size_t limit, Fields fields) {
    const auto count = in_.get<uint32_t>();
    if (count > limit) return in_.fail();
    for (uint32_t i = 0; i < count && in_.ok(); ++i) fields(*this, values.emplace_back());
  }
  void time(image::Time& t) {
    const auto given = in_.get<uint8_t>();
    if (given > 31) return in_.fail();
    t = {0, 0, 0, 0, 0};
    if (given & 1) t.utc_ns = in_.get<int64_t>();
    if (given & 2) t.uncertainty_ns = in_.get<int64_t>();
    if (given & 4) t.received_ns = in_.get<uint64_t>();
    if (given & 8) t.offset_s = in_.get<int32_t>();
    if (given & 16) t.source = in_.get<uint32_t>();
  }
  void objects(std::vector<uint64_t>& objects) {
    array(objects, load::max_scan_objects);
    for (uint64_t held : objects)
      if (!held_.holds_object(held)) refuse("object");
  }
  void object(uint64_t& object) {
    object = in_.get<uint64_t>();
    if (object != 0 && !held_.holds_object(object)) refuse("object");
  }
  void memory(image::Memory& memory, uint64_t rows, uint64_t stride_bytes) {
    const auto place = in_.get<uint64_t>();
    if (!in_.ok() || place == 0) return;
    std::optional<load::StripMemory> strip = held_.take_strip(place - 1);
    if (!strip) return refuse("strip");
    const bool inside = rows != 0 && stride_bytes <= strip->capacity_bytes / rows;
    if (!inside && !base::weakened("strip_bounds")) return refuse("rows");
    memory = std::move(strip->memory);
  }
  void refuse(const char* what) {
    if (what_.empty()) what_ = what;
    in_.fail();
  }

 private:
  Reader& in_;
  Held& held_;
  std::string& what_;
};

template <typename A>
void time(A& a, image::Time& t) {
  a.time(t);
}

const auto attribute = [](auto& a, auto& own) {
  a.text(own.key, GARITA_MAX_KEY_BYTES);
  a.numbers(own.value.type, own.value.integer, own.value.real);
  a.text(own.value.text, GARITA_MAX_VALUE_BYTES + 1);
};

const auto channel = [](auto& a, auto& c) {
  a.numbers(c.kind, c.nominal_energy_kev, c.calibration_id, c.row_offset_um);
};

const auto view = [](auto& a, auto& v) {
  a.text(v.name, GARITA_MAX_NAME_BYTES);
  a.numbers(v.shape, v.sample_type, v.bits_used, v.quantity, v.fidelity, v.columns, v.rows, v.slices,
            v.column_zero, v.row_zero, v.source_side, v.source_angle_mdeg, v.polarity, v.pitch_across_um,
            v.pitch_along_um, v.pitch_slice_um, v.unit, v.slope, v.intercept);
  a.list(v.channels, GARITA_MAX_CHANNELS, channel);
};

template <typename A>
void fields(A&, std::monostate&) {}

template <typename A>
void fields(A& a, image::ScanBegin& e) {
  a.numbers(e.relation);
  for (auto* key : {&e.key, &e.related_key, &e.passage_key}) a.text(*key, GARITA_MAX_SCAN_KEY_BYTES);
  time(a, e.time);
  a.list(e.attributes, GARITA_MAX_ATTRIBUTES, attribute);
  a.list(e.views, GARITA_MAX_VIEWS, view);
  a.objects(e.objects);
}

template <typename A>
void fields(A& a, image::Calibration& e) {
  a.numbers(e.role, e.id, e.view, e.channel, e.columns, e.sample_type, e.first_row, e.rows, e.total_rows,
            e.averaged, e.row_stride_bytes);
  time(a, e.time);
  a.memory(e.memory, e.rows, e.row_stride_bytes);
}

template <typename A>
void fields(A& a, image::Strip& e) {
  a.numbers(e.view, e.channel, e.slice, e.rows, e.first_row, e.row_stride_bytes);
  time(a, e.time);
  a.memory(e.memory, e.rows, e.row_stride_bytes);
  a.array(e.line_index, max_row_values);
  a.array(e.time_utc_ns, max_row_values);
  a.array(e.position_um, max_row_values);
  a.array(e.dose_q16, max_row_values);
}

template <typename A>
void fields(A& a, image::Reading& e) {
  a.numbers(e.kind, e.interval_ns, e.live_ns, e.unit, e.flags);
  a.text(e.panel, max_note_bytes);
  time(a, e.time);
  a.array(e.values, GARITA_MAX_READING_VALUES);
  a.array(e.energy_kev, load::max_energy_values);
}

template <typename A>
void fields(A& a, image::Detection& e) {
  a.numbers(e.view, e.first_row, e.rows, e.first_column, e.columns, e.first_slice, e.slices, e.confidence,
            e.source);
  a.text(e.category, GARITA_MAX_KEY_BYTES);
  a.text(e.vendor_code, max_note_bytes);
  a.text(e.label, max_note_bytes);
  a.array(e.polygon, load::max_polygon_values);
}

template <typename A>
void fields(A& a, image::Attributes& e) {
  a.list(e.attributes, GARITA_MAX_ATTRIBUTES, attribute);
}

template <typename A>
void fields(A& a, image::Attachment& e) {
  a.numbers(e.role, e.index, e.offset, e.size_bytes, e.total_bytes);
  a.text(e.media_type, max_note_bytes);
  a.text(e.name, max_note_bytes);
  a.object(e.object);
  a.memory(e.memory, 1, e.size_bytes);
}

template <typename A>
void fields(A& a, image::ScanEnd& e) {
  a.numbers(e.outcome, e.code);
  a.text(e.reason, max_note_bytes);
  time(a, e.time);
  a.list(e.totals, max_totals, [](auto& archive, auto& t) { archive.numbers(t.view, t.channel, t.rows); });
}

template <typename A>
void fields(A& a, image::Health& e) {
  a.numbers(e.state, e.vendor_code);
  a.text(e.message, max_note_bytes);
  time(a, e.device_time);
}

// What the rest of the host takes for granted of a decoded event: pixels where there must be pixels, one
// value a row.
bool is_sound(const image::Event& event) {
  if (const auto* strip = std::get_if<image::Strip>(&event)) {
    const auto fits = [&](const auto& values) { return values.empty() || values.size() == strip->rows; };
    return strip->memory && strip->rows <= GARITA_MAX_STRIP_ROWS && fits(strip->line_index) &&
           fits(strip->time_utc_ns) && fits(strip->position_um) && fits(strip->dose_q16);
  }
  if (const auto* calibration = std::get_if<image::Calibration>(&event))
    return calibration->memory && calibration->rows <= GARITA_MAX_STRIP_ROWS;
  if (const auto* piece = std::get_if<image::Attachment>(&event))
    return (piece->memory != nullptr) != (piece->object != 0);
  return true;
}

template <size_t... Is>
image::Event empty_event(uint8_t kind, std::index_sequence<Is...>) {
  image::Event event;
  ((kind == Is ? void(event.emplace<Is>()) : void()), ...);
  return event;
}

}  // namespace

void encode_event(Writer& out, image::Event& event, StripPlaces& places) {
  out.put(event_version);
  out.put(static_cast<uint8_t>(event.index()));
  To to(out, places);
  std::visit([&](auto& body) { fields(to, body); }, event);
}

std::optional<Untrusted<image::Event>> decode_event(OutsideReader& in, Held& held, std::string& what) {
  Untrusted<image::Event> event = in.value([&](Reader& plain) -> image::Event {
    const auto version = plain.get<uint8_t>();
    const auto kind = plain.get<uint8_t>();
    if (version != event_version || kind >= std::variant_size_v<image::Event>) {
      what = "version";
      plain.fail();
      return {};
    }
    image::Event made = empty_event(kind, std::make_index_sequence<std::variant_size_v<image::Event>>());
    From from(plain, held, what);
    std::visit([&](auto& body) { fields(from, body); }, made);
    return made;
  });
  if (in.ok() && in.left() == 0 && event.made(is_sound)) return event;
  if (what.empty()) what = "event";
  return std::nullopt;
}

}  // namespace garita::isolate
