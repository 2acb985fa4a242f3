// MLR and DTC: a kept model for each record.
#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/models.hpp"

namespace vaster::stream {
namespace {

std::string const& model_path(TaskSetup const& setup) {
    return setup.parameters.get<std::string>("model");
}

/// The numbers that a model needs of a record; counts a record that lacks one of them.
class Attributes {
  public:
    explicit Attributes(std::size_t n) : values_(n) {}

    /// @returns whether all are there
    bool take(Record const& record, Yield& yield) {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            auto const& said = record.fields[i];
            auto const value = said.presence == Presence::present ? number_of(said.text) : std::nullopt;
            if (!value) {
                yield.count_bad(record);
                return false;
            }
            values_[i] = *value;
        }
        return true;
    }

    [[nodiscard]] std::span<double const> values() const { return values_; }

  private:
    std::vector<double> values_;
};

class PredictNumber final : public Task {
  public:
    explicit PredictNumber(TaskSetup const& setup)
        : model_(read_linear_model(model_path(setup))), attributes_(model_.origin.attributes.size()) {}

    void take(Record const& record, Yield& yield) override {
        if (!attributes_.take(record, yield)) return;
        yield.output.begin(record.number).cell(record.sensor).cell(model_.fit(attributes_.values())).end();
        yield.count(Outcome::output);
    }

  private:
    LinearModel model_;
    Attributes attributes_;
};

class PredictClass final : public Task {
  public:
    explicit PredictClass(TaskSetup const& setup)
        : model_(read_tree_model(model_path(setup))), attributes_(model_.origin.attributes.size()) {}

    void take(Record const& record, Yield& yield) override {
        if (!attributes_.take(record, yield)) return;
        auto const label = model_.tree.leaf_of(attributes_.values()).label;
        yield.output.begin(record.number)
            .cell(record.sensor)
            .cell(std::string_view(model_.classes[label]))
            .end();
        yield.count(Outcome::output);
    }

  private:
    TreeModel model_;
    Attributes attributes_;
};

Parameter model_parameter(std::string const& trainer) {
    return {.name = "model",
            .standard = std::string(),
            .doc = "file of the model, as task " + trainer + " or dataflow TRAIN has left it",
            .format = Format::file};
}

std::vector<std::string> problems(TaskSetup const& setup) {
    if (model_path(setup).empty()) return {"model is empty: the file of a model is needed"};
    return {};
}

}  // namespace

TaskKind regression_predict_task() {
    return {
        .code = "MLR",
        .name = "multi_var_linear_reg",
        .doc = "a number for each record by a linear model",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {model_parameter("MLT")},
        .keying = by_record,
        .fields =
            [](TaskSetup const& setup) { return read_linear_model(model_path(setup)).origin.attributes; },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "value"}, 2};
            },
        .problems = problems,
        .make = make_task<PredictNumber>,
    };
}

TaskKind tree_classify_task() {
    return {
        .code = "DTC",
        .name = "decision_tree_classify",
        .doc = "a class for each record by a tree",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {model_parameter("DTT")},
        .keying = by_record,
        .fields = [](TaskSetup const& setup) { return read_tree_model(model_path(setup)).origin.attributes; },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "class"}, 2};
            },
        .problems = problems,
        .make = make_task<PredictClass>,
    };
}

}  // namespace vaster::stream
