"""Convert recorded surrogate outputs into the goldens of ``unisnn.parity``.

    python tools/convert_goldens.py goldens_surrogates.json unisnn/parity/goldens

The source is the recording of upstream runs: ``grids`` (inputs), ``grad_output_varied`` and
``records``, every number a hexadecimal float. Each record becomes one case for the surrogate (and one
for its primitive), with the outputs that upstream gave. The cases of editions that an index serves are
kept too: they stand in for the oracle on machines without a network.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from unisnn.parity import recipes
from unisnn.parity.case import Case
from unisnn.parity.compare import compare_tensors
from unisnn.parity.goldens.writer import Writer

EDITIONS: dict[tuple[str, str], tuple[str, str]] = {
    ("spikingjelly", "3756e2f8"): ("spikingjelly@3756e2f8", "sjdoc"),
    ("snngrow", "git"): ("snngrow-git", "sggit"),
    ("spikingjelly", "0.0.0.0.14"): ("spikingjelly==0.0.0.0.14", "sj14-recorded"),
    ("spikingjelly", "2.0.0"): ("spikingjelly==2.0.0", "sj2-recorded"),
    ("snngrow", "0.1.1a1"): ("snngrow==0.1.1a1", "sg-recorded"),
    ("braincog", "0.2.7.19"): ("braincog==0.2.7.19", "bc-recorded"),
    ("qualia_plugin_snn", "2.6.0"): ("qualia-plugin-snn==2.6.0", "qu-recorded"),
}
MODULES = {
    "spikingjelly": "activation_based.surrogate.{0}",
    "snngrow": "base.surrogate.{0}.{0}",
    "braincog": "base.strategy.surrogate.{0}",
    "qualia_plugin_snn": "learningmodel.pytorch.layers.CustomNode.{0}",
}
UNSHARED = {"MultiLevelSpikeCount"}


def numbers(values: Any, dtype: str) -> torch.Tensor:
    """Return recorded numbers (hexadecimal strings) as a tensor."""
    flat = values if isinstance(values, list) else [values]
    made = torch.tensor([recipes.number(value) for value in flat], dtype=torch.float64).to(
        getattr(torch, dtype)
    )
    return made if isinstance(values, list) else made.reshape(())


def record_output(writer: Writer, into: dict[str, Any], name: str, value: Any, dtype: str) -> None:
    """Add one recorded output, or the exception recorded in its place, to a golden record."""
    if isinstance(value, dict):
        kind, _, message = value["error"].partition(": ")
        into["failures"][name] = [[kind], message]
    elif value is None:
        into["facts"][name] = None
    else:
        into["outputs"][name] = writer.put(numbers(value, dtype))


def input_recipe(source: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """Return the grid recipe that gives the recorded input; it must do so bit for bit."""
    dtype = record["dtype"]
    wanted = numbers(source["grids"][record["grid"]], dtype)
    recipe = {"kind": "grid", "edges": record.get("boundaries", []), "dtype": dtype}
    if compare_tensors("x", wanted, recipes.make(recipe)) is None:
        return recipe
    values = source["grids"][record["grid"]]
    return {"kind": "values", "values": values, "dtype": dtype}


def converted(source: dict[str, Any], record: dict[str, Any], writer: Writer) -> list[dict[str, Any]]:
    """Return the golden records that one recorded symbol gives."""
    edition, short = EDITIONS[record["lib"], record["version"]]
    params = {key: value for key, value in record["params"].items() if key != "alpha_tensor"}
    base, _, _ = record["symbol"].partition(".apply")
    symbol = MODULES[record["lib"]].format(base)
    words = ",".join(f"{key}={value}" for key, value in record["params"].items()) or "default"
    tail = f"{base}/{words}/{record['dtype']}".replace(" ", "-")
    shared = {"edition": edition, "symbol": symbol, "inputs": {"x": input_recipe(source, record)}}
    dtype, forward_dtype = record["dtype"], record.get("forward_dtype", record["dtype"])
    parts: dict[str, Any] = {"outputs": {}, "facts": {}, "failures": {}}
    if "forward" in record:
        boolean = record.get("forward_type") == "SpikeTensor"
        record_output(writer, parts, "forward", record["forward"], "bool" if boolean else forward_dtype)
        if boolean:
            parts["facts"].update({"forward.type": "SpikeTensor", "forward.dtype": f"torch.{forward_dtype}"})
    for name in ("grad_ones", "grad_varied"):
        if name in record:
            record_output(writer, parts, name, record[name], dtype)
        if f"alpha_{name}" in record:
            record_output(writer, parts, f"grad_p/alpha/{name}", record[f"alpha_{name}"], "float32")
    if record["via"] == "module":
        case = Case(
            f"{short}/surrogate/{tail}", family="surrogate", protocol="surrogate", kwargs=params, **shared
        )
    else:
        protocol = "backward_function" if record["via"] == "function" else "autograd_function"
        args: tuple[Any, ...] = tuple(params.values())
        if "alpha_tensor" in record["params"]:
            shape = [1] if "[1]" in record["params"]["alpha_tensor"] else []
            args = ({"$tensor": {"kind": "values", "values": [params["alpha"]], "shape": shape}},)
        calls = {"seed": record["seed"]} if "seed" in record else {}
        family = "functional" if record["via"] == "function" else "function"
        case = Case(
            f"{short}/{family}/{tail}", family=family, protocol=protocol, args=args, calls=calls, **shared
        )
    found = [{"case": case.to_dict(), **{key: value for key, value in parts.items() if value}}]
    if "primitive" in record:
        parts = {"outputs": {}, "facts": {}, "failures": {}}
        record_output(writer, parts, "forward", record["primitive"], record.get("primitive_dtype", dtype))
        record_output(writer, parts, "grad_ones", record["primitive_autograd_grad"], dtype)
        if "forward" in parts["failures"]:
            parts["failures"] = {"error": parts["failures"]["forward"]}
        case = Case(
            f"{short}/primitive/{tail}",
            family="primitive",
            protocol="surrogate",
            kwargs=params,
            calls={"set_spiking": False},
            **shared,
        )
        found.append({"case": case.to_dict(), **{key: value for key, value in parts.items() if value}})
    return found


def main(arguments: list[str]) -> int:
    """Entry point: ``SOURCE.json FOLDER``."""
    source = json.loads(Path(arguments[0]).read_text())
    folder = Path(arguments[1])
    told = {key: source["meta"][key] for key in ("torch", "python", "device", "num_threads", "recorded")}
    for (library, version), (edition, _) in EDITIONS.items():
        writer = Writer()
        for record in source["records"]:
            if (record["lib"], record["version"]) == (library, version) and record["symbol"] not in UNSHARED:
                for item in converted(source, record, writer):
                    writer.add(item)
        writer.save(folder / f"surrogates-{edition.replace('==', '-')}", {"edition": edition, **told})
        print(f"{edition}: {len(writer.records)} records")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
