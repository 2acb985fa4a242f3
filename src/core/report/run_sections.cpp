// What the report says about any study: what was run, what went wrong, and how the run went.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <fmt/core.h>

#include "base/support/texts.hpp"
#include "base/support/units.hpp"
#include "core/report/sections.hpp"
#include "core/report/status.hpp"
#include "vaster/study/label.hpp"

namespace vaster::report {
namespace {

using study::Status;

constexpr std::size_t most_listed = 200;  ///< failures and skipped experiments; the CSV has all
constexpr std::size_t most_longest = 15;
constexpr double longest_pause = 60;  ///< [s] in which nothing runs; longer ones are cut out

std::string cell_text(study::Cell const& cell) {
    return std::visit([](auto const& value) { return fmt::format("{}", value); }, cell);
}

std::uint64_t count(store::StatusCounts const& counts, Status status) {
    return counts.at(static_cast<std::size_t>(status));
}

// ---- what was run

TextTable facts_table(Chapter const& chapter) {
    TextTable table{"", {"", ""}, {}, {}};
    for (auto const& fact : chapter.facts) table.rows.push_back({fact.name, cell_text(fact.value)});
    return table;
}

TextTable counts_table(store::StatusCounts const& counts) {
    TextTable table{"Experiments", {"done", "failed", "skipped", "running", "pending"}, {{}}, {}};
    for (auto const status :
         {Status::done, Status::failed, Status::skipped, Status::running, Status::pending})
        table.rows.front().push_back(fmt::format("{}", count(counts, status)));
    return table;
}

void add_failures(Section& section, StatusReport const& status) {
    if (status.failures.empty()) return;
    TextTable table{"Failures", {"index", "experiment", "attempts", "outcome", "reason"}, {}, {}};
    for (auto const& failure : status.failures) {
        if (table.rows.size() == most_listed) break;
        table.rows.push_back({fmt::format("{}", failure.row), failure.label,
                              fmt::format("{}", failure.attempts), failure.outcome, failure.reason});
    }
    if (status.failures.size() > most_listed)
        table.notes.push_back(fmt::format("The first {} of {}.", most_listed, status.failures.size()));
    section.tables.push_back(std::move(table));
}

/// Skipped experiments by reason.
void add_skipped(Section& section, store::Reader const& study) {
    std::map<std::string, std::pair<std::size_t, std::string>> by_reason;
    study::Labels const labels(study.schema());
    for (std::size_t row = 0; row < study.size(); ++row) {
        if (study.status(row) != Status::skipped) continue;
        auto& [n, first] = by_reason[study.info(row).error];
        if (n++ == 0) first = labels.of(study.experiment(row).design);
    }
    if (by_reason.empty()) return;
    TextTable table{"Skipped by the plan", {"reason", "experiments", "the first"}, {}, {}};
    for (auto const& [reason, what] : by_reason) {
        if (table.rows.size() == most_listed) break;
        table.rows.push_back({reason, fmt::format("{}", what.first), what.second});
    }
    section.tables.push_back(std::move(table));
}

std::string completeness(StatusReport const& status) {
    if (status.finished())
        return status.total == 1
                   ? std::string("The only experiment of the plan is done or was skipped.")
                   : fmt::format("All {} experiments of the plan are done or were skipped.", status.total);
    auto const left = count(status.counts, Status::pending) + count(status.counts, Status::running);
    return fmt::format(
        "UNFINISHED: of {} {} {} no result yet and {} failed. Numbers below are about the "
        "others.",
        counted(status.total, "experiment"), left, left == 1 ? "has" : "have",
        count(status.counts, Status::failed));
}

// ---- run time

/// Attempts in the order in which they began, on a clock that stands still in long pauses.
struct Timeline {
    std::vector<study::Attempt> attempts;
    std::vector<double> starts;  ///< [s] from the first one, pauses cut out
    double seconds = 0;          ///< until the last one ended
    std::size_t pauses = 0;
};

Timeline timeline_of(std::vector<study::Attempt> attempts) {
    std::stable_sort(attempts.begin(), attempts.end(),
                     [](auto const& a, auto const& b) { return a.started < b.started; });
    Timeline line;
    double cut = attempts.empty() ? 0 : attempts.front().started;
    double busy_until = cut;
    for (auto const& attempt : attempts) {
        double const pause = attempt.started - busy_until;
        if (pause > longest_pause) {
            cut += pause;
            ++line.pauses;
        }
        busy_until = std::max(busy_until, attempt.started + attempt.seconds);
        line.starts.push_back(attempt.started - cut);
        line.seconds = std::max(line.seconds, busy_until - cut);
    }
    line.attempts = std::move(attempts);
    return line;
}

Table attempts_on(Timeline const& line, store::Reader const& study) {
    Table table{"attempts",
                "an attempt at an experiment, in order of start; from, to: seconds since the first, long "
                "pauses cut out",
                {"index", "experiment", "work", "attempt", "rank", "host", "from", "to", "seconds", "outcome",
                 "trouble", "message"},
                {}};
    study::Labels const labels(study.schema());
    for (std::size_t i = 0; i < line.attempts.size(); ++i) {
        auto const& attempt = line.attempts[i];
        if (attempt.index >= study.size()) continue;
        auto const& experiment = study.experiment(attempt.index);
        table.rows.push_back({static_cast<std::int64_t>(attempt.index), labels.of(experiment.design),
                              experiment.cost_key, attempt.attempt, attempt.rank, attempt.host,
                              line.starts[i], line.starts[i] + attempt.seconds, attempt.seconds,
                              attempt.outcome, attempt.outcome == "done" ? std::string() : attempt.outcome,
                              attempt.message});
    }
    return table;
}

/// The last rows of the attempts, as many as a picture can show.
Table timeline_table(Table const& attempts) {
    Table table{"timeline",
                "the attempts that the timeline shows",
                {"experiment", "work", "rank", "from", "to", "seconds", "outcome", "trouble"},
                {}};
    std::size_t const first = attempts.rows.size() > most_spans ? attempts.rows.size() - most_spans : 0;
    for (std::size_t i = first; i < attempts.rows.size(); ++i) {
        auto& row = table.rows.emplace_back();
        for (auto const& column : table.columns)
            row.push_back(attempts.rows[i][position_of(attempts, column)]);
    }
    return table;
}

Table ranks_table(Timeline const& line) {
    struct RankWork {
        std::int64_t attempts = 0, done = 0;
        double seconds = 0;
    };

    std::map<std::int64_t, RankWork> by_rank;
    for (auto const& attempt : line.attempts) {
        auto& work = by_rank[attempt.rank];
        ++work.attempts;
        work.done += attempt.outcome == "done" ? 1 : 0;
        work.seconds += attempt.seconds;
    }
    Table table{"ranks",
                "what a rank did; utilisation: its share of the time in which the study ran",
                {"rank", "attempts", "done", "busy_seconds", "utilisation"},
                {},
                {{"done", "experiments done"},
                 {"busy_seconds", "seconds with work"},
                 {"utilisation", "share of the time with work"}}};
    for (auto const& [rank, work] : by_rank)
        table.rows.push_back(
            {fmt::format("{}", rank), work.attempts, work.done, work.seconds,
             line.seconds > 0 ? work.seconds / line.seconds : std::numeric_limits<double>::quiet_NaN()});
    return table;
}

/// What each kind of work took, in order of the plan.
Table work_table(store::Reader const& study, Timeline const& line) {
    constexpr double mebibyte = 1024.0 * 1024.0;

    struct WorkOfKind {
        std::int64_t experiments = 0, done = 0, attempts = 0;
        double seconds = 0, longest = 0, peak = 0;
    };

    std::vector<std::string> names;
    std::map<std::string, WorkOfKind> by_name;
    for (std::size_t row = 0; row < study.size(); ++row) {
        auto const& key = study.experiment(row).cost_key;
        if (!by_name.contains(key)) names.push_back(key);
        auto& work = by_name[key];
        ++work.experiments;
        if (!study.done(row)) continue;
        ++work.done;
        work.peak = std::max(work.peak, static_cast<double>(study.info(row).peak_rss_bytes) / mebibyte);
    }
    for (auto const& attempt : line.attempts) {
        if (attempt.index >= study.size()) continue;
        auto& work = by_name[study.experiment(attempt.index).cost_key];
        ++work.attempts;
        work.seconds += attempt.seconds;
        work.longest = std::max(work.longest, attempt.seconds);
    }
    Table table{"work",
                "a kind of work: its experiments, attempts, time of all and of the longest, largest memory "
                "of a process",
                {"work", "experiments", "done", "attempts", "seconds", "longest_seconds", "peak_rss_mib"},
                {},
                {{"work", "kind of work"},
                 {"done", "experiments done"},
                 {"seconds", "seconds of all attempts"},
                 {"longest_seconds", "seconds of the longest attempt"},
                 {"peak_rss_mib", "largest memory of a process [MiB]"}}};
    for (auto const& name : names) {
        auto const& work = by_name[name];
        table.rows.push_back(
            {name, work.experiments, work.done, work.attempts, work.seconds, work.longest, work.peak});
    }
    return table;
}

Table longest_table(Table const& attempts) {
    Table table{"longest",
                "the attempts that took longest; the first of a fit group carries the fit",
                {"experiment", "work", "rank", "seconds", "outcome"},
                {},
                {{"work", "kind of work"}}};
    std::vector<study::Cells const*> rows;
    for (auto const& row : attempts.rows) rows.push_back(&row);
    std::size_t const seconds = position_of(attempts, "seconds");
    std::stable_sort(rows.begin(), rows.end(), [&](auto const* a, auto const* b) {
        return std::get<double>((*a)[seconds]) > std::get<double>((*b)[seconds]);
    });
    if (rows.size() > most_longest) rows.resize(most_longest);
    for (auto const* from : rows) {
        auto& row = table.rows.emplace_back();
        for (auto const& column : table.columns) row.push_back((*from)[position_of(attempts, column)]);
    }
    return table;
}

void add_figures(Section& section, Table const& spans, Table const& ranks, Table const& longest,
                 Table const& work) {
    section.figures.push_back(span_chart(
        {"timeline", "What each rank did", spans, {}, {"experiment", "rank", "from", "seconds", "outcome"}},
        {{"from", "seconds since the first start", ""}, "to", "rank", "rank", "work", "trouble"}));
    section.figures.push_back(
        bar_chart({"utilisation", "Utilisation of the ranks", ranks, {}, ranks.columns},
                  {{"utilisation", "share of the time with work", ".0%"}, "rank", "rank", ""}));
    section.figures.push_back(bar_chart({"work", "Time by kind of work", work, {}, work.columns},
                                        {{"seconds", "seconds of all attempts", ""}, "work", "", ""}));
    section.figures.push_back(bar_chart({"memory", "Largest memory of a process", work, {}, work.columns},
                                        {{"peak_rss_mib", "MiB", ""}, "work", "", ""}));
    section.figures.push_back(bar_chart({"longest", "Longest experiments", longest, {}, longest.columns},
                                        {{"seconds", "seconds", ""}, "experiment", "", ""}));
}

}  // namespace

Table attempts_table(store::Reader const& study) {
    return attempts_on(timeline_of(study.attempts()), study);
}

void note_what_is_missing(Chapter& chapter, store::Reader const& study) {
    auto const status = status_of(study);
    if (!status.finished()) chapter.notes.push_back(completeness(status));
}

void add_account(Chapter& chapter, store::Reader const& study) {
    auto const status = status_of(study);
    Section section{"account", "What was run"};
    section.text.push_back(completeness(status));
    if (status.torn > 0)
        section.text.push_back(
            status.torn == 1
                ? std::string("A row was cut off while it was written and counts as pending.")
                : fmt::format("{} rows were cut off while they were written and count as pending.",
                              status.torn));
    section.tables = {counts_table(status.counts), facts_table(chapter)};
    add_failures(section, status);
    add_skipped(section, study);
    section.listing = study.header().config;
    chapter.sections.push_back(std::move(section));
}

void add_run_time(Chapter& chapter, store::Reader const& study) {
    Section section{"run-time", "How the run went"};
    auto const line = timeline_of(study.attempts());
    if (line.attempts.empty()) {
        section.text.emplace_back("No experiment has been tried yet.");
        chapter.sections.push_back(std::move(section));
        return;
    }
    Table attempts = attempts_on(line, study);
    Table spans = timeline_table(attempts);
    Table ranks = ranks_table(line);
    Table longest = longest_table(attempts);
    Table work = work_table(study, line);
    section.text.push_back(fmt::format("{} on {} in {}.", counted(attempts.rows.size(), "attempt"),
                                       counted(ranks.rows.size(), "rank"), duration_text(line.seconds)));
    if (line.pauses > 0)
        section.text.push_back(fmt::format("{} of more than {:.0f} s in which nothing ran {} cut out.",
                                           counted(line.pauses, "pause"), longest_pause,
                                           line.pauses == 1 ? "is" : "are"));
    if (spans.rows.size() < attempts.rows.size())
        section.text.push_back(fmt::format("The timeline shows the last {} attempts.", spans.rows.size()));
    add_figures(section, spans, ranks, longest, work);
    section.tables = {text_table(work, "Work"), text_table(ranks, "Ranks"),
                      text_table(longest, "Longest experiments")};
    for (auto* table : {&attempts, &spans, &ranks, &longest, &work})
        chapter.tables.push_back(std::move(*table));
    chapter.sections.push_back(std::move(section));
}

}  // namespace vaster::report
