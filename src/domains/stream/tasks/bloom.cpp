#include "base/support/files.hpp"
#include "domains/stream/tasks/bloom_filter.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/text.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view model_name = "bloom.bin";

Parameter expected_parameter() {
    return {.name = "expected",
            .standard = std::int64_t{20000000},
            .doc = "members that the filter is made for",
            .bounds = {.at_least = 1, .at_most = 1e9}};
}

Parameter false_positives_parameter() {
    return {.name = "false_positives",
            .standard = 0.01,
            .doc = "chance that a stranger passes, with so many members",
            .bounds = {.at_least = 1e-9, .at_most = 0.5}};
}

Parameter field_parameter() {
    return {.name = "field", .standard = std::string(), .doc = "field that is looked at; empty: the sensor"};
}

std::vector<std::string> taken_fields(TaskSetup const& setup) {
    auto const& field = setup.parameters.get<std::string>("field");
    if (field.empty() || field == setup.sensor) return {};
    return {field};
}

BloomFilter empty_filter(TaskSetup const& setup) {
    return {size_of(setup, "expected"), setup.parameters.get<double>("false_positives")};
}

BloomFilter filter_of(TaskSetup const& setup) {
    auto const& model = setup.parameters.get<std::string>("model");
    if (!model.empty()) return BloomFilter::from_file(model);
    auto const text = read_file(setup.parameters.get<std::string>("members"));
    BloomFilter filter = empty_filter(setup);
    for (auto const member : lines_of(text))
        if (!member.empty()) filter.add(member);
    return filter;
}

/// What is looked at: the sensor, or the one field that is taken. Presence decides whether it can be.
FieldValue looked_at(Record const& record, bool by_field) {
    if (by_field) return record.fields[0];
    return {Presence::present, record.sensor};
}

/// Counts a record that has not what is looked at. @returns whether it has
bool has_value(FieldValue const& value, Yield& yield) {
    if (value.presence == Presence::present) return true;
    if (value.presence == Presence::absent) ++yield.tally.absent;
    yield.count(Outcome::missing);
    return false;
}

class Bloom final : public Task {
  public:
    explicit Bloom(TaskSetup const& setup)
        : filter_(filter_of(setup)), by_field_(!taken_fields(setup).empty()) {}

    void take(Record const& record, Yield& yield) override {
        auto const value = looked_at(record, by_field_);
        if (!has_value(value, yield)) return;
        bool const passes = filter_.contains(value.text);
        if (passes) yield.output.begin(record.number).cell(record.sensor).end();
        yield.count(passes ? Outcome::output : Outcome::filtered);
    }

  private:
    BloomFilter filter_;
    bool by_field_;
};

class BloomTrain final : public Task {
  public:
    explicit BloomTrain(TaskSetup const& setup)
        : filter_(empty_filter(setup)), by_field_(!taken_fields(setup).empty()), folder_(setup.folder) {}

    void take(Record const& record, Yield& yield) override {
        auto const value = looked_at(record, by_field_);
        if (!has_value(value, yield)) return;
        if (filter_.add(value.text)) ++n_members_;
        last_record_ = record.number;
        ++n_taken_;
        yield.count(Outcome::none);
    }

    void finish(Yield& yield) override {
        if (n_taken_ == 0) return;
        if (!folder_.empty()) {
            std::filesystem::create_directories(folder_);
            write_file_atomically(folder_ / model_name, filter_.bytes());
        }
        yield.output.begin(last_record_)
            .cell(n_taken_)
            .cell(n_members_)
            .cell(filter_.n_bits())
            .cell(static_cast<std::uint64_t>(filter_.n_hashes()))
            .end();
    }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        state.put(n_taken_);
        state.put(n_members_);
        state.put(last_record_);
        for (auto const word : filter_.words()) state.put(word);
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        n_taken_ = state.get<std::uint64_t>();
        n_members_ = state.get<std::uint64_t>();
        last_record_ = state.get<std::uint64_t>();
        std::vector<std::uint64_t> words(filter_.words().size());
        for (auto& word : words) word = state.get<std::uint64_t>();
        filter_.merge(words);
    }

  private:
    BloomFilter filter_;
    bool by_field_;
    std::filesystem::path folder_;
    std::uint64_t n_taken_ = 0;
    std::uint64_t n_members_ = 0;  ///< that have changed a bit
    std::uint64_t last_record_ = 0;
};

std::vector<std::string> problems(TaskSetup const& setup) {
    bool const has_members = !setup.parameters.get<std::string>("members").empty();
    bool const has_model = !setup.parameters.get<std::string>("model").empty();
    if (has_members && has_model)
        return {"members and model are both given; only one can say who is in the set"};
    if (!has_members && !has_model)
        return {"members and model are both empty; a file with a member a line, or a kept filter, is needed"};
    return {};
}

}  // namespace

TaskKind bloom_filter_task() {
    return {
        .code = "BLF",
        .name = "bloom_filter_check",
        .doc = "records whose sensor is in a set, with a known chance of false passes",
        .sigma = "1:0/1",
        .uses_fields = false,
        .parameters = {{.name = "members",
                        .standard = std::string(),
                        .doc = "file with a member a line",
                        .format = Format::file},
                       {.name = "model",
                        .standard = std::string(),
                        .doc = "filter of task BLT, or of Guava",
                        .format = Format::file},
                       field_parameter(),
                       expected_parameter(),
                       false_positives_parameter()},
        .keying = by_record,
        .fields = taken_fields,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor"}, 1};
            },
        .problems = problems,
        .make = make_task<Bloom>,
    };
}

TaskKind bloom_train_task() {
    return {
        .code = "BLT",
        .name = "bloom_filter_train",
        .doc = "the filter of all sensors of a stream, for BLF",
        .sigma = "N:1",
        .uses_fields = false,
        .parameters = {field_parameter(), expected_parameter(), false_positives_parameter()},
        .keying = by_stream,
        .fields = taken_fields,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "taken", "members", "bits", "hashes"}, 1};
            },
        .make = make_task<BloomTrain>,
    };
}

}  // namespace vaster::stream
