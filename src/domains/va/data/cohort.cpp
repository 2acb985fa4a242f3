#include "domains/va/data/cohort.hpp"

#include <algorithm>
#include <ostream>
#include <stdexcept>

#include "domains/va/data/cause_names.hpp"
#include "domains/va/data/table_kind.hpp"
#include "domains/va/data/tables.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::va {

std::vector<std::string> const& cohort_format_names() {
    static std::vector<std::string> const names = {"phmrc-adult", "encoded", "phmrc-child", "phmrc-neonate",
                                                   "rules"};
    return names;
}

bool is_release(CohortFormat format) {
    return format != CohortFormat::encoded && format != CohortFormat::rules;
}

CohortFormat cohort_format(std::string_view name) {
    auto const& names = cohort_format_names();
    auto const found = std::ranges::find(names, name);
    if (found == names.end()) throw std::logic_error(fmt::format("unknown cohort format '{}'", name));
    return static_cast<CohortFormat>(found - names.begin());
}

std::vector<std::string> const& duplicate_rule_names() {
    static std::vector<std::string> const names = {"refuse", "together", "first"};
    return names;
}

std::vector<std::string> const& feature_names() {
    static std::vector<std::string> const names = {"closed", "words", "health_care"};
    return names;
}

namespace {

Cohort read_table(CohortSource const& source) {
    try {
        return source.format == CohortFormat::encoded ? read_encoded_table(source) : read_raw_table(source);
    } catch (DataError const&) {
        refuse_other_kind(source);
        throw;
    }
}

}  // namespace

Cohort read_cohort(CohortSource const& source) {
    require<DataError>(source.label != source.site,
                       "column '{}' is named both as the label and as the site; they must differ",
                       source.label);
    Cohort cohort = read_table(source);
    cohort.cause_names = read_cause_names(source, cohort.causes);
    return cohort;
}

EncodedWriter::EncodedWriter(std::ostream& out, std::string_view site_column,
                             std::span<std::string const> label_columns,
                             std::span<std::string const> symptoms)
    : out_(out) {
    std::vector<std::string> names{std::string(site_column)};
    names.insert(names.end(), label_columns.begin(), label_columns.end());
    names.insert(names.end(), symptoms.begin(), symptoms.end());
    out_ << csv_line(names) << '\n';
}

void EncodedWriter::write(std::string_view site, std::span<std::string const> labels,
                          std::span<va::Answer const> answers) {
    std::vector<std::string> texts{std::string(site)};
    texts.insert(texts.end(), labels.begin(), labels.end());
    line_ = csv_line(texts);
    for (va::Answer const answer : answers) {
        line_ += ',';
        if (answer == va::Answer::present) line_ += 'Y';
        if (answer == va::Answer::missing) line_ += '.';
    }
    line_ += '\n';
    out_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
}

void write_encoded(Cohort const& cohort, std::string_view site_column, std::string const& label_column,
                   std::ostream& out) {
    EncodedWriter writer(out, site_column, {&label_column, 1}, cohort.symptoms);
    for (std::size_t i = 0; i < cohort.n_deaths(); ++i) {
        auto const row = cohort.answers.row(i);
        std::vector<va::Answer> const answers(row.begin(), row.end());
        writer.write(cohort.sites[cohort.site[i]], {&cohort.causes[cohort.cause[i]], 1}, answers);
    }
}

}  // namespace vaster::va
