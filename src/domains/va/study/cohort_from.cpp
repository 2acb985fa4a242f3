#include "domains/va/study/cohort_from.hpp"

#include <utility>
#include <variant>

#include "domains/va/data/cohort_block.hpp"
#include "domains/va/data/survey.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

Cohort read_or_help(CohortSource const& source) {
    try {
        return read_cohort(source);
    } catch (DataError const& error) {
        throw DataError(with_way_out(error.what(), source));
    }
}

CohortAndBlock read_into_block(CohortSource const& source) {
    Cohort cohort = read_or_help(source);
    try {
        auto block = to_block(cohort);
        cohort = cohort_in(block);
        return {std::move(cohort), std::move(block)};
    } catch (IoError const& error) {
        return {std::move(cohort), nullptr, error.what()};
    }
}

}  // namespace

CohortAndBlock cohort_from(CohortSource const& source, study::DataFrom const& from) {
    if (auto const* given = std::get_if<study::FromBlock>(&from))
        return {cohort_in(given->block), given->block};
    if (std::holds_alternative<study::FromSourceToShare>(from)) return read_into_block(source);
    return {read_or_help(source)};
}

}  // namespace vaster::va
