#include "domains/va/prediction/model_reader.hpp"

#include <utility>
#include <variant>

#include <sys/stat.h>

#include "core/archive/archive.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

std::shared_ptr<SealedBlock const> block_in(study::DataFrom const& from) {
    auto const* const file = std::get_if<study::FromFile>(&from);
    return file == nullptr ? nullptr : file->block;
}

/// The file and its bytes, in memory that can be shared if there is such memory.
struct ReadFile {
    archive::Archive archive;
    std::shared_ptr<SealedBlock const> block = nullptr;
    std::string block_problem = {};
};

ReadFile read_file_of(std::filesystem::path const& path, std::shared_ptr<SealedBlock const> const& given) {
    if (given) return {archive::read_archive(given, path.string()), given};
    try {
        auto block = archive::read_into_block(path);
        auto archive = archive::read_archive(block, path.string());
        return {std::move(archive), std::move(block)};
    } catch (IoError const& error) {
        return {archive::read_archive(path), nullptr, error.what()};
    }
}

}  // namespace

std::optional<ModelReader::Stamp> ModelReader::stamp_of(std::filesystem::path const& file) {
    struct stat info {};

    if (file.empty() || ::stat(file.c_str(), &info) != 0) return std::nullopt;
    return Stamp{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), info.st_ctim.tv_sec,
                 info.st_ctim.tv_nsec};
}

SharedModel ModelReader::model_of(PredictionOptions const& options, study::DataFrom const& from,
                                  models::Catalogue const& catalogue) {
    Asked asked{options.model, options.posterior, options.content, stamp_of(options.model),
                stamp_of(options.posterior)};
    if (asked.model_stamp && asked_ == asked) return last_;
    auto file = read_file_of(options.model, block_in(from));
    auto model =
        std::make_shared<ModelInUse>(model_from(file.archive, options.model, options.content, catalogue));
    if (!options.posterior.empty()) use_posterior(*model, options.posterior);
    last_ = {std::move(model), std::move(file.block), std::move(file.block_problem)};
    asked_ = std::move(asked);
    return last_;
}

}  // namespace vaster::va
