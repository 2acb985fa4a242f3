#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/h5/handle.hpp"

namespace vaster::h5 {

/// What one value is. Numbers are little-endian; a text is UTF-8 of a fixed width, with zeros behind it, at
/// least one.
enum class Scalar : std::uint8_t { uint8, uint16, uint32, uint64, int32, int64, float32, float64, text };

/// A name for a value of an enumerated uint8.
struct EnumName {
    std::string name;
    std::uint8_t value = 0;
};

/// One member of a record.
struct Field {
    std::string name;
    Scalar type = Scalar::float64;
    std::size_t width = 0;             ///< bytes of a text without its zero
    std::size_t offset = 0;            ///< bytes from the record's beginning
    std::vector<EnumName> names = {};  ///< uint8 only: shown instead of numbers by HDF5's tools
};

/// A record: an HDF5 compound of `size` bytes. One field without a name is a plain value instead.
struct RecordType {
    std::vector<Field> fields;
    std::size_t size = 0;

    /// Position of a field. @throws DataError when there is none of that name
    [[nodiscard]] std::size_t find(std::string_view name) const;
};

/// Bytes of one value.
[[nodiscard]] std::size_t size_of(Field const& field);

/// The HDF5 type. @throws IoError
[[nodiscard]] Type make_type(RecordType const& record);

/// What an HDF5 type is, the other way round. @throws DataError for a type that make_type() does not make
[[nodiscard]] RecordType describe_type(Type const& type);

}  // namespace vaster::h5
