#include <algorithm>
#include <optional>
#include <string>

#include "base/support/texts.hpp"
#include "domains/stream/dataflows/dataflow.hpp"
#include "domains/stream/dataflows/etl_sinks.hpp"
#include "domains/stream/tasks/annotations.hpp"
#include "domains/stream/tasks/bloom_filter.hpp"
#include "domains/stream/tasks/ranges.hpp"
#include "domains/stream/tasks/rolling_values.hpp"

namespace vaster::stream {
namespace {

using Names = std::vector<std::string>;

std::string text_of(TaskSetup const& setup, std::string_view parameter) {
    return setup.parameters.get<std::string>(parameter);
}

Names meta_of(TaskSetup const& setup) {
    return setup.parameters.get<Names>("meta");
}

/// The other fields, then the observed ones.
Names taken_fields(TaskSetup const& setup) {
    Names fields = meta_of(setup);
    fields.insert(fields.end(), setup.fields.begin(), setup.fields.end());
    return fields;
}

/// The range of each observed field, where it has one.
std::vector<std::optional<Range>> ranges_by_field(TaskSetup const& setup) {
    auto const ranges = ranges_of(text_of(setup, "ranges"));
    std::vector<std::optional<Range>> by_field(setup.fields.size());
    for (std::size_t i = 0; i < setup.fields.size(); ++i)
        for (auto const& range : ranges)
            if (range.field == setup.fields[i]) by_field[i] = range;
    return by_field;
}

Names annotation_names(TaskSetup const& setup, Annotations const& annotations) {
    return annotations.names(setup.parameters.get<Names>("added"), "dataflows.ETL.added");
}

/// A column of a record as the sinks take it; its unit is known where the input says it.
InputColumn sink_column(TaskSetup const& setup, std::string const& name, bool text) {
    auto const said = std::find_if(setup.columns.begin(), setup.columns.end(),
                                   [&](InputColumn const& column) { return column.name == name; });
    return {name, said == setup.columns.end() ? std::string() : said->unit, text};
}

/// The columns behind time and sensor: observed fields are values, all others texts.
std::vector<InputColumn> sink_columns(TaskSetup const& setup, Annotations const& annotations) {
    std::vector<InputColumn> columns;
    for (auto const& name : meta_of(setup)) columns.push_back(sink_column(setup, name, true));
    for (auto const& name : setup.fields) columns.push_back(sink_column(setup, name, false));
    for (auto const& name : annotation_names(setup, annotations)) columns.push_back({name, "", true});
    return columns;
}

std::optional<BloomFilter> members_of(TaskSetup const& setup) {
    auto const path = text_of(setup, "members");
    if (path.empty()) return std::nullopt;
    return BloomFilter::from_file(path);
}

std::vector<Parameter> parameters() {
    std::vector<Parameter> all{
        {.name = "meta",
         .standard = Names{},
         .doc = "other fields that are passed on, before the observed ones"},
        {.name = "ranges",
         .standard = "",
         .doc = "name:min:max,...: an observation outside of its range, ends included, is missing"},
        {.name = "members",
         .standard = "",
         .doc = "Bloom filter of the known sensors, as BLT makes it; empty: those that the annotations have "
                "a line for",
         .format = Format::file},
        {.name = "window",
         .standard = std::int64_t{5},
         .doc = "present values whose mean takes the place of a missing one",
         .bounds = {.at_least = 1, .at_most = 10000}},
        {.name = "annotations",
         .standard = "",
         .doc = "file with a line SENSOR:a,b,... each; must be given",
         .format = Format::file},
        {.name = "added", .standard = Names{}, .doc = "names of the annotations' columns, for the header"}};
    for (auto& one : EtlSinks::parameters()) all.push_back(std::move(one));
    return all;
}

class Etl final : public Dataflow {
  public:
    explicit Etl(TaskSetup const& setup)
        : n_meta_(meta_of(setup).size()),
          n_observed_(setup.fields.size()),
          window_(size_of(setup, "window")),
          ranges_(ranges_by_field(setup)),
          annotations_(text_of(setup, "annotations")),
          members_(members_of(setup)),
          sinks_(setup, sink_columns(setup, annotations_)),
          filled_texts_(n_observed_, ShortestText(0.0)) {}

    void take(Record const& record, Yield& yield) override {
        auto const* const annotation = annotations_.find(record.sensor);
        ++parsed_.in;
        auto const n_messages = filter_ranges(record, yield);
        parsed_.out += n_messages;
        bool const known = members_ ? members_->contains(record.sensor) : annotation != nullptr;
        looked_up_.in += n_messages;
        if (!known) {
            looked_up_.none += n_messages;
            yield.count(Outcome::filtered);
            return;
        }
        looked_up_.out += n_messages;
        write(record, annotation, yield);
        yield.count(Outcome::output);
    }

    void finish(Yield& /*yield*/) override { sinks_.finish(); }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        for (std::size_t field = 0; field < n_observed_; ++field) {
            std::size_t const key = sensor_index * n_observed_ + field;
            (key < windows_.size() ? windows_[key] : RollingValues{}).save(state);
        }
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < n_observed_; ++field)
            at_key(windows_, sensor_index * n_observed_ + field).load(state, window_);
    }

