#include "core/monitor/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/support/clock.hpp"
#include "base/support/program_name.hpp"
#include "base/support/streams.hpp"
#include "base/support/units.hpp"

namespace vaster::monitor {
namespace {

constexpr double terminal_interval = 0.2;  // s
constexpr double log_interval = 5;         // s
constexpr std::size_t usual_width = 80;    // columns, of a terminal that does not say
constexpr std::size_t least_work = 24;     // columns, for less nothing is shown of what a rank does

/// Names come from data: nothing of them may steer the terminal.
std::string printable(std::string text) {
    constexpr char first = ' ';
    constexpr char erase = 0x7f;
    for (char& c : text)
        if ((c >= 0 && c < first) || c == erase) c = '?';
    return text;
}

/// What its process has printed stands below it.
std::string attempt_text(study::Attempt const& attempt, std::string const& label, bool will_retry) {
    auto const end = std::min(attempt.message.find('\n'), attempt.message.size());
    auto const reason = std::string_view(attempt.message).substr(0, end);
    auto const printed = std::string_view(attempt.message).substr(end);
    return fmt::format(
        "{}, attempt {}: {} on rank {} ({}) after {}{}{}{}{}", printable(name_of(label, attempt.index)),
        attempt.attempt, attempt.outcome, attempt.rank, attempt.host, duration_text(attempt.seconds),
        attempt.message.empty() ? "" : ": ", reason, will_retry ? "; will be tried again" : "", printed);
}

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;  // UTF-8
}

std::size_t columns(std::string_view text) {
    return text.size() -
           static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

/// The text in at most `width` columns; what is missing is marked.
std::string cut(std::string_view text, std::size_t width) {
    constexpr std::string_view mark = "...";
    if (columns(text) <= width) return std::string(text);
    std::size_t end = 0;
    std::size_t room = width - std::min(width, mark.size());
    for (; room > 0; --room) {
        ++end;
        while (end < text.size() && continues_character(text[end])) ++end;
    }
    return std::string(text.substr(0, end)) + std::string(mark.substr(0, width));
}

/// Columns of the terminal that is open as a file; nothing if it is not a terminal.
std::optional<std::size_t> width_of(int file) {
    if (::isatty(file) != 1) return std::nullopt;
    winsize size{};
    if (::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual_width;
    return size.ws_col;
}

/// The same of the error stream of the mpirun that started this process: its ranks write into a pipe, which
/// it hands on.
std::optional<std::size_t> width_behind_mpirun() {
    std::string const parent = fmt::format("/proc/{}/", ::getppid());
    std::array<char, 32> program{};
    if (std::FILE* const file = std::fopen((parent + "comm").c_str(), "r")) {
        if (std::fgets(program.data(), program.size(), file) == nullptr) program.front() = '\0';
        std::fclose(file);
    }
    std::string_view const name(program.data());
    if (name != "mpirun\n" && name != "mpiexec\n" && name != "orterun\n") return std::nullopt;
    int const error_stream = ::open((parent + "fd/2").c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
    if (error_stream < 0) return std::nullopt;
    auto const width = width_of(error_stream);
    ::close(error_stream);
    return width;
}

std::optional<std::size_t> terminal_width(std::FILE* stream) {
    auto const own = width_of(::fileno(stream));
    return own || stream != stderr ? own : width_behind_mpirun();
}

}  // namespace

std::string name_of(std::string const& label, study::ExperimentIndex index) {
    return label.empty() ? fmt::format("experiment {}", index) : label;
}

double seconds_left(study::Progress const& progress) {
    if (progress.workers == 0) return std::numeric_limits<double>::quiet_NaN();
    return std::max(progress.work_left_seconds / static_cast<double>(progress.workers),
                    progress.running_seconds);
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

std::string live_line(std::string const& line, std::vector<RankWork> work, std::size_t width) {
    std::sort(work.begin(), work.end(), [](RankWork const& a, RankWork const& b) {
        return std::pair(-a.seconds, a.rank) < std::pair(-b.seconds, b.rank);
    });
    std::size_t const most = width - std::min<std::size_t>(width, 1);  // a full line would wrap
    std::string text = cut(line, most);
    for (auto const& one : work) {
        std::string const part = fmt::format(" | rank {}, {}: {}", one.rank,
                                             duration_text(std::floor(one.seconds)), printable(one.what));
        std::size_t const room = most - columns(text);
        if (room < std::min(least_work, columns(part))) break;
        text += cut(part, room);
    }
    return text;
}

Display display_for(std::FILE* stream) {
    char const* terminal = std::getenv("TERM");
    bool const can_rewrite = terminal != nullptr && std::string_view(terminal) != "dumb";
    return can_rewrite && terminal_width(stream) ? Display::terminal : Display::log;
}

ProgressDisplay::ProgressDisplay(std::FILE* stream, Display display) : stream_(stream), display_(display) {}

void ProgressDisplay::on_start(study::Progress const& progress) {
    started_ = monotonic_seconds();
    show(progress);
}

void ProgressDisplay::on_task_start(int rank, study::Task const& task, std::string const& label) {
    std::string what = label;
    if (task.items.size() > 1) what += fmt::format(" +{}", task.items.size() - 1);
    running_[rank] = {std::move(what), monotonic_seconds()};
}

void ProgressDisplay::on_task_end(int rank, study::TaskEnd const&) {
    running_.erase(rank);
}

void ProgressDisplay::on_rank_lost(int rank) {
    running_.erase(rank);
}

void ProgressDisplay::on_attempt_failed(study::Attempt const& attempt, std::string const& label,
                                        bool will_retry) {
    say(attempt_text(attempt, label, will_retry));
}

void ProgressDisplay::on_failed(study::ExperimentIndex index, std::string const& label,
                                std::string const& error) {
    say(fmt::format("{} failed: {}", printable(name_of(label, index)), error));
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
    if (line_open_) write("\n");
    line_open_ = false;
}

void ProgressDisplay::show(study::Progress const& progress) {
    shown_ = monotonic_seconds();
    std::string const line = progress_line(progress, shown_ - started_);
    if (display_ == Display::terminal)
        write("\r\x1b[K" + live_line(line, work(), terminal_width(stream_).value_or(usual_width)));
    else
        write(fmt::format("{} {}\n", utc_text(wall_seconds()), line));
    line_open_ = display_ == Display::terminal;
}

std::vector<RankWork> ProgressDisplay::work() const {
    std::vector<RankWork> list;
    for (auto const& [rank, running] : running_) list.push_back({rank, running.what, shown_ - running.since});
    return list;
}

void ProgressDisplay::say(std::string const& line) {
    std::string const before = line_open_ ? "\r\x1b[K" : "";
    line_open_ = false;
    std::string const time = display_ == Display::log ? utc_text(wall_seconds()) + " " : "";
    write(before + time + line + "\n");
}

void FirstFailure::on_failed(study::ExperimentIndex index, std::string const& label,
                             std::string const& error) {
    if (!std::exchange(seen_, true))
        vaster::say("{}: {} failed: {}", program_name(), printable(name_of(label, index)), error);
}

/// The line that is rewritten five times a second waits for nobody.
void ProgressDisplay::write(std::string const& text) {
    bool const will_come_again = display_ == Display::terminal && text.back() != '\n';
    (void)write_or_lose(::fileno(stream_), text, will_come_again ? Patience::none : Patience::some);
}

}  // namespace vaster::monitor
