#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {
namespace {

class Noop final : public Task {
  public:
    explicit Noop(TaskSetup const& /*setup*/) {}

    void take(Record const& record, Yield& yield) override {
        yield.output.begin(record.number).cell(record.line).end();
        yield.count(Outcome::output);
    }
};

}  // namespace

TaskKind noop_task() {
    return {
        .code = "NOP",
        .name = "noop",
        .doc = "each line as it is",
        .sigma = "1:1",
        .uses_fields = false,
        .keying = by_record,
        .fields = [](TaskSetup const&) { return std::vector<std::string>(); },
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "line"}, 1};
            },
        .make = make_task<Noop>,
    };
}

}  // namespace vaster::stream
