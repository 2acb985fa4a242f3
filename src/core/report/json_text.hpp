#pragma once

#include <cmath>

#include <nlohmann/json.hpp>

#include "vaster/study/schema.hpp"

namespace vaster::report {

using Json = nlohmann::ordered_json;

/// A missing number is null.
inline Json json_of(study::Cell const& cell) {
    if (auto const* integer = std::get_if<std::int64_t>(&cell)) return *integer;
    if (auto const* text = std::get_if<std::string>(&cell)) return *text;
    double const number = std::get<double>(cell);
    return std::isfinite(number) ? Json(number) : Json(nullptr);
}

/// As UTF-8, whatever the texts are.
inline std::string dump(Json const& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vaster::report
