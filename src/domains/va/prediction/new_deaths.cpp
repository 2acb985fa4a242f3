#include "domains/va/prediction/new_deaths.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/csv/csv.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/va/data/answer_coding.hpp"
#include "domains/va/data/row_cells.hpp"
#include "domains/va/data/table_file.hpp"
#include "domains/va/prediction/cause_sums.hpp"
#include "domains/va/prediction/row_answers.hpp"
#include "vaster/support/contracts.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

constexpr std::size_t most_groups = 500;
constexpr std::uint64_t most_rows = 100'000'000;  // so that sums stay within 63 bits, see CauseSums

/// How cells are parted, as open_table() finds it for training data.
char delimiter_of(NewDeathsSource const& source) {
    require<DataError>(std::filesystem::is_regular_file(source.path) || !std::filesystem::exists(source.path),
                       "{} is not a regular file; new deaths are read more than once, and by every rank",
                       source.path.string());
    return open_table(source.path).delimiter;
}

/// Reads the header.
csv::CsvReader header_reader(NewDeathsSource const& source, char delimiter) {
    return csv::CsvReader(source.path, {.delimiter = delimiter, .no_rows = csv::NoRows::accept});
}

/// Values of some columns of a row, tidied; what says nothing is the empty text.
std::vector<std::string> values_in(std::span<std::string_view const> cells,
                                   std::vector<std::size_t> const& columns) {
    static NothingWords const nothing;
    std::vector<std::string> values;
    values.reserve(columns.size());
    for (std::size_t const column : columns) {
        std::string tidy = tidied(cells[column]);
        values.push_back(nothing.contains(tidy) ? "" : std::move(tidy));
    }
    return values;
}

/// Counts the answers of all rows, and finds the coding.
class AnswerCounter {
  public:
    AnswerCounter(NewColumns const& columns, ModelNeeds const& wanted)
        : columns_(columns),
          decoder_(wanted.spellings, columns.id),
          raw_(columns, wanted, Answer::missing),
          counts_(wanted.symptoms.size()),
          answers_(wanted.symptoms.size()) {}

    void take(csv::CsvReader const& reader) {
        auto const cells = reader.cells();
        if (is_raw()) {
            (void)raw_.read(cells, answers_);
            for (std::size_t k = 0; k < answers_.size(); ++k) ++counts_[k][index_of(answers_[k])];
            return;
        }
        for (std::size_t k = 0; k < counts_.size(); ++k) {
            auto const& column = columns_.symptoms[k];
            Answer const answer = column ? decoder_.decode(cells[*column], reader, *column) : Answer::missing;
            ++counts_[k][index_of(answer)];
        }
    }

    void finish(csv::CsvReader const& reader, NewDeathsSource const& source, Scan& scan) const {
        if (!is_raw()) {
            Coding coding =
                decoder_.settle(reader, source.empty_means,
                                "--coding yes (empty: absent) or --coding numbers (empty: missing)");
            scan.empty_means = coding.empty_means;
            scan.coding = std::move(coding.text);
        }
        for (auto const& count : counts_) {
            std::uint64_t const open = count[index_of(open_answer)];
            SymptomCounts symptom{count[index_of(Answer::present)], count[index_of(Answer::missing)],
                                  scan.n_rows};
            if (scan.empty_means == Answer::missing) symptom.missing += open;
            if (scan.empty_means == Answer::present) symptom.present += open;
            scan.answers.push_back(symptom);
        }
    }

  private:
    [[nodiscard]] bool is_raw() const { return columns_.is_raw(); }

    static std::size_t index_of(Answer answer) { return static_cast<std::size_t>(answer); }

    NewColumns const& columns_;
    AnswerDecoder decoder_;
    RowAnswers raw_;
    std::vector<std::array<std::uint64_t, 4>> counts_;
    std::vector<Answer> answers_;
};

/// Cuts the rows into blocks as they are read.
class BlockMaker {
  public:
    explicit BlockMaker(std::uint64_t block_rows) : block_rows_(block_rows) {
        VASTER_EXPECTS(block_rows > 0);
    }

    /// Before a row is read.
    void at(csv::CsvReader const& reader, std::uint64_t row) {
        here_ = {reader.offset(), 0, row, reader.next_line(), 0, 0};
    }

    /// When it has been read.
    void take() {
        if (blocks_.empty() || blocks_.back().rows == block_rows_) blocks_.push_back(here_);
        ++blocks_.back().rows;
    }

    /// @param end  of the last row in the file
    std::vector<RowBlock> finish(std::uint64_t end) && {
        if (blocks_.empty()) blocks_.push_back(here_);
        for (std::size_t i = 0; i < blocks_.size(); ++i)
            blocks_[i].bytes = (i + 1 < blocks_.size() ? blocks_[i + 1].offset : end) - blocks_[i].offset;
        return std::move(blocks_);
    }

