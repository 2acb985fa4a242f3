#include "core/report/figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/core.h>

#include "core/report/json_text.hpp"
#include "vaster/support/contracts.hpp"

namespace vaster::report {
namespace {

constexpr double row_height = 26;   ///< [px]
constexpr double line_height = 13;  ///< [px] of labels with several lines

bool is_number(Table const& table, std::size_t column) {
    return std::none_of(table.rows.begin(), table.rows.end(), [&](study::Cells const& row) {
        return std::holds_alternative<std::string>(row[column]);
    });
}

/// Where the rows come from: a CSV file, and which of its columns are numbers.
Json data_of(Table const& table) {
    Json parse = Json::object();
    for (std::size_t i = 0; i < table.columns.size(); ++i)
        parse[table.columns[i]] = is_number(table, i) ? "number" : "string";
    return {{"url", table.name + ".csv"}, {"format", {{"type", "csv"}, {"parse", parse}}}};
}

Json filters_of(std::vector<Where> const& where) {
    Json filters = Json::array();
    for (auto const& [column, any_of] : where) {
        Json values = Json::array();
        for (auto const& cell : any_of) values.push_back(json_of(cell));
        filters.push_back({{"filter", {{"field", column}, {"oneOf", values}}}});
    }
    return filters;
}

Json tooltip_of(Frame const& frame) {
    Json fields = Json::array();
    for (auto const& column : frame.tooltip) {
        bool const number = is_number(frame.table, position_of(frame.table, column));
        Json field{{"field", column},
                   {"type", number ? "quantitative" : "nominal"},
                   {"title", words_of(frame.table, column)}};
        if (number) field["format"] = ".4~g";
        fields.push_back(field);
    }
    return fields;
}

/// How many different texts the categories of the shown rows have.
double count_of(Frame const& frame, std::vector<std::string> const& columns) {
    std::set<study::Cells> different;
    for (auto const& row : frame.table.rows) {
        if (!matches(frame.table, row, frame.where)) continue;
        study::Cells cells;
        for (auto const& column : columns) cells.push_back(row[position_of(frame.table, column)]);
        different.insert(std::move(cells));
    }
    return static_cast<double>(std::max<std::size_t>(1, different.size()));
}

Json base(Frame const& frame) {
    return {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
            {"description", frame.title},
            {"data", data_of(frame.table)},
            {"transform", filters_of(frame.where)},
            {"width", "container"},
            {"autosize", {{"type", "fit-x"}, {"contains", "padding"}}}};
}

Figure finish(Frame const& frame, Json const& spec) {
    return {frame.name, frame.title, frame.table.name, dump(spec), frame.width, frame.subtitle};
}

/// Where the axis begins and ends.
Json scale_of(Measure const& measure, bool from_zero) {
    if (measure.ends.empty()) return {{"zero", from_zero}, {"nice", true}};
    return {{"domain", measure.ends}, {"zero", false}, {"nice", false}};
}

Json quantitative(Measure const& measure, bool from_zero) {
    Json axis{{"tickCount", 6}, {"labelOverlap", true}, {"labelSeparation", 6}};
    if (!measure.ticks.empty()) axis["values"] = measure.ticks;
    if (!measure.format.empty()) axis["format"] = measure.format;
    return {{"field", measure.column},
            {"type", "quantitative"},
            {"title", measure.title},
            {"axis", axis},
            {"scale", scale_of(measure, from_zero)}};
}

/// A text as an expression of Vega has it.
std::string quoted(std::string const& text) {
    std::string out = "'";
    for (char const c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

/// The name that an expression gives, as people read it.
std::string spelled(std::string const& name, std::vector<Spelling> const& spellings) {
    std::string expression;
    for (auto const& one : spellings)
        expression += fmt::format("{} == {} ? {} : ", name, quoted(one.name), quoted(one.written));
    return expression + name;
}

/// Colours by a column in the order of its rows, or none.
void add_colour(Json& encoding, std::string const& column, std::vector<Spelling> const& spellings = {}) {
    if (column.empty()) return;
    encoding["color"] = {{"field", column},
                         {"type", "nominal"},
                         {"sort", nullptr},
                         {"title", nullptr},
                         {"legend", {{"symbolOpacity", 1}}}};
    if (!spellings.empty()) encoding["color"]["legend"]["labelExpr"] = spelled("datum.label", spellings);
}

/// The shape of the column that has the colours; the two share a legend.
Json shape_of(std::string const& column, std::vector<Spelling> const& spellings = {}) {
    Json shape{{"field", column}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}};
    if (!spellings.empty()) shape["legend"] = {{"labelExpr", spelled("datum.label", spellings)}};
    return shape;
}

/// A line across the plot at each reference.
/// @param title  of the column
Json reference_layer(std::string const& column, std::string const& title,
                     std::vector<Reference> const& references) {
    Json values = Json::array();
    for (auto const& one : references)
        values.push_back(
            {{column, one.value}, {"reference", one.name}, {"dash", one.dotted ? "dotted" : "dashed"}});
    return {{"data", {{"values", values}}},
            {"mark", {{"type", "rule"}, {"color", "currentColor"}, {"opacity", 0.65}, {"strokeWidth", 1.5}}},
            {"encoding",
             {{"y", nullptr},
              {"yOffset", nullptr},
              {"color", nullptr},
              {"strokeDash",
               {{"field", "dash"},
                {"type", "nominal"},
                {"legend", nullptr},
                {"scale", {{"domain", {"dashed", "dotted"}}, {"range", {{6, 4}, {2, 3}}}}}}},
              {"tooltip",
               {{{"field", "reference"}, {"type", "nominal"}, {"title", "line"}},
                {{"field", column}, {"type", "quantitative"}, {"title", title}, {"format", ".3f"}}}}}}};
}

/// An interval, as far as the axis goes.
Json rule(std::string const& lo, std::string const& hi, double width, Measure const& along) {
    return {
        {"transform", Json::array({{{"filter", "isValid(datum['" + lo + "'])"}}})},
        {"mark",
         {{"type", "rule"}, {"strokeWidth", width}, {"strokeCap", "butt"}, {"clip", !along.ends.empty()}}},
        {"encoding", {{"x", {{"field", lo}, {"type", "quantitative"}}}, {"x2", {{"field", hi}}}}}};
}

std::string joined(std::vector<std::string> const& columns) {
    std::string text;
    for (auto const& column : columns)
        text += (text.empty() ? "datum['" : " + '\\n− ' + datum['") + column + "']";
    return text;
}

/// The category with its p value behind it, as an expression.
std::string label_of(DotPlot const& plot) {
    std::string const p = "datum['" + plot.p_value + "']";
    std::string label = joined(plot.category);
    if (plot.p_value.empty()) return label;
    return label + " + (!isValid(" + p + ") ? '' : " + p + " < 0.001 ? '\\np < 0.001' : " + p +
           " > 0.99 ? '\\np > 0.99' : '\\np ' + format(" + p + ", '.3f'))";
}

}  // namespace

Figure dot_plot(Frame const& frame, DotPlot const& plot) {
    Json spec = base(frame);
    spec["transform"].push_back({{"calculate", label_of(plot)}, {"as", "category"}});
    bool const groups = !plot.colour.empty() && plot.zero == Zero::leave_out;
    double const n_lines = static_cast<double>(plot.category.size()) + (plot.p_value.empty() ? 0 : 1);
    double const n_groups = groups ? count_of(frame, {plot.colour}) : 1;
    spec["height"] = count_of(frame, plot.category) *
                     std::max({row_height, 14 * n_groups + 12, line_height * n_lines + 8});
    Json encoding{{"x", quantitative(plot.value, plot.zero == Zero::draw)},
                  {"y", {{"field", "category"}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}}},
                  {"tooltip", tooltip_of(frame)}};
    add_colour(encoding, plot.colour, frame.spellings);
    if (n_lines > 1)
        encoding["y"]["axis"] = {{"labelExpr", "split(datum.label, '\\n')"},
                                 {"labelLineHeight", line_height},
                                 {"labelOffset", -0.5 * line_height * (n_lines - 1)}};
    if (groups) {
        encoding["yOffset"] = {{"field", plot.colour}, {"type", "nominal"}, {"sort", nullptr}};
        encoding["y"]["scale"] = {{"paddingInner", 0.35}};
    }
    Json dot{{"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}}};
    if (!plot.colour.empty()) dot["encoding"] = {{"shape", shape_of(plot.colour, frame.spellings)}};
    spec["encoding"] = encoding;
    spec["layer"] = Json::array();
    if (plot.zero == Zero::draw)
        spec["layer"].push_back(
            {{"data", {{"values", Json::array({{{plot.value.column, 0}}})}}},
             {"mark",
              {{"type", "rule"}, {"color", "currentColor"}, {"opacity", 0.5}, {"strokeDash", {4, 3}}}},
             {"encoding", {{"y", nullptr}, {"color", nullptr}, {"tooltip", nullptr}}}});
    if (!plot.references.empty())
        spec["layer"].push_back(
            reference_layer(plot.value.column, words_of(frame.table, plot.value.column), plot.references));
    if (!plot.lo.empty()) spec["layer"].push_back(rule(plot.lo, plot.hi, 1.5, plot.value));
    if (!plot.inner_lo.empty()) spec["layer"].push_back(rule(plot.inner_lo, plot.inner_hi, 4, plot.value));
    spec["layer"].push_back(dot);
    return finish(frame, spec);
}

Figure line_plot(Frame const& frame, LinePlot const& plot) {
    Json spec = base(frame);
    spec["height"] = 300;
    Json x = quantitative(plot.x, false);
    x["scale"]["nice"] = false;
    x["scale"]["padding"] = 12;
    Json encoding{{"x", x}, {"y", quantitative(plot.y, false)}};
    add_colour(encoding, plot.colour);
    spec["encoding"] = encoding;
    spec["layer"] = Json::array();
    if (!plot.lo.empty())
        spec["layer"].push_back(
            {{"mark", {{"type", "area"}, {"opacity", 0.07}}},
             {"encoding",
              {{"y", {{"field", plot.lo}, {"type", "quantitative"}}}, {"y2", {{"field", plot.hi}}}}}});
    spec["layer"].push_back({{"mark", {{"type", "line"}, {"strokeWidth", 2}}}});
    spec["layer"].push_back(
        {{"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}},
         {"encoding",
          {{"shape", {{"field", plot.colour}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}}},
           {"tooltip", tooltip_of(frame)}}}});
    return finish(frame, spec);
}

Figure scatter(Frame const& frame, Scatter const& plot) {
    Json spec = base(frame);
    spec["height"] = 280;
    spec["mark"] = {{"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 0.85}};
    Json encoding{{"x", quantitative(plot.x, false)},
                  {"y", quantitative(plot.y, false)},
                  {"tooltip", tooltip_of(frame)}};
    add_colour(encoding, plot.colour);
    encoding["shape"] = {{"field", plot.colour}, {"type", "nominal"}, {"sort", nullptr}, {"title", nullptr}};
    spec["encoding"] = encoding;
    return finish(frame, spec);
}

namespace {

/// Can every name be broken, and need be on a phone? The script of the page asks.
bool has_long_names(Table const& table, std::string const& column) {
    constexpr std::size_t long_name = 18;
    std::size_t const position = position_of(table, column);
    return std::all_of(table.rows.begin(), table.rows.end(), [&](study::Cells const& row) {
        auto const& name = std::get<std::string>(row[position]);
        return name.size() > long_name && name.find(' ') != std::string::npos;
    });
}

}  // namespace

Figure bar_chart(Frame const& frame, BarChart const& chart) {
    Json spec = base(frame);
    spec["height"] = row_height * count_of(frame, {chart.category});
    spec["mark"] = {{"type", "bar"}};
    if (has_long_names(frame.table, chart.category)) spec["usermeta"] = {{"two_lines", true}};
    Json encoding{{"x", quantitative(chart.value, true)},
                  {"y",
                   {{"field", chart.category},
                    {"type", "nominal"},
                    {"sort", nullptr},
                    {"title", chart.category_title}}},
                  {"tooltip", tooltip_of(frame)}};
    add_colour(encoding, chart.colour);
    spec["encoding"] = encoding;
    return finish(frame, spec);
}

namespace {

bool has_text(Table const& table, std::string const& column) {
    std::size_t const position = position_of(table, column);
    return std::any_of(table.rows.begin(), table.rows.end(), [&](study::Cells const& row) {
        return !std::get<std::string>(row[position]).empty();
    });
}

/// A cross at the end of every span that has a text in the column of troubles.
Json crosses(Frame const& frame, SpanChart const& chart, Json const& row) {
    return {{"transform", Json::array({{{"filter", "datum['" + chart.trouble + "']"}}})},
            {"mark",
             {{"type", "point"},
              {"shape", "cross"},
              {"angle", 45},
              {"filled", true},
              {"size", 110},
              {"color", "currentColor"},
              {"opacity", 1}}},
            {"encoding",
             {{"x", {{"field", chart.to}, {"type", "quantitative"}}},
              {"y", row},
              {"tooltip", tooltip_of(frame)}}}};
}

}  // namespace

Figure span_chart(Frame const& frame, SpanChart const& chart) {
    Json spec = base(frame);
    spec["height"] = row_height * count_of(frame, {chart.row});
    Json const row{{"field", chart.row}, {"type", "ordinal"}, {"title", chart.row_title}};
    Json bars{{"x", quantitative(chart.from, true)},
              {"x2", {{"field", chart.to}}},
              {"y", row},
              {"tooltip", tooltip_of(frame)}};
    add_colour(bars, chart.colour);
    spec["layer"] =
        Json::array({{{"mark", {{"type", "bar"}, {"height", {{"band", 0.7}}}}}, {"encoding", bars}}});
    if (has_text(frame.table, chart.trouble)) spec["layer"].push_back(crosses(frame, chart, row));
    return finish(frame, spec);
}

namespace {

Json ordered(std::string const& column, std::string const& title, std::vector<std::string> const& order) {
    Json channel{{"field", column}, {"type", "nominal"}, {"sort", nullptr}};
    channel["title"] = title.empty() ? Json(nullptr) : Json(title);
    if (!order.empty()) channel["scale"] = {{"domain", order}};
    return channel;
}

std::size_t longest(std::vector<std::string> const& names) {
    std::size_t most = 0;
    for (auto const& name : names) most = std::max(most, name.size());
    return most;
}

Json colours_of(HeatMap const& map) {
    Json scale{{"domain", {map.low, map.high}}, {"clamp", true}, {"interpolate", "rgb"}};
    if (map.palette == Palette::diverging) scale["domainMid"] = 0;
    return {{"field", map.value.column},
            {"type", "quantitative"},
            {"title", map.value.title},
            {"scale", scale},
            {"legend", {{"format", map.value.format}, {"direction", "horizontal"}}}};
}

/// Dark text on bright cells, white on dark ones; the page turns `dark` on where it is dark itself.
Json text_layer(HeatMap const& map) {
    std::string const value = "datum['" + map.value.column + "']";
    bool const diverging = map.palette == Palette::diverging;
    std::string const dark_cell =
        diverging ? fmt::format("(abs({}) > {}) != dark", value, 0.6 * std::max(std::abs(map.low), map.high))
                  : fmt::format("({} > {}) != dark", value, 0.5 * (map.low + map.high));
    return {
        {"mark", {{"type", "text"}, {"fontSize", 11}}},
        {"encoding",
         {{"text", {{"field", map.value.column}, {"type", "quantitative"}, {"format", map.value.format}}},
          {"color", {{"condition", {{"test", dark_cell}, {"value", "#ffffff"}}}, {"value", "#111111"}}}}}};
}

/// The names as people read them.
std::vector<std::string> written(std::vector<std::string> names, std::vector<Spelling> const& spellings) {
    for (auto& name : names)
        for (auto const& one : spellings)
            if (name == one.name) {
                name = one.written;
                break;
            }
    return names;
}

/// Lists to choose from, the filters that use them, and a title that says what is chosen.
void add_choices(Json& spec, Frame const& frame, std::vector<Choice> const& choices) {
    std::string title = quoted(frame.title);
    for (auto const& choice : choices)
        title += fmt::format(" + '{}' + ({})", &choice == choices.data() ? ": " : ", ",
                             spelled(choice.column, frame.spellings));
    if (!choices.empty()) spec["title"] = {{"text", {{"expr", title}}}, {"anchor", "start"}};
    for (auto const& [column, values] : choices) {
        VASTER_EXPECTS(!values.empty());
        spec["params"].push_back(
            {{"name", column},
             {"value", values.front()},
             {"bind",
              {{"input", "select"}, {"options", values}, {"labels", written(values, frame.spellings)}}}});
        spec["transform"].push_back({{"filter", fmt::format("datum['{0}'] == {0}", column)}});
    }
}

}  // namespace

Figure heat_map(Frame const& frame, HeatMap const& map) {
    Json spec = base(frame);
    spec["params"] = Json::array({{{"name", "dark"}, {"value", false}}});
    add_choices(spec, frame, map.choices);
    Json x = ordered(map.x, map.x_title, map.x_order);
    if (map.step > 0) {
        spec["width"] = {{"step", map.step}};
        spec["height"] = {{"step", map.height}};
        spec.erase("autosize");
        x["axis"] = {{"labelAngle", -60}, {"labelOverlap", false}};
    } else {
        spec["height"] = map.height * count_of(frame, {map.y});
        constexpr double most_labels = 16;  // of columns as narrow as these some names are left out
        x["axis"] = {{"labelAngle", longest(map.x_order) > 5 ? -25 : 0}, {"labelOverlap", false}};
        if (count_of(frame, {map.x}) > most_labels)
            x["axis"].update({{"labelOverlap", "greedy"}, {"labelSeparation", 6}});
    }
    spec["encoding"] = {
        {"x", x}, {"y", ordered(map.y, map.y_title, map.y_order)}, {"tooltip", tooltip_of(frame)}};
    Json cell{{"mark", {{"type", "rect"}}}, {"encoding", {{"color", colours_of(map)}}}};
    spec["layer"] = Json::array({cell});
    if (map.text == CellText::show) spec["layer"].push_back(text_layer(map));
    return finish(frame, spec);
}

std::size_t position_of(Table const& table, std::string const& column) {
    auto const found = std::find(table.columns.begin(), table.columns.end(), column);
    VASTER_EXPECTS(found != table.columns.end());
    return static_cast<std::size_t>(found - table.columns.begin());
}

bool matches(Table const& table, study::Cells const& row, std::vector<Where> const& where) {
    return std::all_of(where.begin(), where.end(), [&](Where const& one) {
        auto const& cell = row[position_of(table, one.column)];
        return std::find(one.any_of.begin(), one.any_of.end(), cell) != one.any_of.end();
    });
}

bool has_numbers(Table const& table, std::string const& column) {
    std::size_t const position = position_of(table, column);
    return std::any_of(table.rows.begin(), table.rows.end(),
                       [&](study::Cells const& row) { return !std::isnan(std::get<double>(row[position])); });
}

Range range_of(Table const& table, std::string const& column, std::vector<Where> const& where) {
    Range range{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    std::size_t const position = position_of(table, column);
    for (auto const& row : table.rows) {
        auto const* number = std::get_if<double>(&row[position]);
        if (number == nullptr || std::isnan(*number) || !matches(table, row, where)) continue;
        range = {std::min(range.low, *number), std::max(range.high, *number)};
    }
    return range.low <= range.high ? range : Range{};
}

}  // namespace vaster::report
