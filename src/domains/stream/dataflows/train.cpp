// TRAIN: a model of each window of event time.
#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/dataflows/model_list.hpp"
#include "domains/stream/dataflows/model_rows.hpp"
#include "domains/stream/tasks/models.hpp"
#include "domains/stream/tasks/quartile_classes.hpp"

namespace vaster::stream {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

std::string text_of(TaskSetup const& setup, std::string_view parameter) {
    return setup.parameters.get<std::string>(parameter);
}

Names attributes_of(TaskSetup const& setup) {
    Names attributes = setup.fields;
    std::erase(attributes, text_of(setup, "target"));
    return attributes;
}

Names taken_fields(TaskSetup const& setup) {
    Names fields = attributes_of(setup);
    fields.push_back(text_of(setup, "target"));
    return fields;
}

constexpr double longest_window = 4e12;  ///< more than a hundred years [ms]
constexpr double most_windows = 1e6;

std::int64_t floor_divided(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

class Train final : public Dataflow {
  public:
    explicit Train(TaskSetup const& setup)
        : attributes_(attributes_of(setup)),
          target_(text_of(setup, "target")),
          folder_(setup.folder),
          given_folder_(text_of(setup, "models")),
          from_(setup.parameters.get<std::int64_t>("from")),
          every_(setup.parameters.get<std::int64_t>("every")),
          n_windows_(setup.parameters.get<std::int64_t>("windows")),
          rule_(is_published(setup.parameters) ? QuartileClasses::Rule::published
                                               : QuartileClasses::Rule::corrected),
          profile_(text_of(setup, "profile")),
          rows_(taken_fields(setup), text_of(setup, "ranges")) {
        tree_.prune = setup.parameters.get<bool>("prune");
    }

    void take(Record const& record, Yield& yield) override {
        ++read_.in;
        auto const place = floor_divided(record.time - from_, every_);
        bool const in_window = record.time >= from_ && (n_windows_ == 0 || place < n_windows_);
        if (!in_window) {
            ++read_.none;
            yield.count(Outcome::filtered);
            return;
        }
        auto const row = rows_.take(record, yield, read_);
        if (!row) return;
        auto& window = windows_.try_emplace(place, attributes_.size()).first->second;
        window.rows.add(*row);
        window.last = std::max(window.last, record.number);
        yield.count(Outcome::none);
    }

    void finish(Yield& yield) override {
        // Before the first window with rows there is none that anybody misses, unless it was said where they
        // begin.
        bool const begun = n_windows_ > 0 || from_ != 0;
        std::int64_t next = begun || windows_.empty() ? 0 : windows_.begin()->first;
        std::uint64_t last = 0;
        for (auto const& [place, window] : windows_) {
            tell_empty(next, place, last, yield.output);
            learn(place, window, yield.output);
            last = window.last;
            next = place + 1;
        }
        tell_empty(next, n_windows_, last, yield.output);
        yield.output.sort();
        write_model_list(folder_, target_, hash_text(yield.output.text()), kept_);
    }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        state.put(static_cast<std::uint64_t>(windows_.size()));
        for (auto const& [place, window] : windows_) {
            state.put(place);
            state.put(window.last);
            state.put(static_cast<std::uint64_t>(window.rows.size()));
            for (std::size_t i = 0; i < window.rows.size(); ++i) {
                for (double const value : window.rows.attributes(i)) state.put(value);
                state.put(window.rows.target(i));
            }
        }
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        auto const n = state.get<std::uint64_t>();
        std::vector<double> row(attributes_.size() + 1);
        for (std::uint64_t i = 0; i < n; ++i) {
            auto const place = state.get<std::int64_t>();
            auto& window = windows_.try_emplace(place, attributes_.size()).first->second;
            window.last = state.get<std::uint64_t>();
            auto const n_rows = state.get<std::uint64_t>();
            for (std::uint64_t k = 0; k < n_rows; ++k) {
                for (auto& value : row) value = state.get<double>();
                window.rows.add(row);
            }
        }
    }

    [[nodiscard]] std::vector<Edge> edges() const override { return {read_, fitted_, classed_, grown_}; }

  private:
    struct Window {
        explicit Window(std::size_t n_attributes) : rows(n_attributes) {}

        TrainingRows rows;
        std::uint64_t last = 0;  ///< greatest number of a record in it
    };

    /// One row for all windows from one place to another, which have no rows.
    void tell_empty(std::int64_t first, std::int64_t end, std::uint64_t record, Output& output) const {
        if (first >= end) return;
        auto& row = output.begin(record)
                        .cell(from_ + first * every_)
                        .cell(from_ + end * every_)
                        .cell(std::uint64_t{0});
        for (std::size_t i = 0; i < n_model_cells; ++i) row.cell(std::string_view());
        row.cell(fmt::format("no rows in {}: nothing to learn from",
                             end - first == 1 ? std::string("this window")
                                              : fmt::format("these {} windows", end - first)))
            .end();
    }

    void learn(std::int64_t place, Window const& window, Output& output) {
        auto const to = from_ + (place + 1) * every_;
        auto const n = window.rows.size();
        fitted_.in += n;
        classed_.in += n;
        auto& row = output.begin(window.last).cell(to - every_).cell(to).cell(static_cast<std::uint64_t>(n));
        auto const targets = window.rows.targets();
        auto const [least, most] = std::minmax_element(targets.begin(), targets.end());
        if (*least == *most) {
            fitted_.none += n;
            classed_.none += n;
            for (std::size_t i = 0; i < n_model_cells; ++i) row.cell(std::string_view());
            row.cell(fmt::format("{} is {} in all rows: nothing to learn", target_, *least)).end();
            return;
        }
        ModelOrigin const origin{attributes_, target_, n, window.rows.hash(), profile_};
        row.cell(origin.rows_hash);
        bool const is_fitted = fit(origin, window.rows, to, row);
        grow(origin, window.rows, to, row);
        row.cell(std::string_view(is_fitted ? "" : "the linear model has numbers beyond the doubles: none"))
            .end();
    }

    /// MLT. @returns whether there is a model
    bool fit(ModelOrigin const& origin, TrainingRows const& rows, std::int64_t to, Output& row) {
        LinearModel const model{origin, fit_least_squares(rows)};
        if (!model.fit.is_finite()) {
            row.cell(std::string_view()).cell(std::string_view());
            fitted_.none += rows.size();
            return false;
        }
        keep(model_file_name(target_, "MLR", to), json_of(model));
        row.cell(model.fit.intercept).cell(fmt::format("{}", fmt::join(model.fit.coefficients, "#")));
        ++fitted_.out;
        return true;
    }

    /// CLS -> DTT
    void grow(ModelOrigin const& origin, TrainingRows const& rows, std::int64_t to, Output& row) {
        auto const targets = rows.targets();
        QuartileClasses const classes(targets, rule_);
        std::vector<std::size_t> labels;
        labels.reserve(targets.size());
        for (double const target : targets) labels.push_back(classes.of(target));
        classed_.out += labels.size();
        grown_.in += labels.size();
        auto const& names = QuartileClasses::names;
        TreeModel const model{
            origin, {names.begin(), names.end()}, grow_class_tree(rows, labels, names.size(), tree_)};
        keep(model_file_name(target_, "DTC", to), json_of(model));
        ++grown_.out;
        row.cell(fmt::format("{}", fmt::join(classes.cuts(), "#")))
            .cell(static_cast<std::uint64_t>(model.tree.n_leaves()))
            .cell(model.tree.n_wrong());
    }

    /// In the task's own folder, and in that which the user wants them in.
    void keep(std::string const& name, std::string const& json) {
        for (auto const& folder : {folder_, given_folder_}) {
            if (folder.empty()) continue;
            fs::create_directories(folder);
            write_file_atomically(folder / name, json);
        }
        kept_.push_back(name);
    }

    static constexpr std::size_t n_model_cells = 6;

    Names attributes_;
    std::string target_;
    fs::path folder_;
    fs::path given_folder_;  ///< empty: none
    std::int64_t from_;
    std::int64_t every_;
    std::int64_t n_windows_;
    QuartileClasses::Rule rule_;
    std::string profile_;
    ModelRows rows_;
    TreeOptions tree_;
    std::map<std::int64_t, Window> windows_;  ///< by their places after `from`
    Names kept_;                              ///< files of models
    Edge read_{"source", "ATR"};
    Edge fitted_{"ATR", "MLT"};
    Edge classed_{"ATR", "CLS"};
    Edge grown_{"CLS", "DTT"};
};

std::vector<std::string> problems(TaskSetup const& setup) {
    auto problems = problems_of_ranges(text_of(setup, "ranges"));
    if (text_of(setup, "target").empty())
        problems.emplace_back("target is empty (must name the field that models are to tell)");
    if (attributes_of(setup).empty())
        problems.emplace_back("the only field is the target (input.fields must name others to tell it by)");
    return problems;
}

}  // namespace

