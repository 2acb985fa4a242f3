#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "domains/stream/tasks/annotations.hpp"
#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view time_name = "timestamp";

using Names = std::vector<std::string>;

/// Names of the cells before the annotations.
Names schema_of(TaskSetup const& setup) {
    auto schema = setup.parameters.get<Names>("schema");
    if (!schema.empty()) return schema;
    schema = {std::string(time_name), setup.sensor};
    schema.insert(schema.end(), setup.fields.begin(), setup.fields.end());
    return schema;
}

std::string key_field_of(TaskSetup const& setup) {
    auto const& name = setup.parameters.get<std::string>("key_field");
    return name.empty() ? setup.sensor : name;
}

/// What is to be taken from a record: neither time nor sensor, which every record has.
Names taken_fields(TaskSetup const& setup) {
    Names wanted = schema_of(setup);
    wanted.push_back(key_field_of(setup));
    Names fields;
    for (auto const& name : wanted) {
        bool const of_every_record = name == time_name || name == setup.sensor;
        if (!of_every_record && std::find(fields.begin(), fields.end(), name) == fields.end())
            fields.push_back(name);
    }
    return fields;
}

Annotations annotations_of(TaskSetup const& setup) {
    return Annotations(setup.parameters.get<std::string>("annotations"),
                       is_published(setup.parameters) ? Annotations::Reading::up_to_second_colon
                                                      : Annotations::Reading::whole);
}

/// Where a cell comes from: the record's time or sensor, or a field by its place.
struct OfTime {};

struct OfSensor {};

using Source = std::variant<OfTime, OfSensor, std::size_t>;

class Annotate final : public Task {
  public:
    explicit Annotate(TaskSetup const& setup)
        : annotations_(annotations_of(setup)), published_(is_published(setup.parameters)) {
        auto const fields = taken_fields(setup);
        auto const source_of = [&](std::string const& name) -> Source {
            if (name == time_name) return OfTime{};
            if (name == setup.sensor) return OfSensor{};
            return static_cast<std::size_t>(std::find(fields.begin(), fields.end(), name) - fields.begin());
        };
        for (auto const& name : schema_of(setup)) sources_.push_back(source_of(name));
        key_ = source_of(key_field_of(setup));
    }

    void take(Record const& record, Yield& yield) override {
        auto const* const found = annotations_.find(text_of(key_, record));
        if (found == nullptr) ++yield.tally.unmatched;
        if (published_) {
            take_as_published(record, found, yield);
            return;
        }
        Output& row = begin(record, yield);
        for (std::size_t i = 0; i < annotations_.n_fields(); ++i)
            row.cell(found == nullptr ? std::string_view() : std::string_view((*found)[i]));
        row.end();
        yield.count(Outcome::output);
    }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        if (!published_) return;
        state.put(static_cast<std::uint64_t>(last_.size()));
        for (auto const& cell : last_) state.put(std::string_view(cell));
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        if (!published_) return;
        auto const n = state.get<std::uint64_t>();
        for (std::uint64_t i = 0; i < n; ++i) last_.emplace_back(state.get_text());
    }

  private:
    /// Text of a time is made when it is written: only keys and fields are looked up here.
    [[nodiscard]] static std::string_view text_of(Source const& source, Record const& record) {
        if (auto const* const field = std::get_if<std::size_t>(&source)) return record.fields[*field].text;
        return std::holds_alternative<OfSensor>(source) ? record.sensor : std::string_view();
    }

    Output& begin(Record const& record, Yield& yield) const {
        Output& row = yield.output.begin(record.number);
        for (auto const& source : sources_) {
            if (std::holds_alternative<OfTime>(source))
                row.cell(record.time);
            else
                row.cell(text_of(source, record));
        }
        return row;
    }

    /// The published class gives what it gave last, when the table has nothing.
    void take_as_published(Record const& record, std::vector<std::string> const* found, Yield& yield) {
        if (found != nullptr) {
            last_.clear();
            for (auto const& source : sources_)
                last_.push_back(std::holds_alternative<OfTime>(source)
                                    ? fmt::format("{}", record.time)
                                    : std::string(text_of(source, record)));
            last_.insert(last_.end(), found->begin(), found->end());
        }
        if (last_.empty()) {
            yield.count(Outcome::none);
            return;
        }
        Output& row = yield.output.begin(record.number);
        for (auto const& cell : last_) row.cell(std::string_view(cell));
        row.end();
        yield.count(Outcome::output);
    }

    Annotations annotations_;
    bool published_;
    std::vector<Source> sources_;
    Source key_;
    Names last_;  ///< cells of the last row; published only
};

Columns columns(TaskSetup const& setup) {
    Columns columns{{"record"}, 1};
    for (auto const& name : schema_of(setup)) columns.names.push_back(name);
    for (auto& name : annotations_of(setup).names(setup.parameters.get<Names>("added"), "tasks.ANN.added"))
        columns.names.push_back(std::move(name));
    return columns;
}

std::vector<std::string> problems(TaskSetup const& setup) {
    std::vector<std::string> problems;
    if (setup.parameters.get<std::string>("annotations").empty())
        problems.emplace_back("annotations is empty: the file with lines key:text,text,... is needed");
    return problems;
}

}  // namespace

TaskKind annotate_task() {
    return {
        .code = "ANN",
        .name = "annotate",
        .doc = "each record as CSV with what a table says of its key",
        .sigma = "1:1",
        .parameters = {{.name = "annotations",
                        .standard = std::string(),
                        .doc = "file with lines key:text,text,...",
                        .format = Format::file},
                       {.name = "key_field",
                        .standard = std::string(),
                        .doc = "field that is looked up; empty: the sensor"},
                       {.name = "schema",
                        .standard = Names(),
                        .doc = "cells before the annotations; empty: timestamp, sensor, fields"},
                       {.name = "added",
                        .standard = Names(),
                        .doc = "names of the annotations; empty: annotation1, annotation2, ..."},
                       profile_parameter()},
        .keying =
            [](Parameters const& parameters) {
                return is_published(parameters) ? Keying::stream : Keying::record;
            },
        .fields =
            [](TaskSetup const& setup) {
                (void)columns(setup);  // a file that cannot be used is refused before anything runs
                return taken_fields(setup);
            },
        .columns = columns,
        .problems = problems,
        .make = make_task<Annotate>,
    };
}

}  // namespace vaster::stream
