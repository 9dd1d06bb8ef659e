#include "tests/sdk/scripted_driver.hpp"

namespace garita::test {
namespace {

class DeviceBase : public ScriptedDriver {
 protected:
  // All kinds of events until the driver has none: "1 2 2 8" and so on.
  std::string kinds() {
    std::string all;
    for (int i = 0; i < 100 && next() == GARITA_OK; ++i)
      all += (all.empty() ? "" : " ") + std::to_string(event_.kind);
    return all;
  }
  // A scan is under way, its begin delivered; `then` are the steps to come.
  Scripted& scanning(std::vector<std::function<void()>> then = {}) {
    Scripted& device = opened();
    then.insert(then.begin(), [&device] {
      device.lines.begin(scan(2, 1));
      device.emit(Health{});
    });
    device.step = steps(std::move(then));
    EXPECT_EQ(next(), GARITA_OK);
    EXPECT_EQ(event_.kind, GARITA_EVENT_SCAN_BEGIN);
    EXPECT_EQ(next(), GARITA_OK);
    return device;
  }
  static void add_row() {
    const Row row = Scripted::only->lines.row();
    Scripted::only->lines.add(row);
  }
};

// ---- the queue

TEST_F(DeviceBase, delivers_many_emitted_events_one_a_call_in_order) {
  Scripted& device = opened();
  device.step = steps({[&] {
    for (uint32_t state = 1; state <= 3; ++state) device.emit(Health{.state = state});
  }});
  for (uint32_t state = 1; state <= 3; ++state) {
    ASSERT_EQ(next(), GARITA_OK);
    EXPECT_EQ(body<garita_health>().state, state);
  }
  EXPECT_EQ(next(), GARITA_TIMEOUT);
}

TEST_F(DeviceBase, event_stays_readable_until_the_next_call) {
  Scripted& device = opened();
  device.step = steps({[&] {
    device.emit(Attributes{{attribute("com.acme.long", std::string(100, 'x'))}});
    device.emit(Health{.message = "a message that is too long to be stored inside the string itself"});
  }});
  ASSERT_EQ(next(), GARITA_OK);
  cancel();  // does not count as a call
  const auto& first = *static_cast<const garita_attribute*>(body<garita_attributes>().attributes.data);
  EXPECT_EQ(view(first.value.text), std::string(100, 'x'));
  EXPECT_EQ(next(), GARITA_CANCELLED);
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_health>().message.size_bytes, 64u);
}

TEST_F(DeviceBase, step_that_emits_without_bound_is_stopped) {
  Scripted& device = opened();
  device.step = [&device] {
    for (;;) device.emit(Health{});
  };
  EXPECT_EQ(next(), GARITA_OK);  // what is there is delivered first
  size_t delivered = 1;
  while (next() == GARITA_OK) ++delivered;
  EXPECT_EQ(delivered, EventQueue::max_events);
  EXPECT_EQ(error_.code, GARITA_DRIVER_FAULT);
}

TEST_F(DeviceBase, step_that_does_nothing_does_not_keep_the_call_for_ever) {
  int count = 0;
  opened().step = [&count] { ++count; };
  EXPECT_EQ(next(), GARITA_WORKING);
  EXPECT_GT(count, 100);
}

TEST_F(DeviceBase, calibration_waits_for_the_pool_without_being_lost) {
  Scripted& device = opened();
  device.step = steps({[&] {
    device.emit(
        calibration(GARITA_CALIBRATION_AIR, 5, GARITA_SAMPLE_U16, std::vector<double>{1.5, 2.25}, 16));
  }});
  host.free_strips = 0;
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  host.free_strips = 1;
  ASSERT_EQ(next(), GARITA_OK);
  const auto& lines = body<garita_calibration>();
  EXPECT_EQ(lines.total_rows, 1u);
  EXPECT_EQ(lines.averaged, 16u);
  const auto* values = reinterpret_cast<const uint32_t*>(host.strips.at(lines.strip).data());
  EXPECT_EQ(values[0], 384u);
  EXPECT_EQ(values[1], 576u);
}

TEST_F(DeviceBase, large_calibration_comes_in_pieces_of_whole_rows) {
  Scripted& device = opened();
  host.limits().max_strip_bytes = 1 << 20;
  const std::vector<double> frame(1000 * 600, 7.0);
  device.step = steps(
      {[&] { device.emit(calibration(GARITA_CALIBRATION_DARK, 1, GARITA_SAMPLE_U16, frame, 0, 1000)); }});
  uint32_t rows = 0;
  while (next() == GARITA_OK) {
    EXPECT_EQ(body<garita_calibration>().first_row, rows);
    EXPECT_EQ(body<garita_calibration>().total_rows, 600u);
    rows += body<garita_calibration>().rows;
  }
  EXPECT_EQ(rows, 600u);
}

TEST_F(DeviceBase, attachment_comes_in_pieces_in_order) {
  std::vector<std::byte> photo(EventQueue::piece_bytes * 2 + 5, std::byte{9});
  scanning(
      {[&] { Scripted::only->emit(Attachment{.media_type = "image/jpeg", .name = "a.jpg", .data = photo}); },
       [&] { Scripted::only->emit(Attachment{.media_type = "image/jpeg", .name = "b.jpg", .object = 3}); }});
  uint64_t offset = 0;
  for (int piece = 0; piece < 3; ++piece) {
    ASSERT_EQ(next(), GARITA_OK);
    EXPECT_EQ(body<garita_attachment>().offset, offset);
    EXPECT_EQ(body<garita_attachment>().total_bytes, photo.size());
    offset += body<garita_attachment>().size_bytes;
  }
  EXPECT_EQ(offset, photo.size());
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_attachment>().index, 1u);
  EXPECT_EQ(body<garita_attachment>().object, 3u);
  EXPECT_EQ(body<garita_attachment>().strip, 0u);
}

