#include "domains/service/report/jobs_tables.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "base/support/texts.hpp"
#include "core/report/figures.hpp"
#include "core/report/sections.hpp"
#include "core/store/lock.hpp"
#include "domains/service/jobs/jobs_study.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

using report::position_of;
using report::Table;

std::vector<std::string> names_of_states() {
    std::vector<std::string> names;
    names.reserve(n_job_states);
    for (std::size_t state = 0; state < n_job_states; ++state)
        names.push_back(name_of(static_cast<JobState>(state)));
    return names;
}

std::string const& text_in(Table const& table, study::Cells const& row, std::string const& column) {
    return std::get<std::string>(row[position_of(table, column)]);
}

/// The job of an attempt.
std::size_t job_of(JobsStanding const& now, study::Cells const& attempt) {
    auto const row = std::get<std::int64_t>(attempt[position_of(now.attempts, "index")]);
    return now.of_row.at(static_cast<std::size_t>(row));
}

/// The first line of a message is the reason, the others are what was printed.
std::string_view first_line(std::string_view message) {
    return message.substr(0, message.find('\n'));
}

/// One line that fits into a table.
std::string in_short(std::string_view text) {
    constexpr std::size_t widest = 160;
    auto line = legible(first_line(text));
    bool const whole = line.size() <= widest && line.size() >= text.size();
    if (whole) return line;
    std::size_t end = std::min(line.size(), widest);
    while (end > 0 && end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U) --end;
    return fmt::format("{} ...", std::string_view(line).substr(0, end));
}

bool is_without_result(JobState state) {
    return state == JobState::failed || state == JobState::cancelled || state == JobState::skipped;
}

// ---- what was printed

/// The last lines of a file; empty where there is none, or nothing in it.
std::string end_of_file(fs::path const& path) {
    constexpr std::streamoff most_bytes = 2000;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored)) return "";
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    auto const size = static_cast<std::streamoff>(in.tellg());
    if (size <= 0) return "";
    auto const from = std::max<std::streamoff>(0, size - most_bytes);
    in.seekg(from);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (from == 0) return text;
    // A first line that is not whole says little, unless it is the only one.
    auto const line = text.find('\n');
    bool const has_more = line != std::string::npos && line + 1 < text.size();
    return fmt::format("[...]\n{}", std::string_view(text).substr(has_more ? line + 1 : 0));
}

/// A heading and the text below it, which ends in a newline; nothing for a text without letters.
std::string below(std::string_view heading, std::string_view text) {
    auto const end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos) return "";
    return fmt::format("--- {}\n{}\n", heading, legible(text.substr(0, end + 1)));
}

/// What the study file has kept of what the last attempt printed on standard error.
std::string kept_words(JobsStanding const& now, std::size_t job) {
    auto const& rows = now.attempts.rows;
    auto const last =
        std::find_if(rows.rbegin(), rows.rend(), [&](auto const& row) { return job_of(now, row) == job; });
    if (last == rows.rend()) return "";
    std::string_view const message = text_in(now.attempts, *last, "message");
    auto const line = message.find('\n');
    return line == std::string_view::npos ? "" : below("standard error", message.substr(line + 1));
}

std::string words_of(JobsStanding const& now, std::size_t job) {
    std::string words;
    auto const log = last_log(now.folder, now.list.jobs[job]);
    if (!log.empty())
        for (auto const* const ending : {".err", ".out"})
            words += below((now.folder / (log + ending)).string(), end_of_file(now.folder / (log + ending)));
    if (words.empty()) words = kept_words(now, job);
    return words.empty() ? "(nothing was printed, or nothing of it is left)\n" : words;
}

}  // namespace

JobsStanding::JobsStanding(store::Reader const& study, JobList jobs, fs::path printed)
    : list(std::move(jobs)),
      records(states_of(list, study, store::holder_of(study.path()).has_value())),
      tries(list.jobs.size(), 0),
      of_row(study.size()),
      attempts(report::attempts_table(study)),
      folder(std::move(printed)) {
    for (std::size_t job = 0; job < records.size(); ++job) {
        auto const& record = records[job];
        if (!record.row) continue;
        of_row.at(*record.row) = job;
        if (record.state == JobState::done || record.state == JobState::failed)
            tries[job] = study.info(*record.row).origin.attempt;
    }
}

Table job_states_table(JobsStanding const& now) {
    Table table{"job_states", "how many jobs are in a state", {"state", "jobs", "share"}, {}, {}};
    auto const counts = counts_of(now.records);
    for (std::size_t state = 0; state < n_job_states; ++state)
        if (counts.at(state) > 0)
            table.rows.push_back(
                {name_of(static_cast<JobState>(state)), static_cast<std::int64_t>(counts.at(state)),
                 static_cast<double>(counts.at(state)) / static_cast<double>(now.records.size())});
    return table;
}

