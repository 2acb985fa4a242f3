// ATI, ATL and ATR: records in a SQLite file.
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/support/hash.hpp"
#include "base/support/units.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/table.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view table_name = "records.sqlite";
constexpr double per_second = 1000;  ///< milliseconds

std::string const& table_of(TaskSetup const& setup) {
    return setup.parameters.get<std::string>("table");
}

class TableInsert final : public Task {
  public:
    explicit TableInsert(TaskSetup const& setup)
        : path_(setup.folder / table_name),
          fields_(setup.fields),
          sync_(sync_of(setup)),
          values_(fields_.size()) {}

    void take(Record const& record, Yield& yield) override {
        if (!table_) table_.emplace(path_, fields_, sync_);
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            if (record.fields[i].presence == Presence::absent) ++yield.tally.absent;
            values_[i] = record.fields[i].text;
        }
        table_->put(record.sensor, record.time, values_);
        yield.output.begin(record.number).cell(record.sensor).cell(record.time).end();
        yield.count(Outcome::output);
    }

    void finish(Yield& /*yield*/) override {
        if (table_) table_->finish();
    }

  private:
    static TableWriter::Sync sync_of(TaskSetup const& setup) {
        return setup.parameters.get<std::string>("sync") == "each" ? TableWriter::Sync::each
                                                                   : TableWriter::Sync::none;
    }

    std::filesystem::path path_;
    std::vector<std::string> fields_;
    TableWriter::Sync sync_;
    std::vector<std::string_view> values_;
    std::optional<TableWriter> table_;  ///< from the first record on
};

class TableLookup final : public Task {
  public:
    explicit TableLookup(TaskSetup const& setup)
        : table_(table_of(setup), setup.fields), n_fields_(setup.fields.size()) {}

    void take(Record const& record, Yield& yield) override {
        bool const found = table_.find(record.sensor, record.time, values_);
        if (!found) {
            ++yield.tally.unmatched;
            values_.assign(n_fields_, std::string());
        }
        Output& row = yield.output.begin(record.number).cell(record.sensor).cell(record.time);
        for (auto const& value : values_) row.cell(std::string_view(value));
        row.end();
        yield.count(Outcome::output);
    }

  private:
    TableReader table_;
    std::size_t n_fields_;
    TableReader::Values values_;
};

class TableRange final : public Task {
  public:
    explicit TableRange(TaskSetup const& setup)
        : table_(table_of(setup), setup.fields), span_(span_of(setup)) {}

    void take(Record const& record, Yield& yield) override {
        ContentHash content;
        auto const add = [&](std::string_view sensor, std::int64_t time, TableReader::Values const& values) {
            content.add(fmt::format("{},{}", sensor, time));
            for (auto const& value : values) content.add(fmt::format(",{}", value));
            content.add("\n");
        };
        std::int64_t const from = record.time - span_;
        auto const n_rows = table_.range(from, record.time, add);
        yield.output.begin(record.number)
            .cell(record.sensor)
            .cell(from)
            .cell(record.time)
            .cell(static_cast<std::uint64_t>(n_rows))
            .cell(std::string_view(content.text()))
            .end();
        yield.count(Outcome::output);
    }

    /// [ms]
    static std::int64_t span_of(TaskSetup const& setup) {
        auto const seconds = parse_duration(setup.parameters.get<std::string>("span"));
        return static_cast<std::int64_t>(seconds.value_or(0) * per_second);
    }

  private:
    TableReader table_;
    std::int64_t span_;
};

std::vector<std::string> nothing_of_records(TaskSetup const& /*setup*/) {
    return {};
}

Columns with_fields(Columns columns, TaskSetup const& setup) {
    columns.names.insert(columns.names.end(), setup.fields.begin(), setup.fields.end());
    return columns;
}

std::vector<std::string> table_problems(TaskSetup const& setup) {
    if (table_of(setup).empty()) return {"table is empty: the SQLite file that task ATI has left is needed"};
    return {};
}

Parameter table_parameter() {
    return {.name = "table",
            .standard = std::string(),
            .doc = "SQLite file that task ATI has left",
            .format = Format::file};
}

std::vector<std::string> insert_problems(TaskSetup const& setup) {
    auto problem = problem_of_columns(setup.fields);
    return problem.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(problem)};
}

}  // namespace

TaskKind table_insert_task() {
    return {
        .code = "ATI",
        .name = "table_insert",
        .doc = "each record into a table by sensor and time",
        .sigma = "1:1",
        .parameters = {{.name = "sync",
                        .standard = std::string("none"),
                        .doc = "each: every batch of 100 rows reaches the disk before the next begins",
                        .choices = {"none", "each"}}},
        .keying = by_sensor,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "timestamp"}, 1};
            },
        .problems = insert_problems,
        .make = make_task<TableInsert>,
    };
}

TaskKind table_lookup_task() {
    return {
        .code = "ATL",
        .name = "table_lookup",
        .doc = "what a table has of a record's sensor and time",
        .sigma = "1:1",
        .parameters = {table_parameter()},
        .keying = by_record,
        .fields = nothing_of_records,
        .columns =
            [](TaskSetup const& setup) {
                return with_fields({{"record", "sensor", "timestamp"}, 1}, setup);
            },
        .problems = table_problems,
        .make = make_task<TableLookup>,
    };
}

TaskKind table_range_task() {
    return {
        .code = "ATR",
        .name = "table_range",
        .doc = "the rows of a table in a span of time before each record, and a hash of what they say",
        .sigma = "1:1",
        .parameters = {table_parameter(),
                       {.name = "span",
                        .standard = std::string("1m"),
                        .doc = "time before a record, its own excluded",
                        .format = Format::duration}},
        .keying = by_record,
        .fields = nothing_of_records,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "from", "to", "rows", "content"}, 2};
            },
        .problems = table_problems,
        .make = make_task<TableRange>,
    };
}

}  // namespace vaster::stream
