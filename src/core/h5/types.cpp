#include "core/h5/types.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "core/h5/library_text.hpp"

namespace vaster::h5 {
namespace {

/// Numbers as they lie in files. The macros are variables of the library, set when it starts: not a constant
/// table.
std::array<std::pair<Scalar, hid_t>, 8> numbers() {
    return {{{Scalar::uint8, H5T_STD_U8LE},
             {Scalar::uint16, H5T_STD_U16LE},
             {Scalar::uint32, H5T_STD_U32LE},
             {Scalar::uint64, H5T_STD_U64LE},
             {Scalar::int32, H5T_STD_I32LE},
             {Scalar::int64, H5T_STD_I64LE},
             {Scalar::float32, H5T_IEEE_F32LE},
             {Scalar::float64, H5T_IEEE_F64LE}}};
}

Type make_text(std::size_t width) {
    Type type(H5Tcopy(H5T_C_S1));
    require_h5<IoError>(bool(type) && H5Tset_size(type.get(), width + 1) >= 0 &&
                            H5Tset_strpad(type.get(), H5T_STR_NULLTERM) >= 0 &&
                            H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0,
                        "HDF5 cannot make a text type of {} bytes", width);
    return type;
}

Type make_enum(std::vector<EnumName> const& names) {
    Type type(H5Tenum_create(H5T_STD_U8LE));
    for (auto const& [name, value] : names)
        require_h5<IoError>(H5Tenum_insert(type.get(), name.c_str(), &value) >= 0,
                            "HDF5 cannot name a value {}", name);
    return type;
}

Type make_value(Field const& field) {
    if (field.type == Scalar::text) return make_text(field.width);
    if (!field.names.empty()) return make_enum(field.names);
    for (auto const& [scalar, id] : numbers())
        if (scalar == field.type) return Type(H5Tcopy(id));
    throw std::logic_error("a type that does not exist");
}

/// Name and width of one value; the field's name and offset are the caller's.
Field describe_value(Type const& type) {
    Field field;
    auto const type_class = H5Tget_class(type.get());
    if (type_class == H5T_STRING && H5Tis_variable_str(type.get()) == 0) {
        field.type = Scalar::text;
        field.width = H5Tget_size(type.get()) - 1;
        return field;
    }
    Type const base(type_class == H5T_ENUM ? H5Tget_super(type.get()) : H5Tcopy(type.get()));
    for (auto const& [scalar, id] : numbers()) {
        if (H5Tequal(base.get(), id) <= 0) continue;
        field.type = scalar;
        return field;
    }
    throw DataError("an HDF5 type that study files do not have");
}

}  // namespace

std::size_t RecordType::find(std::string_view name) const {
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i].name == name) return i;
    throw DataError(fmt::format("there is no column '{}'", name));
}

std::size_t size_of(Field const& field) {
    switch (field.type) {
        case Scalar::uint8:
            return 1;
        case Scalar::uint16:
            return 2;
        case Scalar::uint32:
        case Scalar::int32:
        case Scalar::float32:
            return 4;
        case Scalar::uint64:
        case Scalar::int64:
        case Scalar::float64:
            return 8;
        case Scalar::text:
            return field.width + 1;
    }
    throw std::logic_error("a type that does not exist");
}

Type make_type(RecordType const& record) {
    if (record.fields.size() == 1 && record.fields.front().name.empty())
        return make_value(record.fields.front());
    Type type(H5Tcreate(H5T_COMPOUND, record.size));
    require_h5<IoError>(bool(type), "HDF5 cannot make a record type of {} bytes", record.size);
    for (auto const& field : record.fields)
        require_h5<IoError>(
            H5Tinsert(type.get(), field.name.c_str(), field.offset, make_value(field).get()) >= 0,
            "HDF5 cannot make a column '{}'", field.name);
    return type;
}

RecordType describe_type(Type const& type) {
    RecordType record;
    record.size = H5Tget_size(type.get());
    if (H5Tget_class(type.get()) != H5T_COMPOUND) {
        record.fields.push_back(describe_value(type));
        return record;
    }
    int const n_members = H5Tget_nmembers(type.get());
    for (int i = 0; i < n_members; ++i) {
        auto const member = static_cast<unsigned>(i);
        Field field = describe_value(Type(H5Tget_member_type(type.get(), member)));
        field.name = LibraryText(H5Tget_member_name(type.get(), member)).get();
        field.offset = H5Tget_member_offset(type.get(), member);
        record.fields.push_back(std::move(field));
    }
    return record;
}

}  // namespace vaster::h5
