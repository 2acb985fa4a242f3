#include "domains/va/data/cohort_builder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/support/hash.hpp"
#include "domains/va/data/row_cells.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

std::string rows_text(std::uint64_t count) {
    return fmt::format("{} row{}", grouped(count), count == 1 ? "" : "s");
}

/// Puts positions of names in the place of numbers of spellings.
void rename(SharedArray<std::uint32_t>& numbers, Names const& names) {
    for (auto& number : numbers.own()) number = names.of_spelling[number];
}

std::uint64_t hash_of_death(Cohort const& cohort, std::size_t i) {
    auto const row = cohort.answers.row(i);
    auto const bytes = [](std::span<std::uint64_t const> words) {
        return std::string_view(reinterpret_cast<char const*>(words.data()), words.size_bytes());
    };
    std::uint64_t const key[] = {hash64(bytes(row.present())), hash64(bytes(row.missing())), cohort.site[i],
                                 cohort.cause[i]};
    return hash64(bytes(key));
}

bool are_alike(Cohort const& cohort, std::size_t a, std::size_t b) {
    return cohort.site[a] == cohort.site[b] && cohort.cause[a] == cohort.cause[b] &&
           compare(cohort.answers.row(a), cohort.answers.row(b)) == std::strong_ordering::equal;
}

}  // namespace

void CohortBuilder::Rows::add(std::uint64_t line) {
    constexpr std::size_t n_named = 5;
    ++count;
    if (first_lines.size() < n_named) first_lines.push_back(line);
}

/// "line 3" or "lines 3, 4, ...".
std::string CohortBuilder::Rows::lines() const {
    return fmt::format("line{} {}{}", count == 1 ? "" : "s", fmt::join(first_lines, ", "),
                       count > first_lines.size() ? ", ..." : "");
}

