#include "core/load/event_copy.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "core/base/weaken.hpp"
#include "core/load/fault.hpp"

namespace garita::load {
namespace {

std::string_view event_name(uint32_t kind) {
  switch (kind) {
    case GARITA_EVENT_SCAN_BEGIN:
      return "SCAN_BEGIN";
    case GARITA_EVENT_CALIBRATION:
      return "CALIBRATION";
    case GARITA_EVENT_STRIP:
      return "STRIP";
    case GARITA_EVENT_READING:
      return "READING";
    case GARITA_EVENT_DETECTION:
      return "DETECTION";
    case GARITA_EVENT_ATTRIBUTES:
      return "ATTRIBUTES";
    case GARITA_EVENT_ATTACHMENT:
      return "ATTACHMENT";
    case GARITA_EVENT_SCAN_END:
      return "SCAN_END";
    case GARITA_EVENT_HEALTH:
      return "HEALTH";
    default:
      return "";
  }
}

// Copies the parts of one event. The first fault sticks: from then on every part is empty, and finish()
// answers it.
class Copier {
 public:
  Copier(const std::string& driver, std::string_view event, Handles& handles, Counts& counts)
      : driver_(driver), event_(event), handles_(handles), counts_(counts) {}

  bool failed() const { return error_.has_value(); }

  void fail(std::string_view id, std::initializer_list<base::Field> fields = {}) {
    if (!error_) error_ = fault(driver_, event_, id, fields);
  }

  base::Result<image::Event> finish(image::Event event) {
    if (error_) return *std::move(error_);
    return event;
  }

  // A sized struct: what the driver's version does not have is zero.
  template <typename T>
  T body(const void* data) {
    T own{};
    uint32_t given = 0;
    std::memcpy(&given, data, sizeof given);  // the driver need not have aligned it
    if (given < sizeof(T) || given > max_struct_bytes)
      fail("struct_size", {{"size", std::to_string(given)}, {"expected", std::to_string(sizeof(T))}});
    else
      std::memcpy(&own, data, std::min<size_t>(sizeof own, given));
    size_bytes_ += sizeof(T);
    return own;
  }

  // A text that names something: longer than the limit is a fault.
  std::string key(const garita_text& text, const char* field, uint32_t limit_bytes) {
    if (text.size_bytes > limit_bytes)
      fail("text_too_long", {{"field", field},
                             {"size", std::to_string(text.size_bytes)},
                             {"limit", std::to_string(limit_bytes)}});
    return bytes(text, field, limit_bytes);
  }

  // A text for people: longer than the limit is cut.
  std::string note(const garita_text& text, const char* field) {
    if (text.size_bytes > max_text_bytes) ++counts_.cut_texts;
    return bytes(text, field, max_text_bytes);
  }

  template <typename T>
  std::vector<T> array(const garita_array& array, const char* field, uint32_t max_count) {
    if (!usable(array, field, sizeof(T), max_count)) return {};
    std::vector<T> own(array.count);
    for (uint32_t i = 0; i < array.count; ++i) std::memcpy(&own[i], element(array, i), sizeof(T));
    size_bytes_ += uint64_t{array.count} * sizeof(T);
    return own;
  }

  template <typename T>
  std::vector<T> rows(const T* data, uint32_t count) {
    if (failed() || !data) return {};
    std::vector<T> own(count);
    std::memcpy(own.data(), data, sizeof(T) * count);
    size_bytes_ += sizeof(T) * count;
    return own;
  }

  std::vector<image::Attribute> attributes(const garita_array& array) {
    std::vector<image::Attribute> own;
    if (!usable(array, "attributes", sizeof(garita_attribute), UINT32_MAX)) return own;
    const uint32_t count = std::min(array.count, GARITA_MAX_ATTRIBUTES);
    counts_.dropped_attributes += array.count - count;
    own.reserve(count);
    for (uint32_t i = 0; i < count && !failed(); ++i) {
      garita_attribute given;
      std::memcpy(&given, element(array, i), sizeof given);
      append_attribute(given, own);
    }
    return own;
  }

