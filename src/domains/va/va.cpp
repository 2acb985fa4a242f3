// Verbal autopsy: everything that a program knows of it.
#include <memory>
#include <utility>

#include "core/report/chapter.hpp"
#include "core/report/checkup.hpp"
#include "domains/va/cli/commands.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/prediction/prediction.hpp"
#include "domains/va/report/prediction_chapter.hpp"
#include "domains/va/report/verdict.hpp"
#include "domains/va/study/comparison.hpp"
#include "domains/va/study/training.hpp"
#include "vaster/va/domain.hpp"

namespace vaster::va {

cli::Domain domain() {
    return domain({});
}

cli::Domain domain(std::vector<models::Model> own) {
    auto const catalogue = std::make_shared<models::Catalogue const>(std::move(own));
    cli::Domain domain;
    domain.name = "va";
    domain.doc =
        "verbal autopsy: which model assigns the right cause of death at a site it was not trained on?";
    std::shared_ptr<study::Kind const> const prediction = make_va_prediction(catalogue);
    domain.kinds = {va::make_va_comparison(catalogue), va::make_va_train(catalogue), prediction};
    domain.commands = {
        add_code,
        add_compare,
        [catalogue](cli::Command& app, cli::Program& program) { add_data(app, program, catalogue); },
        [catalogue](cli::Command& app, cli::Program& program) { add_diagnose(app, program, catalogue); },
        [prediction](cli::Command& app, cli::Program& program) { add_predict(app, program, prediction); },
        add_simulate,
        [catalogue](cli::Command& app, cli::Program& program) { add_train(app, program, catalogue); }};
    domain.array_flags = {
        {"--predictions", "predictions",
         "one CSV row per test death and experiment: what the experiment is, row (of the data file, "
         "from 0), true_cause, cause1, probability1 to cause3, probability3"}};
    domain.chapters = {{std::string(va::va_comparison_kind), declare_comparison_chapter, quick_verdict},
                       {std::string(va::va_train_kind), declare_training_chapter},
                       {std::string(va_predict_kind),
                        [](cli::Command&) {
                            return report::OwnSections{add_prediction, report::SummaryTables::all};
                        },
                        prediction_verdict}};
    domain.exams = {examine_xgboost};
    domain.models = kept_models(catalogue);
    domain.first_steps =
        "  vaster data deaths.csv                         what a file is, and the command that reads it\n"
        "  vaster simulate --output cohort.csv            a made-up cohort of six sites\n"
        "  vaster plan --data cohort.csv                  what would be run\n"
        "  vaster run --data cohort.csv --ranks all       run it, one process on each core\n"
        "  vaster run --data cohort.csv --ranks all --resume    continue after an interruption\n"
        "  vaster report study.h5                         a folder with figures and tables; prints the "
        "summary\n"
        "  vaster train --from study.h5 --best --output model.h5    keep the best model, fitted to all "
        "deaths\n"
        "  vaster predict model.h5 new.csv --output causes    assign causes to new deaths\n";
    return domain;
}

}  // namespace vaster::va
