#include "core/run/open_study.hpp"

#include "core/run/study_order.hpp"
#include "core/store/kept_data.hpp"
#include "core/study/serialization.hpp"

namespace vaster::run {
namespace {

using Block = std::shared_ptr<SealedBlock const>;

study::DataFrom data_from(StudyOrder const& order, Block const& block) {
    if (!order.kept_in.empty())
        return study::FromFile{store::read_kept_data(order.kept_in), block, order.keeping == Keeping::shared};
    if (block) return study::FromBlock{block};
    if (order.keeping == Keeping::shared) return study::FromSourceToShare{order.n_waiting, order.processors};
    return study::FromSource();
}

}  // namespace

study::Opened open_study(study::Kinds const& kinds, std::string const& text, Block const& block) {
    auto const order = study::unpack<StudyOrder>(text);
    study::LoadedConfig const loaded = kinds.load({"", order.config, {}});
    return loaded.kind->open(loaded.config, data_from(order, block));
}

}  // namespace vaster::run
