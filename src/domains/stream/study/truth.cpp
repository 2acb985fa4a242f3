#include "domains/stream/study/truth.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "domains/stream/records/generator.hpp"
#include "domains/stream/records/input_index.hpp"

namespace vaster::stream {
namespace {

constexpr TruthError unknown{0, std::numeric_limits<double>::quiet_NaN()};

/// Cells of a row; those of made-up streams have no quotes.
std::vector<std::string_view> cells_of(Output const& output, std::size_t row) {
    auto const& starts = output.starts();
    auto const end = row + 1 < starts.size() ? starts[row + 1] : output.text().size();
    auto text = std::string_view(output.text()).substr(starts[row], end - starts[row]);
    if (text.ends_with('\n')) text.remove_suffix(1);
    std::vector<std::string_view> cells;
    for (;;) {
        auto const comma = text.find(',');
        cells.push_back(text.substr(0, comma));
        if (comma == std::string_view::npos) return cells;
        text.remove_prefix(comma + 1);
    }
}

double number_in(std::string_view cell) {
    return number_of(cell).value_or(std::numeric_limits<double>::quiet_NaN());
}

double squared(double x) {
    return x * x;
}

/// A row for each good record, in their order, which the index has too.
TruthError error_of_counts(Source const& source, Output const& output) {
    auto const& records = source.index().records();
    std::vector<bool> seen(source.index().sensors().size(), false);
    double distinct = 0;
    double sum = 0;
    std::size_t place = 0;
    for (std::size_t row = 0; row < output.n_rows(); ++row) {
        for (; place < records.size() && records[place].number <= output.records()[row]; ++place) {
            auto const sensor = records[place].sensor;
            if (!seen[sensor]) ++distinct;
            seen[sensor] = true;
        }
        sum += squared((number_in(cells_of(output, row).back()) - distinct) / distinct);
    }
    auto const n = static_cast<std::int64_t>(output.n_rows());
    return {n, std::sqrt(sum / static_cast<double>(n))};
}

TruthError error_of_values(Options const& options, Output const& output) {
    Generator const generator(options.source.made_up->settings);
    double errors = 0;
    double truths = 0;
    TruthError error;
    std::uint64_t record = 0;
    std::vector<double> values;
    auto const& numbers = generator.settings().set->numbers;
    for (std::size_t row = 0; row < output.n_rows(); ++row) {
        auto const cells = cells_of(output, row);
        // record, sensor, field, estimate
        auto const number = std::find_if(numbers.begin(), numbers.end(),
                                         [&](auto const& one) { return one.name == cells[2]; });
        if (number == numbers.end()) continue;  // of a text there is no noise
        auto const own = output.records()[row] / options.source.copies;
        if (values.empty() || own != record) values = generator.values_without_noise(own);
        record = own;
        double const truth = values[static_cast<std::size_t>(number - numbers.begin())];
        errors += squared(number_in(cells[3]) - truth);
        truths += squared(truth);
        ++error.rows;
    }
    error.error = std::sqrt(errors / truths);
    return error.rows > 0 && truths > 0 ? error : unknown;
}

/// What the attributes are multiplied with. Empty: not known.
std::vector<double> true_coefficients(DataSet::Truth const& truth,
                                      std::vector<std::string> const& attributes) {
    std::vector<double> coefficients(attributes.size(), 0);
    for (auto const& term : truth.terms) {
        auto const place = std::find(attributes.begin(), attributes.end(), term.field);
        if (place == attributes.end()) return {};
        coefficients[static_cast<std::size_t>(place - attributes.begin())] = term.coefficient;
    }
    return coefficients;
}

TruthError error_of_models(Options const& options, JobOptions const& job, std::vector<std::string> attributes,
                           Output const& output) {
    auto const& truth = options.source.made_up->settings.set->truth;
    if (truth.target.empty() || job.parameters.get<std::string>("target") != truth.target) return unknown;
    attributes.erase(std::remove(attributes.begin(), attributes.end(), truth.target), attributes.end());
    auto const known = true_coefficients(truth, attributes);
    double size = 0;
    for (double const one : known) size += squared(one);
    if (size == 0) return unknown;
    double sum = 0;
    for (std::size_t row = 0; row < output.n_rows(); ++row) {
        auto const cells = cells_of(output, row);
        auto const first = cells.size() - known.size();
        for (std::size_t i = 0; i < known.size(); ++i)
            sum += squared(number_in(cells[first + i]) - known[i]) / size;
    }
    auto const n = static_cast<std::int64_t>(output.n_rows());
    return {n, std::sqrt(sum / static_cast<double>(n))};
}

}  // namespace

TruthError truth_error(Options const& options, Source const& source, std::size_t job,
                       PartitionResult const& result) {
    auto const& what = options.jobs[job];
    bool const is_known = options.source.made_up && options.continue_from.empty() &&
                          options.output.form == Output::Form::csv && result.output.n_rows() > 0;
    if (!is_known) return unknown;
    if (what.kind->code == "DAC") return error_of_counts(source, result.output);
    if (what.kind->code == "KAL") return error_of_values(options, result.output);
    if (what.kind->code == "MLT")
        return error_of_models(options, what, source.layout(job).fields, result.output);
    return unknown;
}

}  // namespace vaster::stream