// ---- the order of events

TEST_F(DeviceBase, event_that_is_not_legal_is_the_drivers_fault) {
  Scripted& device = opened();
  device.step = [&device] { device.emit(Detection{}); };
  EXPECT_EQ(next(), GARITA_WRONG_STATE);
  device.step = [&device] { device.emit(ScanEnd{}); };
  EXPECT_EQ(next(), GARITA_WRONG_STATE);
}

TEST_F(DeviceBase, scan_inside_a_scan_is_the_drivers_fault) {
  scanning({[] { Scripted::only->emit(scan(2, 1)); }});
  EXPECT_EQ(next(), GARITA_WRONG_STATE);
}

TEST_F(DeviceBase, scan_end_carries_the_rows_that_were_delivered) {
  scanning({[] { add_row(); }, [] { add_row(); }, [] { Scripted::only->lines.end(); }});
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(event_.kind, GARITA_EVENT_STRIP);
  ASSERT_EQ(next(), GARITA_OK);
  const auto& end = body<garita_scan_end>();
  ASSERT_EQ(end.totals.count, 1u);
  EXPECT_EQ(static_cast<const garita_total*>(end.totals.data)->rows, 2u);
  EXPECT_EQ(end.outcome, GARITA_SCAN_COMPLETE);
}

// ---- statuses that unwind

TEST_F(DeviceBase, exception_in_a_step_is_a_driver_fault_with_its_sentence) {
  opened().step = [] { throw std::runtime_error("index 9 of 3"); };
  EXPECT_EQ(next(), GARITA_DRIVER_FAULT);
  EXPECT_STREQ(error_.message, "the driver failed: index 9 of 3");
}

TEST_F(DeviceBase, exception_in_the_constructor_fails_open) {
  Scripted::on_open = [] { throw std::bad_alloc(); };
  EXPECT_EQ(open(), GARITA_OUT_OF_MEMORY);
  EXPECT_TRUE(host.open_streams.empty());  // what was open is closed again
}