  image::Memory strip(uint64_t handle, uint32_t row_count, uint64_t row_stride_bytes) {
    StripMemory strip;
    if (failed() || !take(handle, strip)) return nullptr;
    if (row_count != 0 && row_stride_bytes > strip.capacity_bytes / row_count && !base::weakened("strip_copy"))
      fail("strip_overrun", {{"rows", std::to_string(row_count)},
                             {"stride", std::to_string(row_stride_bytes)},
                             {"capacity", std::to_string(strip.capacity_bytes)}});
    return std::move(strip.memory);
  }

  uint64_t object(uint64_t handle, const char* field) {
    if (failed()) return 0;
    const std::optional<uint64_t> own = handles_.object(handle);
    if (!own) fail("object_unknown", {{"field", field}});
    return own.value_or(0);
  }

  void check_rows(uint32_t count) {
    if (count == 0 || count > GARITA_MAX_STRIP_ROWS)
      fail("rows", {{"rows", std::to_string(count)}, {"limit", std::to_string(GARITA_MAX_STRIP_ROWS)}});
  }

 private:
  std::string bytes(const garita_text& text, const char* field, uint32_t limit_bytes) {
    if (failed() || text.size_bytes == 0) return {};
    if (!text.data) return fail("text_null", {{"field", field}}), std::string();
    const uint32_t size = std::min(text.size_bytes, limit_bytes);
    size_bytes_ += size;
    return std::string(text.data, size);
  }

  bool usable(const garita_array& array, const char* field, size_t own_size_bytes, uint32_t max_count) {
    if (failed() || array.count == 0) return false;
    if (!array.data) return fail("array_null", {{"field", field}}), false;
    if (array.element_size_bytes < own_size_bytes || array.element_size_bytes > max_struct_bytes)
      return fail("element_size", {{"field", field},
                                   {"size", std::to_string(array.element_size_bytes)},
                                   {"expected", std::to_string(own_size_bytes)}}),
             false;
    if (array.count > max_count)
      return fail("array_too_long", {{"field", field},
                                     {"count", std::to_string(array.count)},
                                     {"limit", std::to_string(max_count)}}),
             false;
    return true;
  }

  static const std::byte* element(const garita_array& array, uint32_t i) {
    return static_cast<const std::byte*>(array.data) + size_t{i} * array.element_size_bytes;
  }

  // Metadata loses no scan: what does not fit is left out and counted, what is too long is cut.
  void append_attribute(const garita_attribute& given, std::vector<image::Attribute>& own) {
    image::Attribute attribute;
    attribute.key = key(given.key, "attributes.key", GARITA_MAX_KEY_BYTES);
    attribute.value.type = given.value.type;
    const uint64_t before = size_bytes_;
    switch (given.value.type) {
      case GARITA_VALUE_TEXT:
      case GARITA_VALUE_BYTES:
        if (given.value.text.size_bytes > GARITA_MAX_VALUE_BYTES) ++counts_.cut_texts;
        attribute.value.text = bytes(given.value.text, "attributes.value", GARITA_MAX_VALUE_BYTES + 1);
        break;
      case GARITA_VALUE_F64:
        attribute.value.real = given.value.real;
        break;
      case GARITA_VALUE_I64:
      case GARITA_VALUE_BOOL:
      case GARITA_VALUE_TIME:
        attribute.value.integer = given.value.integer;
        break;
      default:
        ++counts_.unknown_values;
        return;
    }
    size_bytes_ += sizeof given;
    if (size_bytes_ <= GARITA_MAX_EVENT_BYTES) return own.push_back(std::move(attribute));
    size_bytes_ = before;
    ++counts_.dropped_attributes;
  }

  bool take(uint64_t handle, StripMemory& strip) {
    switch (handles_.take_strip(handle, strip)) {
      case Handles::Fate::held:
        return true;
      case Handles::Fate::unknown:
        fail("strip_unknown");
        break;
      case Handles::Fate::delivered:
        fail("strip_twice");
        break;
      case Handles::Fate::given_back:
        fail("strip_stale");
        break;
    }
    return false;
  }

