// PRED: the models of the latest window that ends before a record.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/dataflows/model_list.hpp"
#include "domains/stream/dataflows/model_rows.hpp"
#include "domains/stream/tasks/block_mean.hpp"
#include "domains/stream/tasks/models.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

std::string text_of(TaskSetup const& setup, std::string_view parameter) {
    return setup.parameters.get<std::string>(parameter);
}

/// Models of one window.
struct WindowModels {
    std::optional<LinearModel> number;
    std::optional<TreeModel> label;
};

/// End of the window of a model file of that kind ("MLR"); nothing: it is none.
std::optional<std::int64_t> window_end(std::string_view name, std::string_view kind) {
    constexpr std::string_view ending = ".json";
    if (!name.ends_with(ending)) return std::nullopt;
    name.remove_suffix(ending.size());
    auto const dash = name.rfind('-');
    if (dash == std::string_view::npos || !name.substr(0, dash).ends_with(fmt::format("-{}", kind)))
        return std::nullopt;
    auto const digits = name.substr(dash + 1);
    std::int64_t to = 0;
    auto const [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), to);
    if (problem != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
    return to;
}

/// All models of a folder, by the ends of their windows.
class Models {
  public:
    /// @throws IoError when the folder cannot be read; DataError for a model that cannot be read, or that
    /// takes other fields than those before it
    explicit Models(fs::path const& folder) {
        std::error_code problem;
        for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end;
             entry.increment(problem))
            take(entry->path());
        require<IoError>(!problem, "cannot read the folder of models {}: {}", folder.string(),
                         problem.message());
    }

    /// None yet, but those that come will take these fields.
    explicit Models(Names fields) : fields_(std::move(fields)) {}

    /// @throws IoError, DataError as above
    void take_listed(EarlierModels const& earlier) {
        for (auto const& path : listed_models(earlier.folder, earlier.origin)) take(path);
    }

    /// Those of the latest window that ends at that time or before; null: there is none.
    [[nodiscard]] WindowModels const* at(std::int64_t time) const {
        auto const later = models_.upper_bound(time);
        return later == models_.begin() ? nullptr : &std::prev(later)->second;
    }

    [[nodiscard]] bool empty() const noexcept { return models_.empty(); }

    /// Attributes and, behind them, the target; empty: there is no model.
    [[nodiscard]] Names const& fields() const noexcept { return fields_; }

  private:
    void take(fs::path const& path) {
        auto const name = path.filename().string();
        if (auto const to = window_end(name, "MLR")) {
            auto& model = models_[*to].number;
            model = read_linear_model(path);
            check(model->origin, path);
        } else if (auto const end = window_end(name, "DTC")) {
            auto& model = models_[*end].label;
            model = read_tree_model(path);
            check(model->origin, path);
        }
    }

    void check(ModelOrigin const& origin, fs::path const& path) {
        Names fields = origin.attributes;
        fields.push_back(origin.target);
        require<DataError>(fields_.empty() || fields == fields_,
                           "{} tells {} by {}, but other models of its folder have the fields {}",
                           path.string(), origin.target, fmt::join(origin.attributes, ", "),
                           fmt::join(fields_, ", "));
        fields_ = std::move(fields);
    }

    std::map<std::int64_t, WindowModels> models_;
    Names fields_;
};

class Predict final : public Dataflow {
  public:
    explicit Predict(TaskSetup const& setup)
        : earlier_(setup.models),
          models_(earlier_ ? Models(earlier_->fields) : Models(fs::path(text_of(setup, "models")))),
          rows_(models_.fields(), text_of(setup, "ranges")),
          block_(size_of(setup, "window")),
          by_key_(text_of(setup, "average_by") == "key") {}

