#include "domains/service/jobs/job_tables.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "base/support/byte_text.hpp"
#include "base/support/nearest.hpp"
#include "base/support/units.hpp"
#include "core/study/toml_text.hpp"
#include "domains/service/jobs/prediction.hpp"
#include "domains/service/tables/histogram.hpp"
#include "domains/service/tables/rows.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

using Texts = std::vector<std::string>;

std::vector<std::string> const& keys_of_jobs() {
    static std::vector<std::string> const keys{
        "name",   "foreach",   "command",        "operation", "input",   "output",      "columns",
        "by",     "quantiles", "where",          "make",      "column",  "fold",        "initial",
        "bins",   "edges",     "share",          "number",    "seed",    "model",       "flags",
        "inputs", "outputs",   "after",          "timeout",   "retries", "retry_delay", "backoff",
        "memory", "priority",  "no_retry_codes", "expected"};
    return keys;
}

/// Which keys an operation needs, and which others it may have beside those of all jobs.
struct Operation {
    Texts needs;
    Texts may_have;
};

std::map<JobWork, Operation> const& operations() {
    static std::map<JobWork, Operation> const all{
        {JobWork::describe, {{"input"}, {"output", "columns", "by", "quantiles"}}},
        {JobWork::filter, {{"input", "output", "where"}, {}}},
        {JobWork::map, {{"input", "output", "make"}, {}}},
        {JobWork::reduce, {{"input", "column"}, {"output", "fold", "by", "initial"}}},
        {JobWork::histogram, {{"input", "column"}, {"output", "bins", "edges"}}},
        {JobWork::sample, {{"input", "output"}, {"share", "number", "seed"}}},
        {JobWork::predict, {{"model", "input", "output"}, {"flags"}}}};
    return all;
}

bool has(Texts const& texts, std::string const& text) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
}

