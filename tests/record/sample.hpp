// A record as a portal of a land crossing would make it.
#pragma once

#include "garita/v1/inspection.pb.h"

namespace garita::record {

inline v1::Inspection sample_record() {
  v1::Inspection r;
  r.mutable_identity()->set_id("0192f0c1-8a3e-7b44-9c0d-1a2b3c4d5e6f");
  r.mutable_identity()->set_scan_key("A-17");
  r.mutable_identity()->set_direction(v1::Identity::DIRECTION_ENTERING);
  r.mutable_site()->set_name("Puente III");
  r.mutable_site()->set_locode("MXNLD");
  r.mutable_device()->set_model("Simulated portal A");
  r.mutable_device()->set_driver_sha256(std::string(32, '\x5A'));
  v1::Conveyance& conveyance = *r.mutable_conveyance();
  conveyance.set_kind(v1::Conveyance::KIND_TRUCK);
  conveyance.add_containers()->set_number("CSQU3054383");
  conveyance.set_speed_mps(2.5);
  r.mutable_documents()->add_pedimentos("262438014000123");
  v1::Moment& started = *r.mutable_time()->mutable_started();
  started.set_utc_ns(1772368496'500'000'000);
  started.set_offset_s(-6 * 3600);
  started.set_source(v1::Moment::SOURCE_DEVICE);
  r.mutable_beam()->add_energies_kev(6000);
  v1::View& view = *r.add_views();
  view.set_name("side");
  view.set_fidelity(v1::View::FIDELITY_RAW_COUNTS);
  view.set_sample_type(v1::View::SAMPLE_TYPE_U16);
  view.set_rows(1200);
  view.set_columns(768);
  v1::Channel& channel = *view.add_channels();
  channel.set_kind(v1::Channel::KIND_HIGH);
  channel.add_lost_lines()->set_rows(3);
  channel.mutable_quality()->set_open_field_level(1.001);
  v1::Reading& reading = *r.add_readings();
  for (int i = 0; i < 20; ++i) reading.add_values(i);
  r.mutable_provenance()->set_trust(v1::Provenance::TRUST_OPEN);
  r.mutable_completeness()->set_state(v1::Completeness::STATE_COMPLETE);
  v1::Attribute& vendor = *r.add_vendor_attributes();
  vendor.set_key("com.vendor.mode");
  vendor.mutable_value()->set_text("fast");
  return r;
}

}  // namespace garita::record