TEST_F(DeviceBase, data_fault_in_a_scan_ends_it_with_its_good_rows_and_the_device_goes_on) {
  int resyncs = 0;
  Scripted& device =
      scanning({[] { add_row(); }, [] { fail(GARITA_DATA_CORRUPT, "line 8 has a wrong checksum"); },
                [] { Scripted::only->emit(Health{}); }});
  device.on_resync = [&resyncs] { ++resyncs; };
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_strip>().rows, 1u);
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_scan_end>().outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(body<garita_scan_end>().code, GARITA_DATA_CORRUPT);
  EXPECT_EQ(view(body<garita_scan_end>().reason), "line 8 has a wrong checksum");
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(event_.kind, GARITA_EVENT_HEALTH);
  EXPECT_EQ(resyncs, 1);
}

TEST_F(DeviceBase, data_fault_outside_a_scan_is_told_and_the_device_goes_on) {
  opened().step =
      steps({[] { fail(GARITA_DATA_CORRUPT, "bad header", 12); }, [] { Scripted::only->emit(Health{}); }});
  EXPECT_EQ(next(), GARITA_DATA_CORRUPT);
  EXPECT_EQ(error_.vendor_code, 12u);
  EXPECT_EQ(next(), GARITA_OK);
}

TEST_F(DeviceBase, data_fault_in_a_scan_of_objects_is_a_status_that_rejects_them) {
  Scripted& device = opened();
  device.step = steps({[&] {
                         ScanBegin begin = scan(2, 1);
                         begin.objects = {4};
                         device.lines.begin(begin);
                       },
                       [] { add_row(); }, [] { fail(GARITA_DATA_CORRUPT, "page 3 is damaged"); },
                       [&] { device.emit(scan(2, 1)); }});
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(next(), GARITA_DATA_CORRUPT);
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(event_.kind, GARITA_EVENT_SCAN_BEGIN);
}

TEST_F(DeviceBase, lost_device_in_a_scan_ends_the_scan_first_and_then_says_so) {
  scanning({[] { add_row(); }, [] { fail(GARITA_DEVICE_LOST, "reset"); }});
  EXPECT_EQ(next(), GARITA_OK);
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_scan_end>().code, GARITA_DEVICE_LOST);
  EXPECT_EQ(next(), GARITA_DEVICE_LOST);
  EXPECT_STREQ(error_.message, "reset");
}

TEST_F(DeviceBase, end_in_a_scan_ends_the_scan_as_cut_and_then_stays_the_end) {
  scanning({[] { throw Stop{GARITA_END}; }});
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_scan_end>().outcome, GARITA_SCAN_FAULT);
  EXPECT_EQ(body<garita_scan_end>().code, GARITA_DATA_TRUNCATED);
  EXPECT_EQ(next(), GARITA_END);
  EXPECT_EQ(next(), GARITA_END);
}

// ---- cancel

TEST_F(DeviceBase, cancel_in_a_scan_gives_cancelled_once_then_the_aborted_end_then_goes_on) {
  Scripted& device = scanning({[] { add_row(); }, [] { Scripted::only->emit(Health{}); }});
  int resyncs = 0;
  device.on_resync = [&resyncs] { ++resyncs; };
  EXPECT_EQ(next(), GARITA_OK);  // its row is held, the health comes
  EXPECT_EQ(cancel(), GARITA_OK);
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(resyncs, 0);
  ASSERT_EQ(next(), GARITA_OK);
  EXPECT_EQ(body<garita_scan_end>().outcome, GARITA_SCAN_ABORTED);
  EXPECT_EQ(static_cast<const garita_total*>(body<garita_scan_end>().totals.data)->rows, 0u);
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(resyncs, 1);
  EXPECT_EQ(host.stale_discards, 0);
}

TEST_F(DeviceBase, cancel_outside_a_scan_gives_cancelled_once_and_no_end) {
  opened();
  cancel();
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(next(), GARITA_TIMEOUT);
}

