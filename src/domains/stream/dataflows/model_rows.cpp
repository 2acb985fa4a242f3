#include "domains/stream/dataflows/model_rows.hpp"

#include <fmt/core.h>

namespace vaster::stream {

ModelRows::ModelRows(std::vector<std::string> const& fields, std::string_view ranges)
    : ranges_(fields.size()), row_(fields.size()) {
    for (auto const& range : ranges_of(ranges))
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i] == range.field) ranges_[i] = range;
}

std::optional<std::span<double const>> ModelRows::take(Record const& record, Yield& yield) {
    bool in_range = true;
    for (std::size_t i = 0; i < row_.size(); ++i) {
        FieldValue const& said = record.fields[i];
        if (said.presence != Presence::present) {
            if (said.presence == Presence::absent) ++yield.tally.absent;
            yield.count(Outcome::missing);
            return std::nullopt;
        }
        auto const number = number_of(said.text);
        if (!number) {
            yield.count_bad(record);
            return std::nullopt;
        }
        row_[i] = *number;
        in_range = in_range && (!ranges_[i] || ranges_[i]->contains(*number));
    }
    if (!in_range) {
        yield.count(Outcome::filtered);
        return std::nullopt;
    }
    return std::span<double const>(row_);
}

std::string model_file_name(std::string_view target, std::string_view kind, std::int64_t to) {
    return fmt::format("{}-{}-{}.json", target, kind, to);
}

}  // namespace vaster::stream
