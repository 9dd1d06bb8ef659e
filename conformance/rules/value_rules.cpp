// What is said besides pixels: readings, detections, attachments, times, metadata, outcomes.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "conformance/rules/rule.hpp"
#include "core/record/vocabulary.hpp"

namespace garita::conformance {
namespace {

std::string text_of(double value) {
  std::string text = std::to_string(value);
  return text;
}

// ---- readings ----

class Readings : public Rule {
 protected:
  // look(input, reading), in and outside scans.
  template <typename Look>
  void each_reading(Look look) {
    each_course([&](const Input& input, const Course& course) {
      for (const image::Reading& reading : course.background)
        if (!ended()) look(input, reading);
      for (const SeenScan& scan : course.scans)
        for (const image::Reading& reading : scan.readings)
          if (!ended()) look(input, reading);
    });
  }
};

bool unit_fits(uint32_t kind, uint32_t unit) {
  if (unit >= GARITA_UNIT_VENDOR) return true;
  if (kind == GARITA_READING_DOSE_RATE) return unit == GARITA_UNIT_MICROSIEVERT_PER_H;
  return unit == GARITA_UNIT_CPS || unit == GARITA_UNIT_COUNTS;
}

LOOK(Readings, have_the_unit_of_their_kind, "GAR-RDG-002") {
  each_reading([this](const Input& input, const image::Reading& reading) {
    if (!unit_fits(reading.kind, reading.unit))
      wrong_value(input, "READING " + reading.panel, "unit", std::to_string(reading.unit),
                  "CPS, COUNTS, MICROSIEVERT_PER_H");
  });
}

LOOK(Readings, are_not_negative, "GAR-RDG-003") {
  each_reading([this](const Input& input, const image::Reading& reading) {
    for (const double value : reading.values)
      if (value < 0) return wrong_value(input, "READING " + reading.panel, "values", text_of(value), ">= 0");
  });
}

LOOK(Readings, were_not_live_for_longer_than_they_took, "GAR-RDG-004") {
  each_reading([this](const Input& input, const image::Reading& reading) {
    if (reading.interval_ns == 0) return;  // the device does not say
    const double longest = static_cast<double>(reading.interval_ns) * 1.001;
    if (static_cast<double>(reading.live_ns) > longest)
      wrong_value(input, "READING " + reading.panel, "live_ns", std::to_string(reading.live_ns),
                  "<= " + std::to_string(reading.interval_ns));
  });
}

LOOK(Readings, name_their_panel, "GAR-RDG-005") {
  each_reading([this](const Input& input, const image::Reading& reading) {
    if (reading.panel.empty()) wrong_value(input, "READING", "panel", "\"\"", "1-64 bytes");
  });
}

LOOK(Readings, flags_are_those_of_the_abi, "GAR-RDG-006") {
  constexpr uint32_t known =
      GARITA_READING_BACKGROUND | GARITA_READING_OCCUPIED | GARITA_READING_ALARM | GARITA_READING_FAULT;
  each_reading([this](const Input& input, const image::Reading& reading) {
    if ((reading.flags & ~known) != 0)
      wrong_value(input, "READING " + reading.panel, "flags", std::to_string(reading.flags), "1, 2, 4, 8");
  });
}

// ---- detections ----

class Detections : public Rule {
 protected:
  template <typename Look>
  void each_detection(Look look) {
    each_scan([&](const Input& input, const SeenScan& scan) {
      for (const image::Detection& detection : scan.detections)
        if (!ended()) look(input, scan, detection);
    });
  }
};

LOOK(Detections, say_what_in_the_records_words, "GAR-DTN-001") {
  each_detection([this](const Input& input, const SeenScan&, const image::Detection& detection) {
    const bool said = detection.category.empty() ? !detection.vendor_code.empty() || !detection.label.empty()
                                                 : record::category_of_word(detection.category).has_value();
    if (!said)
      wrong_value(input, "DETECTION", "category", detection.category, "garita/v1/detection.proto: Category");
  });
}

LOOK(Detections, say_who_found_it, "GAR-DTN-002") {
  each_detection([this](const Input& input, const SeenScan&, const image::Detection& detection) {
    if (detection.source != GARITA_FOUND_BY_MACHINE && detection.source != GARITA_FOUND_BY_OPERATOR)
      wrong_value(input, "DETECTION", "source", std::to_string(detection.source), "1, 2");
  });
}

LOOK(Detections, mark_a_place_that_has_a_size, "GAR-DTN-003") {
  each_detection([this](const Input& input, const SeenScan&, const image::Detection& detection) {
    if (detection.view == GARITA_NO_VIEW || (detection.rows != 0 && detection.columns != 0)) return;
    wrong_value(input, "DETECTION", "rows x columns",
                std::to_string(detection.rows) + " x " + std::to_string(detection.columns), ">= 1 x 1");
  });
}

LOOK(Detections, polygons_lie_in_their_box, "GAR-DTN-004") {
  each_detection([this](const Input& input, const SeenScan&, const image::Detection& own) {
    if (own.view == GARITA_NO_VIEW) return;
    for (size_t i = 0; i + 1 < own.polygon.size(); i += 2) {
      const double x = own.polygon[i] - own.first_column,
                   y = own.polygon[i + 1] - static_cast<double>(own.first_row);
      if (x < -1 || y < -1 || x > own.columns + 1.0 || y > static_cast<double>(own.rows) + 1)
        return wrong_value(input, "DETECTION", "polygon",
                           text_of(own.polygon[i]) + ", " + text_of(own.polygon[i + 1]),
                           "first_column + 0-columns, first_row + 0-rows");
    }
  });
}

constexpr const char* replacement = "\xEF\xBF\xBD";  // stands where text was no UTF-8

LOOK(Detections, texts_are_utf8, "GAR-DTN-005") {
  each_detection([this](const Input& input, const SeenScan&, const image::Detection& detection) {
    for (const auto& [what, text] :
         {std::pair{"label", &detection.label}, std::pair{"vendor_code", &detection.vendor_code}})
      if (text->find(replacement) != std::string::npos)
        return wrong_value(input, "DETECTION", what, *text, "UTF-8");
  });
}

// ---- attachments ----

class Attachments : public Rule {};

bool is_media_type(const std::string& text) {
  const size_t slash = text.find('/');
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-' || c == '/' ||
           c == '_';
  };
  return slash != std::string::npos && slash != 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string::npos && std::all_of(text.begin(), text.end(), plain);
}

LOOK(Attachments, have_a_media_type, "GAR-ATT-001") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    for (const image::Attachment& attachment : scan.attachments)
      if (!is_media_type(attachment.media_type))
        return wrong_value(input, "ATTACHMENT " + attachment.name, "media_type", attachment.media_type,
                           "type/subtype");
  });
}