/// A value that stands in a text: a text, a whole number, a number, true or false.
std::optional<std::string> plain_text(toml::node const& node) {
    if (auto const text = node.value_exact<std::string>()) return text_to_bytes(*text);
    if (auto const whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
    if (auto const real = node.value_exact<double>()) return fmt::format("{}", *real);
    if (auto const flag = node.value_exact<bool>()) return *flag ? "true" : "false";
    return std::nullopt;
}

std::optional<Texts> plain_texts(toml::node const& node) {
    auto const* const list = node.as_array();
    if (list == nullptr) return std::nullopt;
    Texts texts;
    for (auto const& one : *list) {
        auto text = plain_text(one);
        if (!text) return std::nullopt;
        texts.push_back(std::move(*text));
    }
    return texts;
}

/// Reads one [[job]].
class BlockReader {
  public:
    BlockReader(toml::table const& table, std::string const& path, Texts& problems)
        : table_(table), path_(path), problems_(problems) {}

    JobBlock read() {
        block_.where = at(table_);
        check_keys();
        read_what();
        if (auto name = text("name")) {
            block_.named = true;
            block_.job.name = *name;
        }
        if (auto const* const node = table_.get("foreach")) read_foreach(*node);
        block_.inputs = texts("inputs");
        block_.job.outputs = texts("outputs");
        block_.after = texts("after");
        if (!is_command(block_.job.work)) add_output_of_table();
        read_limits();
        return std::move(block_);
    }

  private:
    [[nodiscard]] std::string at(toml::node const& node) const {
        return fmt::format("{}:{}", path_, node.source().begin.line);
    }

    void problem(toml::node const& node, std::string const& what) {
        problems_.push_back(fmt::format("{}: {}", at(node), what));
    }

    void check_keys() {
        for (auto const& [name, node] : table_) {
            std::string const key(name.str());
            if (!has(keys_of_jobs(), key))
                problem(node, fmt::format("{}: unknown key of a job; {}", key,
                                          suggestion(key, keys_of_jobs(), "known are")));
        }
    }

    /// Reads a value by one of the functions above; a problem where it is of another type.
    template <class Read>
    std::invoke_result_t<Read, toml::node const&> value(std::string const& key, Read read,
                                                        std::string_view must_be) {
        auto const* const node = table_.get(key);
        if (node == nullptr) return std::nullopt;
        auto found = read(*node);
        if (!found) problem(*node, fmt::format("{} must be {}", key, must_be));
        return found;
    }

    std::optional<std::string> text(std::string const& key) {
        return value(
            key, [](toml::node const& node) { return plain_text(node); }, "a text in quotes");
    }

    /// One text stands for a list of it.
    Texts texts(std::string const& key) {
        auto const read = [](toml::node const& node) -> std::optional<Texts> {
            if (auto one = node.value_exact<std::string>()) return Texts{text_to_bytes(*one)};
            return plain_texts(node);
        };
        return value(key, read, "a list of texts, or a text").value_or(Texts());
    }

    std::optional<double> number(std::string const& key, double least, double most) {
        auto const read = [&](toml::node const& node) -> std::optional<double> {
            auto const found = node.value<double>();
            return found && *found >= least && *found <= most ? found : std::nullopt;
        };
        return value(key, read, fmt::format("a number from {} to {}", least, most));
    }

    std::optional<std::int64_t> whole(std::string const& key, std::int64_t least, std::int64_t most) {
        auto const read = [&](toml::node const& node) -> std::optional<std::int64_t> {
            auto const found = node.value_exact<std::int64_t>();
            return found && *found >= least && *found <= most ? found : std::nullopt;
        };
        return value(key, read, fmt::format("a whole number from {} to {}", least, most));
    }

    std::optional<double> duration(std::string const& key, double least) {
        auto const read = [&](toml::node const& node) -> std::optional<double> {
            auto const written = plain_text(node);
            auto const seconds = written ? parse_duration(*written) : std::nullopt;
            return seconds && *seconds >= least ? seconds : std::nullopt;
        };
        return value(key, read,
                     least > 0 ? "a duration above 0, such as \"90s\", \"5m\" or \"1h30m\""
                               : "a duration, such as \"90s\", \"5m\" or \"1h30m\"");
    }

    void read_what() {
        auto const* const command = table_.get("command");
        auto const* const operation = table_.get("operation");
        if ((command == nullptr) == (operation == nullptr)) {
            problem(table_, "a job has either a command or an operation");
            return;
        }
        if (command != nullptr)
            read_command(*command);
        else
            read_operation(*operation);
    }

    void read_command(toml::node const& node) {
        if (node.is_array()) {
            block_.job.work = JobWork::command;
            block_.job.arguments = texts("command");
        } else if (auto const shell = node.value_exact<std::string>()) {
            block_.job.work = JobWork::shell;
            block_.job.arguments = {text_to_bytes(*shell)};
        }
        bool const empty = block_.job.arguments.empty() || block_.job.arguments.front().empty();
        if (empty)
            problem(node, "command must be a list of a program and its arguments, or a text for /bin/sh");
        for (auto const& [work, operation] : operations())
            for (auto const* const keys : {&operation.needs, &operation.may_have}) refuse(*keys);
    }

    /// Keys of operations have no meaning here.
    void refuse(Texts const& keys) {
        for (auto const& key : keys)
            if (auto const* const node = table_.get(key); node != nullptr && refused_.insert(key).second)
                problem(*node, fmt::format("{} belongs to operations, not to a command{}", key,
                                           key == "input" || key == "output"
                                               ? fmt::format(": write {}s = [...]", key)
                                               : ""));
    }

    void read_operation(toml::node const& node) {
        Texts names(work_names().begin() + 2, work_names().end());
        auto const name = text("operation").value_or("");
        if (!has(names, name))
            return problem(node, fmt::format("operation = \"{}\": there is none of that name; {}", name,
                                             suggestion(name, names, "there are")));
        auto const& all = work_names();
        block_.job.work = static_cast<JobWork>(std::find(all.begin(), all.end(), name) - all.begin());
        auto const& operation = operations().at(block_.job.work);
        for (auto const& key : operation.needs)
            if (table_.get(key) == nullptr)
                problem(node, fmt::format("operation = \"{}\" needs {}", name, key));
        for (auto const& [other, keys] : operations())
            for (auto const* const list : {&keys.needs, &keys.may_have})
                for (auto const& key : *list)
                    if (table_.get(key) != nullptr && !has(operation.needs, key) &&
                        !has(operation.may_have, key) && refused_.insert(key).second)
                        problem(*table_.get(key), fmt::format("operation = \"{}\" has no {}", name, key));
        read_table_work();
    }

    void read_table_work() {
        auto& table = block_.job.table;
        table.input = text("input").value_or("");
        table.output = text("output").value_or("");
        table.columns = texts("columns");
        table.by = texts("by");
        table.where = text("where").value_or("");
        table.make = texts("make");
        table.column = text("column").value_or("");
        table.fold = text("fold").value_or("sum");
        table.initial = text("initial");
        table.model = text("model").value_or("");
        table.flags = texts("flags");
        if (auto const problem_of_flags = refused_flag(table.flags); !problem_of_flags.empty())
            problem(*table_.get("flags"), problem_of_flags);
        if (!has(fold_names(), table.fold))
            problem(*table_.get("fold"),
                    fmt::format("fold = \"{}\": there is none of that name; {}", table.fold,
                                suggestion(table.fold, fold_names(), "there are")));
        for (auto const& one : table.make)
            if (auto const sign = one.find('='); sign == std::string::npos || sign == 0)
                problem(*table_.get("make"), fmt::format("make has \"{}\" (must be NAME=FORMULA)", one));
        table.quantiles = {0.025, 0.25, 0.5, 0.75, 0.975};
        if (auto const some = numbers("quantiles", 0, 1, "a list of numbers from 0 to 1"))
            table.quantiles = *some;
        if (block_.job.work == JobWork::histogram) read_bins();
        if (block_.job.work == JobWork::sample) read_size_of_sample();
    }

    void read_bins() {
        auto& table = block_.job.table;
        if (auto const bins = whole("bins", 1, most_bins)) table.bins = static_cast<std::uint64_t>(*bins);
        constexpr double largest = std::numeric_limits<double>::max();
        auto const must_be = "a list of two or more numbers, each above the one before";
        auto const edges = numbers("edges", -largest, largest, must_be);
        if (!edges) return;
        table.edges = *edges;
        auto const& node = *table_.get("edges");
        bool const ascend = std::is_sorted(edges->begin(), edges->end(), std::less_equal<>());
        if (edges->size() < 2 || !ascend) problem(node, fmt::format("edges must be {}", must_be));
        if (table.bins) problem(node, "edges say how many bins there are: give either bins or edges");
    }

    void read_size_of_sample() {
        auto& table = block_.job.table;
        constexpr auto most = std::numeric_limits<std::int64_t>::max();
        auto const read_share = [](toml::node const& node) -> std::optional<double> {
            auto const found = node.value<double>();
            return found && *found > 0 && *found <= 1 ? found : std::nullopt;
        };
        table.share = value("share", read_share, "a number above 0 and up to 1");
        if (auto const rows = whole("number", 1, most)) table.number = static_cast<std::uint64_t>(*rows);
        if (auto const seed = whole("seed", 0, most)) table.seed = static_cast<std::uint64_t>(*seed);
        if ((table_.get("share") == nullptr) == (table_.get("number") == nullptr))
            problem(table_, "operation = \"sample\" needs either share or number");
    }

    std::optional<std::vector<double>> numbers(std::string const& key, double least, double most,
                                               std::string_view must_be) {
        auto const read = [&](toml::node const& node) -> std::optional<std::vector<double>> {
            auto const* const list = node.as_array();
            if (list == nullptr) return std::nullopt;
            std::vector<double> found;
            for (auto const& one : *list) {
                auto const number = one.value<double>();
                if (!number || !(*number >= least && *number <= most)) return std::nullopt;
                found.push_back(*number);
            }
            return found;
        };
        return value(key, read, must_be);
    }

    void add_output_of_table() {
        auto const& output = block_.job.table.output;
        if (!output.empty()) block_.job.outputs.push_back(output);
        if (auto const* const node = table_.get("output"); node != nullptr && output.empty())
            problem(*node, "output must be the name of a file; without it the study file keeps the result");
        if (auto const* const node = table_.get("outputs"); node != nullptr && output.empty())
            problem(*node, "outputs: an operation without an output makes no files");
    }

    void read_foreach(toml::node const& node) {
        if (auto const table = node.value_exact<std::string>()) {
            block_.foreach_table = text_to_bytes(*table);
        } else if (node.is_array()) {
            add_list("", node);
        } else if (auto const* const lists = node.as_table()) {
            // In the order in which they are written, which the table does not keep.
            std::vector<std::pair<std::string, toml::node const*>> in_order;
            for (auto const& [name, list] : *lists) in_order.emplace_back(name.str(), &list);
            std::sort(in_order.begin(), in_order.end(), [](auto const& a, auto const& b) {
                auto const place = [](auto const& one) {
                    auto const& begin = one.second->source().begin;
                    return std::pair(begin.line, begin.column);
                };
                return place(a) < place(b);
            });
            for (auto const& [name, list] : in_order) add_list(name, *list);
        } else {
            problem(node, "foreach must be a list, lists by name, or the name of a CSV file");
        }
    }

    void add_list(std::string const& name, toml::node const& node) {
        auto values = plain_texts(node);
        std::string const key = name.empty() ? "foreach" : "foreach." + name;
        if (!values) return problem(node, fmt::format("{} must be a list of texts or numbers", key));
        if (values->empty()) return problem(node, fmt::format("{} is empty: it makes no job", key));
        block_.foreach_lists.push_back({name, std::move(*values)});
    }

    void read_limits() {
        auto& limits = block_.job.limits;
        constexpr double shortest = 1e-3;
        limits.timeout_seconds = duration("timeout", shortest);
        limits.retry_delay_seconds = duration("retry_delay", 0);
        if (auto const n = whole("retries", 0, 100)) limits.retries = static_cast<unsigned>(*n);
        limits.backoff = number("backoff", 1, 100);
        limits.priority = whole("priority", -1'000'000, 1'000'000);
        auto const read_bytes = [](toml::node const& node) -> std::optional<std::uint64_t> {
            auto const written = plain_text(node);
            auto const bytes = written ? parse_bytes(*written) : std::nullopt;
            return bytes && *bytes >= (std::uint64_t{32} << 20U) ? bytes : std::nullopt;
        };
        limits.memory_bytes = value("memory", read_bytes, "a size of at least 32 MiB, such as \"4GiB\"");
        if (auto const seconds = duration("expected", 1e-4)) block_.job.expected_seconds = *seconds;
        auto const read_codes = [](toml::node const& node) -> std::optional<std::vector<int>> {
            auto const* const list = node.as_array();
            if (list == nullptr) return std::nullopt;
            std::vector<int> codes;
            for (auto const& one : *list) {
                auto const code = one.value_exact<std::int64_t>();
                if (!code || *code < 1 || *code > 255) return std::nullopt;
                codes.push_back(static_cast<int>(*code));
            }
            return codes;
        };
        limits.no_retry_codes = value("no_retry_codes", read_codes, "a list of exit codes from 1 to 255");
    }

    toml::table const& table_;
    std::string const& path_;
    Texts& problems_;
    JobBlock block_;
    std::set<std::string> refused_;
};

}  // namespace

std::vector<JobBlock> read_blocks(std::string const& text, std::string const& path, Texts& problems) {
    toml::table const all = study::parse_toml(text, path);
    std::vector<JobBlock> blocks;
    auto const* const list = all.get_as<toml::array>("job");
    if (list == nullptr || list->empty()) {
        problems.push_back(fmt::format("{}: there is no [[job]]", path));
        return blocks;
    }
    blocks.reserve(list->size());
    for (auto const& node : *list) {
        if (auto const* const table = node.as_table())
            blocks.push_back(BlockReader(*table, path, problems).read());
        else
            problems.push_back(
                fmt::format("{}:{}: a job is a table: [[job]]", path, node.source().begin.line));
    }
    return blocks;
}

}  // namespace vaster::service
