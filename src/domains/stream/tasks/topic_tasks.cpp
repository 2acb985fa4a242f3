// MQP and MQS: topics as files. A broker may have what is published, too; nothing is read from it: results
// would depend on when its messages come.
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/topics.hpp"

namespace vaster::stream {
namespace {

std::string const& topic_of(TaskSetup const& setup) {
    return setup.parameters.get<std::string>("topic");
}

class Publish final : public Task {
  public:
    explicit Publish(TaskSetup const& setup)
        : folder_(setup.folder), name_(topic_of(setup)), broker_(setup.broker) {}

    void take(Record const& record, Yield& yield) override {
        if (!topic_) topic_.emplace(folder_, name_, broker_);
        topic_->put(record.line);
        yield.output.begin(record.number)
            .cell(record.sensor)
            .cell(static_cast<std::uint64_t>(record.line.size()))
            .end();
        yield.count(Outcome::output);
    }

    void finish(Yield& /*yield*/) override {
        if (topic_) topic_->finish();
    }

  private:
    std::filesystem::path folder_;
    std::string name_;
    std::string broker_;
    std::optional<TopicWriter> topic_;  ///< from the first record on
};

class Subscribe final : public Task {
  public:
    explicit Subscribe(TaskSetup const& setup)
        : path_(setup.parameters.get<std::string>("log")), topic_(path_) {}

    void take(Record const& record, Yield& yield) override {
        auto const message = topic_.next();
        if (!message) {
            yield.count(Outcome::none);
            return;
        }
        yield.output.begin(record.number).cell(std::string_view(*message)).end();
        yield.count(Outcome::output);
    }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        state.put(topic_.offset());
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        topic_ = TopicReader(path_, state.get<std::uint64_t>());
    }

  private:
    std::filesystem::path path_;
    TopicReader topic_;
};

std::vector<std::string> no_fields(TaskSetup const& /*setup*/) {
    return {};
}

std::vector<std::string> publish_problems(TaskSetup const& setup) {
    auto problem = problem_of_topic(topic_of(setup), setup.broker);
    return problem.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(problem)};
}

std::vector<std::string> subscribe_problems(TaskSetup const& setup) {
    if (!setup.parameters.get<std::string>("log").empty()) return {};
    return {"log is empty: the file of a topic that task MQP has left is needed"};
}

}  // namespace

TaskKind publish_task() {
    return {
        .code = "MQP",
        .name = "mqtt_publish",
        .doc = "each line as a message of a topic, a file in the task's folder; to io.broker, too",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {{.name = "topic",
                        .standard = std::string("vaster"),
                        .doc = "name of the topic; its file is TOPIC.log"}},
        .keying = by_record,
        .fields = no_fields,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor", "bytes"}, 2};
            },
        .problems = publish_problems,
        .make = make_task<Publish>,
    };
}

TaskKind subscribe_task() {
    return {
        .code = "MQS",
        .name = "mqtt_subscribe",
        .doc = "the next message of a topic for each record",
        .sigma = "1:1",
        .uses_fields = false,
        .parameters = {{.name = "log",
                        .standard = std::string(),
                        .doc = "file of a topic that task MQP has left",
                        .format = Format::file}},
        .keying = by_stream,
        .fields =
            [](TaskSetup const& setup) {
                check_topic(setup.parameters.get<std::string>("log"));  // before anything runs
                return no_fields(setup);
            },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "message"}, 1};
            },
        .problems = subscribe_problems,
        .make = make_task<Subscribe>,
    };
}

}  // namespace vaster::stream
