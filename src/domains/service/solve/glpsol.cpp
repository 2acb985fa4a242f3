// GLPK, as the program glpsol. It reads a problem that we write and writes its answer into files without a
// name.
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/byte_text.hpp"
#include "base/support/files.hpp"
#include "domains/service/solve/answer.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

/// "d 0 4", "l 0", "u 4", "s 3" or "f": bounds in GLPK's own format.
std::string bounds_text(double lower, double upper) {
    if (lower == -unlimited && upper == unlimited) return "f";
    if (upper == unlimited) return fmt::format("l {:.17g}", lower);
    if (lower == -unlimited) return fmt::format("u {:.17g}", upper);
    if (lower == upper) return fmt::format("s {:.17g}", lower);
    return fmt::format("d {:.17g} {:.17g}", lower, upper);
}

bool has_integers(Problem const& problem) {
    return std::any_of(problem.variables.begin(), problem.variables.end(),
                       [](Variable const& one) { return one.integer; });
}

/// The problem in GLPK's own format (reference manual, section 5.2); rows and columns have numbers alone.
std::string text_of(Problem const& problem) {
    fmt::memory_buffer text;
    auto const out = std::back_inserter(text);
    bool const integers = has_integers(problem);
    std::size_t n_elements = 0;
    for (auto const& row : problem.rows) n_elements += row.terms.size();
    fmt::format_to(out, "p {} min {} {} {}\n", integers ? "mip" : "lp", problem.rows.size(),
                   problem.variables.size(), n_elements);
    for (std::size_t i = 0; i < problem.rows.size(); ++i)
        fmt::format_to(out, "i {} {}\n", i + 1, bounds_text(problem.rows[i].lower, problem.rows[i].upper));
    for (std::size_t j = 0; j < problem.variables.size(); ++j) {
        auto const& one = problem.variables[j];
        fmt::format_to(out, "j {} {}{}\n", j + 1,
                       !integers     ? ""
                       : one.integer ? "i "
                                     : "c ",
                       bounds_text(one.lower, one.upper));
    }
    for (auto const& term : problem.objective)
        fmt::format_to(out, "a 0 {} {:.17g}\n", term.variable + 1, term.coefficient);
    for (std::size_t i = 0; i < problem.rows.size(); ++i)
        for (auto const& term : problem.rows[i].terms)
            fmt::format_to(out, "a {} {} {:.17g}\n", i + 1, term.variable + 1, term.coefficient);
    fmt::format_to(out, "e o f\n");
    return fmt::to_string(text);
}

/// A file in memory, which a program that we start can open by its number.
class NamelessFile {
  public:
    explicit NamelessFile(std::string const& text) : file_(::memfd_create("solve", 0)) {
        require<IoError>(file_.get() >= 0, "cannot make a file in memory: {}", system_reason(errno));
        for (std::size_t done = 0; done < text.size();) {
            auto const written = ::write(file_.get(), text.data() + done, text.size() - done);
            require<IoError>(written > 0, "cannot write a file in memory: {}", system_reason(errno));
            done += static_cast<std::size_t>(written);
        }
    }

    [[nodiscard]] int number() const { return file_.get(); }

    [[nodiscard]] std::string path() const { return fmt::format("/dev/fd/{}", file_.get()); }

    [[nodiscard]] std::string read() const { return read_file(path()); }

  private:
    Descriptor file_;
};

/// Becomes the program. In a process that has been forked for it.
[[noreturn]] void become(std::vector<std::string> const& command, int log) {
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    std::vector<char*> pointers;
    pointers.reserve(command.size() + 1);
    for (auto const& word : command) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    ::execvp(pointers.front(), pointers.data());
    constexpr int not_found = 127;
    ::_exit(not_found);
}

void run_program(std::vector<std::string> const& command, int log) {
    pid_t const id = ::fork();
    require<IoError>(id >= 0, "cannot start a process: {}", system_reason(errno));
    if (id == 0) become(command, log);  // in the process group of the solver, which is killed as a whole
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    constexpr int not_found = 127;
    require<UnavailableError>(!WIFEXITED(status) || WEXITSTATUS(status) != not_found,
                              "is not there: no program {} in PATH; Debian has it in package glpk-utils",
                              command.front());
    require<ModelError>(!WIFSIGNALED(status), "crashed (signal {})", WTERMSIG(status));
    require<ModelError>(WEXITSTATUS(status) == 0, "ended with exit code {}", WEXITSTATUS(status));
}

std::vector<std::string> words_of(std::string const& line) {
    std::istringstream text(line);
    std::vector<std::string> words;
    for (std::string word; text >> word;) words.push_back(word);
    return words;
}

