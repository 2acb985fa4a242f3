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

Columns value_columns(TaskSetup const& /*setup*/) {
    return {{"record", "sensor", "field", "value"}, 3};
}

std::vector<std::string> fields_of(TaskKind const& kind, TaskSetup const& setup) {
    return kind.fields == nullptr ? setup.fields : kind.fields(setup);
}

std::vector<std::string> named_fields_of(TaskKind const& kind, TaskSetup const& setup) {
    return kind.named == nullptr ? std::vector<std::string>() : kind.named(setup);
}

std::vector<std::string> problems_of(TaskKind const& kind, TaskSetup const& setup) {
    std::vector<std::string> problems;
    if (kind.problems != nullptr) problems = kind.problems(setup);
    return problems;
}

std::vector<std::string> notes_of(TaskKind const& kind, TaskSetup const& setup) {
    return kind.notes == nullptr ? std::vector<std::string>() : kind.notes(setup);
}

Keying by_record(Parameters const& /*parameters*/) {
    return Keying::record;
}

Keying by_sensor(Parameters const& /*parameters*/) {
    return Keying::sensor;
}

Keying by_stream(Parameters const& /*parameters*/) {
    return Keying::stream;
}

std::size_t size_of(TaskSetup const& setup, std::string_view parameter) {
    return static_cast<std::size_t>(setup.parameters.get<std::int64_t>(parameter));
}

Parameter profile_parameter() {
    return {.name = "profile",
            .standard = std::string("corrected"),
            .doc = "the corrected rule, or what the published classes compute",
            .choices = {"corrected", "published"}};
}

bool is_published(Parameters const& parameters) {
    return parameters.get<std::string>("profile") == "published";
}

}  // namespace vaster::stream
