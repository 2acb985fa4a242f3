#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "base/support/clock.hpp"
#include "base/support/units.hpp"
#include "core/monitor/progress.hpp"
#include "core/monitor/status_text.hpp"

namespace vaster::monitor {

std::string_view status_page_css();  // src/core/monitor/status_page.css, compiled in

namespace {

constexpr int refresh_seconds = 5;
constexpr std::size_t shown_ranks = 64;  ///< rows of the timeline; a page for ten thousand would help nobody
constexpr std::size_t shown_troubles = 20;

/// The text as UTF-8 with what means something in HTML escaped.
std::string html(std::string_view text) {
    std::string out;
    for (char const c : legible(text)) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string head(RunState const& state) {
    std::string const refresh =
        state.phase == RunPhase::finished
            ? ""
            : fmt::format("<meta http-equiv=\"refresh\" content=\"{}\">\n", refresh_seconds);
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n{}"
        "<title>{} {}/{} - vaster</title>\n<style>\n{}</style>\n</head>\n<body>\n",
        refresh, html(state.facts.name), state.progress.done, state.progress.total, status_page_css());
}

std::string tile(std::string_view value, std::string_view name) {
    return fmt::format("<div><b>{}</b>{}</div>\n", html(value), html(name));
}

std::string overview(RunState const& state) {
    study::Progress const& p = state.progress;
    double const elapsed = state.now - state.started;
    std::string text = fmt::format("<h1>{}</h1>\n<p class=\"soft\">{}, {}; {} ({}). Updated {}.</p>\n",
                                   html(state.facts.name), html(state.facts.kind), to_text(state.phase),
                                   html(state.facts.file), bytes_text(state.file_bytes), utc_text(state.now));
    text += fmt::format(
        "<div class=\"bar\" role=\"img\" aria-label=\"{} of {} done\"><span class=\"b-done\" "
        "style=\"width:{:.2f}%\"></span><span class=\"b-running\" style=\"width:{:.2f}%\"></span><span "
        "class=\"b-failed\" style=\"width:{:.2f}%\"></span></div>\n",
        p.done, p.total, share(p.done, p.total), share(p.running, p.total), share(p.failed, p.total));
    text += "<div class=\"numbers\">\n";
    text += tile(fmt::format("{}/{}", p.done, p.total), "done");
    text += tile(fmt::format("{}", p.running), "running");
    text += tile(fmt::format("{}", p.failed), "failed");
    if (p.skipped > 0) text += tile(fmt::format("{}", p.skipped), "skipped");
    text += tile(duration_text(elapsed), "elapsed");
    double const left = seconds_left(p);
    if (state.phase == RunPhase::running && std::isfinite(left)) text += tile(duration_text(left), "left");
    text += tile(fmt::format("{}", p.workers), "ranks");
    return text + "</div>\n";
}

std::string table_head(std::initializer_list<std::string_view> names) {
    std::string text = "<div class=\"wide\"><table>\n<tr>";
    for (auto const name : names) text += fmt::format("<th>{}</th>", name);
    return text + "</tr>\n";
}

std::string rank_table(RunState const& state) {
    std::string text =
        "<h2>Ranks</h2>\n" + table_head({"rank", "task", "since", "committed", "busy", "peak memory"});
    std::size_t shown = 0;
    for (auto const& [number, rank] : state.ranks) {
        if (++shown > shown_ranks) break;
        std::string const task = rank.lost           ? "<span class=\"failed\">lost</span>"
                                 : rank.what.empty() ? "<span class=\"soft\">idle</span>"
                                                     : html(rank.what);
        text += fmt::format(
            "<tr><td class=\"n\">{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{:.0f} "
            "%</td><td class=\"n\">{}</td></tr>\n",
            number, task, rank.what.empty() ? "" : duration_text(state.now - rank.since), rank.done,
            100 * utilisation(state, rank), bytes_text(rank.peak_rss_bytes));
    }
    text += "</table></div>\n";
    if (state.ranks.size() > shown_ranks)
        text += fmt::format("<p class=\"soft\">The first {} of {} ranks; status.json has all.</p>\n",
                            shown_ranks, state.ranks.size());
    return text;
}

/// Bars of one rank each, over the time that the kept spans cover.
class Timeline {
  public:
    explicit Timeline(RunState const& state)
        : from_(state.spans.empty() ? state.started : state.spans.front().started), to_(state.now) {
        for (auto const& span : state.spans) from_ = std::min(from_, span.started);
        n_ranks_ = std::min(shown_ranks, state.ranks.size());
    }

