#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/record.hpp"

namespace vaster::stream {

/// What records of one source have in common: all of their text but the values. Where a record has the shape
/// of one that a JSON parser has accepted, and values without anything special in them, it is JSON, too, and
/// there is no need to ask the parser again.
class SenmlShape {
  public:
    /// The shape of an accepted record. Nothing where it is not simple enough: values that are not strings,
    /// two values in a measurement, names with escapes, a base name.
    /// @param body  after the time: `{"e":[...],"bt":...}`
    [[nodiscard]] static std::optional<SenmlShape> of(std::string_view body, Layout const& layout);

    /// Takes the values out of a record that has this shape.
    /// @param values  as Layout::fields; all absent before
    /// @param sensor  set where a measurement names it
    /// @returns whether it has; if not, values and sensor are left in any state
    [[nodiscard]] bool take(std::string_view body, std::span<FieldValue> values,
                            std::optional<std::string_view>& sensor) const;

  private:
    friend class ShapeReader;

    /// What a value is for, if it is not the slot of a field.
    static constexpr std::uint32_t for_nobody = 0xFFFFFFFF;
    static constexpr std::uint32_t for_sensor = 0xFFFFFFFE;
    static constexpr std::uint32_t for_time = 0xFFFFFFFD;  ///< the base time, a number

    /// Text that is the same in all records, and the value that follows it.
    struct Piece {
        std::uint32_t begin = 0;  ///< in text_
        std::uint32_t size = 0;
        std::uint32_t target = for_nobody;
    };

    std::string text_;  ///< of the record that it was learned from
    std::vector<Piece> pieces_;
    std::uint32_t rest_ = 0;  ///< where in text_ what follows the last value begins
};

}  // namespace vaster::stream
