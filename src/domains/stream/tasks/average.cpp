#include "domains/stream/tasks/block_mean.hpp"
#include "domains/stream/tasks/catalogue.hpp"

namespace vaster::stream {
namespace {

class Average final : public ObservationTask {
  public:
    explicit Average(TaskSetup const& setup)
        : ObservationTask(setup.fields),
          window_(static_cast<std::uint64_t>(setup.parameters.get<std::int64_t>("window"))),
          flush_(setup.parameters.get<bool>("flush")) {}

    void finish(Yield& yield) override {
        for (auto const& block : blocks_) {
            yield.tally.pending += block.values.n();
            if (flush_ && block.values.n() > 0)
                yield.output.begin(block.last)
                    .cell(std::string_view(block.sensor))
                    .cell(std::string_view(fields()[block.field]))
                    .cell(block.values.mean())
                    .end();
        }
    }

    void save(std::uint32_t sensor_index, StateWriter& state) const override {
        each_state(sensor_index, blocks_, Block{}, [&](Block const& block) { block.values.save(state); });
    }

    void load(std::uint32_t sensor_index, StateReader& state) override {
        for (std::size_t field = 0; field < fields().size(); ++field)
            at_key(blocks_, key_of(sensor_index, field)).values.load(state);
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& /*tally*/) override {
        if (!seen.value) return Outcome::missing;
        Block& block = at_key(blocks_, seen.key);
        block.values.add(*seen.value);
        if (flush_) {
            block.last = seen.record.number;
            block.field = seen.field;
            block.sensor = seen.record.sensor;
        }
        if (block.values.n() < window_) return Outcome::none;
        begin(output, seen).cell(block.values.mean()).end();
        block = Block{};
        return Outcome::output;
    }

  private:
    struct Block {
        BlockMean values;
        std::uint64_t last = 0;  ///< record; this and what follows only where the rest is to be emitted
        std::size_t field = 0;
        std::string sensor = {};
    };

    std::uint64_t window_;
    bool flush_;
    std::vector<Block> blocks_;
};

}  // namespace

TaskKind average_task() {
    return {
        .code = "AVG",
        .name = "block_window_average",
        .doc = "mean of each full block of observations of a sensor's field",
        .sigma = "N:1",
        .parameters = {{.name = "window",
                        .standard = std::int64_t{10},
                        .doc = "observations in a block",
                        .bounds = {.at_least = 1, .at_most = 1000000}},
                       {.name = "flush",
                        .standard = false,
                        .doc = "emit the mean of what is left in a block when the stream ends"}},
        .keying = by_sensor,
        .columns = value_columns,
        .make = make_task<Average>,
    };
}

}  // namespace vaster::stream
