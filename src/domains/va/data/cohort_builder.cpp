#include "domains/va/data/cohort_builder.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "vaster/support/errors.hpp"

namespace vaster::va {

CohortBuilder::CohortBuilder(std::vector<std::string> symptoms) {
    cohort_.answers = va::AnswerMatrix(symptoms.size());
    cohort_.symptoms = std::move(symptoms);
}

/// The guess of how many rows will come keeps the matrix from being copied, which would need its memory
/// twice.
void CohortBuilder::make_room(std::uint64_t expected_rows) {
    std::uint64_t const n = cohort_.row.size();
    if (n < room_) return;
    room_ = std::max(expected_rows + expected_rows / 32, n + n / 4) + 1;
    cohort_.answers.reserve_rows(room_);
}

void CohortBuilder::add(csv::CsvReader const& reader, std::string_view site, std::string_view cause,
                        std::span<va::Answer const> answers) {
    if (reader.row() >= std::numeric_limits<std::uint32_t>::max())
        throw DataError(fmt::format("{}: more than 4,294,967,295 rows", reader.where(0)));
    make_room(reader.expected_rows());
    cohort_.site.own().push_back(sites_.number_of(site));
    cohort_.cause.own().push_back(causes_.number_of(cause));
    cohort_.row.own().push_back(static_cast<std::uint32_t>(reader.row()));
    if (population_column_) {
        std::string_view const cell = reader.cells()[*population_column_];
        cohort_.population.own().push_back(populations_.number_of(cell.empty() ? "none" : cell));
    }
    cohort_.answers.append(answers);
}

void CohortBuilder::leave_out(csv::CsvReader const& reader, std::string const& reason) {
    constexpr std::size_t n_named = 5;
    auto found = std::find_if(left_out_.begin(), left_out_.end(),
                              [&](LeftOut const& known) { return known.reason == reason; });
    if (found == left_out_.end()) found = left_out_.insert(found, LeftOut{reason, 0, {}});
    ++found->n_rows;
    if (found->first_lines.size() < n_named) found->first_lines.push_back(reader.line());
}

void CohortBuilder::replace_answers(va::Answer answer) {
    for (std::size_t i = 0; i < cohort_.answers.n_rows(); ++i) cohort_.answers.row(i).fill(answer);
}

Cohort CohortBuilder::finish(csv::CsvReader const& reader, std::string const& path) && {
    for (auto const& [reason, n_rows, lines] : left_out_) {
        cohort_.notes.push_back(fmt::format("{}: {} row{} left out: {} (line{} {}{})", path, n_rows,
                                            n_rows == 1 ? "" : "s", reason, n_rows == 1 ? "" : "s",
                                            fmt::join(lines, ", "), n_rows > lines.size() ? ", ..." : ""));
    }
    require<DataError>(!cohort_.row.empty(), "{}: no death is left to work with; {}", path,
                       fmt::join(cohort_.notes, "; "));
    auto const site_positions = sites_.positions();
    auto const cause_positions = causes_.positions();
    for (auto& site : cohort_.site.own()) site = site_positions[site];
    for (auto& cause : cohort_.cause.own()) cause = cause_positions[cause];
    if (population_column_) {
        auto const population_positions = populations_.positions();
        for (auto& population : cohort_.population.own()) population = population_positions[population];
        cohort_.populations = populations_.sorted();
    }
    cohort_.sites = sites_.sorted();
    cohort_.causes = causes_.sorted();
    cohort_.data_hash = reader.content_hash();
    return std::move(cohort_);
}

}  // namespace vaster::va