TEST_F(DeviceBase, cancel_before_the_begin_was_delivered_leaves_no_trace_of_the_scan) {
  Scripted& device = opened();
  device.step = steps({[&] {
    device.emit(Health{});
    device.lines.begin(scan(2, 1));
  }});
  EXPECT_EQ(next(), GARITA_OK);
  cancel();
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(next(), GARITA_TIMEOUT);
}

TEST_F(DeviceBase, cancel_that_meets_a_waiting_host_call_is_acknowledged_once) {
  Scripted& device = scanning();
  device.step = [&device] { device.in.need(1); };
  host.answer(GARITA_CANCELLED);
  cancel();
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(next(), GARITA_OK);
  EXPECT_EQ(event_.kind, GARITA_EVENT_SCAN_END);
}

TEST_F(DeviceBase, cancel_keeps_calibrations_that_wait_and_drops_the_scans_own) {
  scanning({[] {
    Scripted::only->emit(Detection{});
    Scripted::only->emit(calibration(GARITA_CALIBRATION_DARK, 1, GARITA_SAMPLE_U16, std::vector<double>{1}));
  }});
  EXPECT_EQ(next(), GARITA_OK);  // the detection
  cancel();
  EXPECT_EQ(next(), GARITA_CANCELLED);
  EXPECT_EQ(kinds(), "8 2");
}

TEST_F(DeviceBase, resync_that_waits_is_called_again_before_any_step) {
  std::string calls;
  Scripted& device = scanning();
  device.step = [&] {
    calls += "step ";
    throw Stop{GARITA_TIMEOUT};
  };
  device.on_resync = [&] {
    calls += "resync ";
    device.in.need(1);
    device.in.consume(1);
  };
  cancel();
  next();
  next();
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  host.give("x");
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(calls, "resync resync step ");
}

TEST_F(DeviceBase, checkpoint_ends_a_long_step_at_the_deadline_and_at_cancel) {
  Scripted& device = opened();
  device.step = [&device] {
    device.checkpoint();
    EXPECT_THROW(device.in.need(1), Stop);  // time passes
    device.checkpoint();
  };
  EXPECT_EQ(next(), GARITA_WORKING);
}

// ---- handles and calls

TEST_F(DeviceBase, closed_handle_is_stale_for_every_call_and_never_used_again) {
  opened();
  const garita_device old = device_;
  EXPECT_EQ(close(), GARITA_OK);
  opened();
  EXPECT_NE(device_.handle, old.handle);
  EXPECT_EQ(old.api->next(old.handle, 0, &event_, &error_), GARITA_STALE_HANDLE);
  EXPECT_EQ(old.api->cancel(old.handle), GARITA_STALE_HANDLE);
  EXPECT_EQ(old.api->close(old.handle, 0, &error_), GARITA_STALE_HANDLE);
  EXPECT_EQ(old.api->next(0, 0, &event_, nullptr), GARITA_STALE_HANDLE);
}

TEST_F(DeviceBase, next_without_a_place_for_the_event_is_refused) {
  opened();
  EXPECT_EQ(device_.api->next(device_.handle, 0, nullptr, &error_), GARITA_INVALID_ARGUMENT);
  garita_event small{8, 0, nullptr};
  EXPECT_EQ(device_.api->next(device_.handle, 0, &small, &error_), GARITA_INVALID_ARGUMENT);
}

TEST_F(DeviceBase, unknown_model_is_refused_and_a_known_one_or_none_is_not) {
  EXPECT_EQ(open("C"), GARITA_UNKNOWN_MODEL);
  EXPECT_EQ(open("B"), GARITA_OK);
  EXPECT_EQ(Scripted::only->host().model(), "B");
  close();
  EXPECT_EQ(open(""), GARITA_OK);
}

