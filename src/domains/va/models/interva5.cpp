#include "domains/va/models/interva5.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/csv/csv.hpp"
#include "base/support/nearest.hpp"
#include "domains/va/data/spellings.hpp"
#include "domains/va/models/insilico/given.hpp"
#include "domains/va/models/insilico/problem.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::models::interva5 {
namespace {

using va::Answer;

using Positions = std::map<std::string, std::uint32_t, std::less<>>;

Positions positions_of(std::vector<std::string> const& names) {
    Positions positions;
    for (std::uint32_t i = 0; i < names.size(); ++i) positions.emplace(names[i], i);
    return positions;
}

// ---- the table

/// Divides a given table into the row of priors, whose symptom is empty, and the others.
StandardTable split_priors(insilicova::GivenTable const& given) {
    StandardTable table{given.name, {}, given.causes, {}, {}, {}};
    std::size_t const n_causes = given.causes.size();
    for (std::size_t s = 0; s < given.symptoms.size(); ++s) {
        bool const is_prior = given.symptoms[s].empty();
        if (!is_prior) table.symptoms.push_back(given.symptoms[s]);
        auto& cells = is_prior ? table.prior : table.probability;
        for (std::size_t c = 0; c < n_causes; ++c) {
            std::size_t const cell = s * n_causes + c;
            cells.push_back(given.levels.empty() ? given.numbers[cell]
                                                 : insilicova::level_values.at(given.levels[cell]));
        }
    }
    require<DataError>(!table.symptoms.empty(), "{}: the table has no symptom", table.name);
    return table;
}

double probability_in(csv::CsvReader const& reader, std::size_t column) {
    std::string const cell = va::tidied(reader.cells()[column]);
    auto const level = std::find(insilicova::level_names.begin(), insilicova::level_names.end(),
                                 cell == "B -" ? std::string_view("B-") : std::string_view(cell));
    if (level != insilicova::level_names.end())
        return insilicova::level_values.at(static_cast<std::size_t>(level - insilicova::level_names.begin()));
    double number = 0;
    auto const [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
    bool const is_number = error == std::errc() && end == cell.data() + cell.size();
    require<DataError>(is_number && number >= 0 && number <= 1,
                       "{}: {} is neither a number from 0 to 1 nor a level; levels are {}",
                       reader.where(column), va::quoted(cell), fmt::join(insilicova::level_names, " "));
    return number;
}

std::vector<double> read_priors(std::filesystem::path const& path, StandardTable const& table) {
    csv::CsvReader reader(path);
    std::size_t const cause = reader.position("cause", "the causes of priors");
    require<DataError>(
        reader.header().size() == 2,
        "{}: line 1: there are {} columns (must be two: cause, and its prior as a letter or number)",
        reader.name(), reader.header().size());
    auto const positions = positions_of(table.causes);
    std::vector<double> priors(table.causes.size(), -1);
    while (reader.next()) {
        std::string const name = va::tidied(reader.cells()[cause]);
        auto const found = positions.find(name);
        require<DataError>(found != positions.end(), "{}: '{}' is not a cause of {}; {}", reader.where(cause),
                           name, table.name, suggestion(name, table.causes, "there are"));
        require<DataError>(priors[found->second] < 0, "{}: cause '{}' has a prior already",
                           reader.where(cause), name);
        priors[found->second] = probability_in(reader, 1 - cause);
    }
    for (std::size_t c = 0; c < priors.size(); ++c)
        require<DataError>(priors[c] >= 0, "{}: cause '{}' of {} has no prior", reader.name(),
                           table.causes[c], table.name);
    return priors;
}

void check_priors(StandardTable const& table) {
    require<DataError>(
        !table.prior.empty(),
        "{}: the table has no row of priors (one whose symptom is empty); give them in a file of "
        "their own, with --prior",
        table.name);
    require<DataError>(std::any_of(table.prior.begin(), table.prior.end(), [](double p) { return p > 0; }),
                       "{}: the priors of all causes are 0", table.name);
}

// ---- the checks

/// Reads the checks of each symptom.
class CheckParser {
  public:
    CheckParser(std::filesystem::path const& path, StandardTable const& table)
        : table_(table),
          positions_(positions_of(table.symptoms)),
          reader_(path),
          symptom_(reader_.position("symptom", purpose)),
          counts_when_(reader_.position("counts_when", purpose)),
          clear_when_(column("clear_when", "if_counts_clear_when")),
          sets_(column("set", "if_counts_set")),
          only_if_(column("only_if", "only_neonates")) {
        refuse_other_columns();
    }

    std::vector<Indicator> parse() {
        std::vector<Indicator> indicators(table_.symptoms.size());
        std::vector<bool> seen(table_.symptoms.size(), false);
        while (reader_.next()) {
            std::uint32_t const s = position_of(va::tidied(reader_.cells()[symptom_]), symptom_);
            require<DataError>(!seen[s], "{}: symptom '{}' has a row already", reader_.where(symptom_),
                               table_.symptoms[s]);
            seen[s] = true;
            indicators[s] = {counts_when(), answers_in(clear_when_), answers_in(sets_), answers_in(only_if_)};
        }
        auto const lacking = std::find(seen.begin(), seen.end(), false);
        require<DataError>(
            lacking == seen.end(), "{}: {} of the {} symptoms of {} have no row, the first is '{}'",
            reader_.name(), std::count(seen.begin(), seen.end(), false), seen.size(), table_.name,
            lacking == seen.end() ? "" : table_.symptoms[static_cast<std::size_t>(lacking - seen.begin())]);
        return indicators;
    }

  private:
    static constexpr std::string_view purpose = "checks of a table";

    [[nodiscard]] std::optional<std::size_t> column(std::string const& name, std::string const& other) const {
        auto const found = reader_.find(name);
        return found ? found : reader_.find(other);
    }

    void refuse_other_columns() const {
        for (std::size_t j = 0; j < reader_.header().size(); ++j) {
            bool const is_read =
                j == symptom_ || j == counts_when_ || j == clear_when_ || j == sets_ || j == only_if_;
            require<DataError>(
                is_read,
                "{}: line 1: column '{}' is not read; columns are symptom, counts_when, clear_when, "
                "set and only_if",
                reader_.name(), reader_.header()[j]);
        }
    }

    [[nodiscard]] std::uint32_t position_of(std::string const& name, std::size_t column) const {
        auto const found = positions_.find(name);
        require<DataError>(found != positions_.end(), "{}: '{}' is not a symptom of {}{}",
                           reader_.where(column), name, table_.name, near(name));
        return found->second;
    }

    [[nodiscard]] std::string near(std::string const& name) const {
        auto const nearest = nearest_name(name, table_.symptoms);
        return nearest ? fmt::format("; did you mean '{}'?", *nearest) : "";
    }

    [[nodiscard]] Answer counts_when() const {
        std::string const text = va::tidied(reader_.cells()[counts_when_]);
        require<DataError>(text == "present" || text == "absent", "{}: {} (must be present or absent)",
                           reader_.where(counts_when_), va::quoted(text));
        return text == "present" ? Answer::present : Answer::absent;
    }

    [[nodiscard]] std::vector<NamedAnswer> answers_in(std::optional<std::size_t> const& column) const {
        std::vector<NamedAnswer> answers;
        if (!column) return answers;
        std::string_view rest = va::trimmed(reader_.cells()[*column]);
        while (!rest.empty()) {
            std::size_t const bar = std::min(rest.find('|'), rest.size());
            answers.push_back(answer_in(va::tidied(rest.substr(0, bar)), *column));
            rest.remove_prefix(std::min(bar + 1, rest.size()));
        }
        return answers;
    }

    [[nodiscard]] NamedAnswer answer_in(std::string const& text, std::size_t column) const {
        bool const is_named = text.ends_with('Y') || text.ends_with('N');
        require<DataError>(
            is_named && text.size() > 1,
            "{}: {} (must be the name of a symptom with Y or N behind it, or several parted by |)",
            reader_.where(column), va::quoted(text));
        return {position_of(text.substr(0, text.size() - 1), column),
                text.ends_with('Y') ? Answer::present : Answer::absent};
    }

    StandardTable const& table_;
    Positions positions_;
    csv::CsvReader reader_;
    std::size_t symptom_, counts_when_;
    std::optional<std::size_t> clear_when_, sets_, only_if_;
};

// ---- one death

/// The checks of one death, which change its answers as they go.
class Checking {
  public:
    Checking(StandardTable const& table, std::span<Answer const> answers, Clears clears)
        : table_(table), clears_(clears), checked_{{answers.begin(), answers.end()}, 0, 0} {}

    Checked run() && {
        constexpr int n_passes = 2;
        for (int pass = 0; pass < n_passes; ++pass)
            for (std::uint32_t s = 0; s < table_.indicators.size(); ++s) {
                bool const clears =
                    clears_ == Clears::any_answer ? checked_.answers[s] != Answer::missing : counts(s);
                if (clears) clear_where(s, table_.indicators[s].clear_when, true);
                if (counts(s)) fill_from(s);
                if (counts(s)) clear_where(s, table_.indicators[s].only_if, false);
            }
        return std::move(checked_);
    }

  private:
    [[nodiscard]] bool counts(std::uint32_t s) const {
        return checked_.answers[s] == table_.indicators[s].counts_when;
    }

    /// Makes it missing if any of the others is so, or is not.
    void clear_where(std::uint32_t s, std::vector<NamedAnswer> const& others, bool holds) {
        bool const any = std::any_of(others.begin(), others.end(), [&](NamedAnswer const& other) {
            return (checked_.answers[other.symptom] == other.answer) == holds;
        });
        if (!any) return;
        checked_.answers[s] = Answer::missing;
        ++checked_.cleared;
    }

    void fill_from(std::uint32_t s) {
        for (auto const& [symptom, answer] : table_.indicators[s].sets) {
            Answer& other = checked_.answers[symptom];
            if (other == answer || other == table_.indicators[s].counts_when) continue;
            other = answer;
            ++checked_.filled;
        }
    }

    StandardTable const& table_;
    Clears clears_;
    Checked checked_;
};

bool any_present(StandardTable const& table, std::span<Answer const> answers,
                 std::span<std::string_view const> names) {
    for (std::size_t s = 0; s < answers.size(); ++s)
        if (answers[s] == Answer::present &&
            std::find(names.begin(), names.end(), table.symptoms[s]) != names.end())
            return true;
    return false;
}

bool has_any(StandardTable const& table, std::span<std::string_view const> names) {
    return std::any_of(table.symptoms.begin(), table.symptoms.end(), [&](std::string const& symptom) {
        return std::find(names.begin(), names.end(), symptom) != names.end();
    });
}

/// @throws DataError when the table has none of the names
std::size_t cause_called(StandardTable const& table, std::string_view name, std::string_view code) {
    auto const found = std::find_if(table.causes.begin(), table.causes.end(), [&](std::string const& cause) {
        return cause == name || va::folded(cause) == code;
    });
    require<DataError>(
        found != table.causes.end(),
        "{}: there is no cause '{}' (or '{}'), whose prior depends on how common HIV and malaria are",
        table.name, name, code);
    return static_cast<std::size_t>(found - table.causes.begin());
}

double prior_of(Prevalence prevalence) {
    constexpr std::array<double, 3> priors{0.05, 0.005, 0.00001};
    return priors.at(static_cast<std::size_t>(prevalence));
}

}  // namespace

StandardTable read_standard_table(TableFiles const& files) {
    StandardTable table = split_priors(insilicova::read_given_table(files.table));
    require<DataError>(
        files.prior.empty() || table.prior.empty(),
        "{} has a row of priors (whose symptom is empty), and {} has priors, too; leave one out", table.name,
        files.prior.string());
    if (!files.prior.empty()) table.prior = read_priors(files.prior, table);
    check_priors(table);
    table.indicators.resize(table.symptoms.size());
    if (!files.checks.empty()) table.indicators = CheckParser(files.checks, table).parse();
    return table;
}

std::vector<std::string> const& prevalence_names() {
    static std::vector<std::string> const names{"h", "l", "v"};
    return names;
}

void set_prevalence(StandardTable& table, Prevalence hiv, Prevalence malaria) {
    table.prior[cause_called(table, "HIV/AIDS related death", "b_0103")] = prior_of(hiv);
    table.prior[cause_called(table, "Malaria", "b_0105")] = prior_of(malaria);
    table.prior[cause_called(table, "Sickle cell with crisis", "b_0403")] =
        prior_of(malaria == Prevalence::high ? Prevalence::high : Prevalence::very_low);
}

std::string_view to_text(Refused why) {
    constexpr std::array<std::string_view, 3> texts{"no age group", "no sex", "no sign"};
    return texts.at(static_cast<std::size_t>(why));
}

std::optional<Refused> refusal_of(StandardTable const& table, std::span<Answer const> answers) {
    VASTER_EXPECTS(answers.size() == table.symptoms.size());
    constexpr std::array<std::string_view, 7> ages{"i022a", "i022b", "i022c", "i022d",
                                                   "i022e", "i022f", "i022g"};
    constexpr std::array<std::string_view, 2> sexes{"i019a", "i019b"};
    bool const is_probbase = has_any(table, ages) && has_any(table, sexes);
    if (is_probbase && !any_present(table, answers, ages)) return Refused::no_age_group;
    if (is_probbase && !any_present(table, answers, sexes)) return Refused::no_sex;
    constexpr std::size_t first_sign = 19;
    constexpr std::size_t end_of_signs = 327;
    std::size_t const first = is_probbase ? std::min(first_sign, answers.size()) : 0;
    std::size_t const end = is_probbase ? std::min(end_of_signs, answers.size()) : answers.size();
    auto const signs = answers.subspan(first, end - first);
    if (std::find(signs.begin(), signs.end(), Answer::present) == signs.end()) return Refused::no_sign;
    return std::nullopt;
}

Checked check(StandardTable const& table, std::span<Answer const> answers, Clears clears) {
    VASTER_EXPECTS(answers.size() == table.symptoms.size());
    return Checking(table, answers, clears).run();
}

std::vector<double> probabilities(StandardTable const& table, std::span<Answer const> answers) {
    VASTER_EXPECTS(answers.size() == table.symptoms.size());
    std::size_t const n_causes = table.causes.size();
    std::vector<double> shares = table.prior;
    for (std::size_t s = 0; s < answers.size(); ++s) {
        if (answers[s] != table.indicators[s].counts_when) continue;
        double sum = 0;
        for (std::size_t c = 0; c < n_causes; ++c) sum += shares[c] *= table.probability[s * n_causes + c];
        if (sum == 0) return shares;
        for (double& share : shares) share /= sum;
    }
    double const sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (double& share : shares) share /= sum;
    return shares;
}

Assigned assign(std::span<double const> probabilities) {
    constexpr double least = 0.4;
    constexpr double share_of_first = 0.5;
    constexpr std::size_t most_causes = 3;
    std::vector<std::uint32_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return probabilities[a] > probabilities[b]; });
    Assigned assigned;
    if (order.empty() || probabilities[order.front()] < least) return assigned;
    for (std::size_t k = 0; k < std::min(most_causes, order.size()); ++k) {
        double const p = probabilities[order[k]];
        if (p < share_of_first * probabilities[order.front()]) break;
        assigned.causes.push_back({order[k], p});
        assigned.undetermined -= p;
    }
    assigned.undetermined = std::max(0.0, assigned.undetermined);
    return assigned;
}

}  // namespace vaster::models::interva5
