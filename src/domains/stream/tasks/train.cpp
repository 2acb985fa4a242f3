// CLS, DTT and MLT: what batches of rows teach.
#include <algorithm>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/models.hpp"
#include "domains/stream/tasks/quartile_classes.hpp"

namespace vaster::stream {
namespace {

using Names = std::vector<std::string>;

std::string const& target_of(TaskSetup const& setup) {
    return setup.parameters.get<std::string>("target");
}

/// The chosen fields, less the target.
Names attributes_of(TaskSetup const& setup) {
    Names attributes = setup.fields;
    std::erase(attributes, target_of(setup));
    return attributes;
}

Names attributes_and_target(TaskSetup const& setup) {
    Names fields = attributes_of(setup);
    fields.push_back(target_of(setup));
    return fields;
}

QuartileClasses::Rule rule_of(TaskSetup const& setup) {
    return is_published(setup.parameters) ? QuartileClasses::Rule::published
                                          : QuartileClasses::Rule::corrected;
}

/// Collects rows until a batch is full. A row that lacks a number is not taken.
class Training : public Task {
  public:
    void take(Record const& record, Yield& yield) final {
        if (!read(record, yield)) return;
        rows_.add(row_);
        records_.push_back(record.number);
        if (rows_.size() < batch_) {
            yield.count(Outcome::none);
            return;
        }
        learn(rows_, records_, yield.output);
        rows_.clear();
        records_.clear();
        yield.count(Outcome::output);
    }

    void finish(Yield& yield) final { yield.tally.pending += rows_.size(); }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const final {
        state.put(static_cast<std::uint64_t>(rows_.size()));
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            state.put(records_[i]);
            for (double const value : rows_.attributes(i)) state.put(value);
            state.put(rows_.target(i));
        }
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) final {
        auto const n = state.get<std::uint64_t>();
        require<DataError>(n < batch_, "a kept state has {} rows, but a batch has {}", n, batch_);
        for (std::uint64_t i = 0; i < n; ++i) {
            records_.push_back(state.get<std::uint64_t>());
            for (auto& value : row_) value = state.get<double>();
            rows_.add(row_);
        }
    }

  protected:
    explicit Training(TaskSetup const& setup)
        : attributes_(attributes_of(setup)),
          target_(target_of(setup)),
          folder_(setup.folder),
          batch_(size_of(setup, "batch")),
          rows_(attributes_.size()),
          row_(attributes_.size() + 1) {}

    /// A batch is full.
    /// @param records  numbers of the records that the rows come from; the last has filled it
    virtual void learn(TrainingRows const& rows, std::vector<std::uint64_t> const& records,
                       Output& output) = 0;

    [[nodiscard]] ModelOrigin origin_of(TrainingRows const& rows) const {
        ModelOrigin origin;
        origin.attributes = attributes_;
        origin.target = target_;
        origin.n_rows = rows.size();
        origin.rows_hash = rows.hash();
        return origin;
    }

    /// Leaves a model in the task's folder, if it has one. @throws IoError
    void keep(std::string const& name, std::string const& json) const {
        if (folder_.empty()) return;
        std::filesystem::create_directories(folder_);
        write_file_atomically(folder_ / name, json);
    }

    [[nodiscard]] Names const& attributes() const noexcept { return attributes_; }

  private:
    bool read(Record const& record, Yield& yield) {
        for (std::size_t i = 0; i < row_.size(); ++i) {
            auto const& said = record.fields[i];
            if (said.presence != Presence::present) {
                if (said.presence == Presence::absent) ++yield.tally.absent;
                yield.count(Outcome::missing);
                return false;
            }
            auto const value = number_of(said.text);
            if (!value) {
                yield.count_bad(record);
                return false;
            }
            row_[i] = *value;
        }
        return true;
    }

    Names attributes_;
    std::string target_;
    std::filesystem::path folder_;
    std::size_t batch_;
    TrainingRows rows_;
    std::vector<std::uint64_t> records_;
    std::vector<double> row_;
};

class Classes final : public Training {
  public:
    explicit Classes(TaskSetup const& setup) : Training(setup), rule_(rule_of(setup)) {}

  protected:
    void learn(TrainingRows const& rows, std::vector<std::uint64_t> const& records, Output& output) override {
        QuartileClasses const classes(rows.targets(), rule_);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            output.begin(records.back()).cell(records[i]);
            for (double const value : rows.attributes(i)) output.cell(value);
            output.cell(rows.target(i)).cell(QuartileClasses::names[classes.of(rows.target(i))]).end();
        }
    }

  private:
    QuartileClasses::Rule rule_;
};

class TrainTree final : public Training {
  public:
    explicit TrainTree(TaskSetup const& setup)
        : Training(setup), prune_(setup.parameters.get<bool>("prune")) {}

