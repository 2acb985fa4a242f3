#include "domains/va/cli/study_rows.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/core.h>

#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

template <class Named>
std::optional<std::size_t> position(std::vector<Named> const& list, std::string_view name) {
    auto const place =
        std::find_if(list.begin(), list.end(), [&](Named const& known) { return known.name == name; });
    if (place == list.end()) return std::nullopt;
    return static_cast<std::size_t>(place - list.begin());
}

template <class T>
T cell_as(study::Cell const& cell, store::Reader const& study, std::string_view column) {
    auto const* const value = std::get_if<T>(&cell);
    require<DataError>(value != nullptr, "{}: column {} has cells of another type", study.path().string(),
                       column);
    return *value;
}

template <class Named>
std::size_t wanted(std::vector<Named> const& list, std::string_view name, store::Reader const& study) {
    auto const found = position(list, name);
    require<DataError>(found.has_value(), "{} has no column or array {}", study.path().string(), name);
    return *found;
}

}  // namespace

bool StudyRows::has_result(std::string_view column) const {
    return position(study_.schema().results, column).has_value();
}

std::string StudyRows::design(std::size_t row, std::string_view column) const {
    return cell_as<std::string>(
        study_.experiment(row).design.at(wanted(study_.schema().design, column, study_)), study_, column);
}

template <class T>
T StudyRows::result(std::size_t row, std::string_view column) const {
    return cell_as<T>(study_.cells(row).at(wanted(study_.schema().results, column, study_)), study_, column);
}

double StudyRows::real(std::size_t row, std::string_view column) const {
    return result<double>(row, column);
}

std::int64_t StudyRows::integer(std::size_t row, std::string_view column) const {
    return result<std::int64_t>(row, column);
}

std::string StudyRows::text(std::size_t row, std::string_view column) const {
    return result<std::string>(row, column);
}

template <class T>
std::vector<T> StudyRows::elements(std::size_t row, std::string_view array) const {
    std::size_t const place = wanted(study_.schema().arrays, array, study_);
    require<DataError>(study::element_bytes(study_.schema().arrays[place]) == sizeof(T),
                       "{}: array {} has other elements than expected", study_.path().string(), array);
    auto const bytes = study_.arrays(row).at(place);
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    return values;
}

std::vector<double> StudyRows::reals(std::size_t row, std::string_view array) const {
    return elements<double>(row, array);
}

std::vector<std::uint32_t> StudyRows::counts(std::size_t row, std::string_view array) const {
    return elements<std::uint32_t>(row, array);
}

std::string first_failure(store::Reader const& study) {
    std::size_t n_failed = 0;
    std::string first;
    for (std::size_t row = 0; row < study.size(); ++row) {
        if (study.status(row) != study::Status::failed) continue;
        if (n_failed++ == 0) first = study.info(row).error;
    }
    if (n_failed == 0) return {};
    return fmt::format("{} of {} failed, the first with: {}", n_failed, study.size(), first);
}

}  // namespace vaster::va
