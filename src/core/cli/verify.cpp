// vaster verify: are all checksums of a study file right?
#include "core/store/verify.hpp"

#include <algorithm>
#include <memory>

#include "vaster/cli/command.hpp"

namespace vaster::cli {

ExitCode print_verification(std::string const& path) {
    auto const bad = store::verify(path);
    for (auto const& row : bad) fmt::print("{}: {}\n", path, row.text());
    auto const rows =
        std::count_if(bad.begin(), bad.end(), [](auto const& one) { return one.row.has_value(); });
    if (bad.empty()) fmt::print("{}: every checksum holds\n", path);
    if (rows > 0) fmt::print("{} damaged rows; --resume computes them again\n", rows);
    if (static_cast<std::size_t>(rows) < bad.size())
        fmt::print("data of the study are damaged, which nothing can compute again: use an intact copy\n");
    return bad.empty() ? ExitCode::success : ExitCode::data;
}

void add_verify(Command& app, Program& program) {
    auto const path = std::make_shared<std::string>();
    Command* command = app.add_subcommand("verify", "Check every checksum of a study file");
    command->add_option("study", *path, "the study file")->required()->option_text("STUDY.h5");
    command->footer("Exit code 0 when all of them hold, 65 when not.");
    command->callback(
        [path, &program] { program.action = [path](Invocation) { return print_verification(*path); }; });
}

}  // namespace vaster::cli
