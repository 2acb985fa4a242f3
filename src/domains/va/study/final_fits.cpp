#include "domains/va/study/final_fits.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/support/files.hpp"
#include "core/archive/archive.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {
namespace {

namespace fs = std::filesystem;

/// A file that is there and sound.
std::optional<archive::Archive> sound_archive(fs::path const& file) {
    if (!archive::is_archive(file)) return std::nullopt;
    try {
        return archive::read_archive(file);
    } catch (DataError const&) {
        return std::nullopt;
    }
}

/// One member of a model file, as its final fit had left it.
KeptModel alone(KeptModel model, std::size_t member) {
    KeptMember kept = std::move(model.members[member]);
    model.name = kept.model;
    model.vote.reset();
    model.weights = {1};
    model.members.clear();
    model.members.push_back(std::move(kept));
    model.inner.clear();
    model.probes.reset();
    model.provenance.clear();
    return model;
}

std::optional<KeptModel> in_model_file(fs::path const& file, std::string_view name,
                                       std::string const& content) {
    auto const archive = sound_archive(file);
    if (!archive) return std::nullopt;
    try {
        KeptModel const model = kept_model_from(archive->parts);
        for (std::size_t m = 0; m < model.members.size(); ++m) {
            if (model.members[m].model != name) continue;
            KeptModel fit = alone(model, m);
            if (archive::content_of(parts_of(fit)) == content) return fit;
        }
    } catch (DataError const&) {
        return std::nullopt;  // of another kind, say
    }
    return std::nullopt;
}

}  // namespace

fs::path part_file_of(fs::path const& output, std::string_view model) {
    auto folder = absolute_path(output);
    folder += ".parts";
    return folder / fmt::format("{}.h5", model);
}

std::optional<KeptModel> find_final_fit(fs::path const& output, std::string_view model,
                                        std::string const& content) {
    auto const own = sound_archive(part_file_of(output, model));
    if (own && own->content == content) return kept_model_from(own->parts);
    return in_model_file(absolute_path(output), model, content);
}

}  // namespace vaster::va
