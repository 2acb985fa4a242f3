#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "vaster/study/schema.hpp"

namespace vaster::report {

/// The value of an array's field, whose bytes begin the span.
[[nodiscard]] study::Cell number_of(study::ElementType type, std::span<std::uint8_t const> bytes);

/// Where an element has a field, and of which type it is.
struct FieldPlace {
    study::ElementType type = study::ElementType::float64;
    std::size_t offset = 0;

    /// The field of an element as an integer. Not for fields of reals.
    [[nodiscard]] std::int64_t integer(std::span<std::uint8_t const> element) const;

    /// The field of an element as a real. Not for fields of integers.
    [[nodiscard]] double real(std::span<std::uint8_t const> element) const;
};

/// @throws DataError when the array has no such field of integers
[[nodiscard]] FieldPlace find_integers(study::ArraySpec const& spec, std::string_view field);

/// A field of reals; nothing when the array has none of that name.
[[nodiscard]] std::optional<FieldPlace> find_reals(study::ArraySpec const& spec, std::string_view field);

/// Position in Schema::arrays of an array that is a table: a ragged one, or one of a fixed number of elements
/// in a row, each with several fields. @throws UsageError when the study has no such array, naming those it
/// has
[[nodiscard]] std::size_t find_table(study::Schema const& schema, std::string_view name);

/// Position of a ragged array in Schema::arrays.
/// @throws UsageError when the study has no such ragged array, naming those it has
[[nodiscard]] std::size_t find_ragged(study::Schema const& schema, std::string_view name);

}  // namespace vaster::report
