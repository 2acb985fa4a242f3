#include "core/cli/document_output.hpp"

#include <iostream>
#include <sstream>

#include "base/support/files.hpp"
#include "core/store/keep.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::cli {

void DocumentFlags::add_to(Command& command, std::string standard_table) {
    table_ = std::move(standard_table);
    auto* csv = command.add_flag("--csv", csv_, "one table as CSV, see --table");
    command.add_flag("--json", json_, "all tables as JSON")->excludes(csv);
    command.add_option("--table", table_, "which table --csv writes")
        ->option_text("NAME")
        ->capture_default_str()
        ->needs(csv);
    command.add_option("--output", output_, "file to write; standard output if not given")
        ->option_text("FILE");
}

void DocumentFlags::write(report::Document const& document, std::vector<TextTable> const& text) const {
    std::ostringstream out;
    if (json_) {
        report::write_json(out, document);
    } else if (csv_) {
        report::write_csv(out, report::find_table(document, table_));
    } else {
        char const* separator = "";
        for (auto const& table : text) {
            out << separator << to_text(table);
            separator = "\n";
        }
    }
    if (output_.empty()) {
        std::cout << out.str();
        require<IoError>(bool(std::cout.flush()), "cannot write to standard output");
    } else {
        store::keep_study(output_, "--output");
        write_file_atomically(output_, std::move(out).str());
    }
}

}  // namespace vaster::cli
