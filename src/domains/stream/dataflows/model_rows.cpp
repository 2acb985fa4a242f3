#include "domains/stream/dataflows/model_rows.hpp"

#include <fmt/core.h>

namespace vaster::stream {

ModelRows::ModelRows(std::vector<std::string> const& fields, std::string_view ranges)
    : ranges_(fields.size()), row_(fields.size()) {
    for (auto const& range : ranges_of(ranges))
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i] == range.field) ranges_[i] = range;
}

std::optional<Outcome> ModelRows::problem_of(Record const& record, Tally& tally) {
    bool in_range = true;
    for (std::size_t i = 0; i < row_.size(); ++i) {
        FieldValue const& said = record.fields[i];
        if (said.presence != Presence::present) {
            if (said.presence == Presence::absent) ++tally.absent;
            return Outcome::missing;
        }
        auto const number = number_of(said.text);
        if (!number) return Outcome::bad;
        row_[i] = *number;
        in_range = in_range && (!ranges_[i] || ranges_[i]->contains(*number));
    }
    return in_range ? std::nullopt : std::optional(Outcome::filtered);
}

std::optional<std::span<double const>> ModelRows::take(Record const& record, Yield& yield, Edge& edge) {
    auto const problem = problem_of(record, yield.tally);
    if (!problem) {
        ++edge.out;
        return std::span<double const>(row_);
    }
    if (*problem == Outcome::bad) {
        ++edge.error;
        yield.count_bad(record);
    } else {
        ++edge.none;
        yield.count(*problem);
    }
    return std::nullopt;
}

std::string model_file_name(std::string_view target, std::string_view kind, std::int64_t to) {
    return fmt::format("{}-{}-{}.json", target, kind, to);
}

}  // namespace vaster::stream