  private:
    std::uint64_t block_rows_;
    RowBlock here_;
    std::vector<RowBlock> blocks_;
};

/// Takes the weights of all rows.
class WeightTaker {
  public:
    void take(csv::CsvReader const& reader, std::size_t column, std::optional<std::size_t> id) {
        double const weight = weight_in_cell(reader, column, id);
        if (weights_.sum == 0 || weight > weights_.largest) largest_at_ = reader.where(column);
        if (weights_.sum == 0 || weight < smallest_) smallest_at_ = reader.where(column);
        weights_.largest = weights_.sum == 0 ? weight : std::max(weights_.largest, weight);
        smallest_ = weights_.sum == 0 ? weight : std::min(smallest_, weight);
        weights_.sum += weight;
        weights_.sum_of_squares += weight * weight;
    }

    /// @throws DataError for weights that are too far apart for CauseSums, or too large to be added
    [[nodiscard]] ScannedWeights finish() const {
        require<DataError>(
            weights_.largest <= smallest_ * furthest_weights && std::isfinite(weights_.sum_of_squares),
            "the largest weight is {} ({}), the smallest {} ({}), which is more than {} times less; weights "
            "of "
            "one survey are not so far apart: is '--weight' the right column?",
            weights_.largest, largest_at_, smallest_, smallest_at_, furthest_weights);
        return weights_;
    }

  private:
    ScannedWeights weights_;
    double smallest_ = 1;
    std::string largest_at_;
    std::string smallest_at_;
};

std::uint64_t count_repeated(std::vector<std::uint64_t> hashes) {
    std::size_t const n = hashes.size();
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    return n - hashes.size();
}

