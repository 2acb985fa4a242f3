#include "domains/service/jobs/job_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fnmatch.h>
#include <unistd.h>

#include "base/support/byte_text.hpp"
#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "base/support/nearest.hpp"
#include "base/support/program_name.hpp"
#include "base/support/texts.hpp"
#include "core/archive/archive.hpp"
#include "core/registry/registry.hpp"
#include "core/study/toml_text.hpp"
#include "domains/service/jobs/graph.hpp"
#include "domains/service/jobs/job_tables.hpp"
#include "domains/service/jobs/placeholders.hpp"
#include "domains/service/jobs/prediction.hpp"
#include "domains/service/tables/table_reader.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

namespace fs = std::filesystem;

using Texts = std::vector<std::string>;

constexpr std::size_t longest_name = 200;

/// Is there a program of this name in one of the folders of PATH?
bool in_path(std::string const& program) {
    char const* const path = std::getenv("PATH");
    std::string_view left = path == nullptr ? "/usr/bin:/bin" : path;
    while (!left.empty()) {
        auto const end = std::min(left.find(':'), left.size());
        fs::path const file = fs::path(left.substr(0, end)) / program;
        if (::access(file.c_str(), X_OK) == 0 && !fs::is_directory(file)) return true;
        left.remove_prefix(std::min(end + 1, left.size()));
    }
    return false;
}

bool is_pattern(std::string const& name) {
    return name.find_first_of("*?[") != std::string::npos;
}

/// The nearest of the names, or the first of them.
std::string nearest_of(std::string const& name, Texts const& names) {
    constexpr std::size_t most = 10;
    auto near = did_you_mean(name, names);
    if (!near.empty()) return near;
    Texts const first(names.begin(),
                      names.begin() + static_cast<std::ptrdiff_t>(std::min(most, names.size())));
    return fmt::format("there are: {}{}", fmt::join(first, ", "), names.size() > most ? ", ..." : "");
}

/// The line that a problem is about: "jobs.toml:7: ..."; 0: none.
std::size_t line_of(std::string const& problem, std::string const& path) {
    if (!problem.starts_with(path + ":")) return 0;
    std::size_t line = 0;
    auto const* const begin = problem.data() + path.size() + 1;
    (void)std::from_chars(begin, problem.data() + problem.size(), line);
    return line;
}

/// Makes the list of jobs from blocks, and notes what is wrong with it.
class Maker {
  public:
    Maker(std::string path, fs::path const& directory) : path_(std::move(path)) {
        list_.directory = directory.string();
    }

    void add(JobBlock const& block) {
        auto choices = choices_of(block);
        make_room(choices.size());
        for (auto& choice : choices) {
            if (list_.jobs.size() == most_jobs) {
                if (std::exchange(is_full_, true)) return;
                problem(block, fmt::format("more than {} jobs; make several studies of them", most_jobs));
                return;
            }
            add_job(block, choice);
        }
    }

    JobList finish(Texts& problems) {
        resolve_after();
        auto const levels = levels_of(list_.jobs);
        if (!levels.cycle.empty()) {
            auto ring = levels.cycle;
            ring.push_back(ring.front());
            problems_.push_back(fmt::format("{}: jobs wait for each other in a ring, each after the next: {}",
                                            path_, fmt::join(ring, " -> ")));
        }
        look_at_files(levels);
        problems.insert(problems.end(), problems_.begin(), problems_.end());
        std::stable_sort(problems.begin(), problems.end(),
                         [&](auto const& a, auto const& b) { return line_of(a, path_) < line_of(b, path_); });
        return std::move(list_);
    }

  private:
    /// What only the reader needs to know of a job.
    struct Notes {
        std::string where;
        Texts inputs;
        Texts after;
    };

    void make_room(std::size_t more) {
        auto const n = std::min(list_.jobs.size() + more, most_jobs);
        if (n <= 2 * list_.jobs.capacity()) return;  // which it comes to by itself, a block of one at a time
        list_.jobs.reserve(n);
        notes_.reserve(n);
    }

    void problem(JobBlock const& block, std::string const& what) {
        problems_.push_back(fmt::format("{}: {}", block.where, what));
    }

