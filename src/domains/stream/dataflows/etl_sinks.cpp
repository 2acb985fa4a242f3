#include "domains/stream/dataflows/etl_sinks.hpp"

#include <utility>

#include <fmt/core.h>

namespace vaster::stream {
namespace {

constexpr std::string_view table_name = "records.sqlite";

std::string const& topic_of(TaskSetup const& setup) {
    return setup.parameters.get<std::string>("topic");
}

std::vector<std::string> names_of(std::vector<InputColumn> const& columns) {
    std::vector<std::string> names;
    names.reserve(columns.size());
    for (auto const& column : columns) names.push_back(column.name);
    return names;
}

/// The columns of a message: the sensor, and those of the record.
std::vector<InputColumn> message_columns(TaskSetup const& setup, std::vector<InputColumn> columns) {
    columns.insert(columns.begin(), InputColumn{setup.sensor, "string", true});
    return columns;
}

}  // namespace

EtlSinks::EtlSinks(TaskSetup const& setup, std::vector<InputColumn> columns)
    : inserts_(setup.parameters.get<bool>("insert")),
      publishes_(setup.parameters.get<bool>("publish")),
      table_path_(setup.folder / table_name),
      folder_(setup.folder),
      topic_name_(topic_of(setup)),
      broker_(setup.broker),
      names_(names_of(columns)),
      senml_(message_columns(setup, std::move(columns)), SenmlWriter::Values::text) {
    if (!inserts_) return;
    auto const problem = problem_of_columns(names_);
    require<DataError>(problem.empty(),
                       "[dataflows.ETL] insert: {}; rename it, or name the annotations (added)", problem);
}

void EtlSinks::take(Record const& record, std::span<std::string_view const> values) {
    if (inserts_) insert(record, values);
    if (publishes_) publish(record, values);
}

void EtlSinks::insert(Record const& record, std::span<std::string_view const> values) {
    if (!table_) table_.emplace(table_path_, names_, TableWriter::Sync::none);
    ++inserted_.in;
    table_->put(record.sensor, record.time, values);
    ++inserted_.out;
}

void EtlSinks::publish(Record const& record, std::span<std::string_view const> values) {
    if (!topic_) topic_.emplace(folder_, topic_name_, broker_);
    ++written_.in;
    senml_.begin(record.time);
    bool whole = senml_.add(record.sensor);
    for (auto const value : values) whole = senml_.add(value) && whole;
    if (!whole) {
        ++written_.error;
        return;
    }
    ++written_.out;
    ++published_.in;
    topic_->put(fmt::format("{},{}", record.time, senml_.end()));
    ++published_.out;
}

void EtlSinks::finish() {
    if (table_) table_->finish();
    if (topic_) topic_->finish();
}

std::vector<Edge> EtlSinks::edges() const {
    std::vector<Edge> edges;
    if (inserts_) edges.push_back(inserted_);
    if (publishes_) edges.insert(edges.end(), {written_, published_});
    return edges;
}

std::vector<Parameter> EtlSinks::parameters() {
    return {
        {.name = "insert",
         .standard = false,
         .doc = "ATI: put the annotated records into a SQLite file, records.sqlite in the partition's "
                "folder of io.directory"},
        {.name = "publish",
         .standard = false,
         .doc = "C2S, MQP: write them as SenML into a topic, TOPIC.log in the same folder, and to io.broker"},
        {.name = "topic", .standard = "etl", .doc = "name of the topic"}};
}

std::vector<std::string> EtlSinks::problems(TaskSetup const& setup) {
    bool const publishes = setup.parameters.get<bool>("publish");
    auto problem = problem_of_topic(topic_of(setup), publishes ? setup.broker : "");
    return problem.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(problem)};
}

}  // namespace vaster::stream
