#pragma once

#include "core/report/figures.hpp"

// What a chapter is put together from. Each adds its sections and the tables behind their figures.
namespace vaster::report {

/// What was read, and what to be careful about; nothing for files that do not say it.
void add_inventory(Chapter& chapter, store::Reader const& study);
/// A note that the study is unfinished, where it is.
void note_what_is_missing(Chapter& chapter, store::Reader const& study);

/// What was run, what is missing, failed or was skipped.
void add_account(Chapter& chapter, store::Reader const& study);

/// Who worked when, how busy the ranks were, what took longest, memory.
void add_run_time(Chapter& chapter, store::Reader const& study);

/// The attempts that the study file holds, in order of start, with columns index (of the experiment),
/// experiment, work, attempt, rank, host, from, to, seconds, outcome, trouble, message. from and to are [s]
/// since the first start, with long pauses in which nothing ran cut out; trouble is the outcome unless that
/// is "done".
[[nodiscard]] Table attempts_table(store::Reader const& study);

/// So many spans a picture can show.
constexpr std::size_t most_spans = 2000;

/// A table for people: rows by the cells of one column, columns by those of another, both in the order in
/// which they come.
/// @param format  of the value, for fmt: "{:.2f}"
struct Pivot {
    std::string title;
    std::string row, column, value;
    std::string format;
    std::vector<std::string> columns = {};  ///< their order, when it is not that of the rows
};

[[nodiscard]] TextTable pivot(Table const& table, std::vector<Where> const& where, Pivot const& wanted);

/// The table as it is, numbers with four significant digits.
[[nodiscard]] TextTable text_table(Table const& table, std::string const& title);

}  // namespace vaster::report
