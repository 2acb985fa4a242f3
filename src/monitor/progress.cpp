#include "vaster/monitor/progress.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

#include "vaster/support/clock.hpp"
#include "vaster/support/units.hpp"

namespace vaster::monitor {
namespace {

constexpr double terminal_interval = 0.2;  // s
constexpr double log_interval = 5;         // s

std::string attempt_text(study::Attempt const& attempt, bool will_retry) {
    return fmt::format("experiment {}, attempt {}: {} on rank {} ({}) after {}{}{}{}", attempt.index,
                       attempt.attempt, attempt.outcome, attempt.rank, attempt.host,
                       duration_text(attempt.seconds), attempt.message.empty() ? "" : ": ", attempt.message,
                       will_retry ? "; will be tried again" : "");
}

}  // namespace

double seconds_left(study::Progress const& progress) {
    if (progress.workers == 0) return std::numeric_limits<double>::quiet_NaN();
    return progress.work_left_seconds / static_cast<double>(progress.workers);
}

std::string progress_line(study::Progress const& progress, double elapsed_seconds) {
    std::uint64_t const here = progress.done - progress.resumed;
    double const percent =
        progress.total == 0 ? 100
                            : 100. * static_cast<double>(progress.done) / static_cast<double>(progress.total);
    std::string line =
        fmt::format("{}/{} done ({:.0f} %)", progress.done, progress.total, std::floor(percent));
    if (progress.most > progress.total) line += fmt::format(" of those planned, at most {}", progress.most);
    if (here > 0 && elapsed_seconds > 0) {
        double const rate = static_cast<double>(here) / elapsed_seconds;
        line += rate >= 0.1 ? fmt::format(", {:.3g}/s", rate) : fmt::format(", {:.3g}/h", rate * 3600);
    }
    bool const at_work = progress.done + progress.failed < progress.total;
    if (at_work && !progress.draining)
        line += fmt::format(", {} left", duration_text(seconds_left(progress)));
    if (at_work) line += fmt::format(", {} running", progress.running);
    if (progress.failed > 0) line += fmt::format(", {} failed", progress.failed);
    if (progress.draining) line += ", stopping";
    return line;
}

Display display_for(std::FILE* stream) {
    char const* terminal = std::getenv("TERM");
    bool const can_rewrite = terminal != nullptr && std::string_view(terminal) != "dumb";
    return ::isatty(::fileno(stream)) == 1 && can_rewrite ? Display::terminal : Display::log;
}

ProgressDisplay::ProgressDisplay(std::FILE* stream, Display display) : stream_(stream), display_(display) {}

void ProgressDisplay::on_start(study::Progress const& progress) {
    started_ = monotonic_seconds();
    show(progress);
}

void ProgressDisplay::on_attempt_failed(study::Attempt const& attempt, bool will_retry) {
    say(attempt_text(attempt, will_retry));
}

void ProgressDisplay::on_failed(study::ExperimentIndex index, std::string const& error) {
    say(fmt::format("experiment {} failed: {}", index, error));
}

void ProgressDisplay::on_notice(std::string const& text) {
    say(text);
}

void ProgressDisplay::on_tick(study::Progress const& progress) {
    double const interval = display_ == Display::terminal ? terminal_interval : log_interval;
    if (monotonic_seconds() - shown_ >= interval) show(progress);
}

void ProgressDisplay::on_end(study::Progress const& progress) {
    show(progress);
    if (line_open_) fmt::print(stream_, "\n");
    line_open_ = false;
    std::fflush(stream_);
}

void ProgressDisplay::show(study::Progress const& progress) {
    shown_ = monotonic_seconds();
    std::string const line = progress_line(progress, shown_ - started_);
    if (display_ == Display::terminal)
        fmt::print(stream_, "\r\x1b[K{}", line);
    else
        fmt::print(stream_, "{} {}\n", utc_text(wall_seconds()), line);
    line_open_ = display_ == Display::terminal;
    std::fflush(stream_);
}

void ProgressDisplay::say(std::string const& line) {
    if (line_open_) fmt::print(stream_, "\r\x1b[K");
    line_open_ = false;
    if (display_ == Display::log) fmt::print(stream_, "{} ", utc_text(wall_seconds()));
    fmt::print(stream_, "{}\n", line);
    std::fflush(stream_);
}

}  // namespace vaster::monitor
