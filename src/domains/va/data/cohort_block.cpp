#include "domains/va/data/cohort_block.hpp"

#include "base/support/block_parts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

std::shared_ptr<SealedBlock const> to_block(Cohort const& cohort) {
    BlockWriter block;
    block.put({cohort.data_hash});
    for (auto const* texts : {&cohort.sites, &cohort.causes, &cohort.cause_names, &cohort.symptoms,
                              &cohort.populations, &cohort.notes})
        block.put(*texts);
    for (auto const* numbers : {&cohort.site, &cohort.cause, &cohort.population, &cohort.row})
        block.put(*numbers);
    block.put(cohort.answers.words());
    return block.seal();
}

Cohort cohort_in(std::shared_ptr<SealedBlock const> const& block) {
    BlockReader reader(block);
    Cohort cohort;
    auto const hash = reader.texts();
    require<DataError>(hash.size() == 1, "a block of memory holds no cohort");
    cohort.data_hash = hash.front();
    for (auto* texts : {&cohort.sites, &cohort.causes, &cohort.cause_names, &cohort.symptoms,
                        &cohort.populations, &cohort.notes})
        *texts = reader.texts();
    for (auto* numbers : {&cohort.site, &cohort.cause, &cohort.population, &cohort.row})
        *numbers = reader.array<std::uint32_t>();
    cohort.answers = va::AnswerMatrix(cohort.symptoms.size(), reader.array<std::uint64_t>());
    return cohort;
}

}  // namespace vaster::va