std::string pread_all(NewDeathsSource const& source, std::uint64_t offset, std::uint64_t bytes) {
    Descriptor const file(::open(source.path.c_str(), O_RDONLY | O_CLOEXEC));
    int const reason = errno;
    require<IoError>(static_cast<bool>(file), "cannot open '{}': {}", source.path.string(),
                     system_reason(reason));
    std::string text(bytes, '\0');
    std::size_t done = 0;
    while (done < bytes) {
        ssize_t const n =
            ::pread(file.get(), text.data() + done, bytes - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        int const problem = errno;
        require<IoError>(n >= 0, "cannot read '{}': {}", source.path.string(), system_reason(problem));
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    text.resize(done);
    return text;
}

[[noreturn]] void refuse_changed(NewDeathsSource const& source) {
    throw DataError(
        fmt::format("{} has changed since the prediction began, whose results would belong to two different "
                    "files; put the "
                    "old file back, or begin again with --overwrite",
                    source.path.string()));
}

}  // namespace

Scan scan_new_deaths(NewDeathsSource const& source, ModelNeeds const& wanted, std::uint64_t block_rows) {
    Scan scan;
    scan.delimiter = delimiter_of(source);
    NewColumns const columns = columns_of(header_reader(source, scan.delimiter), source, wanted);
    csv::CsvReader reader(source.path, csv_options_of(columns, wanted, scan.delimiter));
    auto const texts = columns.is_raw() ? columns.texts() : std::vector<std::size_t>();
    AnswerCounter counter(columns, wanted);
    BlockMaker blocks(block_rows);
    std::set<std::vector<std::string>> groups;
    std::map<std::string, std::uint64_t> batches;
    std::vector<std::uint64_t> ids;
    WeightTaker weights;
    for (blocks.at(reader, 0); reader.next(); blocks.at(reader, scan.n_rows)) {
        blocks.take();
        for (auto const column : texts) reader.refuse_bad_text(column);
        counter.take(reader);
        auto const cells = reader.cells();
        if (!columns.by.empty()) groups.insert(values_in(cells, columns.by));
        if (columns.batch) ++batches[values_in(cells, {*columns.batch}).front()];
        if (columns.weight) weights.take(reader, *columns.weight, columns.id);
        if (columns.id) ids.push_back(hash64(trimmed(cells[*columns.id])));
        require<DataError>(groups.size() <= most_groups,
                           "{}: --by makes more than {} groups of deaths; name columns with fewer values",
                           reader.name(), most_groups);
        require<DataError>(++scan.n_rows <= most_rows, "{} has more than {} rows; predict it in parts",
                           reader.name(), grouped(most_rows));
    }
    scan.blocks = std::move(blocks).finish(reader.offset());
    scan.content_hash = reader.content_hash();
    counter.finish(reader, source, scan);
    scan.groups.assign(groups.begin(), groups.end());
    if (scan.groups.empty()) scan.groups.emplace_back(columns.by.size());
    for (auto const& [name, rows] : batches) scan.batches.push_back({name, rows});
    if (columns.weight) scan.weights = weights.finish();
    scan.repeated_ids = count_repeated(std::move(ids));
    for (auto& block : scan.blocks) block.hash = hash64(pread_all(source, block.offset, block.bytes));
    return scan;
}

// ---- kept in the study file

namespace {

using study::ElementType;

constexpr std::string_view blocks_input = "blocks";
constexpr std::string_view batches_input = "batches";
constexpr std::string_view answers_input = "answers";
constexpr std::string_view training_answers_input = "training_answers";
constexpr std::string_view scan_labels = "scan";
constexpr std::string_view batch_labels = "batches";
constexpr std::string_view group_labels = "group_values";
constexpr std::string_view weight_labels = "weights";

/// A table of numbers of 64 bits.
study::Input table(std::string_view name, std::string doc, std::vector<std::string> const& fields,
                   std::vector<std::uint64_t> const& numbers) {
    study::Input input;
    input.name = name;
    input.doc = std::move(doc);
    for (auto const& field : fields) input.fields.push_back({field, ElementType::int64, {}});
    input.rows.resize(numbers.size() * sizeof(std::uint64_t));
    if (!numbers.empty()) std::memcpy(input.rows.data(), numbers.data(), input.rows.size());
    return input;
}

[[noreturn]] void refuse_kept(std::string_view what) {
    throw DataError(
        fmt::format("the study file keeps no scan of new deaths: its '{}' are not there, or damaged", what));
}

/// @param width  numbers of a row
std::vector<std::uint64_t> numbers_of(study::KeptData const& kept, std::string_view name, std::size_t width) {
    auto const input = std::find_if(kept.inputs.begin(), kept.inputs.end(),
                                    [&](study::Input const& one) { return one.name == name; });
    if (input == kept.inputs.end() || input->rows.size() % (width * sizeof(std::uint64_t)) != 0)
        refuse_kept(name);
    std::vector<std::uint64_t> numbers(input->rows.size() / sizeof(std::uint64_t));
    if (!numbers.empty()) std::memcpy(numbers.data(), input->rows.data(), input->rows.size());
    return numbers;
}

std::vector<std::string> const& texts_of(study::KeptData const& kept, std::string_view name) {
    auto const& lists = kept.schema.labels;
    auto const list =
        std::find_if(lists.begin(), lists.end(), [&](auto const& one) { return one.name == name; });
    if (list == lists.end()) refuse_kept(name);
    return list->labels;
}

study::Input answers_table(std::string_view name, std::string doc,
                           std::vector<SymptomCounts> const& answers) {
    std::vector<std::uint64_t> numbers;
    for (auto const& symptom : answers)
        numbers.insert(numbers.end(), {symptom.present, symptom.missing, symptom.deaths});
    return table(name, std::move(doc), {"present", "missing", "deaths"}, numbers);
}

std::vector<SymptomCounts> answers_in(study::KeptData const& kept, std::string_view name,
                                      std::size_t n_symptoms) {
    auto const numbers = numbers_of(kept, name, 3);
    if (numbers.size() != 3 * n_symptoms) refuse_kept(name);
    std::vector<SymptomCounts> answers;
    for (std::size_t i = 0; i < numbers.size(); i += 3)
        answers.push_back({numbers[i], numbers[i + 1], numbers[i + 2]});
    return answers;
}

std::uint64_t number_in(std::string const& text) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos)
        refuse_kept(scan_labels);
    return std::stoull(text);
}

}  // namespace

std::vector<study::Input> inputs_of(Scan const& scan) {
    std::vector<std::uint64_t> blocks;
    for (auto const& block : scan.blocks)
        blocks.insert(blocks.end(),
                      {block.offset, block.bytes, block.row, block.line, block.rows, block.hash});
    std::vector<std::uint64_t> batches;
    for (auto const& batch : scan.batches) batches.push_back(batch.rows);
    std::vector<study::Input> inputs;
    inputs.push_back(table(blocks_input, "where blocks of rows are in the file of the new deaths",
                           {"offset", "bytes", "row", "line", "rows", "hash"}, blocks));
    inputs.push_back(
        answers_table(answers_input, "answers of the new deaths to each symptom of the model", scan.answers));
    if (!batches.empty())
        inputs.push_back(
            table(batches_input, "rows of each batch, as label list batches", {"rows"}, batches));
    return inputs;
}

std::vector<study::LabelList> labels_of(Scan const& scan) {
    std::vector<study::LabelList> lists;
    lists.push_back(
        {std::string(scan_labels),
         {scan.content_hash, std::string(1, scan.delimiter),
          std::to_string(static_cast<int>(scan.empty_means)), scan.coding, std::to_string(scan.n_rows),
          std::to_string(scan.repeated_ids), std::to_string(scan.groups.size())}});
    study::LabelList batches{std::string(batch_labels), {}};
    for (auto const& batch : scan.batches) batches.labels.push_back(batch.name);
    if (!scan.batches.empty()) lists.push_back(std::move(batches));
    study::LabelList groups{std::string(group_labels), {}};
    for (auto const& group : scan.groups)
        groups.labels.insert(groups.labels.end(), group.begin(), group.end());
    if (!groups.labels.empty()) lists.push_back(std::move(groups));
    if (scan.weights)
        lists.push_back({std::string(weight_labels),
                         {fmt::format("{}", scan.weights->largest), fmt::format("{}", scan.weights->sum),
                          fmt::format("{}", scan.weights->sum_of_squares)}});
    return lists;
}

