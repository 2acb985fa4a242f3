#include "domains/stream/tasks/task.hpp"

namespace vaster::stream {

void ObservationTask::take(Record const& record, Yield& yield) {
    for (std::size_t field = 0; field < fields_.size(); ++field) {
        FieldValue const& said = record.fields[field];
        if (said.presence == Presence::absent) {
            ++yield.tally.absent;
            continue;
        }
        std::optional<double> value;
        if (said.presence == Presence::present) {
            value = number_of(said.text);
            if (!value) {
                yield.spoilt(record);
                yield.count(Outcome::bad);
                continue;
            }
        }
        Observation const observation{record, field, key_of(record.sensor_index, field), value};
        yield.count(observe(observation, yield.output, yield.tally));
    }
}

Columns value_columns() {
    return {{"record", "sensor", "field", "value"}, 3};
}

}  // namespace vaster::stream
