#include "core/report/elements.hpp"

#include <cstring>
#include <stdexcept>
#include <string>

#include "vaster/support/errors.hpp"

namespace vaster::report {
namespace {

template <class T>
T load(std::span<std::uint8_t const> bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

bool is_real(study::ElementType type) {
    return type == study::ElementType::float32 || type == study::ElementType::float64;
}

}  // namespace

study::Cell number_of(study::ElementType type, std::span<std::uint8_t const> bytes) {
    switch (type) {
        case study::ElementType::uint8:
            return std::int64_t{bytes.front()};
        case study::ElementType::uint16:
            return std::int64_t{load<std::uint16_t>(bytes)};
        case study::ElementType::int32:
            return std::int64_t{load<std::int32_t>(bytes)};
        case study::ElementType::uint32:
            return std::int64_t{load<std::uint32_t>(bytes)};
        case study::ElementType::int64:
            return load<std::int64_t>(bytes);
        case study::ElementType::float32:
            return static_cast<double>(load<float>(bytes));
        case study::ElementType::float64:
            return load<double>(bytes);
    }
    throw std::logic_error("an element type that does not exist");
}

std::int64_t FieldPlace::integer(std::span<std::uint8_t const> element) const {
    return std::get<std::int64_t>(number_of(type, element.subspan(offset)));
}

double FieldPlace::real(std::span<std::uint8_t const> element) const {
    return std::get<double>(number_of(type, element.subspan(offset)));
}

std::optional<FieldPlace> find_reals(study::ArraySpec const& spec, std::string_view field) {
    std::size_t offset = 0;
    for (auto const& candidate : spec.fields) {
        if (candidate.name == field && is_real(candidate.type)) return FieldPlace{candidate.type, offset};
        offset += study::size_of(candidate.type);
    }
    return std::nullopt;
}

FieldPlace find_integers(study::ArraySpec const& spec, std::string_view field) {
    std::size_t offset = 0;
    for (auto const& candidate : spec.fields) {
        if (candidate.name == field && !is_real(candidate.type)) return {candidate.type, offset};
        offset += study::size_of(candidate.type);
    }
    throw DataError(
        fmt::format("the array '{}' of this study has no field '{}' of integers; models cannot be "
                    "compared without it",
                    spec.name, field));
}

namespace {

bool is_ragged(study::ArraySpec const& spec) {
    return spec.extent == study::Extent::ragged;
}

bool is_table(study::ArraySpec const& spec) {
    return is_ragged(spec) || (spec.shape.size() == 1 && spec.fields.size() > 1);
}

template <class Wanted>
std::size_t find_array(study::Schema const& schema, std::string_view name, Wanted wanted) {
    std::string others;
    for (std::size_t i = 0; i < schema.arrays.size(); ++i) {
        if (!wanted(schema.arrays[i])) continue;
        if (schema.arrays[i].name == name) return i;
        others += (others.empty() ? "" : ", ") + schema.arrays[i].name;
    }
    throw UsageError(fmt::format("this study has no table '{}' with a row per case; it has {}", name,
                                 others.empty() ? "none" : others));
}

}  // namespace

std::size_t find_table(study::Schema const& schema, std::string_view name) {
    return find_array(schema, name, is_table);
}

std::size_t find_ragged(study::Schema const& schema, std::string_view name) {
    return find_array(schema, name, is_ragged);
}

}  // namespace vaster::report
