// Random records, for properties that hold of every one.
#pragma once

#include <google/protobuf/message.h>

#include <random>
#include <string>

#include "core/record/dictionary.hpp"
#include "garita/v1/inspection.pb.h"

namespace garita::record {

class RandomRecord {
 public:
  explicit RandomRecord(uint64_t seed) : random_(seed) {}

  v1::Inspection make() {
    v1::Inspection inspection;
    fill(inspection, 2);
    return inspection;
  }

 private:
  using Field = google::protobuf::FieldDescriptor;

  uint64_t below(uint64_t n) { return random_() % n; }

  std::string text() {
    static const char* const some[] = {"", "A", "ñandú", "CSQU3054383", "京", "a b\tc", "\"<&'>\\", "0"};
    return some[below(8)];
  }

  double real() {
    static const double some[] = {0, -0.0, 1.5, 1e308, 5e-324, -3, 0.1};
    return below(3) == 0 ? static_cast<double>(random_()) / 1e9 : some[below(7)];
  }

  int some_enum(const Field& field) {
    return field.enum_type()
        ->value(static_cast<int>(below(static_cast<uint64_t>(field.enum_type()->value_count()))))
        ->number();
  }

  void set(google::protobuf::Message& m, const Field& f) {
    const auto& r = *m.GetReflection();
    switch (f.cpp_type()) {
      case Field::CPPTYPE_INT32:
        return r.SetInt32(&m, &f, static_cast<int32_t>(random_()));
      case Field::CPPTYPE_INT64:
        return r.SetInt64(&m, &f, static_cast<int64_t>(random_()));
      case Field::CPPTYPE_UINT32:
        return r.SetUInt32(&m, &f, static_cast<uint32_t>(random_()));
      case Field::CPPTYPE_UINT64:
        return r.SetUInt64(&m, &f, random_());
      case Field::CPPTYPE_DOUBLE:
        return r.SetDouble(&m, &f, real());
      case Field::CPPTYPE_BOOL:
        return r.SetBool(&m, &f, below(2) == 1);
      case Field::CPPTYPE_ENUM:
        return r.SetEnumValue(&m, &f, some_enum(f));
      case Field::CPPTYPE_STRING:
        return r.SetString(&m, &f, f.type() == Field::TYPE_BYTES ? std::string(32, '\xF0') : text());
      case Field::CPPTYPE_MESSAGE:
        return fill(*r.MutableMessage(&m, &f), 3);
      default:
        return;
    }
  }

  void add(google::protobuf::Message& m, const Field& f) {
    const auto& r = *m.GetReflection();
    if (f.cpp_type() == Field::CPPTYPE_MESSAGE)
      fill(*r.AddMessage(&m, &f), rule_of(f).series ? 1 : 3);
    else if (f.cpp_type() == Field::CPPTYPE_STRING)
      r.AddString(&m, &f, text());
    else
      r.AddDouble(&m, &f, real());
  }

  // Each field with a chance of one in `sparsity`.
  void fill(google::protobuf::Message& m, uint64_t sparsity) {
    for (int i = 0; i < m.GetDescriptor()->field_count(); ++i) {
      const Field& field = *m.GetDescriptor()->field(i);
      if (below(sparsity) != 0) continue;
      if (!field.is_repeated())
        set(m, field);
      else
        for (uint64_t n = below(4); n > 0; --n) add(m, field);
    }
  }

  std::mt19937_64 random_;
};

}  // namespace garita::record
