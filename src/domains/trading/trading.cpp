// Trading strategies: everything that a program knows of them.
#include "domains/trading/trading.hpp"

#include "core/report/chapter.hpp"
#include "core/report/checkup.hpp"
#include "domains/trading/cli/commands.hpp"
#include "domains/trading/report/chapter.hpp"
#include "domains/trading/study/evolve.hpp"

namespace vaster::trading {
namespace {

report::OwnSections declare_chapter(cli::Command& /*report*/) {
    return {add_evolution, report::SummaryTables::all};
}

}  // namespace

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "trading";
    domain.doc = "trading strategies that evolve, judged on prices that they have not seen";
    domain.kinds = {trading::make_evolve()};
    domain.commands = {add_market};
    domain.chapters = {{std::string(trading::evolve_kind), declare_chapter}};
    domain.exams = {examine_storages, examine_market_file};
    return domain;
}

}  // namespace vaster::trading