bool begins_as(const std::string& media_type, const std::string& head) {
  const std::pair<const char*, const char*> known[] = {{"image/jpeg", "\xFF\xD8\xFF"},
                                                       {"image/png", "\x89PNG"},
                                                       {"application/pdf", "%PDF"},
                                                       {"image/bmp", "BM"},
                                                       {"application/zip", "PK"},
                                                       {"image/gif", "GIF8"},
                                                       {"text/xml", "<"},
                                                       {"application/xml", "<"},
                                                       {"application/json", "{"}};
  for (const auto& [type, magic] : known)
    if (media_type == type)
      return head.starts_with(magic) || (*magic == '<' && head.starts_with("\xEF\xBB\xBF"));
  return true;
}

LOOK(Attachments, are_what_their_media_type_says, "GAR-ATT-002") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    size_t piece = 0;
    for (const image::Attachment& attachment : scan.attachments) {
      if (attachment.offset != 0 || attachment.object != 0) continue;
      if (piece >= scan.attachment_heads.size()) return;
      const std::string& head = scan.attachment_heads[piece++];
      if (!begins_as(attachment.media_type, head))
        return wrong_value(input, "ATTACHMENT " + attachment.name, "bytes", base::printable(head),
                           attachment.media_type);
    }
  });
}

LOOK(Attachments, have_a_name_each, "GAR-ATT-003") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    std::set<std::string> names;
    for (const image::Attachment& attachment : scan.attachments) {
      if (attachment.offset != 0) continue;
      if (attachment.name.empty() || !names.insert(attachment.name).second)
        return wrong_value(input, "ATTACHMENT", "name", '"' + attachment.name + '"', "once in a scan");
    }
  });
}