CohortBuilder::CohortBuilder(CohortSource const& source, DeathColumns const& columns,
                             std::vector<std::string> symptoms)
    : source_(source),
      columns_(columns),
      no_cause_(source.no_cause),
      causes_("causes", no_cause_),
      sites_("sites", NothingWords()),
      populations_("sub-populations", NothingWords()) {
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

void CohortBuilder::take(csv::CsvReader const& reader, std::string_view cause,
                         std::span<va::Answer const> answers, std::string_view why_not) {
    ++cohort_.reading.rows;
    std::uint64_t const line = reader.line();
    std::string const number = columns_.ids_are_numbers ? std::to_string(reader.row() + 1) : "";
    std::string_view const id =
        columns_.id ? trimmed(reader.cells()[*columns_.id]) : std::string_view(number);
    require<DataError>(!columns_.id || !NothingWords().contains(id),
                       "{}: the ID is {}; every death needs one, or data.id = \"\"",
                       columns_.id ? reader.where(*columns_.id) : "", va::quoted(id));
    require<DataError>(!has_control(id),
                       "{}: the ID {} has a control character, which no ID may have; take it out of the file",
                       columns_.id ? reader.where(*columns_.id) : "", va::quoted(id));
    std::uint32_t const spelling = causes_.spelling_of(cause);
    if (causes_.is_nothing(spelling)) {
        ++no_cause_rows_[spelling];
        without_cause_.add(line);
        return;
    }
    if (!why_not.empty()) return leave_out(why_not, line);
    if (columns_.site) {
        std::uint32_t const site = sites_.spelling_of(reader.cells()[*columns_.site]);
        if (sites_.is_nothing(site)) {
            ++no_site_rows_[site];
            without_site_.add(line);
            return;
        }
    }
    if (!id.empty() && !take_id(reader, id)) return;
    add(reader, spelling, answers);
}

/// False if the row is left out since an earlier one has its ID.
bool CohortBuilder::take_id(csv::CsvReader const& reader, std::string_view id) {
    auto const death = static_cast<std::uint32_t>(lines_.size());
    auto const [known, is_new] = first_of_id_.emplace(id, death);
    if (!is_new) {
        auto& lines = lines_of_id_[known->first];
        if (lines.empty()) lines.push_back(lines_[known->second]);
        lines.push_back(reader.line());
        ++cohort_.reading.same_id;
        if (source_.duplicates == DuplicateRule::first) return false;
    }
    cohort_.ids.emplace_back(id);
    cohort_.first_of_id.own().push_back(known->second);
    return true;
}

void CohortBuilder::add(csv::CsvReader const& reader, std::uint32_t cause,
                        std::span<va::Answer const> answers) {
    if (reader.row() >= std::numeric_limits<std::uint32_t>::max())
        throw DataError(fmt::format("{}: more than 4,294,967,295 rows", reader.where(0)));
    make_room(reader.expected_rows());
    std::uint64_t const line = reader.line();
    causes_.keep(cause, line);
    cohort_.cause.own().push_back(cause);
    std::uint32_t const site = sites_.spelling_of(columns_.site ? reader.cells()[*columns_.site] : only_site);
    sites_.keep(site, line);
    cohort_.site.own().push_back(site);
    cohort_.row.own().push_back(static_cast<std::uint32_t>(reader.row()));
    if (columns_.population) {
        std::uint32_t population = populations_.spelling_of(reader.cells()[*columns_.population]);
        if (populations_.is_nothing(population)) {
            other_words_for_none_ |= !populations_.tidy(population).empty();
            population = populations_.spelling_of("none");
        }
        populations_.keep(population, line);
        cohort_.population.own().push_back(population);
    }
    if (columns_.weight)
        cohort_.weight.own().push_back(weight_in_cell(reader, *columns_.weight, columns_.id));
    lines_.push_back(line);
    cohort_.answers.append(answers);
}

void CohortBuilder::leave_out(std::string_view reason, std::uint64_t line) {
    auto found = std::find_if(left_out_.begin(), left_out_.end(),
                              [&](LeftOut const& known) { return known.reason == reason; });
    if (found == left_out_.end()) found = left_out_.insert(found, LeftOut{std::string(reason), {}});
    found->rows.add(line);
}

void CohortBuilder::settle_open_answers(va::Answer answer) {
    for (std::size_t i = 0; i < cohort_.answers.n_rows(); ++i) {
        auto const row = cohort_.answers.row(i);
        for (std::size_t word = 0; word < row.present().size(); ++word) {
            std::uint64_t const open = row.present()[word] & row.missing()[word];
            if (answer != va::Answer::present) row.present()[word] &= ~open;
            if (answer != va::Answer::missing) row.missing()[word] &= ~open;
        }
    }
}

void CohortBuilder::note_missing_causes(std::string const& path) {
    auto& counted = cohort_.reading.no_cause;
    for (auto const& [spelling, count] : no_cause_rows_) {
        std::string const& text = causes_.tidy(spelling);
        other_words_for_none_ |= !text.empty();
        auto found = std::find_if(counted.begin(), counted.end(),
                                  [&](CountedText const& known) { return known.text == text; });
        if (found == counted.end()) found = counted.insert(found, {text, 0});
        found->count += count;
    }
    if (!counted.empty())
        cohort_.notes.push_back(fmt::format("{}: {} of {} left out: no cause in column '{}': {} ({})", path,
                                            grouped(without_cause_.count), rows_text(cohort_.reading.rows),
                                            source_.label, listed(counted), without_cause_.lines()));
    for (auto const& word : source_.no_cause) {
        bool const seen = std::any_of(counted.begin(), counted.end(), [&](CountedText const& text) {
            return folded(text.text) == folded(tidied(word));
        });
        if (!seen) cohort_.notes.push_back(fmt::format("{}: data.no_cause: '{}' occurs nowhere", path, word));
    }
}

void CohortBuilder::refuse_missing_sites(std::string const& path) const {
    std::vector<CountedText> counted;
    for (auto const& [spelling, count] : no_site_rows_) counted.push_back({sites_.tidy(spelling), count});
    require<DataError>(
        counted.empty(),
        "{}: {} with a cause but no site in column '{}': {} ({}); fill the cells in or take the rows "
        "out; data.site = \"\" takes all deaths as of one site",
        path, rows_text(without_site_.count), source_.site, listed(counted), without_site_.lines());
}

void CohortBuilder::note_left_out(std::string const& path) {
    for (auto const& [reason, rows] : left_out_) {
        cohort_.notes.push_back(
            fmt::format("{}: {} left out: {} ({})", path, rows_text(rows.count), reason, rows.lines()));
        cohort_.reading.left_out.push_back({reason, rows.count});
    }
}

/// Causes that are names, but may stand for "not known".
void CohortBuilder::note_suspects(std::string const& path) {
    for (std::size_t c = 0; c < cohort_.causes.size(); ++c) {
        std::string const& cause = cohort_.causes[c];
        if (!may_mean_unknown(cause)) continue;
        auto const count =
            std::count(cohort_.cause.begin(), cohort_.cause.end(), static_cast<std::uint32_t>(c));
        cohort_.notes.push_back(fmt::format(
            "{}: '{}' is a cause like any other ({}); data.no_cause = [\"{}\"] leaves such deaths out", path,
            cause, rows_text(static_cast<std::uint64_t>(count)), cause));
    }
}

void CohortBuilder::take_names(std::string const& path) {
    bool changed = other_words_for_none_;
    auto const take = [&](NameColumn const& column, CaseRule rule, std::string const& name,
                          std::string_view key, SharedArray<std::uint32_t>& numbers) {
        Names names = column.finish(rule, path, name, key);
        rename(numbers, names);
        for (auto& note : names.notes) cohort_.notes.push_back(std::move(note));
        changed |= names.changed;
        return std::move(names.names);
    };
    cohort_.causes = take(causes_, source_.cause_case, source_.label, "data.cause_case", cohort_.cause);
    cohort_.sites = take(sites_, source_.site_case, source_.site, "data.site_case", cohort_.site);
    if (columns_.population)
        cohort_.populations =
            take(populations_, source_.site_case, source_.population, "data.site_case", cohort_.population);
    if (changed) cohort_.data_hash = hash_text(cohort_.data_hash + "\nnames tidied");
}

void CohortBuilder::settle_ids(std::string const& path) {
    if (lines_of_id_.empty()) {
        cohort_.first_of_id = {};
        return;
    }
    constexpr std::size_t n_shown = 5;
    std::vector<std::string> shown;
    std::vector<std::pair<std::uint64_t, std::string>> in_order;
    for (auto const& [id, lines] : lines_of_id_)
        in_order.emplace_back(lines.front(), fmt::format("'{}' (lines {})", id, fmt::join(lines, ", ")));
    std::sort(in_order.begin(), in_order.end());
    for (std::size_t i = 0; i < std::min(n_shown, in_order.size()); ++i) shown.push_back(in_order[i].second);
    std::string const text = fmt::format("{}: {} ID{} in column '{}' {} there more than once: {}{}", path,
                                         grouped(in_order.size()), in_order.size() == 1 ? "" : "s",
                                         source_.id, in_order.size() == 1 ? "is" : "are",
                                         fmt::join(shown, ", "), in_order.size() > n_shown ? ", ..." : "");
    require<DataError>(
        source_.duplicates != DuplicateRule::refuse,
        "{}; data.duplicates = \"together\" takes all rows and keeps those of one ID in one part of "
        "every split, \"first\" takes the first row of each ID",
        text);
    if (source_.duplicates == DuplicateRule::first) {
        cohort_.first_of_id = {};
        cohort_.reading.left_out.push_back({"an earlier row has the same ID", cohort_.reading.same_id});
        cohort_.notes.push_back(fmt::format("{}; {} left out, the first of each ID is used", text,
                                            rows_text(cohort_.reading.same_id)));
        return;
    }
    for (std::size_t i = 0; i < cohort_.n_deaths(); ++i) {
        std::size_t const first = cohort_.first_of_id[i];
        require<DataError>(
            cohort_.site[first] == cohort_.site[i],
            "{}: ID '{}' is at site '{}' on line {} and at site '{}' on line {}; rows of one death are "
            "of one site, or a model would be tested on a death that it was trained on",
            path, cohort_.ids[i], cohort_.sites[cohort_.site[first]], lines_[first],
            cohort_.sites[cohort_.site[i]], lines_[i]);
    }
    cohort_.notes.push_back(fmt::format("{}; rows of one ID are always in the same part of a split", text));
}

/// Rows that are the same are told, never dropped: two deaths may well be alike.
void CohortBuilder::note_alike(std::string const& path) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> deaths;
    deaths.reserve(cohort_.n_deaths());
    for (std::uint32_t i = 0; i < cohort_.n_deaths(); ++i) deaths.emplace_back(hash_of_death(cohort_, i), i);
    std::sort(deaths.begin(), deaths.end());
    std::uint32_t first = 0;
    std::pair<std::uint64_t, std::uint64_t> example;
    for (std::size_t k = 1; k < deaths.size(); ++k) {
        if (deaths[k].first != deaths[k - 1].first) first = static_cast<std::uint32_t>(k);
        std::uint32_t const earlier = deaths[first].second;
        if (first == k || !are_alike(cohort_, earlier, deaths[k].second)) continue;
        std::pair const lines(lines_[deaths[k].second], lines_[earlier]);
        if (cohort_.reading.alike++ == 0 || lines < example) example = lines;
    }
    if (cohort_.reading.alike > 0)
        cohort_.notes.push_back(
            fmt::format("{}: {} {} like an earlier one in all symptoms, site and cause (line {} "
                        "like line {}); all are used",
                        path, rows_text(cohort_.reading.alike), cohort_.reading.alike == 1 ? "is" : "are",
                        example.first, example.second));
}

Cohort CohortBuilder::finish(csv::CsvReader const& reader) && {
    std::string const& path = reader.name();
    cohort_.data_hash = reader.content_hash();
    note_missing_causes(path);
    note_left_out(path);
    refuse_missing_sites(path);
    require<DataError>(!cohort_.row.empty(), "{}: no death is left to work with; {}", path,
                       fmt::join(cohort_.notes, "; "));
    take_names(path);
    settle_ids(path);
    note_suspects(path);
    note_alike(path);
    return std::move(cohort_);
}

}  // namespace vaster::va