    [[nodiscard]] std::string draw(RunState const& state) {
        for (auto const& span : state.spans)
            bar(span.rank, span.started, span.seconds, span.outcome == "done" ? "s-done" : "s-failed",
                fmt::format("{}: {} after {}", span.what, span.outcome, duration_text(span.seconds)));
        for (auto const& [number, rank] : state.ranks)
            if (!rank.what.empty()) bar(number, rank.since, state.now - rank.since, "s-running", rank.what);
        double const height = row_height * static_cast<double>(n_ranks_);
        std::string text = fmt::format(
            "<div class=\"wide\"><svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"What each rank "
            "did when\">\n",
            width, height + 18);
        for (std::size_t row = 0; row < n_ranks_; ++row)
            text += fmt::format("<text x=\"0\" y=\"{:.0f}\">{}</text>\n",
                                row_height * static_cast<double>(row) + 12, row);
        text += bars_;
        text += fmt::format(
            "<line class=\"s-axis\" x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.0f}\" y2=\"{2:.0f}\"/>\n"
            "<text x=\"{0:.0f}\" y=\"{3:.0f}\">{4}</text>\n"
            "<text x=\"{1:.0f}\" y=\"{3:.0f}\" text-anchor=\"end\">{5}</text>\n</svg></div>\n",
            left, width, height + 2, height + 15, utc_text(from_), utc_text(to_));
        return text;
    }

  private:
    static constexpr double width = 1000;
    static constexpr double left = 34;
    static constexpr double row_height = 16;

    void bar(int rank, double started, double seconds, std::string_view look, std::string const& title) {
        if (static_cast<std::size_t>(rank) >= n_ranks_ || to_ <= from_) return;
        double const scale = (width - left) / (to_ - from_);
        bars_ += fmt::format(
            "<rect class=\"{}\" x=\"{:.2f}\" y=\"{:.0f}\" width=\"{:.2f}\" "
            "height=\"12\"><title>{}</title></rect>\n",
            look, left + (started - from_) * scale, row_height * rank + 2,
            std::max(0.6, seconds * scale - 0.4), html(title));
    }

    double from_;
    double to_;
    std::size_t n_ranks_ = 0;
    std::string bars_;
};

std::string failure_table(RunState const& state) {
    if (state.troubles.empty()) return "";
    std::string text =
        "<h2>Failures</h2>\n" + table_head({"experiment", "outcome", "why", "attempt", "rank", "after"});
    std::size_t const n = std::min(shown_troubles, state.troubles.size());
    for (std::size_t i = 0; i < n; ++i) {
        auto const& [attempt, final, label] = state.troubles[state.troubles.size() - 1 - i];
        text += fmt::format(
            "<tr><td>{}</td><td>{}{}</td><td><pre>{}</pre></td><td class=\"n\">{}</td><td>{} "
            "{}</td><td class=\"n\">{}</td></tr>\n",
            html(name_of(label, attempt.index)), html(attempt.outcome),
            final ? ", <span class=\"failed\">given up</span>" : "", html(attempt.message), attempt.attempt,
            attempt.rank, html(attempt.host), duration_text(attempt.seconds));
    }
    return text + "</table></div>\n";
}

std::string notice_list(RunState const& state) {
    if (state.notices.empty()) return "";
    std::string text = "<h2>Notices</h2>\n<pre>";
    for (auto notice = state.notices.rbegin(); notice != state.notices.rend(); ++notice)
        text += html(*notice) + "\n";
    return text + "</pre>\n";
}

std::string result_table(TextTable const& table) {
    std::string text = fmt::format("<h2>{}</h2>\n<div class=\"wide\"><table>\n<tr>", html(table.title));
    for (auto const& name : table.header) text += fmt::format("<th>{}</th>", html(name));
    text += "</tr>\n";
    for (auto const& row : table.rows) {
        text += "<tr>";
        for (auto const& cell : row) text += fmt::format("<td>{}</td>", html(cell));
        text += "</tr>\n";
    }
    text += "</table></div>\n";
    for (auto const& note : table.notes) text += fmt::format("<p class=\"soft\">{}</p>\n", html(note));
    return text;
}

}  // namespace

std::string status_page(RunState const& state) {
    std::string text = head(state) + overview(state) + failure_table(state) + rank_table(state);
    text += "<h2>Timeline</h2>\n" + Timeline(state).draw(state) + notice_list(state);
    for (auto const& table : state.results) text += result_table(table);
    return text +
           fmt::format("<p class=\"soft\">vaster {}</p>\n</body>\n</html>\n", html(state.facts.version));
}

}  // namespace vaster::monitor
