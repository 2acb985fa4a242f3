#include "core/run/open_study.hpp"

#include "core/run/study_order.hpp"
#include "core/store/kept_data.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::run {
namespace {

using Block = std::shared_ptr<SealedBlock const>;

/// A study whose data are read into a block; without one where the system has no such memory.
engine::Opened open_into_block(study::LoadedConfig const& loaded) {
    std::string problem;
    try {
        if (Block const block = loaded.kind->read_into_block(loaded.config))
            return {loaded.kind->open_from(loaded.config, block), block};
    } catch (IoError const& error) {  // if it is the data that cannot be read, open() says so again
        problem = error.what();
    }
    return {loaded.kind->open(loaded.config), nullptr, problem};
}

}  // namespace

engine::Opened open_study(study::Kinds const& kinds, std::string const& text, Block const& block) {
    auto const order = study::unpack<StudyOrder>(text);
    study::LoadedConfig const loaded = kinds.load({"", order.config, {}});
    if (!order.kept_in.empty())
        return {loaded.kind->reopen(loaded.config, store::read_kept_data(order.kept_in))};
    if (block) return {loaded.kind->open_from(loaded.config, block), block};
    if (order.keeping == Keeping::shared) return open_into_block(loaded);
    return {loaded.kind->open(loaded.config)};
}

}  // namespace vaster::run
