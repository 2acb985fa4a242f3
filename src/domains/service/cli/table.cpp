// vaster table: statistics and formulas over the rows of a table.
#include <memory>
#include <ostream>

#include <fmt/core.h>

#include "base/support/streams.hpp"
#include "core/cli/output.hpp"
#include "domains/service/cli/commands.hpp"
#include "domains/service/expressions/value.hpp"
#include "domains/service/tables/rows.hpp"
#include "domains/service/tables/write.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

/// What every subcommand has.
struct Flags {
    std::string path;
    std::vector<std::string> columns;
    std::vector<std::string> by;
    cli::OutputFlags output;

    void add_to(cli::Command& command) {
        command.add_option("table", path, "CSV file with a header; commas, semicolons or tabs")
            ->required()
            ->option_text("TABLE.csv");
        output.add_to(command);
    }

    void add_groups_to(cli::Command& command) {
        command.add_option("--by", by, "columns whose values make groups")
            ->delimiter(',')
            ->option_text("A,B");
    }
};

std::vector<double> probabilities_of(std::vector<std::string> const& texts) {
    std::vector<double> probabilities;
    probabilities.reserve(texts.size());
    for (auto const& text : texts) {
        auto const value = value_of_cell(text);
        auto const* const number = std::get_if<double>(&value);
        require<UsageError>(number != nullptr && *number >= 0 && *number <= 1,
                            "--quantiles {} (must be numbers from 0 to 1)", text);
        probabilities.push_back(*number);
    }
    return probabilities;
}

void add_describe(cli::Command& table, cli::Program& program) {
    struct Describe : Flags {
        std::vector<std::string> quantiles{"0.025", "0.25", "0.5", "0.75", "0.975"};
    };

    auto const flags = std::make_shared<Describe>();
    auto* command = table.add_subcommand(
        "describe", "Count, mean, spread and quantiles of columns: exact, whatever the order of the rows");
    flags->add_to(*command);
    command->add_option("--columns", flags->columns, "columns to describe; all if not given")
        ->delimiter(',')
        ->option_text("A,B");
    flags->add_groups_to(*command);
    command
        ->add_option("--quantiles", flags->quantiles, "probabilities from 0 to 1 (type 7, as in R and NumPy)")
        ->delimiter(',')
        ->option_text("P,P")
        ->capture_default_str();
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->output.check();
            DescribeOptions options{flags->columns, flags->by, probabilities_of(flags->quantiles)};
            flags->output.write([&](std::ostream& out) { write_description(flags->path, options, out); });
            return ExitCode::success;
        };
    });
}

void tell_missing(RowCounts const& counts, std::string_view what) {
    if (counts.missing > 0) say("{} of {} rows {}", counts.missing, counts.read, what);
}

void add_filter(cli::Command& table, cli::Program& program) {
    struct Filter : Flags {
        std::string formula;
    };

    auto const flags = std::make_shared<Filter>();
    auto* command = table.add_subcommand("filter", "The rows for which a formula holds, in their order");
    flags->add_to(*command);
    command
        ->add_option("--where", flags->formula,
                     "what holds for the rows that are kept: \"age >= 12 and sex = 'f'\"")
        ->required()
        ->option_text("FORMULA");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            RowCounts counts;
            flags->output.write(
                [&](std::ostream& out) { counts = filter_rows(flags->path, flags->formula, out); });
            tell_missing(counts, "are left out, since the formula has no value for them: a cell is missing");
            return ExitCode::success;
        };
    });
}

void add_map(cli::Command& table, cli::Program& program) {
    struct Map : Flags {
        std::vector<std::string> columns_made;
    };

    auto const flags = std::make_shared<Map>();
    auto* command = table.add_subcommand("map", "The table with new columns, each computed by a formula");
    flags->add_to(*command);
    command
        ->add_option("--column", flags->columns_made, "a new column: \"adult=age >= 12\"; may be given again")
        ->required()
        ->one_value_each()
        ->option_text("NAME=FORMULA");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            std::vector<std::pair<std::string, std::string>> columns;
            for (auto const& text : flags->columns_made) {
                auto const sign = text.find('=');
                require<UsageError>(sign != std::string::npos && sign > 0,
                                    "--column {} (must be NAME=FORMULA)", text);
                columns.emplace_back(text.substr(0, sign), text.substr(sign + 1));
            }
            RowCounts counts;
            flags->output.write([&](std::ostream& out) { counts = add_columns(flags->path, columns, out); });
            tell_missing(counts, "have a new cell that is empty, since what it is computed from is missing");
            return ExitCode::success;
        };
    });
}

void add_reduce(cli::Command& table, cli::Program& program) {
    struct Reduce : Flags {
        std::string column;
        std::string fold = "sum";
        std::optional<std::string> initial;
    };

    auto const flags = std::make_shared<Reduce>();
    auto* command = table.add_subcommand("reduce", "One value of a column, or one for each group");
    flags->add_to(*command);
    command->add_option("--column", flags->column, "what is folded; missing cells do not enter")
        ->required()
        ->option_text("NAME");
    command
        ->add_option("--operation", flags->fold,
                     "sums and means are exact; concat, first, last: in order of the rows")
        ->one_of(fold_names())
        ->capture_default_str();
    flags->add_groups_to(*command);
    command
        ->add_option(
            "--initial", [flags](std::string const& text) { flags->initial = text; },
            "enters once, before the first row; of a table without rows it is the value")
        ->option_text("VALUE");
    command->callback([flags, &program] {
        program.action = [flags](Invocation) {
            flags->output.check();
            FoldOptions const options{flags->column, fold_of(flags->fold), flags->by, flags->initial};
            flags->output.write([&](std::ostream& out) { write_fold(flags->path, options, out); });
            return ExitCode::success;
        };
    });
}

}  // namespace

void add_table(cli::Command& app, cli::Program& program) {
    auto* table = app.add_subcommand("table", "Statistics and formulas over the rows of a table");
    table->require_subcommand();
    add_describe(*table, program);
    add_filter(*table, program);
    add_map(*table, program);
    add_reduce(*table, program);
}

}  // namespace vaster::service