TaskKind train_dataflow() {
    return {
        .code = "TRAIN",
        .name = "model_training",
        .doc = "a linear model and a tree of quartile classes for each window of event time, kept in files",
        .sigma = "N:1",
        .writes_into = "models",
        .parameters = {{.name = "target", .standard = "", .doc = "field that is told; must be given"},
                       {.name = "ranges",
                        .standard = "",
                        .doc = "name:min:max,...: rows with a field outside of its range are left out"},
                       {.name = "from",
                        .standard = std::int64_t{0},
                        .doc = "where the first window begins [ms since 1970-01-01 UTC]"},
                       {.name = "every",
                        .standard = std::int64_t{7200000},
                        .doc =
                            "length of a window [ms of event time]; rows of all windows are kept until the "
                            "stream ends, since late ones may come",
                        .bounds = {.at_least = 1, .at_most = longest_window}},
                       {.name = "windows",
                        .standard = std::int64_t{0},
                        .doc = "so many windows from the first on; 0: all",
                        .bounds = {.at_least = 0, .at_most = most_windows}},
                       {.name = "prune", .standard = true, .doc = "are trees pruned?"},
                       {.name = "models",
                        .standard = "",
                        .doc =
                            "folder for TARGET-MLR-TO.json and TARGET-DTC-TO.json, beside that of the task "
                            "in io.directory, which always has them"},
                       profile_parameter()},
        .keying = by_stream,
        .fields = taken_fields,
        .named = fields_with_ranges,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "from", "to", "rows", "rows_hash", "intercept", "coefficients",
                                "cuts", "leaves", "wrong", "note"},
                               1};
            },
        .problems = problems,
        .make = make_task<Train>,
    };
}

}  // namespace vaster::stream
