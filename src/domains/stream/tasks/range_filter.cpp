#include <fmt/core.h>

#include "domains/stream/tasks/catalogue.hpp"
#include "domains/stream/tasks/ranges.hpp"

namespace vaster::stream {
namespace {

class RangeFilter final : public Task {
  public:
    explicit RangeFilter(TaskSetup const& setup)
        : ranges_(ranges_of(setup.parameters.get<std::string>("ranges"))) {}

    void take(Record const& record, Yield& yield) override {
        bool passes = true;
        for (std::size_t i = 0; i < ranges_.size(); ++i) {
            auto const& said = record.fields[i];
            if (said.presence == Presence::absent) ++yield.tally.absent;
            if (said.presence != Presence::present) continue;
            auto const value = number_of(said.text);
            if (!value) {
                yield.count_bad(record);
                return;
            }
            passes = passes && ranges_[i].contains(*value);
        }
        if (passes) yield.output.begin(record.number).cell(record.sensor).end();
        yield.count(passes ? Outcome::output : Outcome::filtered);
    }

  private:
    std::vector<Range> ranges_;
};

std::vector<std::string> problems(TaskSetup const& setup) {
    auto const& ranges = setup.parameters.get<std::string>("ranges");
    if (ranges.empty()) return {"ranges is empty: nothing would be filtered; name:min:max,... is needed"};
    auto problems = problems_of_ranges(ranges);
    for (auto& problem : problems) problem = fmt::format("ranges: {}", problem);
    return problems;
}

}  // namespace

TaskKind range_filter_task() {
    return {
        .code = "RGF",
        .name = "range_filter",
        .doc = "records whose present fields all lie in their ranges",
        .sigma = "1:0/1",
        .uses_fields = false,
        .parameters = {{.name = "ranges",
                        .standard = std::string(),
                        .doc = "name:min:max,... of the fields that are checked, ends included"}},
        .keying = by_record,
        .fields = fields_with_ranges,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "sensor"}, 1};
            },
        .problems = problems,
        .make = make_task<RangeFilter>,
    };
}

}  // namespace vaster::stream