    std::vector<Placeholders> choices_of(JobBlock const& block) {
        if (!block.foreach_table) return product_of(block.foreach_lists);
        try {
            auto choices = rows_of(in_directory(list_, *block.foreach_table));
            if (choices.empty())
                problem(block, fmt::format("foreach = \"{}\": the table has no rows", *block.foreach_table));
            return choices;
        } catch (Error const& error) {
            problem(block, fmt::format("foreach = \"{}\": {}", *block.foreach_table, error.what()));
            return {};
        }
    }

    void add_job(JobBlock const& block, Placeholders& values) {
        Job job = block.job;
        job.number = list_.jobs.size() + 1;
        bool const many = block.foreach_table || !block.foreach_lists.empty();
        if (many) values["#"] = std::to_string(job.number);
        Notes notes{block.where, block.inputs, block.after};
        try {
            fill_all(job, notes, values);
        } catch (ConfigError const& error) {
            // Once for a block, whose jobs all have it.
            if (told_.insert(block.where + error.what()).second) problem(block, error.what());
            return;
        }
        job.block = block.named ? block.job.name : "job";
        if (!block.named) job.name = fmt::format("job-{}", job.number);
        if (auto const& input = job.table.input; !input.empty()) notes.inputs.push_back(file_read(input));
        if (job.work == JobWork::predict) add_files_of_prediction(block, job);
        check_name(block, job);
        check_program(block, job);
        list_.jobs.push_back(std::move(job));
        notes_.push_back(std::move(notes));
    }

    /// Of the input of an operation, which may be a table in a file.
    [[nodiscard]] std::string file_read(std::string const& input) const {
        bool const is_file = input.find(":/") == std::string::npos || fs::exists(in_directory(list_, input));
        return is_file ? input : file_of_table(input).string();
    }

    static void fill_all(Job& job, Notes& notes, Placeholders const& values) {
        auto const plain = [&](std::string& text) {
            if (text.find('{') != std::string::npos) text = fill(text, values, Quoting::none);
        };
        auto const all = [&](Texts& texts) { std::for_each(texts.begin(), texts.end(), plain); };
        plain(job.name);
        if (job.work == JobWork::shell)
            for (auto& text : job.arguments) text = fill(text, values, Quoting::shell);
        else
            all(job.arguments);
        all(job.outputs);
        all(notes.inputs);
        all(notes.after);
        auto& table = job.table;
        for (auto* const text : {&table.input, &table.output, &table.where, &table.column, &table.model})
            plain(*text);
        for (auto* const texts : {&table.columns, &table.by, &table.make, &table.flags}) all(*texts);
        if (table.initial) plain(*table.initial);
    }

    void add_files_of_prediction(JobBlock const& block, Job& job) {
        auto const& input = job.table.input;
        if (!fs::exists(in_directory(list_, input)) && file_of_table(input) != input)
            problem(block,
                    fmt::format("input = \"{}\" of predict (must be a CSV file: a job with operation = "
                                "\"filter\" and where = \"true\" makes one of a table in an HDF5 file)",
                                input));
        auto const made = files_of_prediction(job.table.output);
        if (made.empty())
            return problem(block,
                           fmt::format("output = \"{}\" of predict (must be NAME.csv: NAME-csmf.csv and "
                                       "NAME.json are made beside it)",
                                       job.table.output));
        job.outputs.insert(job.outputs.end(), made.begin() + 1, made.end());
    }

    void check_name(JobBlock const& block, Job const& job) {
        auto const bad = std::find_if(job.name.begin(), job.name.end(),
                                      [](char c) { return is_control(c) || c == '\n' || c == '\t'; });
        if (job.name.empty() || job.name.size() > longest_name || bad != job.name.end())
            problem(block,
                    fmt::format("job {} has the name \"{}\" (must have 1 to {} bytes, and no characters that "
                                "cannot be seen)",
                                job.number, legible(job.name), longest_name));
        auto const [before, is_new] = numbers_.emplace(job.name, job.number);
        if (is_new || !told_.insert("twice " + block.where).second) return;
        problem(block,
                fmt::format("two jobs, {} and {}, have the name \"{}\"; a name says which job is meant: put "
                            "what differs into it, such as {{site}}, or {{#}}, the number",
                            before->second, job.number, job.name));
    }

    void check_program(JobBlock const& block, Job const& job) {
        if (job.work != JobWork::command || job.arguments.empty()) return;
        auto const& program = job.arguments.front();
        bool const by_path = program.find('/') != std::string::npos;
        if (by_path || in_path(program) || !told_.insert("program " + program).second) return;
        problem(block, fmt::format("there is no program '{}' in the folders of PATH", program));
    }

