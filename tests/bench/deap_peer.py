#!/usr/bin/env python3
"""A genetic algorithm of Debian's python3-deap on the fitness of `vaster_bench_search SEED --serve`.
usage: deap_peer.py VASTER_BENCH_SEARCH SEED [N_RUNS]; prints the mean over runs of the best fitness of 820 evaluations.
Population, chances, tournament and the step of mutations are those of the study kind evolve; the operators are DEAP's: eaSimple's
loop with blend crossover and Gaussian mutation, cut off at the bounds, and as many elitists as evolve has.
"""

import random
import subprocess
import sys

from deap import base, creator, tools

N_EVALUATIONS, POPULATION, ELITE = 820, 100, 20


class Fitness:
    def __init__(self, program, seed):
        self.server = subprocess.Popen([program, seed, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        numbers = list(map(float, self.server.stdout.readline().split()))
        self.low, self.high = numbers[::2], numbers[1::2]

    def __call__(self, genes):
        self.server.stdin.write(" ".join(map(repr, genes)) + "\n")
        self.server.stdin.flush()
        return (float(self.server.stdout.readline()),)

    def close(self):
        self.server.stdin.close()
        self.server.wait()


def best_of_run(fitness, run):
    random.seed(run)
    steps = [0.1 * (high - low) for low, high in zip(fitness.low, fitness.high)]
    def evaluated(individuals):
        for one in individuals:
            for i, (low, high) in enumerate(zip(fitness.low, fitness.high)):
                one[i] = min(high, max(low, one[i]))
            one.fitness.values = fitness(one)
        return individuals
    population = evaluated([creator.Individual(map(random.uniform, fitness.low, fitness.high)) for _ in range(POPULATION)])
    spent = POPULATION
    while spent < N_EVALUATIONS:
        elite = tools.selBest(population, ELITE)
        children = []
        while len(children) < POPULATION - ELITE:
            mother, father = (creator.Individual(one) for one in tools.selTournament(population, 2, tournsize=3))
            if random.random() < 0.8:
                tools.cxBlend(mother, father, alpha=0.25)
            if random.random() < 0.3:
                tools.mutGaussian(mother, [0] * len(steps), steps, indpb=0.3)
            children.append(mother)
        population = elite + evaluated(children[:N_EVALUATIONS - spent])
        spent += len(children)
    return max(one.fitness.values[0] for one in population)


def main(program, seed, n_runs="10"):
    creator.create("Maximum", base.Fitness, weights=(1.0,))
    creator.create("Individual", list, fitness=creator.Maximum)
    fitness = Fitness(program, seed)
    runs = [best_of_run(fitness, run) for run in range(1, int(n_runs) + 1)]
    fitness.close()
    print(f"deap {sum(runs) / len(runs):.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
