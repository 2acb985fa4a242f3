#include "core/h5/attributes.hpp"

namespace vaster::h5 {
namespace {

Type text_type() {
    Type type(H5Tcopy(H5T_C_S1));
    require_h5<IoError>(bool(type) && H5Tset_size(type.get(), H5T_VARIABLE) >= 0 &&
                            H5Tset_cset(type.get(), H5T_CSET_UTF8) >= 0,
                        "HDF5 cannot make a text type");
    return type;
}

void write(ObjectId const& object, std::string const& name, hid_t type, Space const& space,
           void const* data) {
    AttributeId const attribute(
        H5Acreate2(object.get(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT));
    bool const is_empty = H5Sget_simple_extent_npoints(space.get()) == 0;  // then there is nothing to write
    require_h5<IoError>(bool(attribute) && (is_empty || H5Awrite(attribute.get(), type, data) >= 0),
                        "HDF5 cannot write the attribute '{}'", name);
}

AttributeId open(ObjectId const& object, std::string const& name) {
    AttributeId attribute(H5Aopen(object.get(), name.c_str(), H5P_DEFAULT));
    require_h5<DataError>(bool(attribute), "there is no attribute '{}'", name);
    return attribute;
}

std::size_t n_values(AttributeId const& attribute) {
    Space const space(H5Aget_space(attribute.get()));
    auto const n = H5Sget_simple_extent_npoints(space.get());
    return n < 0 ? 0 : static_cast<std::size_t>(n);
}

template <class Integer>
Integer read_number(ObjectId const& object, std::string const& name, hid_t type) {
    auto const attribute = open(object, name);
    Integer number = 0;
    require_h5<DataError>(n_values(attribute) == 1 && H5Aread(attribute.get(), type, &number) >= 0,
                          "the attribute '{}' is not a number", name);
    return number;
}

}  // namespace

ObjectId open_object(File const& file, std::string const& path) {
    ObjectId object(H5Oopen(file.get(), path.c_str(), H5P_DEFAULT));
    require_h5<DataError>(bool(object), "there is no '{}'", path);
    return object;
}

void write_attribute(ObjectId const& object, std::string const& name, std::string const& text) {
    char const* const data = text.c_str();
    write(object, name, text_type().get(), Space(H5Screate(H5S_SCALAR)), &data);
}

void write_attribute(ObjectId const& object, std::string const& name, std::int64_t number) {
    write(object, name, H5T_STD_I64LE, Space(H5Screate(H5S_SCALAR)), &number);
}

void write_attribute(ObjectId const& object, std::string const& name, std::uint64_t number) {
    write(object, name, H5T_STD_U64LE, Space(H5Screate(H5S_SCALAR)), &number);
}

void write_attribute(ObjectId const& object, std::string const& name, std::vector<std::string> const& texts) {
    std::vector<char const*> data;
    data.reserve(texts.size() + 1);  // HDF5 takes no null pointer, not even for an empty list
    for (auto const& text : texts) data.push_back(text.c_str());
    hsize_t const n = texts.size();
    write(object, name, text_type().get(), Space(H5Screate_simple(1, &n, nullptr)), data.data());
}

bool has_attribute(ObjectId const& object, std::string const& name) {
    return H5Aexists(object.get(), name.c_str()) > 0;
}

std::string read_text(ObjectId const& object, std::string const& name) {
    auto texts = read_texts(object, name);
    require<DataError>(texts.size() == 1, "the attribute '{}' has {} values instead of one", name,
                       texts.size());
    return std::move(texts.front());
}

std::int64_t read_integer(ObjectId const& object, std::string const& name) {
    return read_number<std::int64_t>(object, name, H5T_NATIVE_INT64);
}

std::uint64_t read_unsigned(ObjectId const& object, std::string const& name) {
    return read_number<std::uint64_t>(object, name, H5T_NATIVE_UINT64);
}

std::vector<std::string> read_texts(ObjectId const& object, std::string const& name) {
    auto const attribute = open(object, name);
    auto const type = text_type();
    std::vector<char*> data(n_values(attribute), nullptr);
    if (data.empty()) return {};
    require_h5<DataError>(H5Aread(attribute.get(), type.get(), data.data()) >= 0,
                          "the attribute '{}' is not text", name);
    std::vector<std::string> texts;
    texts.reserve(data.size());
    for (auto* const text : data) {
        texts.emplace_back(text == nullptr ? "" : text);
        H5free_memory(text);
    }
    return texts;
}

}  // namespace vaster::h5