    void resolve_after() {
        Texts names;
        names.reserve(list_.jobs.size());
        if (std::any_of(notes_.begin(), notes_.end(), [](auto const& one) { return !one.after.empty(); }))
            for (auto const& job : list_.jobs) names.push_back(job.name);
        for (std::size_t i = 0; i < notes_.size(); ++i) {
            std::set<std::uint64_t> numbers;
            for (auto const& name : notes_[i].after) {
                auto const found = numbers_of(name, names);
                numbers.insert(found.begin(), found.end());
                if (found.empty())
                    problems_.push_back(
                        fmt::format("{}: {} is to come after \"{}\", but no job has that name; {}",
                                    notes_[i].where, list_.jobs[i].name, name, nearest_of(name, names)));
            }
            list_.jobs[i].after.assign(numbers.begin(), numbers.end());
        }
    }

    std::vector<std::uint64_t> const& numbers_of(std::string const& name, Texts const& names) {
        auto const [place, is_new] = found_.try_emplace(name);
        if (!is_new) return place->second;
        if (auto const exact = numbers_.find(name); exact != numbers_.end())
            place->second = {exact->second};
        else if (is_pattern(name))
            for (std::size_t i = 0; i < names.size(); ++i)
                if (::fnmatch(name.c_str(), names[i].c_str(), 0) == 0) place->second.push_back(i + 1);
        return place->second;
    }

    void look_at_files(Levels const& levels) {
        std::map<std::string, std::size_t> makers;
        for (std::size_t i = 0; i < list_.jobs.size(); ++i)
            for (auto const& output : list_.jobs[i].outputs) {
                auto const [before, is_new] = makers.emplace(in_directory(list_, output), i);
                if (!is_new)
                    problems_.push_back(fmt::format("{}: {} and {} both make {}", notes_[i].where,
                                                    list_.jobs[before->second].name, list_.jobs[i].name,
                                                    output));
            }
        for (std::size_t i = 0; i < list_.jobs.size(); ++i) {
            if (list_.jobs[i].work == JobWork::predict) settle_model(i, makers);
            for (auto const& input : notes_[i].inputs) {
                auto const maker = makers.find(in_directory(list_, input));
                bool const is_made = maker != makers.end();
                bool const comes_before = !levels.cycle.empty() ||  // then there is no order
                                          !is_made || levels.of_job[maker->second] < levels.of_job[i];
                if (!comes_before)
                    problems_.push_back(fmt::format(
                        "{}: {} reads {}, which {} makes; it must come after that job: after = [\"{}\"]",
                        notes_[i].where, list_.jobs[i].name, input, list_.jobs[maker->second].name,
                        list_.jobs[maker->second].name));
                list_.jobs[i].inputs.push_back({input, is_made ? "" : hash_of(i, input)});
            }
        }
    }

    /// From here on the job has the file of its model, whatever a name in a registry means when it runs.
    void settle_model(std::size_t job, std::map<std::string, std::size_t> const& makers) {
        auto& model = list_.jobs[job].table.model;
        if (makers.count(in_directory(list_, model)) == 0) {
            auto const [place, is_new] = models_.try_emplace(model);
            if (is_new) place->second = file_of_model(job, model);
            if (place->second.empty()) return;
            model = place->second;
        }
        notes_[job].inputs.push_back(model);
    }

    /// Nothing: a problem has been noted.
    std::string file_of_model(std::size_t job, std::string const& model) {
        try {
            auto const found = registry::resolve(model, "");
            if (found.file_hash.empty()) {
                (void)archive::read_heading(in_directory(list_, found.file.string()));
                return model;
            }
            require<DataError>(archive::read_archive(found.file).file_hash == found.file_hash,
                               "its file {} is not what was registered; '{} model verify' says more",
                               found.file.string(), program_name());
            list_.warnings.insert(list_.warnings.end(), found.notes.begin(), found.notes.end());
            return absolute_path(found.file).string();
        } catch (Error const& error) {
            problems_.push_back(fmt::format("{}: {} predicts by the model {}: {}", notes_[job].where,
                                            list_.jobs[job].name, model, error.what()));
            return "";
        }
    }