// ---- outcomes and health ----

class Outcomes : public Rule {};

RULE(Outcomes, of_what_is_cut_short_give_a_reason, "GAR-EVT-007") {
  judge_whole();
  for (const Input& input : inputs()) {
    if (!input.has_bytes() || ended()) continue;
    for (const StreamInput& stream : input.streams) {
      Plan plan;
      plan.play.cut_bytes = stream.bytes.size() / 2;
      for (const SeenScan& scan : shared_course(input, plan).scans)
        if (!ended() && scan.end && !scan.complete() && scan.end->reason.empty())
          wrong_value(input, "SCAN_END " + scan.begin.key, "reason", "\"\"", "UTF-8");
      break;
    }
  }
}

LOOK(Outcomes, health_states_are_those_of_the_abi, "GAR-EVT-008") {
  each_course([this](const Input& input, const Course& course) {
    for (const image::Health& health : course.healths)
      if (health.state < GARITA_HEALTH_WARMING_UP || health.state > GARITA_HEALTH_FAULT)
        return wrong_value(input, "HEALTH", "state", std::to_string(health.state), "1-5");
  });
}

// ---- times ----

class Times : public Rule {
 protected:
  // look(input, where, time): every time that is known.
  template <typename Look>
  void each_time(Look look);
};

constexpr int64_t second_ns = 1'000'000'000, day_ns = 86400 * second_ns;
constexpr int64_t slack_ns = 60 * second_ns;  // clocks of one device's parts run apart

bool known(int64_t utc_ns) { return utc_ns != GARITA_UTC_UNKNOWN; }

template <typename Look>
void Times::each_time(Look look) {
  const auto tell = [&](const Input& input, std::string where, const image::Time& time) {
    if (!ended() && known(time.utc_ns)) look(input, std::move(where), time);
  };
  each_course([&](const Input& input, const Course& course) {
    for (const image::Reading& reading : course.background)
      tell(input, "READING " + reading.panel, reading.time);
    for (const CalibrationFigures& each : course.calibrations) tell(input, "CALIBRATION", each.time);
    for (const image::Health& health : course.healths) tell(input, "HEALTH", health.device_time);
    for (const SeenScan& scan : course.scans) {
      tell(input, "SCAN_BEGIN " + scan.begin.key, scan.begin.time);
      for (const image::Strip& strip : scan.strips) tell(input, "STRIP", strip.time);
      for (const image::Reading& reading : scan.readings)
        tell(input, "READING " + reading.panel, reading.time);
      if (scan.end) tell(input, "SCAN_END " + scan.begin.key, scan.end->time);
    }
  });
}

LOOK(Times, scans_end_after_they_begin, "GAR-TIM-001") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    if (!scan.end || !known(scan.begin.time.utc_ns) || !known(scan.end->time.utc_ns)) return;
    if (scan.end->time.utc_ns < scan.begin.time.utc_ns)
      wrong_value(input, "SCAN_END " + scan.begin.key, "time.utc_ns", std::to_string(scan.end->time.utc_ns),
                  ">= " + std::to_string(scan.begin.time.utc_ns));
  });
}

LOOK(Times, of_rows_do_not_fall, "GAR-TIM-002") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    std::map<PlaneKey, int64_t> last;
    for (const image::Strip& strip : scan.strips)
      for (const int64_t utc_ns : strip.time_utc_ns) {
        if (!known(utc_ns)) continue;
        const auto [before, first] = last.try_emplace({strip.view, strip.channel, strip.slice}, utc_ns);
        if (!first && utc_ns < before->second)
          return wrong_value(input, "STRIP", "time_utc_ns", std::to_string(utc_ns),
                             ">= " + std::to_string(before->second));
        before->second = utc_ns;
      }
  });
}

LOOK(Times, of_rows_lie_in_their_scan, "GAR-TIM-003") {
  each_scan([this](const Input& input, const SeenScan& scan) {
    if (!scan.end || !known(scan.begin.time.utc_ns) || !known(scan.end->time.utc_ns)) return;
    const int64_t earliest = scan.begin.time.utc_ns - slack_ns, latest = scan.end->time.utc_ns + slack_ns;
    if (earliest > latest) return;  // GAR-TIM-001
    for (const image::Strip& strip : scan.strips)
      for (const int64_t utc_ns : strip.time_utc_ns)
        if (known(utc_ns) && (utc_ns < earliest || utc_ns > latest))
          return wrong_value(input, "STRIP", "time_utc_ns", std::to_string(utc_ns),
                             std::to_string(earliest) + "-" + std::to_string(latest));
  });
}