Table job_blocks_table(JobsStanding const& now) {
    Table table{"job_blocks", "the jobs of a [[job]] of the file, by state", {"block", "jobs"}, {}, {}};
    auto const states = names_of_states();
    table.columns.insert(table.columns.end(), states.begin(), states.end());
    std::map<std::string, std::size_t> places;
    for (std::size_t job = 0; job < now.records.size(); ++job) {
        auto const& block = now.list.jobs[job].block;
        auto const [place, is_new] = places.emplace(block, table.rows.size());
        if (is_new) {
            auto& row = table.rows.emplace_back(study::Cells{legible(block)});
            row.resize(2 + n_job_states, std::int64_t{0});
        }
        auto& row = table.rows[place->second];
        ++std::get<std::int64_t>(row[1]);
        ++std::get<std::int64_t>(row[2 + static_cast<std::size_t>(now.records[job].state)]);
    }
    return table;
}

Table unfinished_jobs_table(JobsStanding const& now) {
    Table table{"unfinished_jobs",
                "a job that failed, was cancelled or was skipped",
                {"job", "name", "state", "attempts", "reason", "command"},
                {},
                {}};
    for (std::size_t job = 0; job < now.records.size(); ++job) {
        auto const& record = now.records[job];
        if (!is_without_result(record.state)) continue;
        auto const& one = now.list.jobs[job];
        table.rows.push_back({static_cast<std::int64_t>(one.number), legible(one.name), name_of(record.state),
                              now.tries[job], legible(first_line(record.reason)), in_short(text_of(one))});
    }
    return table;
}

Table job_tries_table(JobsStanding const& now) {
    Table table{"job_tries",
                "how many jobs took so many attempts until they were done or given up",
                {"attempts", "done", "failed"},
                {},
                {}};
    std::map<std::int64_t, std::array<std::int64_t, 2>> counts;
    for (std::size_t job = 0; job < now.records.size(); ++job)
        if (now.tries[job] > 0) ++counts[now.tries[job]][now.records[job].state == JobState::done ? 0 : 1];
    for (auto const& [tries, n] : counts) table.rows.push_back({tries, n[0], n[1]});
    return table;
}

Table job_troubles_table(JobsStanding const& now) {
    Table table{"job_troubles",
                "attempts that did not end well, by what happened",
                {"what", "outcome", "reason", "attempts", "jobs", "the_first"},
                {},
                {}};

    struct Seen {
        std::int64_t attempts = 0;
        std::set<std::size_t> jobs;
        std::size_t first = 0;
    };

    std::map<std::pair<std::string, std::string>, Seen> seen;
    for (auto const& row : now.attempts.rows) {
        auto const& outcome = text_in(now.attempts, row, "trouble");
        if (outcome.empty()) continue;
        auto const reason = legible(first_line(text_in(now.attempts, row, "message")));
        auto& one = seen[{outcome, reason}];
        auto const job = job_of(now, row);
        if (one.attempts++ == 0) one.first = job;
        one.jobs.insert(job);
    }
    for (auto const& [what, one] : seen) {
        auto const& [outcome, reason] = what;
        table.rows.push_back({reason.empty() ? outcome : fmt::format("{}: {}", outcome, reason), outcome,
                              reason, one.attempts, static_cast<std::int64_t>(one.jobs.size()),
                              legible(now.list.jobs[one.first].name)});
    }
    auto const attempts = position_of(table, "attempts");
    std::stable_sort(table.rows.begin(), table.rows.end(), [&](auto const& a, auto const& b) {
        return std::get<std::int64_t>(a[attempts]) > std::get<std::int64_t>(b[attempts]);
    });
    return table;
}

Table job_spans_table(JobsStanding const& now) {
    Table table{"job_spans",
                "an attempt at a job; from, to: seconds since the first, long pauses cut out",
                {"job", "name", "attempt", "rank", "host", "from", "to", "seconds", "outcome", "trouble"},
                {},
                {}};
    auto const& rows = now.attempts.rows;
    for (std::size_t i = rows.size() - std::min(rows.size(), report::most_spans); i < rows.size(); ++i) {
        auto const& job = now.list.jobs[job_of(now, rows[i])];
        auto& span =
            table.rows.emplace_back(study::Cells{static_cast<std::int64_t>(job.number), legible(job.name)});
        for (std::size_t column = span.size(); column < table.columns.size(); ++column)
            span.push_back(rows[i][position_of(now.attempts, table.columns[column])]);
    }
    return table;
}

std::string last_words(JobsStanding const& now, std::size_t most) {
    std::string text;
    std::size_t told = 0;
    for (std::size_t job = 0; job < now.records.size() && told < most; ++job) {
        auto const& record = now.records[job];
        if (record.state != JobState::failed) continue;
        ++told;
        auto const& one = now.list.jobs[job];
        text +=
            fmt::format("{}job {}, {}: {}\n$ {}\n{}", text.empty() ? "" : "\n", one.number, legible(one.name),
                        legible(first_line(record.reason)), legible(text_of(one)), words_of(now, job));
    }
    return text;
}

}  // namespace vaster::service
