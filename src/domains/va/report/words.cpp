#include "domains/va/report/words.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/core.h>

namespace vaster::va {

std::string metric_name(std::string const& metric) {
    if (metric == "csmf_accuracy") return "CSMF accuracy";
    if (metric == "cccsmf_accuracy") return "chance-corrected CSMF accuracy";
    if (metric == "cod_accuracy") return "COD accuracy";
    if (metric == "csmf_accuracy_probabilities") return "CSMF accuracy of the mean of the probabilities";
    std::string name = metric;
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string metric_name_in_full(std::string const& metric) {
    if (metric == "csmf_accuracy")
        return "CSMF accuracy (cause-specific mortality fractions: how close the predicted share of each "
               "cause is to the true one)";
    if (metric == "cod_accuracy")
        return "COD accuracy (cause of death: the share of deaths that are given their true cause)";
    return metric_name(metric);
}

Better better(std::string const& metric) {
    auto const has = [&](std::string_view part) { return metric.find(part) != std::string::npos; };
    if (has("accuracy") || has("ccc")) return Better::higher;
    return has("log_loss") || has("brier") ? Better::lower : Better::neither;
}

std::vector<report::ColumnWords> const& column_words() {
    static std::vector<report::ColumnWords> const words{
        {"type", "type of experiment"},
        {"fraction", "share of the training part"},
        {"n_train", "training deaths (mean)"},
        {"experiments", "experiments with a result"},
        {"planned", "experiments planned"},
        {"train_site", "trained at"},
        {"test_site", "tested at"},
        {"first", "model"},
        {"second", "compared with"},
        {"difference", "difference (model minus the other)"},
        {"sites_lo", "95 % interval over sites, from"},
        {"sites_hi", "95 % interval over sites, to"},
        {"deaths_lo", "95 % interval over deaths, from"},
        {"deaths_hi", "95 % interval over deaths, to"},
        {"repeats_lo", "95 % interval over repeats, from"},
        {"repeats_hi", "95 % interval over repeats, to"},
        {"p_sites", "p over sites"},
        {"p_repeats", "p over repeats"},
        {"p_deaths", "p over deaths"},
        {"p", "recommended p"},
        {"p_holm", "recommended p, adjusted (Holm)"},
        {"p_basis", "the recommended p is over"},
        {"only_first_right", "deaths that only the model has right"},
        {"only_second_right", "deaths that only the other has right"},
        {"in_domain", "mean in domain"},
        {"elsewhere", "mean elsewhere"},
        {"gap", "gap (in domain minus elsewhere)"},
        {"cause", "cause of death"},
        {"deaths", "test deaths"},
        {"predicted", "deaths given this cause"},
        {"right", "of them rightly"},
        {"csmf_bias", "CSMF bias (predicted minus true share)"},
        {"stated", "stated probability (mean)"},
        {"came_true", "share that came true"},
        {"sites_error", "calibration error of a site (mean)"},
        {"sites_error_lo", "its 95 % interval over sites, from"},
        {"sites_error_hi", "its 95 % interval over sites, to"},
        {"overconfidence", "overconfidence (mean over sites)"},
        {"overconfidence_lo", "its 95 % interval, from"},
        {"overconfidence_hi", "its 95 % interval, to"},
        {"top_cause", "predicted cause"},
        {"share", "share of the true cause"},
        {"rhat", "largest R-hat"},
        {"ess", "smallest effective number of draws"},
        {"acceptance", "share of steps accepted"},
        {"modes", "modes found"},
    };
    return words;
}

std::string type_name(std::string const& type) {
    if (type == "out_domain") return "out of domain";
    std::string name = type;
    std::replace(name.begin(), name.end(), '_', ' ');
    return name;
}

std::string question_name(Asked const& asked) {
    std::string name = type_name(asked.type);
    if (!name.empty() && name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    if (asked.type == "in_domain") name += " (trained and tested at the same site)";
    if (asked.type == "out_domain") name += " (trained at one site, tested at another)";
    if (asked.type == "leave_one_site_out")
        name += " (trained at all other sites together, tested at the site left out)";
    if (asked.fraction != 1) name += fmt::format(", {:.3g} % of the training part", 100 * asked.fraction);
    return name;
}

std::string counted(std::size_t n, std::string const& noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

std::string listed(std::vector<std::string> const& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += names[i];
    }
    return text;
}

std::string p_text(double p) {
    if (std::isnan(p)) return "no p value";
    return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

}  // namespace vaster::va