    std::string hash_of(std::size_t job, std::string const& input) {
        auto const [place, is_new] = hashes_.try_emplace(in_directory(list_, input));
        if (!is_new) return place->second;
        try {
            place->second = hash_of_file(place->first);
        } catch (Error const& error) {
            problems_.push_back(fmt::format("{}: {} reads {}: {}", notes_[job].where, list_.jobs[job].name,
                                            input, error.what()));
        }
        return place->second;
    }

    std::string path_;
    JobList list_;
    std::vector<Notes> notes_;  ///< as the jobs
    Texts problems_;
    std::set<std::string> told_;
    std::map<std::string, std::uint64_t> numbers_;             ///< by name
    std::map<std::string, std::vector<std::uint64_t>> found_;  ///< by what stands in `after`
    std::map<std::string, std::string> hashes_;                ///< by path
    std::map<std::string, std::string> models_;                ///< their files, by what the jobs call them
    bool is_full_ = false;
};

/// Jobs, and what is wrong with them.
struct Made {
    JobList list;
    Texts problems;
};

Made made(Maker& maker, Texts problems) {
    Made made;
    made.list = maker.finish(problems);
    made.problems = std::move(problems);
    return made;
}

Made made_of(std::string const& text, std::string const& path, fs::path const& directory) {
    Texts problems;
    auto const blocks = read_blocks(text, path, problems);
    Maker maker(path, directory);
    for (auto const& block : blocks) maker.add(block);
    return made(maker, std::move(problems));
}

JobList without_problems(Made made) {
    require<ConfigError>(made.problems.empty(), "{} with the jobs:\n  {}",
                         counted(made.problems.size(), "problem"), fmt::join(made.problems, "\n  "));
    return std::move(made.list);
}

}  // namespace

JobList read_jobs(std::string const& text, std::string const& path, fs::path const& directory) {
    return without_problems(made_of(text, path, directory));
}

Texts problems_of_jobs(std::string const& text, std::string const& path, fs::path const& directory) {
    return made_of(text, path, directory).problems;
}

JobList jobs_of_lines(std::string const& command, fs::path const& path, fs::path const& directory) {
    std::string const text = read_file(path);
    JobBlock block;
    block.where = path.string();
    block.job.work = JobWork::shell;
    block.job.arguments = {command};
    ForeachList items;
    Texts problems;
    std::string_view left = text;
    for (std::size_t line = 1; !left.empty(); ++line) {
        auto const end = std::min(left.find('\n'), left.size());
        std::string_view item = left.substr(0, end);
        left.remove_prefix(std::min(end + 1, left.size()));
        if (item.ends_with('\r')) item.remove_suffix(1);
        if (item.empty()) continue;
        if (legible(item) != item)
            problems.push_back(
                fmt::format("{}:{}: \"{}\" has characters that are not UTF-8 or cannot be seen",
                            path.string(), line, legible(item)));
        else
            items.values.emplace_back(item);
    }
    if (items.values.empty() && problems.empty())
        problems.push_back(fmt::format("{} has no lines: there is no job to run", path.string()));
    block.foreach_lists.push_back(std::move(items));
    if (command.find('{') == std::string::npos) block.job.arguments.front() += " {}";
    Maker maker(path.string(), directory);
    maker.add(block);
    return without_problems(made(maker, std::move(problems)));
}

std::string output_in(std::string const& text, std::string const& path) {
    auto const table = study::parse_toml(text, path);
    if (auto const* const jobs = table.get("jobs"); jobs != nullptr && jobs->is_array())
        throw ConfigError(
            fmt::format("{}:{}: [[jobs]]: a job is written as [[job]]; [jobs] has the keys of all", path,
                        jobs->source().begin.line));
    return table["study"]["output"].value_or(std::string());
}

std::string hash_of_file(fs::path const& path) {
    require<IoError>(!fs::is_directory(path), "it is a folder, not a file");
    std::ifstream in(path, std::ios::binary);
    require<IoError>(in.good(), "there is no such file, or it cannot be read");
    ContentHash hash;
    char piece[1 << 16];
    while (in) {
        in.read(piece, sizeof piece);
        hash.add({piece, static_cast<std::size_t>(in.gcount())});
    }
    require<IoError>(in.eof(), "it cannot be read to its end");
    return hash.text();
}

}  // namespace vaster::service
