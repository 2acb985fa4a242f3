#include <ostream>
#include <stdexcept>

#include "core/report/export.hpp"
#include "core/report/json_text.hpp"
#include "core/report/row_columns.hpp"
#include "vaster/support/text_table.hpp"

namespace vaster::report {
namespace {

using study::Status;

void append_results(std::vector<RowColumn>& columns, study::Schema const& schema,
                    study::ColumnPosition position, Timings timings) {
    for (std::size_t i = 0; i < schema.results.size(); ++i) {
        auto const& column = schema.results[i];
        bool const shown = timings == Timings::show || column.nature != study::Nature::timing;
        if (column.position == position && shown) columns.push_back({column.name, Source::result, i});
    }
}

Json json_or_null(std::optional<study::Cell> const& cell) {
    return cell ? json_of(*cell) : Json(nullptr);
}

Json header_of(store::Reader const& study, Timings timings) {
    auto const& header = study.header();
    Json json{{"filetype", store::file_type},
              {"format_version", store::format_version},
              {"program_version", header.program_version},
              {"kind", header.kind},
              {"seed", header.seed},
              {"config", header.config},
              {"config_hash", header.config_hash},
              {"data_hash", header.data_hash},
              {"plan_hash", header.plan_hash}};
    if (timings == Timings::leave_out) return json;
    json["provenance"] = Json{{"created", header.created},
                              {"compiler", header.provenance.compiler},
                              {"libraries", header.provenance.libraries},
                              {"host", header.provenance.host},
                              {"command", header.provenance.command}};
    return json;
}

}  // namespace

std::vector<RowColumn> identity_columns(study::Schema const& schema) {
    std::vector<RowColumn> columns{{"index", Source::index}, {"id", Source::id}};
    for (std::size_t i = 0; i < schema.design.size(); ++i)
        columns.push_back({schema.design[i].name, Source::design, i});
    return columns;
}

std::vector<RowColumn> row_columns(study::Schema const& schema, Timings timings) {
    auto columns = identity_columns(schema);
    columns.push_back({"status", Source::status});
    append_results(columns, schema, study::ColumnPosition::leading, timings);
    if (timings == Timings::show) {
        columns.push_back({"peak_rss_bytes", Source::peak_rss_bytes});
        columns.push_back({"rank", Source::rank});
        columns.push_back({"host", Source::host});
        columns.push_back({"attempt", Source::attempt});
    }
    columns.push_back({"error", Source::error});
    append_results(columns, schema, study::ColumnPosition::trailing, timings);
    return columns;
}

std::optional<study::Cell> cell_of(store::Reader const& study, std::size_t row, RowColumn const& column) {
    auto const& experiment = study.experiment(row);
    auto const& info = study.info(row);
    bool const done = info.status == Status::done;
    bool const tried = done || info.status == Status::failed;
    auto const when = [](bool shown, study::Cell cell) {
        return shown ? std::optional(std::move(cell)) : std::nullopt;
    };
    switch (column.source) {
        case Source::index:
            return static_cast<std::int64_t>(experiment.index);
        case Source::id:
            return to_text(experiment.id);
        case Source::design:
            return experiment.design.at(column.position);
        case Source::status:
            return to_text(info.status);
        case Source::result:
            return done ? std::optional(study.cells(row).at(column.position)) : std::nullopt;
        case Source::peak_rss_bytes:
            return when(done, static_cast<std::int64_t>(info.peak_rss_bytes));
        case Source::rank:
            return when(tried, info.origin.rank);
        case Source::host:
            return when(tried, info.origin.host);
        case Source::attempt:
            return when(tried, info.origin.attempt);
        case Source::error:
            return when(!info.error.empty(), info.error);
    }
    throw std::logic_error("a column that does not exist");
}

void export_csv(std::ostream& out, store::Reader const& study, Timings timings) {
    auto const columns = row_columns(study.schema(), timings);
    std::vector<std::string> line;
    line.reserve(columns.size());
    for (auto const& column : columns) line.push_back(column.name);
    out << csv_line(line) << '\n';
    for (std::size_t row = 0; row < study.size(); ++row) {
        line.clear();
        for (auto const& column : columns) {
            auto const cell = cell_of(study, row, column);
            line.push_back(cell ? store::cell_text(*cell) : "");
        }
        out << csv_line(line) << '\n';
    }
}

void export_json(std::ostream& out, store::Reader const& study, Timings timings) {
    auto const columns = row_columns(study.schema(), timings);
    auto const header = dump(header_of(study, timings));
    out << header.substr(0, header.size() - 1) << ",\n\"experiments\":[";
    for (std::size_t row = 0; row < study.size(); ++row) {
        Json json;
        for (auto const& column : columns) json[column.name] = json_or_null(cell_of(study, row, column));
        out << (row == 0 ? "\n" : ",\n") << dump(json);
    }
    out << "\n]}\n";
}

}  // namespace vaster::report
