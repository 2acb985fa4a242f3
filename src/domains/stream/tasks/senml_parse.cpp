#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {
namespace {

class SenmlParse final : public Task {
  public:
    explicit SenmlParse(TaskSetup const& setup) : n_fields_(setup.fields.size()) {}

    void take(Record const& record, Yield& yield) override {
        Output& row = yield.output.begin(record.number).cell(record.time).cell(record.sensor);
        for (auto const& said : record.fields.first(n_fields_)) {
            if (said.presence == Presence::absent) ++yield.tally.absent;
            row.cell(said.text);
        }
        row.end();
        yield.count(Outcome::output);
    }

  private:
    std::size_t n_fields_;
};

Columns columns(TaskSetup const& setup) {
    Columns columns{{"record", "timestamp", "sensor"}, 1};
    columns.names.insert(columns.names.end(), setup.fields.begin(), setup.fields.end());
    return columns;
}

}  // namespace

TaskKind senml_parse_task() {
    return {
        .code = "SML",
        .name = "senml_parse",
        .doc = "time, sensor and fields of each record as they stand in the input",
        .sigma = "1:1",
        .keying = by_record,
        .columns = columns,
        .make = make_task<SenmlParse>,
    };
}

}  // namespace vaster::stream
