"""Train a spiking network, move it between the libraries, prove that nothing changed, and report.

``make demo`` runs this. The result is in ``build/demo``: ``report.html`` to look at, ``summary.json``
to read by machine, and one proof per move in ``proofs/``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent))

import torch
from digits import data, moves, network, show

from unisnn.parity import progress, report, run

WANTED_ACCURACY = 0.95


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; the exit status is 0 only if everything turned out as it should."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/demo"), help="folder of the results")
    parser.add_argument("--epochs", type=int, default=10, help="epochs of training (default 10)")
    parser.add_argument(
        "--seed", type=int, default=0, help="of the split, the network and the proofs (default 0)"
    )
    parser.add_argument("--sample", type=int, help="draw about this many parity cases (default: all)")
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)

    net, digits, history = train(options.epochs, options.seed)
    accuracy = history[-1]["accuracy"]
    made = move(net, digits)
    show.console.print("\n[bold]Parity[/]: every documented name against the upstream libraries")
    with progress.bar() as bar:
        parity = run(sample=options.sample, progress=bar).to_dict()

    counts = {
        name: parity["summary"][name] for name in ("cases", "unexplained", "mutants", "mutants_rejected")
    }
    summary = {"accuracy": accuracy, "moves": [one.summary() for one in made], "parity": counts}
    page = {**summary, "history": history, "moves": [{**one.summary(), "reason": one.reason} for one in made]}
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
    for one in made:
        one.save(options.out / "proofs")
    written = report.write(parity, options.out / "report.html", demo=page)

    show.console.print(f"\n[bold]accuracy on the held-out part: {accuracy:.1%}[/]")
    show.print_moves(made)
    show.print_parity(parity["summary"])
    wrong = complaints(accuracy, made, counts)
    for text in wrong:
        show.console.print(f"[red]{text}[/]")
    show.console.print(
        f"report: {written.resolve()}\nsummary: {(options.out / 'summary.json').resolve()}", soft_wrap=True
    )
    return 1 if wrong else 0


def train(epochs: int, seed: int) -> tuple[Any, data.Digits, list[dict[str, float]]]:
    """Return the trained network, the data, and loss and held-out accuracy after each epoch."""
    digits = data.load(seed)
    net = network.build()
    history: list[dict[str, float]] = []
    show.console.print(
        f"[bold]Training[/] a convolutional spiking network written in unisnn.spikingjelly on "
        f"{len(digits.train_labels)} digits; {len(digits.test_labels)} are held out"
    )
    began = time.perf_counter()
    with show.meter("epochs", epochs) as step:

        def note(epoch: int, loss: float, accuracy: float) -> None:
            history.append({"epoch": epoch, "loss": loss, "accuracy": accuracy})
            step(f"loss {loss:.4f}, accuracy {accuracy:.1%}")

        network.train(net, digits, epochs, seed, note)
    show.console.print(f"trained in {time.perf_counter() - began:.0f} s")
    return net.eval(), digits, history


def move(net: Any, digits: data.Digits) -> list[moves.Move]:
    """Return every move of the trained network, proven on the whole test part."""
    inputs = network.over_time(digits.test_images)
    show.console.print(
        "\n[bold]Moving[/] it between the libraries, and proving each move on the whole test part"
    )
    made: list[moves.Move] = []
    with show.meter("moves", 5 + 2 * len(moves.GENUINE) + 1) as step:
        for one in moves.inside(net, inputs):
            made.append(one)
            step(f"{one.origin} to {one.destination}: {one.verdict}")
        for edition in moves.GENUINE:
            for one in moves.into_genuine(net, inputs, edition, show.console.print):
                made.append(one)
                step(f"{one.origin} to {one.destination}: {one.verdict}")
        made.append(moves.impossible(inputs))
        step(f"an impossible one: {made[-1].verdict}")
    return made


def complaints(accuracy: float, made: list[moves.Move], counts: dict[str, int]) -> list[str]:
    """Return what did not turn out as it should."""
    wrong = []
    if accuracy <= WANTED_ACCURACY:
        wrong.append(f"accuracy {accuracy:.1%} is not above {WANTED_ACCURACY:.0%}")
    *possible, impossible = made
    wrong += [
        f"{one.origin} to {one.destination}: {one.verdict}" for one in possible if one.verdict == "refused"
    ]
    wrong += [
        f"{one.origin} to {one.destination}: spikes or predictions differ"
        for one in possible
        if one.proof and not (one.proof.spikes_equal and one.proof.prediction_agreement == 1.0)
    ]
    if impossible.verdict != "refused":
        wrong.append("the impossible move was not refused")
    if counts["unexplained"]:
        wrong.append(f"{counts['unexplained']} unexplained differences from upstream")
    if counts["mutants_rejected"] != counts["mutants"]:
        wrong.append(f"only {counts['mutants_rejected']} of {counts['mutants']} mutants were rejected")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