TEST_F(DeviceBase, host_without_a_service_is_told_so_and_not_called) {
  host.api().struct_size = offsetof(garita_host_api, strip_alloc);
  Scripted& device = opened();
  device.step = [&device] { device.strips(64, 1); };
  EXPECT_EQ(next(), GARITA_NOT_SUPPORTED);
  EXPECT_EQ(device.host().now_ns(), 0u);
}

TEST_F(DeviceBase, configuration_comes_typed_and_a_wrong_type_is_named) {
  host.config["pitch"] = {GARITA_VALUE_I64, 0, 4000, 0, {}};
  host.config["name"] = {GARITA_VALUE_TEXT, 0, 0, 0, text("x")};
  Host& services = opened().host();
  EXPECT_EQ(services.config<int64_t>("pitch"), 4000);
  EXPECT_EQ(services.config<double>("pitch"), 4000.0);
  EXPECT_EQ(services.config<std::string>("name"), "x");
  EXPECT_EQ(services.config_if<bool>("none"), std::nullopt);
  const auto status = [&](auto ask) {
    try {
      ask();
    } catch (const Stop& stop) {
      return stop.status;
    }
    return GARITA_OK;
  };
  EXPECT_EQ(status([&] { services.config<int64_t>("name"); }), GARITA_INVALID_ARGUMENT);
  EXPECT_EQ(status([&] { services.config<bool>("none"); }), GARITA_NOT_CONFIGURED);
}

TEST_F(DeviceBase, text_of_a_charset_grows_to_the_size_that_the_host_asks_for) {
  Host& services = opened().host();
  const std::string input(40, 'a');
  EXPECT_EQ(services.to_utf8("X-TRIPLE", std::as_bytes(std::span(input))), std::string(120, 'a'));
  EXPECT_THROW(services.to_utf8("X-NONE", {}), Stop);
}

TEST_F(DeviceBase, extensions_are_offered_where_the_class_handles_them) {
  Scripted& device = opened();
  const void* table = nullptr;
  ASSERT_EQ(device_.api->extension(device_.handle, text(GARITA_STORED_1), &table, &error_), GARITA_OK);
  const auto& stored = *static_cast<const garita_stored_1*>(table);
  EXPECT_EQ(stored.stored(device_.handle, text("K"), GARITA_STORED_DURABLE, 0, &error_), GARITA_OK);
  EXPECT_EQ(device.last_stored, "K1");
  EXPECT_EQ(device_.api->extension(device_.handle, text("garita.none/1"), &table, &error_),
            GARITA_NOT_SUPPORTED);
}

TEST_F(DeviceBase, message_answers_into_the_callers_room_or_says_that_it_is_too_small) {
  opened();
  const void* table = nullptr;
  ASSERT_EQ(device_.api->extension(device_.handle, text(GARITA_MESSAGE_1), &table, &error_), GARITA_OK);
  const auto& messages = *static_cast<const garita_message_1*>(table);
  char out[8] = {};
  uint32_t size = 0;
  const auto send = [&](const char* id, std::string_view data) {
    return messages.call(device_.handle, text(id), data.data(), static_cast<uint32_t>(data.size()), 0, out,
                         sizeof(out), &size, &error_);
  };
  EXPECT_EQ(send("org.garita.echo", "hello"), GARITA_OK);
  EXPECT_EQ(std::string(out, size), "hello");
  EXPECT_EQ(send("org.garita.echo", "far too long"), GARITA_BUFFER_TOO_SMALL);
  EXPECT_EQ(send("org.garita.other", ""), GARITA_NOT_SUPPORTED);
}

TEST_F(DeviceBase, host_takes_back_all_at_close_and_nothing_is_discarded_late) {
  scanning({[] { add_row(); }});
  EXPECT_EQ(next(), GARITA_TIMEOUT);
  EXPECT_EQ(host.strips.size(), 1u);
  EXPECT_EQ(close(), GARITA_OK);
  EXPECT_EQ(host.discarded + host.stale_discards, 0);
}

}  // namespace
}  // namespace garita::test
