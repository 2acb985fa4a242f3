#include "core/run/cancel_file.hpp"

#include <charconv>
#include <fstream>
#include <string>
#include <system_error>

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::run {

namespace fs = std::filesystem;

fs::path cancel_file(fs::path const& study) {
    fs::path path = study;
    path += ".control";
    return path;
}

engine::CancelList cancelled_in(fs::path const& study) {
    engine::CancelList list;
    auto const path = cancel_file(study);
    forget_old_pages(path);
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        ExperimentId id;
        auto const* const end = line.data() + line.size();
        auto const [stop, problem] = std::from_chars(line.data(), end, id.value, 16);
        if (line == "all")
            list.all = true;
        else if (problem == std::errc() && stop == end)
            list.some.insert(id);
    }
    return list;
}

void cancel_in(fs::path const& study, engine::CancelList const& more) {
    auto list = cancelled_in(study);
    list.all = list.all || more.all;
    list.some.insert(more.some.begin(), more.some.end());
    std::string text;
    if (list.all) text += "all\n";
    for (auto const id : list.some) text += to_text(id) + "\n";
    write_file_atomically(cancel_file(study), text);
}

void forget_cancelled(fs::path const& study) {
    std::error_code problem;
    fs::remove(cancel_file(study), problem);
    require<IoError>(!problem, "cannot remove {}: {}", cancel_file(study).string(), problem.message());
}

}  // namespace vaster::run