  protected:
    void learn(TrainingRows const& rows, std::vector<std::uint64_t> const& records, Output& output) override {
        QuartileClasses const classes(rows.targets(), QuartileClasses::Rule::corrected);
        std::vector<std::size_t> labels(rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) labels[i] = classes.of(rows.target(i));
        TreeModel model{origin_of(rows), {QuartileClasses::names.begin(), QuartileClasses::names.end()}, {}};
        model.tree = grow_class_tree(rows, labels, model.classes.size(), {.prune = prune_});
        keep(fmt::format("DTC-{}.json", records.back()), json_of(model));
        output.begin(records.back())
            .cell(static_cast<std::uint64_t>(rows.size()))
            .cell(static_cast<std::uint64_t>(model.tree.nodes.size()))
            .cell(static_cast<std::uint64_t>(model.tree.n_leaves()))
            .cell(model.tree.n_wrong())
            .end();
    }

  private:
    bool prune_;
};

class TrainRegression final : public Training {
  public:
    explicit TrainRegression(TaskSetup const& setup) : Training(setup) {}

  protected:
    void learn(TrainingRows const& rows, std::vector<std::uint64_t> const& records, Output& output) override {
        LinearModel const model{origin_of(rows), fit_least_squares(rows)};
        // Without a model MLR finds no file, and the row has empty cells.
        if (model.fit.is_finite()) keep(fmt::format("MLR-{}.json", records.back()), json_of(model));
        output.begin(records.back())
            .cell(static_cast<std::uint64_t>(rows.size()))
            .cell(names_of(model.fit.dropped))
            .cell(model.fit.intercept);
        for (double const coefficient : model.fit.coefficients) output.cell(coefficient);
        output.end();
    }

  private:
    [[nodiscard]] std::string names_of(std::vector<std::size_t> const& dropped) const {
        std::string names;
        for (auto const i : dropped) names += fmt::format("{}{}", names.empty() ? "" : " ", attributes()[i]);
        return names;
    }
};

std::vector<std::string> problems(TaskSetup const& setup) {
    std::vector<std::string> problems;
    if (target_of(setup).empty())
        problems.emplace_back("target is empty: the field that is to be told is needed");
    if (attributes_of(setup).empty())
        problems.emplace_back("fields has no attribute beside the target: nothing could be learned from");
    return problems;
}

Parameter batch_parameter() {
    return {.name = "batch",
            .standard = std::int64_t{300},
            .doc = "rows that are learned from at a time",
            .bounds = {.at_least = 10, .at_most = 1e7}};
}

Parameter target_parameter() {
    return {.name = "target", .standard = std::string(), .doc = "field that is to be told from the others"};
}

Columns class_columns(TaskSetup const& setup) {
    Columns columns{{"record", "row"}, 2};
    for (auto const& name : attributes_and_target(setup)) columns.names.push_back(name);
    columns.names.emplace_back("class");
    return columns;
}

Columns regression_columns(TaskSetup const& setup) {
    Columns columns{{"record", "rows", "dropped", "intercept"}, 1};
    for (auto const& name : attributes_of(setup)) columns.names.push_back(name);
    return columns;
}

}  // namespace

TaskKind classes_task() {
    return {
        .code = "CLS",
        .name = "quartile_classes",
        .doc = "each row of a batch with the quartile class of its target",
        .sigma = "N:N",
        .parameters = {target_parameter(), batch_parameter(), profile_parameter()},
        .keying = by_stream,
        .fields = attributes_and_target,
        .columns = class_columns,
        .problems = problems,
        .make = make_task<Classes>,
    };
}

TaskKind tree_train_task() {
    return {
        .code = "DTT",
        .name = "decision_tree_train",
        .doc = "a tree for the quartile class of a field from each batch of rows, for DTC",
        .sigma = "N:1",
        .parameters =
            {target_parameter(),
             batch_parameter(),
             {.name = "prune",
              .standard = true,
              .doc = "cut off what is not worth its rows (pessimistic errors, CF 0.25, subtree raising)"}},
        .keying = by_stream,
        .fields = attributes_and_target,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "rows", "nodes", "leaves", "wrong"}, 1};
            },
        .problems = problems,
        .make = make_task<TrainTree>,
    };
}

TaskKind regression_train_task() {
    return {
        .code = "MLT",
        .name = "linear_regression_train",
        .doc = "a linear model of a field from each batch of rows, for MLR",
        .sigma = "N:1",
        .parameters = {target_parameter(), batch_parameter()},
        .keying = by_stream,
        .fields = attributes_and_target,
        .columns = regression_columns,
        .problems = problems,
        .make = make_task<TrainRegression>,
    };
}

}  // namespace vaster::stream