study::Input training_input(std::vector<SymptomCounts> const& answers) {
    return answers_table(training_answers_input,
                         "answers of the training deaths to each symptom of the model", answers);
}

std::vector<SymptomCounts> training_answers_in(study::KeptData const& kept, std::size_t n_symptoms) {
    return answers_in(kept, training_answers_input, n_symptoms);
}

namespace {

ScannedWeights weights_in(std::vector<std::string> const& texts) {
    std::vector<double> numbers;
    for (auto const& text : texts) {
        auto const number = va::number_in<double>(text);
        if (!number || !(*number >= 0) || !std::isfinite(*number)) refuse_kept(weight_labels);
        numbers.push_back(*number);
    }
    if (numbers.size() != 3) refuse_kept(weight_labels);
    return {numbers[0], numbers[1], numbers[2]};
}

}  // namespace

Scan scan_in(study::KeptData const& kept, std::size_t n_symptoms) {
    auto const& facts = texts_of(kept, scan_labels);
    constexpr std::size_t n_facts = 7;
    if (facts.size() != n_facts || facts[1].size() != 1) refuse_kept(scan_labels);
    Scan scan;
    scan.content_hash = facts[0];
    scan.delimiter = facts[1].front();
    std::uint64_t const empty_means = number_in(facts[2]);
    if (empty_means > static_cast<std::uint64_t>(Answer::missing)) refuse_kept(scan_labels);
    scan.empty_means = static_cast<Answer>(empty_means);
    scan.coding = facts[3];
    scan.n_rows = number_in(facts[4]);
    scan.repeated_ids = number_in(facts[5]);
    std::uint64_t const n_groups = number_in(facts[6]);
    if (n_groups == 0 || n_groups > most_groups) refuse_kept(scan_labels);
    auto const blocks = numbers_of(kept, blocks_input, 6);
    for (std::size_t i = 0; i < blocks.size(); i += 6)
        scan.blocks.push_back(
            {blocks[i], blocks[i + 1], blocks[i + 2], blocks[i + 3], blocks[i + 4], blocks[i + 5]});
    if (scan.blocks.empty()) refuse_kept(blocks_input);
    scan.answers = answers_in(kept, answers_input, n_symptoms);
    auto const has_list = [&](std::string_view name) {
        return std::any_of(kept.schema.labels.begin(), kept.schema.labels.end(),
                           [&](auto const& list) { return list.name == name; });
    };
    if (has_list(batch_labels)) {
        auto const& names = texts_of(kept, batch_labels);
        auto const rows = numbers_of(kept, batches_input, 1);
        if (rows.size() != names.size()) refuse_kept(batches_input);
        for (std::size_t i = 0; i < names.size(); ++i) scan.batches.push_back({names[i], rows[i]});
    }
    std::vector<std::string> const values =
        has_list(group_labels) ? texts_of(kept, group_labels) : std::vector<std::string>();
    if (has_list(weight_labels)) scan.weights = weights_in(texts_of(kept, weight_labels));
    if (values.size() % n_groups != 0) refuse_kept(group_labels);
    std::size_t const n_by = values.size() / n_groups;
    for (std::size_t i = 0; i < n_groups; ++i) {
        auto const begin = values.begin() + static_cast<std::ptrdiff_t>(i * n_by);
        scan.groups.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(n_by));
    }
    return scan;
}

void check_unchanged(NewDeathsSource const& source, Scan const& scan) {
    ContentHash hash;
    constexpr std::uint64_t piece = std::uint64_t{4} << 20U;
    for (std::uint64_t at = 0;; at += piece) {
        std::string const text = pread_all(source, at, piece);
        hash.add(text);
        if (text.size() < piece) break;
    }
    if (hash.text() != scan.content_hash) refuse_changed(source);
}

std::vector<std::string> header_of(NewDeathsSource const& source, Scan const& scan) {
    auto const reader = header_reader(source, scan.delimiter);
    return {reader.header().begin(), reader.header().end()};
}

std::string bytes_of(NewDeathsSource const& source, RowBlock const& block) {
    std::string text = pread_all(source, block.offset, block.bytes);
    if (text.size() != block.bytes || hash64(text) != block.hash) refuse_changed(source);
    return text;
}

}  // namespace vaster::va
