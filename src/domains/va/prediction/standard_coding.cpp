#include "domains/va/prediction/standard_coding.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "domains/va/data/spellings.hpp"
#include "domains/va/data/table_file.hpp"
#include "domains/va/metrics/metrics.hpp"
#include "domains/va/prediction/new_deaths.hpp"
#include "domains/va/prediction/read_block.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {
namespace {

using models::interva5::Assigned;
using models::interva5::StandardTable;

/// The column of IDs that nobody has named: ID in any case.
std::string usual_id(csv::CsvReader const& reader) {
    for (auto const& name : reader.header())
        if (folded(tidied(name)) == "id") return tidied(name);
    return "";
}

/// Lines and IDs of all rows.
std::vector<StandardDeath> read_names(TableFile& table, std::optional<std::size_t> const& id) {
    std::vector<StandardDeath> deaths;
    std::unordered_map<std::string, std::uint64_t> lines;
    auto& reader = table.reader;
    while (reader.next()) {
        StandardDeath death{reader.line(), id ? std::string(trimmed(reader.cells()[*id])) : "", {}};
        if (id) {
            require<DataError>(!NothingWords().contains(death.id), "{}: the ID is {}; every death needs one",
                               reader.where(*id), va::quoted(death.id));
            auto const [seen, is_new] = lines.emplace(death.id, death.line);
            require<DataError>(is_new, "{}: ID {} is on line {} already", reader.where(*id),
                               va::quoted(death.id), seen->second);
        }
        deaths.push_back(std::move(death));
    }
    return deaths;
}

/// Answers of all rows of the file.
DeathsRead read_answers(NewDeaths const& deaths) {
    return read_deaths(deaths, deaths.scan.blocks, std::nullopt);
}

std::vector<std::string> notes_on(NewDeaths const& deaths) {
    std::string const path = deaths.source.path.string();
    std::vector<std::string> notes;
    if (!deaths.scan.coding.empty()) notes.push_back(fmt::format("{}: coding: {}", path, deaths.scan.coding));
    auto const& absent = deaths.columns.absent;
    if (!absent.empty())
        notes.push_back(
            fmt::format("{}: {} of the table's {} symptoms are not in the file and missing for all: {}", path,
                        absent.size(), deaths.wanted.symptoms.size(), fmt::join(absent, ", ")));
    return notes;
}

Assigned three_most_probable(std::span<double const> probability) {
    Assigned assigned{{}, 0};
    constexpr std::size_t most = 3;
    for (auto const cause : most_probable(probability, most))
        assigned.causes.push_back({cause, probability[cause]});
    return assigned;
}

}  // namespace

StandardDeaths read_standard_deaths(NewDeathsSource source, StandardTable const& table,
                                    models::interva5::Clears clears) {
    TableFile file = open_table(source.path);
    if (source.id.empty()) source.id = usual_id(file.reader);
    NewDeaths read;
    read.source = std::move(source);
    read.wanted.symptoms = table.symptoms;
    constexpr std::uint64_t block_rows = 10'000;
    read.scan = scan_new_deaths(read.source, read.wanted, block_rows);
    read.header = header_of(read.source, read.scan);
    read.columns = columns_of(file.reader, read.source, read.wanted);

    StandardDeaths result;
    result.id_column = read.source.id;
    result.deaths = read_names(file, read.columns.id);
    result.notes = notes_on(read);
    result.answers = AnswerMatrix(table.symptoms.size());
    std::size_t n_cleared = 0;
    std::size_t n_filled = 0;
    DeathsRead const answered = read_answers(read);
    require<DataError>(answered.answers.n_rows() == result.deaths.size(), "{} has changed while it was read",
                       read.source.path.string());
    for (std::size_t i = 0; i < result.deaths.size(); ++i) {
        auto const row = answered.answers.row(i);
        std::vector<Answer> const answers(row.begin(), row.end());
        result.deaths[i].refused = models::interva5::refusal_of(table, answers);
        if (result.deaths[i].refused) continue;
        auto const checked = models::interva5::check(table, answers, clears);
        n_cleared += checked.cleared;
        n_filled += checked.filled;
        result.answers.append(checked.answers);
        result.coded.push_back(i);
    }
    if (n_cleared + n_filled > 0)
        result.notes.push_back(fmt::format("{}: the checks cleared {} answers and filled {} in",
                                           read.source.path.string(), grouped(n_cleared), grouped(n_filled)));
    return result;
}

StandardResult code_by_interva5(StandardDeaths const& deaths, StandardTable const& table, Keep keep) {
    std::size_t const n_causes = table.causes.size();
    StandardResult result;
    result.csmf.assign(n_causes, 0.0);
    auto const n = static_cast<double>(std::max<std::size_t>(1, deaths.coded.size()));
    for (std::size_t i = 0; i < deaths.coded.size(); ++i) {
        auto const row = deaths.answers.row(i);
        std::vector<Answer> const answers(row.begin(), row.end());
        auto const probability = models::interva5::probabilities(table, answers);
        if (keep == Keep::probabilities)
            result.probability.insert(result.probability.end(), probability.begin(), probability.end());
        auto const& assigned = result.assigned.emplace_back(models::interva5::assign(probability));
        for (auto const& [cause, share] : assigned.causes) result.csmf[cause] += share / n;
        result.undetermined += assigned.undetermined / n;
    }
    return result;
}

StandardResult code_by_insilico(StandardDeaths const& deaths, StandardTable const& table,
                                std::filesystem::path const& table_file, Parameters const& parameters,
                                models::insilicova::PublishedOptions const& options, std::uint64_t seed,
                                Watcher& watcher) {
    StandardResult result;
    auto prediction = models::insilicova::code_as_published(
        table, table_file, parameters, deaths.answers, options,
        random_stream(seed, "insilico as published", Purpose::predict), watcher);
    for (std::size_t i = 0; i < prediction.n_deaths; ++i)
        result.assigned.push_back(three_most_probable(prediction.of_death(i)));
    result.probability = std::move(prediction.probability);
    result.csmf = std::move(prediction.csmf);
    if (!prediction.sampling) return result;
    result.csmf_lo = std::move(prediction.sampling->csmf_lo);
    result.csmf_hi = std::move(prediction.sampling->csmf_hi);
    result.notes = std::move(prediction.sampling->notes);
    result.converged = prediction.sampling->converged;
    return result;
}

}  // namespace vaster::va