LOOK(Times, say_whose_clock_it_was, "GAR-TIM-004") {
  each_time([this](const Input& input, std::string where, const image::Time& time) {
    if (time.source < GARITA_TIME_DEVICE || time.source > GARITA_TIME_FILE)
      wrong_value(input, std::move(where), "time.source", std::to_string(time.source), "1-3");
  });
}

LOOK(Times, zones_are_on_earth, "GAR-TIM-005") {
  constexpr int32_t widest_s = 14 * 3600;
  each_time([this](const Input& input, std::string where, const image::Time& time) {
    if (time.offset_s != GARITA_OFFSET_UNKNOWN && (time.offset_s < -widest_s || time.offset_s > widest_s))
      wrong_value(input, std::move(where), "time.offset_s", std::to_string(time.offset_s), "-50400-50400");
  });
}

LOOK(Times, are_not_in_the_future, "GAR-TIM-006") {
  const int64_t tomorrow_ns = base::system_clock().utc_ns() + 2 * day_ns;
  each_time([&](const Input& input, std::string where, const image::Time& time) {
    if (time.utc_ns > tomorrow_ns)
      wrong_value(input, std::move(where), "time.utc_ns", std::to_string(time.utc_ns),
                  "<= " + std::to_string(tomorrow_ns));
  });
}

LOOK(Times, uncertainty_is_an_interval, "GAR-TIM-007") {
  each_time([this](const Input& input, std::string where, const image::Time& time) {
    if (time.uncertainty_ns < 0 || time.uncertainty_ns > 366 * day_ns)
      wrong_value(input, std::move(where), "time.uncertainty_ns", std::to_string(time.uncertainty_ns),
                  ">= 0");
  });
}

// ---- metadata ----

class Values : public Rule {
 protected:
  template <typename Look>
  void each_attribute(Look look) {
    each_course([&](const Input& input, const Course& course) {
      for (const image::Attribute& attribute : course.standing)
        if (!ended()) look(input, attribute);
      for (const SeenScan& scan : course.scans)
        for (const image::Attribute& attribute : scan.attributes)
          if (!ended()) look(input, attribute);
    });
  }
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\0' || c == '\n' || c == '\r'; }

LOOK(Values, texts_have_no_padding, "GAR-MET-007") {
  each_attribute([this](const Input& input, const image::Attribute& attribute) {
    const std::string& text = attribute.value.text;
    if (attribute.value.type != GARITA_VALUE_TEXT || text.empty()) return;
    if (is_blank(text.front()) || is_blank(text.back()))
      wrong_value(input, "ATTRIBUTES", attribute.key, '"' + text + '"', "no blanks at its ends");
  });
}

LOOK(Values, nothing_is_said_with_nothing, "GAR-MET-008") {
  each_attribute([this](const Input& input, const image::Attribute& attribute) {
    if (attribute.value.type == GARITA_VALUE_TEXT && attribute.value.text.empty())
      wrong_value(input, "ATTRIBUTES", attribute.key, "\"\"", "1-65536 bytes");
  });
}

LOOK(Values, booleans_are_0_or_1, "GAR-MET-009") {
  each_attribute([this](const Input& input, const image::Attribute& attribute) {
    if (attribute.value.type == GARITA_VALUE_BOOL && attribute.value.integer != 0 &&
        attribute.value.integer != 1)
      wrong_value(input, "ATTRIBUTES", attribute.key, std::to_string(attribute.value.integer), "0, 1");
  });
}

LOOK(Values, keys_and_texts_hold_no_control_characters, "GAR-MET-010") {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  each_scan([&](const Input& input, const SeenScan& scan) {
    for (const std::string* key : {&scan.begin.key, &scan.begin.related_key, &scan.begin.passage_key})
      if (std::any_of(key->begin(), key->end(), is_control))
        return wrong_value(input, "SCAN_BEGIN", "key", base::printable(*key), "no control characters");
  });
}

}  // namespace
}  // namespace garita::conformance
