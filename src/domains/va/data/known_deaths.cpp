#include "domains/va/data/known_deaths.hpp"

#include "domains/va/data/row_cells.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

KnownDeaths read_known_deaths(std::filesystem::path const& path, Cohort const& cohort) {
    csv::CsvReader reader(path);
    std::size_t const row = reader.position("row", "deaths that have been coded already (data.known)");
    KnownDeaths known;
    known.is_known.assign(cohort.n_deaths(), false);
    while (reader.next()) {
        std::uint32_t const death = death_in_cell(reader, row, cohort);
        require<DataError>(!known.is_known[death], "{}: row {} is listed twice", reader.where(row),
                           cohort.row[death]);
        known.is_known[death] = true;
    }
    known.hash = reader.content_hash();
    return known;
}

}  // namespace vaster::va
