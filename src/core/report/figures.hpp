#pragma once

#include <string>
#include <vector>

#include "core/report/chapter.hpp"

// Figures as Vega-Lite specifications. None of them computes: each shows rows of a table as they are.
namespace vaster::report {

/// Rows that a figure shows: those whose cell is one of these.
struct Where {
    std::string column;
    std::vector<study::Cell> any_of;
};

/// How a name of the table is written where people read it.
struct Spelling {
    std::string name, written;
};

/// What every figure has.
struct Frame {
    std::string name;
    std::string title;
    Table const& table;
    std::vector<Where> where;
    std::vector<std::string> tooltip;  ///< columns
    Width width = Width::half;
    std::string subtitle = {};             ///< how to read it, one line
    std::vector<Spelling> spellings = {};  ///< of names in legends and lists
};

/// A column of numbers along an axis.
struct Measure {
    std::string column;
    std::string title;
    std::string format;              ///< of d3-format: ".2f"
    std::vector<double> ticks = {};  ///< where the axis has numbers; empty: evenly
    std::vector<double> ends = {};   ///< of the axis: two numbers; empty: as the data want it
};

/// What a value is compared with: a line across the plot.
struct Reference {
    double value = 0;
    std::string name;  ///< told where the pointer is on the line
    bool dotted = false;
};

/// The line at nought: drawn where the sign matters.
enum class Zero { draw, leave_out };

/// A dot per row with up to two intervals, by category from top to bottom.
struct DotPlot {
    Measure value;
    std::vector<std::string> category;  ///< columns; a second one is set off by a minus
    std::string colour;                 ///< column; empty: one colour
    std::string lo, hi;                 ///< columns of the thin interval; empty: none
    std::string inner_lo, inner_hi;     ///< of the thick one
    Zero zero = Zero::leave_out;
    std::string p_value = {};  ///< column that is shown beside the category; empty: none
    std::vector<Reference> references = {};
};

/// A line per colour; a faint band where there is an interval.
struct LinePlot {
    Measure x, y;
    std::string colour;
    std::string lo, hi;
};

/// A point per row.
struct Scatter {
    Measure x, y;
    std::string colour;
};

/// A bar per row, by category from top to bottom.
struct BarChart {
    Measure value;
    std::string category, category_title;
    std::string colour;  ///< column; empty: one colour
};

/// A bar from one number to another, by row.
struct SpanChart {
    Measure from;
    std::string to, row, row_title, colour;
    std::string trouble;  ///< column; a span with a text there is marked
};

enum class Palette { sequential, diverging };
enum class CellText { show, hide };

/// What a reader of the page chooses from a list: the rows of one value of a column.
struct Choice {
    std::string column;
    std::vector<std::string> values;
};

/// A coloured cell per row.
struct HeatMap {
    std::string x, x_title, y, y_title;
    std::vector<std::string> x_order, y_order;  ///< empty: as the rows come
    Measure value;
    double low = 0, high = 1;  ///< of the colours
    Palette palette = Palette::sequential;
    CellText text = CellText::show;
    double step = 0;  ///< [px] width of a cell; 0: as wide as the page
    double height = 34;
    std::vector<Choice> choices = {};
};

[[nodiscard]] Figure dot_plot(Frame const& frame, DotPlot const& plot);
[[nodiscard]] Figure line_plot(Frame const& frame, LinePlot const& plot);
[[nodiscard]] Figure scatter(Frame const& frame, Scatter const& plot);
[[nodiscard]] Figure bar_chart(Frame const& frame, BarChart const& chart);
[[nodiscard]] Figure span_chart(Frame const& frame, SpanChart const& chart);
[[nodiscard]] Figure heat_map(Frame const& frame, HeatMap const& map);

/// Smallest and largest number of a column among rows; {0, 1} where there are none.
struct Range {
    double low = 0, high = 1;
};

[[nodiscard]] Range range_of(Table const& table, std::string const& column, std::vector<Where> const& where);

/// Is there any number in a column of reals?
[[nodiscard]] bool has_numbers(Table const& table, std::string const& column);

/// Position of a column that is there.
[[nodiscard]] std::size_t position_of(Table const& table, std::string const& column);

/// Does the row have one of the cells?
[[nodiscard]] bool matches(Table const& table, study::Cells const& row, std::vector<Where> const& where);

}  // namespace vaster::report