    void take(Record const& record, Yield& yield) override {
        if (earlier_) {
            models_.take_listed(*earlier_);
            earlier_.reset();
        }
        ++parsed_.in;
        auto const* const models = models_.at(record.time);
        if (models == nullptr) {
            ++parsed_.none;
            ++yield.tally.unmatched;
            yield.count(Outcome::none);
            return;
        }
        auto const row = rows_.take(record, yield, parsed_);
        if (!row) return;
        write(record, *models, *row, yield.output);
        yield.count(Outcome::output);
    }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        Block const block = sensor_index < blocks_.size() ? blocks_[sensor_index] : Block{};
        block.values.save(state);
        state.put(block.mean);
        state.put(static_cast<std::uint8_t>(block.full));
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        Block& block = at_key(blocks_, sensor_index);
        block.values.load(state);
        block.mean = state.get<double>();
        block.full = state.get<std::uint8_t>() != 0;
    }

    [[nodiscard]] std::vector<Edge> edges() const override {
        return {parsed_, classified_, predicted_, averaged_, compared_};
    }

  private:
    static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

    /// Of the target.
    struct Block {
        BlockMean values;
        double mean = 0;    ///< of the last full block
        bool full = false;  ///< has there been one?
    };

    void write(Record const& record, WindowModels const& models, std::span<double const> row,
               Output& output) {
        auto const attributes = row.first(row.size() - 1);
        double const actual = row.back();
        Block& block = at_key(blocks_, by_key_ ? record.sensor_index : 0);
        Output& out = output.begin(record.number).cell(record.sensor).cell(actual);
        ++predicted_.in;
        ++compared_.in;
        // Cells of what is not a finite number stay empty.
        double const predicted = models.number ? models.number->fit(attributes) : nan;
        double const error = block.full ? (actual - predicted) / block.mean : nan;
        out.cell(predicted).cell(error);
        ++(std::isfinite(predicted) ? predicted_.out : predicted_.none);
        ++(std::isfinite(error) ? compared_.out : compared_.none);
        ++classified_.in;
        ++(models.label ? classified_.out : classified_.none);
        out.cell(models.label
                     ? std::string_view(models.label->classes[models.label->tree.leaf_of(attributes).label])
                     : std::string_view());
        out.end();
        average(block, actual);
    }

    /// AVG of the target.
    void average(Block& block, double actual) {
        ++averaged_.in;
        block.values.add(actual);
        if (block.values.n() < block_) {
            ++averaged_.none;
            return;
        }
        block = {BlockMean{}, block.values.mean(), true};
        ++averaged_.out;
    }

    std::optional<EarlierModels>
        earlier_;  ///< that are to be read, which is done when the first record comes
    Models models_;
    ModelRows rows_;
    std::uint64_t block_;
    bool by_key_;
    std::vector<Block> blocks_;  ///< by sensor, or one of the stream
    Edge parsed_{"source", "SML"};
    Edge classified_{"SML", "DTC"};
    Edge predicted_{"SML", "MLR"};
    Edge averaged_{"SML", "AVG"};
    Edge compared_{"MLR", "ERROR"};
};

std::vector<std::string> problems(TaskSetup const& setup) {
    auto problems = problems_of_ranges(text_of(setup, "ranges"));
    if (text_of(setup, "models").empty() && !setup.models)
        problems.emplace_back(
            "models is empty (must name a folder of models, as TRAIN leaves them; or TRAIN must be among "
            "stream.jobs, too: then its models are used)");
    return problems;
}

/// "there is nothing else in it", or "in it there are a.pkl, b.txt and 3 more"
std::string others_in(fs::path const& folder) {
    Names names;
    for (auto const& entry : fs::directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    if (names.empty()) return "it is empty";
    std::sort(names.begin(), names.end());
    constexpr std::size_t most = 5;
    auto const n_shown = std::min(names.size(), most);
    auto const shown = fmt::format("it has {}", fmt::join(names.begin(), names.begin() + n_shown, ", "));
    return names.size() > most ? fmt::format("{} and {} more", shown, names.size() - most) : shown;
}

std::vector<std::string> notes(TaskSetup const& setup) {
    fs::path const folder = text_of(setup, "models");
    if (folder.empty() || !Models(folder).empty()) return {};
    return {
        fmt::format("PRED: no model in {}: no record will have a row. Models are files "
                    "TARGET-MLR-TO.json and TARGET-DTC-TO.json, as TRAIN leaves them; {}",
                    folder.string(), others_in(folder))};
}

}  // namespace

TaskKind predict_dataflow() {
    return {
        .code = "PRED",
        .name = "predictive_analytics",
        .doc = "the target of each record by the models of the latest window of event time before it",
        .sigma = "1:1",
        .uses_fields = false,
        .models_from = "TRAIN",
        .parameters = {{.name = "models",
                        .standard = "",
                        .doc = "folder of models, as TRAIN leaves them; empty: those that TRAIN makes in the "
                               "same study, which must be among stream.jobs then",
                        .format = Format::file},
                       {.name = "ranges",
                        .standard = "",
                        .doc = "name:min:max,...: records with a field outside of its range are left out"},
                       {.name = "window",
                        .standard = std::int64_t{10},
                        .doc = "values of the target in a block; errors are relative to the mean of the last "
                               "full one",
                        .bounds = {.at_least = 1, .at_most = 1000000}},
                       {.name = "average_by",
                        .standard = "stream",
                        .doc = "stream: blocks of all sensors together, in the order of the records; key: of "
                               "each sensor",
                        .choices = {"stream", "key"}}},
        .keying =
            [](Parameters const& parameters) {
                return parameters.get<std::string>("average_by") == "key" ? Keying::sensor : Keying::stream;
            },
        .fields =
            [](TaskSetup const& setup) {
                return setup.models ? setup.models->fields
                                    : Models(fs::path(text_of(setup, "models"))).fields();
            },
        .named = fields_with_ranges,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "actual", "predicted", "relative_error", "class"}, 2};
            },
        .problems = problems,
        .notes = notes,
        .make = make_task<Predict>,
    };
}

}  // namespace vaster::stream
