#include "domains/va/data/cohort_block.hpp"

#include "base/support/block_parts.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::va {

namespace {

std::vector<std::string> texts_of(std::vector<CountedText> const& counted) {
    std::vector<std::string> texts;
    for (auto const& [text, count] : counted) texts.insert(texts.end(), {text, std::to_string(count)});
    return texts;
}

std::vector<CountedText> counted_in(std::vector<std::string> const& texts) {
    std::vector<CountedText> counted;
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2)
        counted.push_back({texts[i], std::stoull(texts[i + 1])});
    return counted;
}

void put(BlockWriter& block, Reading const& reading) {
    block.put({reading.coding, std::to_string(reading.rows), std::to_string(reading.alike),
               std::to_string(reading.same_id)});
    block.put(texts_of(reading.no_cause));
    block.put(texts_of(reading.left_out));
    block.put(reading.ignored);
}

Reading reading_in(BlockReader& block) {
    Reading reading;
    auto const texts = block.texts();
    require<DataError>(texts.size() == 4, "a block of memory holds no cohort");
    reading.coding = texts[0];
    reading.rows = std::stoull(texts[1]);
    reading.alike = std::stoull(texts[2]);
    reading.same_id = std::stoull(texts[3]);
    reading.no_cause = counted_in(block.texts());
    reading.left_out = counted_in(block.texts());
    reading.ignored = block.texts();
    return reading;
}

}  // namespace

std::shared_ptr<SealedBlock const> to_block(Cohort const& cohort) {
    BlockWriter block;
    block.put({cohort.data_hash});
    for (auto const* texts : {&cohort.sites, &cohort.causes, &cohort.cause_names, &cohort.symptoms,
                              &cohort.populations, &cohort.notes, &cohort.ids})
        block.put(*texts);
    for (auto const* numbers :
         {&cohort.site, &cohort.cause, &cohort.population, &cohort.row, &cohort.first_of_id})
        block.put(*numbers);
    block.put(cohort.weight);
    put(block, cohort.reading);
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
                        &cohort.populations, &cohort.notes, &cohort.ids})
        *texts = reader.texts();
    for (auto* numbers : {&cohort.site, &cohort.cause, &cohort.population, &cohort.row, &cohort.first_of_id})
        *numbers = reader.array<std::uint32_t>();
    cohort.weight = reader.array<double>();
    cohort.reading = reading_in(reader);
    cohort.answers = va::AnswerMatrix(cohort.symptoms.size(), reader.array<std::uint64_t>());
    return cohort;
}

}  // namespace vaster::va
