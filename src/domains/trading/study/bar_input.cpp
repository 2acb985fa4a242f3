#include "domains/trading/study/bar_input.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "vaster/support/errors.hpp"

namespace vaster::trading {
namespace {

constexpr auto input_name = "bars";
constexpr auto labels_name = "assets";

/// A row as it lies in the file.
struct Row {
    std::int64_t time;
    double open;
    double high;
    double low;
    double close;
    double volume;
    double funding;
    std::int64_t asset;
};

std::vector<study::ArrayField> fields() {
    using study::ElementType;
    std::vector<study::ArrayField> fields{{"time", ElementType::int64}};
    for (auto const* name : {"open", "high", "low", "close", "volume", "funding_rate"})
        fields.push_back({name, ElementType::float64});
    fields.push_back({"asset", ElementType::int64, labels_name});
    return fields;
}

bool same(std::vector<study::ArrayField> const& a, std::vector<study::ArrayField> const& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](auto const& x, auto const& y) {
        return x.name == y.name && x.type == y.type && x.labels == y.labels;
    });
}

void append(market::Bars& bars, Row const& row) {
    bars.times.push_back(row.time);
    bars.open.push_back(row.open);
    bars.high.push_back(row.high);
    bars.low.push_back(row.low);
    bars.close.push_back(row.close);
    bars.volume.push_back(row.volume);
    bars.funding.push_back(row.funding);
}

std::vector<Row> rows_of(study::Input const& input) {
    std::vector<Row> rows(input.rows.size() / sizeof(Row));
    if (!rows.empty()) std::memcpy(rows.data(), input.rows.data(), rows.size() * sizeof(Row));
    return rows;
}

}  // namespace

study::Input input_of(std::span<market::Bars const> assets) {
    study::Input input{input_name, "bars of prices; time: seconds since 1970 UTC", fields(), {}};
    std::size_t n_bars = 0;
    for (auto const& bars : assets) n_bars += bars.size();
    input.rows.resize(n_bars * sizeof(Row));
    auto* to = input.rows.data();
    for (std::size_t k = 0; k < assets.size(); ++k) {
        auto const& bars = assets[k];
        for (std::size_t i = 0; i < bars.size(); ++i, to += sizeof(Row)) {
            Row const row{bars.times[i],
                          bars.open[i],
                          bars.high[i],
                          bars.low[i],
                          bars.close[i],
                          bars.volume[i],
                          bars.funding.empty() ? std::numeric_limits<double>::quiet_NaN() : bars.funding[i],
                          static_cast<std::int64_t>(k)};
            std::memcpy(to, &row, sizeof row);
        }
    }
    return input;
}

study::LabelList asset_labels(std::span<market::Bars const> assets) {
    study::LabelList list{labels_name, {}};
    for (auto const& bars : assets) list.labels.push_back(bars.symbol);
    return list;
}

std::vector<market::Bars> assets_of(study::KeptData const& kept) {
    auto const& lists = kept.schema.labels;
    auto const input = std::find_if(kept.inputs.begin(), kept.inputs.end(),
                                    [](auto const& one) { return one.name == input_name; });
    auto const symbols =
        std::find_if(lists.begin(), lists.end(), [](auto const& list) { return list.name == labels_name; });
    require<DataError>(
        input != kept.inputs.end() && symbols != lists.end() && same(input->fields, fields()),
        "the study file keeps no bars as this program writes them; use the program that made it");
    std::vector<market::Bars> assets(symbols->labels.size());
    for (std::size_t k = 0; k < assets.size(); ++k) assets[k].symbol = symbols->labels[k];
    for (auto const& row : rows_of(*input)) {
        require<DataError>(row.asset >= 0 && static_cast<std::size_t>(row.asset) < assets.size(),
                           "a bar that the study file keeps is of an asset {}, but there are {}", row.asset,
                           assets.size());
        append(assets[static_cast<std::size_t>(row.asset)], row);
    }
    for (auto& bars : assets)
        if (std::any_of(bars.funding.begin(), bars.funding.end(),
                        [](double rate) { return std::isnan(rate); }))
            bars.funding.clear();
    return assets;
}

}  // namespace vaster::trading
