#!/usr/bin/env python3
"""Prints the numbers of "published signals at other genes" in golden_test.cpp: the seeds once more, with pandas 1.5.3."""
import math

import numpy as np
import pandas as pd

MASK = (1 << 64) - 1


def uniforms(state=42):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield ((z ^ (z >> 31)) >> 11) * 2.0**-53


def series(n=1000):
    u, rows, c = uniforms(), [], 100.0
    for _ in range(n):
        d = [next(u) for _ in range(8)]
        o, c = c, c * (1 + 0.02 * math.sqrt(3) * (sum(d[:4]) - 2))
        rows.append((o, max(o, c) * (1 + 0.005 * d[4]), min(o, c) * (1 - 0.005 * d[5]), c, 1000 + 4000 * d[6],
                     0.0004 * (d[7] - 0.5)))
    return pd.DataFrame(rows, columns="o h l c v f".split())


D = series()
o, h, l, c, v, f = (D[k] for k in "ohlcvf")
ret = c.pct_change()


def zeros():
    return pd.Series(0.0, c.index)


def sma(x, n):
    return x.rolling(int(n)).mean()


def up(a, b):
    return (a > b) & (a.shift() <= b.shift())


def show(name, genes, s):
    s = s.replace([np.inf, -np.inf], np.nan).fillna(0).clip(-1, 1)
    print('{"%s", {%s}, %d, %d, %.12g, %.12g},' % (name, ", ".join(map(str, genes)), (s > 0.1).sum(), (s < -0.1).sum(),
                                                  s.sum(), (s * s).sum()))


def rsi_of(n):
    d = c.diff()
    gain, loss = d.where(d > 0, 0), -d.where(d < 0, 0)
    return (100 - 100 / (1 + gain.rolling(n, min_periods=1).mean() / loss.rolling(n, min_periods=1).mean())).fillna(50)


def true_range():
    return pd.concat([h - l, (h - c.shift()).abs(), (l - c.shift()).abs()], axis=1).max(axis=1)


def donchian(n, threshold, volume, *_):
    s, high, low = zeros(), c.rolling(n).max().shift(), c.rolling(n).min().shift()
    much = v / sma(v, 20) >= volume if volume > 2 else pd.Series(True, c.index)
    s[(c > high + threshold) & much] = 1
    s[(c < low - threshold) & much] = -1
    return s


def rsi(n, low, high, mode, w):
    r, s = rsi_of(n), zeros()
    assert mode <= 0.5
    a, b, m = sma(c, 10), sma(c, 30), c / c.shift(5) - 1
    strength, much = 10 * (a - b).abs() / b, v / sma(v, 20) >= 1
    buy = (a > b) & (r > low + 5) & (r < 50) & (r.diff() > 0) & much & (m > 0)
    sell = (a < b) & (r > 50) & (r < high - 5) & (r.diff() < 0) & much & (m < 0)
    s[buy] = np.minimum(1, strength * (1 - r / 100))[buy]
    s[sell] = -np.minimum(1, strength * r / 100)[sell]
    if w <= 0.1:
        return s
    d = zeros()
    bull = (c <= c.rolling(20).min().shift()) & (r > r.rolling(20).min().shift()) & (r <= low)
    bear = (c >= c.rolling(20).max().shift()) & (r < r.rolling(20).max().shift()) & (r >= high)
    d[bull] = np.minimum(1, (low - r) / 30 + 0.3)[bull]
    d[bear] = -np.minimum(1, (r - high) / 30 + 0.3)[bear]
    return (1 - w) * s + w * d


def bollinger(n, width, *_):
    mean, sd, s = sma(c, n), c.rolling(n).std(), zeros()
    top, bottom = mean + width * sd, mean - width * sd
    place = (c - bottom) / (top - bottom)
    s[(place < 0.2) | (c > top)] = 1
    s[(c < bottom) | (place > 0.8)] = -1
    return s


def nadaraya(bandwidth, kind, threshold, *_):
    x, line = c.values, np.empty(len(c))
    for i in range(len(x)):
        n = min(int(2 * bandwidth), i + 1)
        u = (np.arange(i - n + 1, i + 1) - i) / bandwidth
        k = np.exp(-0.5 * u * u) if kind < 0.5 else np.maximum(0, 0.75 * (1 - u * u))
        line[i] = x[: i + 1].mean() if i < int(bandwidth) else (k * x[i - n + 1 : i + 1]).sum() / k.sum()
    line = pd.Series(line)
    s = pd.Series(-1.0, c.index)
    s[(c > line) & (line.diff().abs() / c <= 2 * threshold)] = 1
    s[0] = 0
    return s


def funding(threshold, _, momentum, sensitivity, n):
    trend, s = sma(f, 8) - sma(f, 24), zeros()
    rank = f.rolling(168).rank(pct=True)
    size = pd.Series(np.where((rank > 0.9) | (rank < 0.1), 1.0, 0.5))
    pos = (f > threshold) | ((f > 0.5 * threshold) & ((f > 0).rolling(n).sum() >= 2))
    neg = (f < -threshold) | ((f < -0.5 * threshold) & ((f < 0).rolling(n).sum() >= 2))
    if momentum > 0.3:
        pos |= (f > 0.5 * threshold) & (trend > 0)
        neg |= (f < -0.5 * threshold) & (trend < 0)
    s[pos] = -size[pos]
    s[neg] = size[neg]
    s[f.diff().abs() / f.rolling(24).std() > sensitivity] = 0
    s[f.abs() < 0.3 * threshold] = 0
    return s


def volatility(n, threshold, factor, p, w, *_):
    sd = ret.rolling(n).std()
    now, usual = sd.fillna(0.02), sma(sd, n).fillna(0.02)
    k = pd.Series(1.0, c.index)
    k[(now > threshold * usual).rolling(p).sum() >= p // 2] = factor
    k[(now < usual / threshold).rolling(p).sum() >= p // 2] = min(1 / factor, 2)
    k[sd.diff() > sd.diff().rolling(20).quantile(0.8)] *= 0.7
    if w > 0.1:
        day = (sd / ret.rolling(24).std()).fillna(1)
        k[day > 1.2] *= 1 - 0.3 * w
        k[day < 0.8] *= 1 + 0.2 * w
    range_ = (sma(true_range(), n) / c).fillna(0.02)
    k[range_ > range_.rolling(50).quantile(0.8)] *= 0.8
    return 0.7 * (k - 1).clip(-0.9, 1) + 3 * (c / c.shift(5) - 1).clip(-0.1, 0.1)


for name, rule, genes in [
    ("Donchian_Breakout", donchian, (13, 0.02, 1.2, 2, 0.5)),
    ("Donchian_Breakout", donchian, (11, 0.01, 2.05, 2, 0.5)),
    ("RSI_Filter", rsi, (10, 40, 60, 0.4, 0.6)),
    ("RSI_Filter", rsi, (17, 31, 72, 0.1, 0)),
    ("Bollinger_Bands", bollinger, (33, 1.6, 0.1, 0.02, 1)),
    ("Nadaraya_Watson", nadaraya, (12.5, 1, 0.002, 0.5, 0.5)),
    ("Nadaraya_Watson", nadaraya, (31.25, 0.25, 0.002, 0.5, 0.5)),
    ("Funding_Rate_Carry", funding, (0.00012, 8, 0.75, 1, 3)),
    ("Volatility_Scaling", volatility, (12, 0.875, 0.3, 7, 0.9, 0.15, 0.02)),
]:
    show(name, genes, rule(*genes))