    [[nodiscard]] std::vector<Edge> edges() const override {
        std::vector<Edge> edges{parsed_, in_range_, looked_up_, filled_, joined_, annotated_};
        auto const sinks = sinks_.edges();
        edges.insert(edges.end(), sinks.begin(), sinks.end());
        return edges;
    }

  private:
    /// Takes the numbers of the observed fields; nothing in numbers_: missing, or out of its range.
    /// @returns how many observations the record has
    std::uint64_t filter_ranges(Record const& record, Yield& yield) {
        std::uint64_t n_messages = 0;
        numbers_.assign(n_observed_, std::nullopt);
        for (std::size_t i = 0; i < n_observed_; ++i) {
            FieldValue const& said = record.fields[n_meta_ + i];
            if (said.presence == Presence::absent) {
                ++yield.tally.absent;
                continue;
            }
            ++n_messages;
            ++in_range_.in;
            ++in_range_.out;
            if (said.presence == Presence::missing) continue;
            auto const number = number_of(said.text);
            if (!number) {
                ++in_range_.error;
                yield.spoilt(record);
            } else if (ranges_[i] && !ranges_[i]->contains(*number)) {
                ++in_range_.none;
            } else {
                numbers_[i] = number;
            }
        }
        return n_messages;
    }

    void write(Record const& record, std::vector<std::string> const* annotation, Yield& yield) {
        values_.clear();
        for (std::size_t i = 0; i < n_meta_; ++i) values_.push_back(record.fields[i].text);
        for (std::size_t i = 0; i < n_observed_; ++i) values_.push_back(filled(record, i, yield));
        for (std::size_t i = 0; i < annotations_.n_fields(); ++i)
            values_.push_back(annotation == nullptr ? std::string_view()
                                                    : std::string_view((*annotation)[i]));
        Output& row = yield.output.begin(record.number).cell(record.time).cell(record.sensor);
        for (auto const value : values_) row.cell(value);
        row.end();
        sinks_.take(record, values_);
        if (annotation == nullptr) ++yield.tally.unmatched;
        ++joined_.out;
        ++annotated_.in;
        ++annotated_.out;
    }

    /// Text of an observed field, which is good until the next record; "": there is nothing.
    std::string_view filled(Record const& record, std::size_t i, Yield& yield) {
        FieldValue const& said = record.fields[n_meta_ + i];
        if (said.presence == Presence::absent) return {};
        ++filled_.in;
        ++filled_.out;
        ++joined_.in;
        RollingValues& values = at_key(windows_, record.sensor_index * n_observed_ + i);
        if (numbers_[i]) {
            values.push(*numbers_[i], window_);
            return said.text;
        }
        if (values.size() > 0) {
            filled_texts_[i] = ShortestText(values.mean());
            return filled_texts_[i].view();
        }
        ++filled_.none;
        ++yield.tally.unfilled;
        return {};
    }

    std::size_t n_meta_;
    std::size_t n_observed_;
    std::size_t window_;
    std::vector<std::optional<Range>> ranges_;  ///< by observed field
    Annotations annotations_;
    std::optional<BloomFilter> members_;
    std::vector<RollingValues> windows_;  ///< by sensor and field
    EtlSinks sinks_;
    std::vector<std::optional<double>> numbers_;  ///< of this record
    std::vector<ShortestText> filled_texts_;      ///< by observed field; of this record
    std::vector<std::string_view> values_;        ///< behind time and sensor; of this record
    Edge parsed_{"source", "SML"};
    Edge in_range_{"SML", "RGF"};
    Edge looked_up_{"RGF", "BLF"};
    Edge filled_{"BLF", "INP"};
    Edge joined_{"INP", "JOIN"};
    Edge annotated_{"JOIN", "ANN"};
};

Columns columns(TaskSetup const& setup) {
    Columns columns{{"record", "timestamp", "sensor"}, 1};
    auto const fields = taken_fields(setup);
    columns.names.insert(columns.names.end(), fields.begin(), fields.end());
    Annotations const annotations(text_of(setup, "annotations"));
    for (auto& name : annotation_names(setup, annotations)) columns.names.push_back(std::move(name));
    return columns;
}

std::vector<std::string> problems(TaskSetup const& setup) {
    auto problems = problems_of_ranges(text_of(setup, "ranges"));
    if (text_of(setup, "annotations").empty())
        problems.emplace_back("annotations is empty (must name a file with a line 'SENSOR:a,b,...' each)");
    for (auto const& name : meta_of(setup))
        if (std::find(setup.fields.begin(), setup.fields.end(), name) != setup.fields.end())
            problems.push_back("meta and the observed fields both name " + name);
    auto const of_sinks = EtlSinks::problems(setup);
    problems.insert(problems.end(), of_sinks.begin(), of_sinks.end());
    return problems;
}

}  // namespace

TaskKind etl_dataflow() {
    return {
        .code = "ETL",
        .name = "extract_transform_load",
        .doc = "records of known sensors, their observations in range and without gaps, annotated",
        .sigma = "1:0/1",
        .parameters = parameters(),
        .keying = by_sensor,
        .fields = taken_fields,
        .named = fields_with_ranges,
        .columns = columns,
        .problems = problems,
        .make = make_task<Etl>,
    };
}

}  // namespace vaster::stream