/// Puts what a line "i 3 b 1.5 0" says in its place. False: it says nothing of the kind.
bool take_line(std::vector<std::string> const& words, bool integers, Answer& answer) {
    // i ROW [STATUS] VALUE [DUAL] and j COLUMN the same; of integer problems only the value.
    std::size_t const value_at = integers ? 2 : 3;
    if (words.size() < value_at + (integers ? 1 : 2)) return false;
    std::size_t index = 0;
    auto const& digits = words[1];
    auto const [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    bool const is_row = words[0] == "i";
    auto const wanted = is_row && !integers ? value_at + 1 : value_at;
    auto const number = number_of(words[wanted]);
    auto& numbers = is_row ? answer.duals : answer.values;
    if (problem != std::errc() || index < 1 || !number) return false;
    if (is_row && integers) return true;
    if (index > numbers.size()) return false;
    numbers[index - 1] = *number;
    return true;
}

/// Reads what glpsol wrote, and nothing else: a line that it should not have written makes the answer
/// unknown. Its status: two letters for primal and dual, or one; "?" where there is none.
std::string take_solution(std::string const& text, Problem const& problem, bool integers, Answer& answer) {
    answer.values.assign(problem.variables.size(), std::nan(""));
    answer.duals.assign(integers ? 0 : problem.rows.size(), std::nan(""));
    std::string status = "?";
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        auto const words = words_of(line);
        if (words.empty() || words[0] == "c" || words[0] == "e") continue;
        if (words[0] == "s" && words.size() > 5)
            status = integers ? words[4] : words[4] + words[5];
        else if (!take_line(words, integers, answer))
            return "?";
    }
    return status;
}

bool says(std::string const& log, std::string_view words) {
    return log.find(words) != std::string::npos;
}

Claim claim_of(std::string const& status, std::string const& log, bool integers) {
    if (integers && status == "o") return Claim::optimal;
    if (integers && status == "f") return Claim::feasible;
    if (!integers && status == "ff") return Claim::optimal;
    if (says(log, "NO PRIMAL FEASIBLE SOLUTION") || says(log, "NO INTEGER FEASIBLE SOLUTION") ||
        says(log, "NO FEASIBLE SOLUTION") || (integers && status == "n"))
        return Claim::infeasible;
    if (says(log, "UNBOUNDED PRIMAL SOLUTION") || says(log, "LP HAS UNBOUNDED") ||
        says(log, "UNBOUNDED SOLUTION"))
        return Claim::unbounded;
    if (!integers && !status.empty() && status.front() == 'f') return Claim::feasible;
    return Claim::unknown;
}

/// "5.0" of "GLPSOL: GLPK LP/MIP Solver, v5.0" or "GLPSOL--GLPK LP/MIP Solver 5.0".
std::string version_in(std::string const& log) {
    auto const line = log.substr(0, log.find('\n'));
    auto const digit = line.find_first_of("0123456789");
    if (digit == std::string::npos) return {};
    return legible(line.substr(digit, line.find_first_not_of("0123456789.", digit) - digit));
}

enum class Arithmetic : std::uint8_t { floating, rational };

Answer ask_glpsol(Problem const& minimized, Limits const& limits, Arithmetic arithmetic) {
    bool const integers = has_integers(minimized);
    NamelessFile const problem(text_of(minimized));
    NamelessFile const solution("");
    NamelessFile const log("");
    std::vector<std::string> command{"glpsol",
                                     "--glp",
                                     problem.path(),
                                     "--write",
                                     solution.path(),
                                     "--tmlim",
                                     fmt::format("{:.0f}", std::max(1.0, std::ceil(limits.seconds)))};
    if (integers)
        for (auto const* const word : {"--cuts", "--mipgap"}) command.emplace_back(word);
    if (integers) command.push_back(fmt::format("{:.17g}", limits.gap));
    // What is simplified first comes without the words by which infeasible and unbounded are told apart.
    if (!integers) command.emplace_back("--nopresol");
    if (arithmetic == Arithmetic::rational) command.emplace_back("--exact");
    run_program(command, log.number());
    Answer answer;
    std::string const words = log.read();
    answer.version = version_in(words);
    auto const status = take_solution(solution.read(), minimized, integers, answer);
    answer.claim = claim_of(status, words, integers);
    answer.note = fmt::format("status {}", legible(status));
    if (says(words, "TIME LIMIT EXCEEDED")) answer.limit = "time";
    bool const with_point = answer.claim == Claim::optimal || answer.claim == Claim::feasible;
    if (!with_point) answer.values.clear();
    if (!with_point || integers) answer.duals.clear();
    return answer;
}

}  // namespace

Answer solve_by_glpsol(Problem const& minimized, Limits const& limits) {
    return ask_glpsol(minimized, limits, Arithmetic::floating);
}

Answer solve_by_glpsol_exactly(Problem const& minimized, Limits const& limits) {
    return ask_glpsol(minimized, limits, Arithmetic::rational);
}

}  // namespace vaster::service::solve
