#include "domains/trading/study/names.hpp"

namespace vaster::trading {

Names<std::int64_t> const& timeframes() {
    static Names<std::int64_t> const names{{"1m", 60},   {"5m", 300},   {"15m", 900},
                                           {"1h", 3600}, {"4h", 14400}, {"1d", 86400}};
    return names;
}

Names<market::Backend> const& backends() {
    static Names<market::Backend> const names{{"local", market::Backend::local},
                                              {"shared", market::Backend::shared}};
    return names;
}

Names<market::Gaps> const& gap_rules() {
    static Names<market::Gaps> const names{{"refuse", market::Gaps::refuse}, {"allow", market::Gaps::allow}};
    return names;
}

Names<Simulated> const& simulations() {
    static Names<Simulated> const names{
        {"golden", Simulated::golden}, {"walk", Simulated::walk}, {"regimes", Simulated::regimes}};
    return names;
}

Names<strategies::Profile> const& profiles() {
    static Names<strategies::Profile> const names{{"corrected", strategies::Profile::corrected},
                                                  {"published", strategies::Profile::published}};
    return names;
}

Names<strategies::Indicators> const& indicators() {
    static Names<strategies::Indicators> const names{{"standard", strategies::Indicators::standard},
                                                     {"talib", strategies::Indicators::talib}};
    return names;
}

Names<evolution::Survival> const& survivals() {
    static Names<evolution::Survival> const names{{"elite", evolution::Survival::elite},
                                                  {"pareto", evolution::Survival::pareto}};
    return names;
}

Names<evolution::Adaptation> const& adaptations() {
    static Names<evolution::Adaptation> const names{{"none", evolution::Adaptation::none},
                                                    {"stagnation", evolution::Adaptation::stagnation},
                                                    {"diversity", evolution::Adaptation::diversity}};
    return names;
}

Names<Measure> const& measures() {
    static Names<Measure> const names{
        {"sharpe", Measure::sharpe},           {"weighted", Measure::weighted},
        {"composite", Measure::composite},     {"pool", Measure::pool},
        {"pool_lagged", Measure::pool_lagged}, {"weighted_published", Measure::weighted_published}};
    return names;
}

Names<backtest::Sizing> const& sizings() {
    static Names<backtest::Sizing> const names{{"fixed", backtest::Sizing::fixed},
                                               {"signal", backtest::Sizing::signal},
                                               {"volatility", backtest::Sizing::volatility}};
    return names;
}

Names<backtest::Fill> const& fills() {
    static Names<backtest::Fill> const names{{"next_open", backtest::Fill::next_open},
                                             {"next_close", backtest::Fill::next_close}};
    return names;
}

Names<backtest::Training> const& trainings() {
    static Names<backtest::Training> const names{{"anchored", backtest::Training::anchored},
                                                 {"rolling", backtest::Training::rolling}};
    return names;
}

}  // namespace vaster::trading
