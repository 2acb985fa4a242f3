#include <algorithm>

#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/senml_writer.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view time_name = "timestamp";

/// The columns that become measurements: all but the time, which is the pack's.
std::vector<InputColumn> measured(TaskSetup const& setup) {
    require<DataError>(!setup.columns.empty(),
                       "C2S turns CSV into SenML, but the input has no columns with names and units; "
                       "input.format = \"csv\" is needed");
    auto columns = setup.columns;
    std::erase_if(columns, [](InputColumn const& column) { return column.name == time_name; });
    return columns;
}

std::vector<std::string> taken_fields(TaskSetup const& setup) {
    std::vector<std::string> fields;
    for (auto const& column : measured(setup))
        if (column.name != setup.sensor) fields.push_back(column.name);
    return fields;
}

SenmlWriter::Values values_of(TaskSetup const& setup) {
    bool const numbers = setup.parameters.get<std::string>("values") == "number";
    return numbers ? SenmlWriter::Values::number : SenmlWriter::Values::text;
}

class CsvToSenml final : public Task {
  public:
    explicit CsvToSenml(TaskSetup const& setup) : writer_(measured(setup), values_of(setup)) {
        for (auto const& column : measured(setup)) is_sensor_.push_back(column.name == setup.sensor);
    }

    void take(Record const& record, Yield& yield) override {
        writer_.begin(record.time);
        std::size_t field = 0;
        for (bool const is_sensor : is_sensor_) {
            if (writer_.add(is_sensor ? record.sensor : record.fields[field++].text)) continue;
            yield.count_bad(record);
            return;
        }
        yield.output.begin(record.number).cell(writer_.end()).end();
        yield.count(Outcome::output);
    }

  private:
    SenmlWriter writer_;
    std::vector<bool> is_sensor_;  ///< of each measurement; the others are Record::fields in their order
};

}  // namespace

TaskKind csv_to_senml_task() {
    return {
        .code = "C2S",
        .name = "csv_to_senml",
        .doc = "each line of a CSV as SenML",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {{.name = "values",
                        .standard = std::string("text"),
                        .doc = "how values of type v are written",
                        .choices = {"text", "number"}}},
        .keying = by_record,
        .fields = taken_fields,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "senml"}, 1};
            },
        .make = make_task<CsvToSenml>,
    };
}

}  // namespace vaster::stream