  const std::string& driver_;
  const std::string_view event_;
  Handles& handles_;
  Counts& counts_;
  uint64_t size_bytes_ = 0;
  std::optional<base::Error> error_;
};

image::Time time_of(const garita_time& given) {
  return {given.utc_ns, given.uncertainty_ns, given.received_ns, given.offset_s,
          given.source > GARITA_TIME_FILE ? GARITA_TIME_UNKNOWN : given.source};
}

image::View view_of(Copier& copy, const garita_view& given) {
  image::View own;
  own.name = copy.key(given.name, "views.name", GARITA_MAX_NAME_BYTES);
  own.shape = given.shape;
  own.sample_type = given.sample_type;
  own.bits_used = given.bits_used;
  own.quantity = given.quantity;
  own.fidelity = given.fidelity;
  own.columns = given.columns;
  own.rows = given.rows;
  own.slices = given.slices;
  own.column_zero = given.column_zero;
  own.row_zero = given.row_zero;
  own.source_side = given.source_side;
  own.source_angle_mdeg = given.source_angle_mdeg;
  own.polarity = given.polarity;
  own.pitch_across_um = given.pitch_across_um;
  own.pitch_along_um = given.pitch_along_um;
  own.pitch_slice_um = given.pitch_slice_um;
  own.unit = given.unit;
  own.slope = given.slope;
  own.intercept = given.intercept;
  for (const garita_channel& channel :
       copy.array<garita_channel>(given.channels, "views.channels", GARITA_MAX_CHANNELS))
    own.channels.push_back(
        {channel.kind, channel.nominal_energy_kev, channel.calibration_id, channel.row_offset_um});
  return own;
}

image::Event scan_begin(Copier& copy, const void* body) {
  const auto given = copy.body<garita_scan_begin>(body);
  image::ScanBegin own;
  own.relation = given.relation;
  own.key = copy.key(given.key, "key", GARITA_MAX_SCAN_KEY_BYTES);
  own.related_key = copy.key(given.related_key, "related_key", GARITA_MAX_SCAN_KEY_BYTES);
  own.passage_key = copy.key(given.passage_key, "passage_key", GARITA_MAX_SCAN_KEY_BYTES);
  own.time = time_of(given.time);
  for (const garita_view& view : copy.array<garita_view>(given.views, "views", GARITA_MAX_VIEWS))
    own.views.push_back(view_of(copy, view));
  for (uint64_t object : copy.array<uint64_t>(given.objects, "objects", max_scan_objects))
    own.objects.push_back(copy.object(object, "objects"));
  own.attributes = copy.attributes(given.attributes);
  return own;
}

image::Event calibration(Copier& copy, const void* body) {
  const auto given = copy.body<garita_calibration>(body);
  image::Calibration own;
  own.role = given.role;
  own.id = given.id;
  own.view = given.view;
  own.channel = given.channel;
  own.columns = given.columns;
  own.sample_type = given.sample_type;
  own.first_row = given.first_row;
  own.rows = given.rows;
  own.total_rows = given.total_rows;
  own.averaged = given.averaged;
  own.row_stride_bytes = given.row_stride_bytes;
  own.time = time_of(given.time);
  copy.check_rows(given.rows);
  own.memory = copy.strip(given.strip, given.rows, given.row_stride_bytes);
  return own;
}

image::Event strip(Copier& copy, const void* body) {
  const auto given = copy.body<garita_strip>(body);
  image::Strip own;
  own.view = given.view;
  own.channel = given.channel;
  own.slice = given.slice;
  own.rows = given.rows;
  own.first_row = given.first_row;
  own.row_stride_bytes = given.row_stride_bytes;
  own.time = time_of(given.time);
  copy.check_rows(given.rows);
  own.memory = copy.strip(given.strip, given.rows, given.row_stride_bytes);
  own.line_index = copy.rows(given.line_index, given.rows);
  own.time_utc_ns = copy.rows(given.time_utc_ns, given.rows);
  own.position_um = copy.rows(given.position_um, given.rows);
  own.dose_q16 = copy.rows(given.dose_q16, given.rows);
  return own;
}

image::Event reading(Copier& copy, const void* body) {
  const auto given = copy.body<garita_reading>(body);
  image::Reading own;
  own.kind = given.kind;
  own.panel = copy.note(given.panel, "panel");
  own.time = time_of(given.time);
  own.interval_ns = given.interval_ns;
  own.live_ns = given.live_ns;
  own.unit = given.unit;
  own.flags = given.flags;
  own.values = copy.array<double>(given.values, "values", GARITA_MAX_READING_VALUES);
  own.energy_kev = copy.array<double>(given.energy_kev, "energy_kev", max_energy_values);
  return own;
}

image::Event detection(Copier& copy, const void* body) {
  const auto given = copy.body<garita_detection>(body);
  image::Detection own;
  own.view = given.view;
  own.first_row = given.first_row;
  own.rows = given.rows;
  own.first_column = given.first_column;
  own.columns = given.columns;
  own.first_slice = given.first_slice;
  own.slices = given.slices;
  own.category = copy.key(given.category, "category", GARITA_MAX_KEY_BYTES);
  own.vendor_code = copy.note(given.vendor_code, "vendor_code");
  own.label = copy.note(given.label, "label");
  own.confidence = given.confidence;
  own.source = given.source;
  own.polygon = copy.array<double>(given.polygon, "polygon", max_polygon_values);
  return own;
}

image::Event attributes(Copier& copy, const void* body) {
  const auto given = copy.body<garita_attributes>(body);
  return image::Attributes{copy.attributes(given.attributes)};
}

image::Event attachment(Copier& copy, const void* body) {
  const auto given = copy.body<garita_attachment>(body);
  image::Attachment own;
  own.role = given.role;
  own.index = given.index;
  own.media_type = copy.note(given.media_type, "media_type");
  own.name = copy.note(given.name, "name");
  own.offset = given.offset;
  own.size_bytes = given.size_bytes;
  own.total_bytes = given.total_bytes;
  if ((given.strip != 0) == (given.object != 0)) copy.fail("attachment_source");
  if (given.object != 0) own.object = copy.object(given.object, "object");
  if (given.strip == 0) return own;
  own.memory = copy.strip(given.strip, 1, given.size_bytes);
  return own;
}

image::Event scan_end(Copier& copy, const void* body) {
  const auto given = copy.body<garita_scan_end>(body);
  image::ScanEnd own;
  own.outcome = given.outcome;
  own.reason = copy.note(given.reason, "reason");
  own.time = time_of(given.time);
  for (const garita_total& total :
       copy.array<garita_total>(given.totals, "totals", GARITA_MAX_VIEWS * GARITA_MAX_CHANNELS))
    own.totals.push_back({total.view, total.channel, total.rows});
  own.code = given.code;
  return own;
}

image::Event health(Copier& copy, const void* body) {
  const auto given = copy.body<garita_health>(body);
  image::Health own;
  own.state = given.state;
  own.message = copy.note(given.message, "message");
  own.device_time = time_of(given.device_time);
  own.vendor_code = given.vendor_code;
  return own;
}

image::Event copy_body(Copier& copy, uint32_t kind, const void* body) {
  switch (kind) {
    case GARITA_EVENT_SCAN_BEGIN:
      return scan_begin(copy, body);
    case GARITA_EVENT_CALIBRATION:
      return calibration(copy, body);
    case GARITA_EVENT_STRIP:
      return strip(copy, body);
    case GARITA_EVENT_READING:
      return reading(copy, body);
    case GARITA_EVENT_DETECTION:
      return detection(copy, body);
    case GARITA_EVENT_ATTRIBUTES:
      return attributes(copy, body);
    case GARITA_EVENT_ATTACHMENT:
      return attachment(copy, body);
    case GARITA_EVENT_SCAN_END:
      return scan_end(copy, body);
    case GARITA_EVENT_HEALTH:
      return health(copy, body);
    default:
      return std::monostate();
  }
}

}  // namespace

base::Result<image::Event> copy_event(const garita_event& event, const std::string& driver, Handles& handles,
                                      Counts& counts) {
  const std::string_view name = event_name(event.kind);
  if (!event.body) return fault(driver, name.empty() ? "next" : name, "body_null");
  if (name.empty()) {
    ++counts.unknown_events;
    return image::Event();
  }
  Copier copy(driver, name, handles, counts);
  return copy.finish(copy_body(copy, event.kind, event.body));
}

}  // namespace garita::load
