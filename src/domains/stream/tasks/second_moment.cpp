#include "domains/stream/tasks/second_moment.hpp"

#include <algorithm>
#include <bit>

#include <fmt/core.h>

#include "base/support/hash.hpp"
#include "domains/stream/tasks/catalogue.hpp"
#include "vaster/support/random.hpp"

namespace vaster::stream {
namespace {

constexpr std::size_t first_table = 64;

std::uint64_t bits_of(double value) {
    return std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);  // -0 is 0
}

}  // namespace

SecondMoment::SecondMoment(std::size_t n_counters, std::uint64_t key)
    // Scrambled: keys that are near to each other must not share draws at other values.
    : n_counters_(n_counters), key_(scramble(key)), table_(first_table) {}

double SecondMoment::add(double value) {
    std::uint64_t const bits = bits_of(value);
    ++n_;
    Counter* own = nullptr;
    if (n_ <= n_counters_) {
        own = &counters_.emplace_back();
    } else {
        // What is drawn depends on n alone, so that a stream that is cut goes on with the same choices.
        Random random(scramble(key_ ^ n_));
        if (random.below(n_) < n_counters_) {
            own = &counters_[random.below(n_counters_)];
            drop(*own);
        }
    }
    auto& shared = table_[place_of(bits)];
    if (shared.n_counters > 0) {
        ++shared.n_seen;
        sum_ += 2 * shared.n_counters;
    }
    if (own != nullptr) count(bits, *own);
    auto const n_used = static_cast<double>(std::min<std::uint64_t>(n_, n_counters_));
    return static_cast<double>(n_) / n_used * static_cast<double>(sum_);
}

/// A counter begins with this value, which has already been counted for the others.
void SecondMoment::count(std::uint64_t bits, Counter& counter) {
    if (2 * (n_values_ + 1) > table_.size()) grow();
    Shared& shared = table_[place_of(bits)];
    if (shared.n_counters == 0) {
        shared = {bits, 1, 0};
        ++n_values_;
    }
    counter = {bits, shared.n_seen - 1};
    ++shared.n_counters;
    sum_ += 1;
}

void SecondMoment::drop(Counter const& counter) {
    std::size_t const place = place_of(counter.bits);
    Shared& shared = table_[place];
    sum_ -= 2 * (shared.n_seen - counter.before) - 1;
    if (--shared.n_counters == 0) erase(place);
}

std::size_t SecondMoment::home_of(std::uint64_t bits) const {
    return scramble(bits) & (table_.size() - 1);
}

/// Of the value, or of the free place where it would be.
std::size_t SecondMoment::place_of(std::uint64_t bits) const {
    std::size_t place = home_of(bits);
    while (table_[place].n_counters > 0 && table_[place].bits != bits)
        place = (place + 1) & (table_.size() - 1);
    return place;
}

void SecondMoment::grow() {
    std::vector<Shared> const old = std::exchange(table_, std::vector<Shared>(2 * table_.size()));
    for (auto const& shared : old)
        if (shared.n_counters > 0) table_[place_of(shared.bits)] = shared;
}

/// Moves up those that had been put behind it. Knuth (1998), The Art of Computer Programming 3,
/// algorithm 6.4R.
void SecondMoment::erase(std::size_t place) {
    std::size_t const mask = table_.size() - 1;
    std::size_t hole = place;
    for (std::size_t next = (hole + 1) & mask; table_[next].n_counters > 0; next = (next + 1) & mask) {
        std::size_t const home = home_of(table_[next].bits);
        bool const may_move = ((next - home) & mask) >= ((next - hole) & mask);
        if (!may_move) continue;
        table_[hole] = table_[next];
        hole = next;
    }
    table_[hole] = Shared{};
    --n_values_;
}

void SecondMoment::save(StateWriter& state) const {
    state.put(n_);
    state.put(static_cast<std::uint64_t>(counters_.size()));
    for (auto const& counter : counters_) {
        state.put(counter.bits);
        state.put(table_[place_of(counter.bits)].n_seen - counter.before);
    }
}

void SecondMoment::load(StateReader& state) {
    n_ = state.get<std::uint64_t>();
    auto const n_kept = state.get<std::uint64_t>();
    require<DataError>(n_kept == std::min<std::uint64_t>(n_, n_counters_),
                       "a kept state of SOM has {} counters after {} values; the task has {}", n_kept, n_,
                       n_counters_);
    counters_.clear();
    for (std::uint64_t i = 0; i < n_kept; ++i) {
        auto const bits = state.get<std::uint64_t>();
        counters_.push_back({bits, state.get<std::uint64_t>()});
    }
    // Counters of one value: the highest has seen all that the others have.
    for (auto& counter : counters_) {
        if (2 * (n_values_ + 1) > table_.size()) grow();
        Shared& shared = table_[place_of(counter.bits)];
        if (shared.n_counters++ == 0) {
            shared.bits = counter.bits;
            ++n_values_;
        }
        shared.n_seen = std::max(shared.n_seen, counter.before);
        sum_ += 2 * counter.before - 1;
    }
    for (auto& counter : counters_) counter.before = table_[place_of(counter.bits)].n_seen - counter.before;
}

namespace {

class SecondMoments final : public ObservationTask {
  public:
    explicit SecondMoments(TaskSetup const& setup) : ObservationTask(setup.fields) {
        moments_.reserve(setup.fields.size());
        for (auto const& field : setup.fields) {
            auto random = random_stream(setup.seed, fmt::format("SOM field={}", field), Purpose::simulate);
            moments_.emplace_back(size_of(setup, "counters"), random());
        }
    }

    void save(std::uint32_t /*sensor_index*/, StateWriter& state) const override {
        for (auto const& moment : moments_) moment.save(state);
    }

    void load(std::uint32_t /*sensor_index*/, StateReader& state) override {
        for (auto& moment : moments_) moment.load(state);
    }

  protected:
    Outcome observe(Observation const& seen, Output& output, Tally& /*tally*/) override {
        if (!seen.value) return Outcome::missing;
        output.begin(seen.record.number)
            .cell(std::string_view(fields()[seen.field]))
            .cell(moments_[seen.field].add(*seen.value))
            .end();
        return Outcome::output;
    }

  private:
    std::vector<SecondMoment> moments_;
};

}  // namespace

TaskKind second_moment_task() {
    return {
        .code = "SOM",
        .name = "second_order_moment",
        .doc = "the second frequency moment of all values of a field so far",
        .sigma = "1:1",
        .parameters = {{.name = "counters",
                        .standard = std::int64_t{10000},
                        .doc = "counters for each field; exact while there are no more values than counters",
                        .bounds = {.at_least = 1, .at_most = 10000000}}},
        .keying = by_stream,
        .columns =
            [](TaskSetup const&) {
                return Columns{{"record", "field", "value"}, 2};
            },
        .make = make_task<SecondMoments>,
    };
}

}  // namespace vaster::stream
