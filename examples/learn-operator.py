"""Learns the operator of a growth with PyTorch, on as many processes and machines as the launcher starts.

    pip install torch transformers accelerate safetensors numpy
    ligo export small --to large.json --data texts --batch 32 --seq 512 --out job
    torchrun --nproc_per_node 8 examples/learn-operator.py job --source small
    ligo grow small --to large.json --operator job/learned.safetensors --out large

`job` is a folder that `ligo export` wrote: what is made of what (`learning.json`), the operator that learning starts from, the config of
the target, and where the tokens are. The target's own class of transformers runs, on parameters that are built from those of the
source in every step; no model has code of its own here. Batches, learning rates and the optimiser are those of `ligo grow`, whatever
the number of processes; each takes its share of every batch.

    --check          replay the steps that `ligo export --dump-steps` wrote, and compare: losses as the operator learns here, gradients
                     at the operator that `ligo` had before each step, which may be off by --tolerance (1e-4) of their norm
    --shard          keep a part of the source, of the operator and of its moments on every process, and gather what a layer is made
                     of when it is built
    --bf16           compute in bfloat16 (autocast)
    --micro-batch n  sequences of a process at a time
    --resume         go on from the last checkpoint in the job
    --compare large  build the target by the learned operator, and compare it with what `ligo grow --operator` wrote
    --images folder  images by class, as torchvision's ImageFolder has them, of image models
    --slurm n        print a script for Slurm that learns on n machines with the other options, and goes on where it was requeued:
                     python examples/learn-operator.py job --source small --bf16 --slurm 4 > learn.sh; sbatch --gpus-per-node 8 learn.sh
"""

import argparse
import json
import math
import os
import shlex
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
import transformers
from accelerate import init_empty_weights
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.func import functional_call
from torch.utils.checkpoint import checkpoint
from transformers import AutoConfig

IGNORED = -100


# --- the processes ---------------------------------------------------------------------------------------------------------


class Group:
    """The processes that the launcher started; one where there is none."""

    def __init__(self) -> None:
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")
        if cuda:
            torch.cuda.set_device(self.device)
        if self.size > 1:
            dist.init_process_group("nccl" if cuda else "gloo")

        # bytes that this process has sent, by the ring that the libraries use for what is large
        self.sent = 0.0

    def _count(self, whole: torch.Tensor, times: int) -> None:
        self.sent += times * whole.numel() * whole.element_size() * (self.size - 1) / self.size

    def sum(self, tensors: list) -> None:
        """Sums tensors over all processes, in place: large ones one by one, small ones in one message."""
        if self.size == 1 or not tensors:
            return
        small = []
        for tensor in tensors:
            if tensor.numel() < 2**20:
                small.append(tensor)
            else:
                self._sum(tensor)
        if small:
            flat = torch.cat([tensor.reshape(-1) for tensor in small])
            self._sum(flat)
            for tensor, part in zip(small, flat.split([tensor.numel() for tensor in small])):
                tensor.copy_(part.view_as(tensor))

    def _sum(self, tensor: torch.Tensor) -> None:
        dist.all_reduce(tensor)
        self._count(tensor, 2)

    def gather(self, part: torch.Tensor) -> torch.Tensor:
        """Parts of all processes behind each other."""
        whole = torch.empty(self.size * part.numel(), dtype=part.dtype, device=part.device)
        dist.all_gather_into_tensor(whole, part.reshape(-1).contiguous())
        self._count(whole, 1)
        return whole

    def scatter_sum(self, whole: torch.Tensor) -> torch.Tensor:
        """This process's part of the sum over all processes."""
        part = torch.empty(whole.numel() // self.size, dtype=whole.dtype, device=whole.device)
        dist.reduce_scatter_tensor(part, whole.contiguous())
        self._count(whole, 1)
        return part

    def largest(self, value: float) -> float:
        """The largest of all processes' values."""
        if self.size == 1:
            return value
        found = torch.tensor([value], dtype=torch.float64, device=self.device)
        dist.all_reduce(found, dist.ReduceOp.MAX)
        return float(found)

    def part_of(self, x: torch.Tensor) -> torch.Tensor:
        """This process's part of each row of a matrix, padded so that all parts are as long."""
        length = math.ceil(x.shape[1] / self.size)
        padded = F.pad(x, (0, length * self.size - x.shape[1]))
        return padded[:, self.rank * length : (self.rank + 1) * length].clone()

    def close(self) -> None:
        if self.size > 1:
            dist.destroy_process_group()


class Gather(torch.autograd.Function):
    """Parts of all processes behind each other. The gradient of a part is the sum of what all processes have for it."""

    @staticmethod
    def forward(context, part: torch.Tensor, group: Group) -> torch.Tensor:
        context.group = group
        return group.gather(part)

    @staticmethod
    def backward(context, gradient: torch.Tensor) -> tuple:
        return context.group.scatter_sum(gradient), None


# --- growing ---------------------------------------------------------------------------------------------------------------


class Source:
    """Tensors of the source checkpoint by the names of the plan, read when they are asked for."""

    def __init__(self, folder: str) -> None:
        path = Path(folder)
        index = path / "model.safetensors.index.json"
        if index.exists():
            names = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        else:
            with safe_open(path / "model.safetensors", "pt") as file:
                names = dict.fromkeys(file.keys(), "model.safetensors")
        self.files = {name: path / file for name, file in names.items()}

    def __getitem__(self, name: str) -> torch.Tensor:
        # a bare model is stored without its prefix, a model with a head may be stored with one
        found = next((n for n in (name, name.partition(".")[2]) if n in self.files), None)
        if found is None:
            found = next((n for n in self.files if n.endswith(f".{name}")), None)
        if found is None:
            raise SystemExit(f"The source has no tensor {name}: is it the checkpoint that was exported?")
        with safe_open(self.files[found], "pt") as file:
            return file.get_tensor(found).float()


class Operator:
    """The tensors of an operator: rows that are learned, behind those that stay.

    Where it is sharded, a process has a part of every map that is not tiny, and a map is gathered when it is asked for.
    """

    TINY = 1024

    def __init__(self, job: Path, facts: dict, group: Group, shard: bool) -> None:
        self.group = group
        file = job / facts["file"]
        with safe_open(file, "pt") as opened:
            self.metadata = opened.metadata()
        self.kept, self.learned, self.shapes, self.rates, self.open = {}, {}, {}, {}, {}
        for name, tensor in load_file(file).items():
            frozen, rows = facts["tensors"][name]["frozen_rows"], tensor.shape[0]
            kept = tensor[:frozen]
            # an identity is known by its size
            is_identity = frozen == tensor.shape[-1] and torch.equal(kept, torch.eye(frozen))
            self.kept[name] = frozen if is_identity else kept.to(group.device, copy=True)
            if frozen < rows:
                self.shapes[name] = (rows - frozen, *tensor.shape[1:])
                self.learned[name] = torch.nn.Parameter(self.own_part(name, tensor[frozen:], shard).to(group.device, copy=True))
                self.rates[name] = facts["tensors"][name]["rate"]

    def is_sharded(self, name: str) -> bool:
        return self.learned[name].ndim == 1

    def own_part(self, name: str, rows: torch.Tensor, shard: bool) -> torch.Tensor:
        """Learned rows as this process keeps them: whole, or a flat part."""
        if not shard or rows.numel() < self.TINY:
            return rows
        return self.group.part_of(rows.reshape(1, -1))[0]

    def whole(self, name: str, kept: torch.Tensor) -> torch.Tensor:
        """Learned rows of what is kept as they are: numbers, gradients or moments."""
        if not self.is_sharded(name):
            return kept
        return self.group.gather(kept)[: math.prod(self.shapes[name])].reshape(self.shapes[name])

    def parameters_in_order(self) -> list:
        return list(self.learned.values())

    def has_identity(self, name: str) -> bool:
        return isinstance(self.kept[name], int)

    def rows(self, name: str) -> torch.Tensor | None:
        """Learned rows, gathered where they are sharded."""
        learned = self.learned.get(name)
        if learned is None or not self.is_sharded(name):
            return learned
        if name not in self.open:
            gathered = Gather.apply(learned, self.group)
            self.open[name] = gathered[: math.prod(self.shapes[name])].reshape(self.shapes[name])
        return self.open[name]

    def kept_rows(self, name: str) -> torch.Tensor:
        kept = self.kept[name]
        return torch.eye(kept, device=self.group.device) if isinstance(kept, int) else kept

    def matrix(self, name: str) -> torch.Tensor:
        """Kept rows and learned rows."""
        learned, kept = self.rows(name), self.kept_rows(name)
        if learned is None:
            return kept
        return learned if kept.shape[0] == 0 else torch.cat([kept, learned])

    def close(self) -> None:
        """Lets go of maps that were gathered."""
        self.open = {}

    def sum_gradients(self) -> None:
        """Sums gradients over all processes; those of parts were summed as they were gathered."""
        for parameter in self.parameters_in_order():
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.group.sum([parameter.grad for name, parameter in self.learned.items() if not self.is_sharded(name)])

    def clip(self, limit: float) -> float:
        """Clips gradients by the norm of all of them, which is given back."""
        norms = {True: [], False: []}
        for name, parameter in self.learned.items():
            norms[self.is_sharded(name)].append(parameter.grad)
        total = torch.nn.utils.get_total_norm(norms[False])
        if norms[True]:
            squared = torch.nn.utils.get_total_norm(norms[True]).square().reshape(1)
            self.group.sum([squared])
            total = (total.square() + squared[0]).sqrt()
        torch.nn.utils.clip_grads_with_norm_(self.parameters_in_order(), limit, total)
        return float(total)

    def tensors(self) -> dict:
        """The whole operator. All processes take part."""
        whole = {}
        for name in self.kept:
            rows = [self.kept_rows(name)]
            if name in self.learned:
                rows.append(self.whole(name, self.learned[name].detach()))
            whole[name] = torch.cat(rows).cpu().contiguous()
        return whole

    def load(self, tensors: dict) -> None:
        for name, parameter in self.learned.items():
            rows = tensors[name][-self.shapes[name][0] :]
            parameter.data.copy_(self.own_part(name, rows, self.is_sharded(name)))


def space_by_space(x: torch.Tensor, order: dict) -> torch.Tensor:
    """Rows that stand block by block (head by head), as maps know them."""
    blocks, sizes = order["blocks"], order["sizes"]
    parts = x.reshape(blocks, sum(sizes), *x.shape[1:]).split(sizes, 1)
    return torch.cat([part.reshape(-1, *x.shape[1:]) for part in parts])


def block_by_block(x: torch.Tensor, order: dict) -> torch.Tensor:
    blocks, sizes = order["blocks"], order["sizes"]
    parts = x.split([blocks * size for size in sizes])
    return torch.cat([part.reshape(blocks, -1, *x.shape[1:]) for part in parts], 1).reshape(x.shape)


def along(axis: int, matrix: torch.Tensor | None, keeps: bool, x: torch.Tensor) -> torch.Tensor:
    """A matrix times an axis of a tensor, behind the axis itself where it is kept: [I; C] x = [x; C x]."""
    if matrix is None:
        return x
    moved = x.movedim(axis, 0)
    grown = (matrix @ moved.reshape(moved.shape[0], -1)).reshape(-1, *moved.shape[1:])
    return (torch.cat([moved.to(grown.dtype), grown]) if keeps else grown).movedim(0, axis)


class Grower:
    """Builds the tensors of the target: P' = sum over terms and source layers of w[i, j] (M1 x1 M2 x2 ... Pj)."""

    def __init__(self, plan: dict, source: Source, operator: Operator, job: Path, group: Group, shard: bool) -> None:
        self.operator, self.group = operator, group
        self.shard = shard and group.size > 1
        self.is_depth_first = plan["operator"]["order"] == "depth-then-width"
        self.expressions = {one["name"]: one for one in plan["tensors"]}
        device = group.device
        self.fresh = load_file(job / plan["fresh"], device=str(device)) if plan["fresh"] else {}
        self.stacks, self.once = {}, {}
        for one in plan["tensors"]:
            key = one["parameter"]
            if key not in self.stacks:
                self.stacks[key] = self._own_part(torch.stack([self._read(source, one, name) for name in one["sources"]])).to(device)

    def _read(self, source: Source, one: dict, name: str) -> torch.Tensor:
        tensor = source[name].reshape(one["source_shape"])
        if one["interleaved"]:
            tensor = space_by_space(tensor, one["interleaved"]["source"])
        return (tensor + one["offset"]) * one["factor"]

    def _own_part(self, stack: torch.Tensor) -> torch.Tensor:
        """[layers, ...] whole, or this process's part of every layer: [layers, length]."""
        if not self.shard:
            return stack
        return self.group.part_of(stack.flatten(1))

    def begin(self) -> None:
        """Begins a step: what was built of the operator before is out of date."""
        self.once = {}
        self.operator.close()

    def _whole(self, one: dict, part: torch.Tensor) -> torch.Tensor:
        if not self.shard:
            return part.reshape(one["source_shape"])
        size = math.prod(one["source_shape"])
        return Gather.apply(part, self.group)[:size].reshape(one["source_shape"])

    def _mixed(self, one: dict, term: dict) -> torch.Tensor:
        """A layer's mixture of the source's, before it is widened: of all layers as one product, or its own where they are sharded."""
        stack, depth = self.stacks[one["parameter"]], term["depth"]
        if depth is None:
            return self._whole(one, stack[0])
        weights = self.operator.matrix(depth["tensor"])
        if self.shard:
            return self._whole(one, weights[depth["row"]] @ stack)
        key = (depth["tensor"], one["parameter"])
        if key not in self.once:
            self.once[key] = (weights @ stack.flatten(1)).unbind(0)
        return self.once[key][depth["row"]].reshape(one["source_shape"])

    def prepare(self) -> None:
        """Mixes depth ahead of layers that are built anew in the backward pass."""
        if self.is_depth_first and not self.shard:
            for one in self.expressions.values():
                for term in one["terms"]:
                    self._mixed(one, term)

    def _map(self, segment: dict, layer: int) -> tuple:
        """The matrix of a segment, or none, and whether the segment itself stands before its product."""
        name = segment["map"][layer] if isinstance(segment["map"], list) else segment["map"]
        if name is None:
            return None, True
        spread = segment.get("spread")
        if spread is None:
            keeps = self.operator.has_identity(name)
            return self.operator.rows(name) if keeps else self.operator.matrix(name), keeps
        matrix = self.operator.matrix(name)
        weights = torch.tensor(spread["weights"], device=matrix.device)
        (rows, columns), new, old = weights.shape, spread["new_owners"], spread["old_owners"]
        units = segment["new_size"] // rows, segment["old_size"] // columns
        heads = weights.reshape(new, rows // new, 1, old, columns // old, 1)
        spread_out = matrix.reshape(new, 1, units[0], old, 1, units[1]) * heads
        return spread_out.reshape(segment["new_size"], segment["old_size"]), False

    def widen(self, term: dict, x: torch.Tensor, layer: int) -> torch.Tensor:
        for axis, segments in enumerate(term["axes"]):
            if segments is None:
                continue
            parts = x.split([segment["old_size"] for segment in segments], axis)
            grown = [along(axis, *self._map(segment, layer), part) for segment, part in zip(segments, parts)]
            # autocast leaves parts that no map widens as they are
            x = grown[0] if len(grown) == 1 else torch.cat([part.to(grown[0].dtype) for part in grown], axis)
        return x

    def _term(self, one: dict, term: dict) -> torch.Tensor:
        if self.is_depth_first:
            return self.widen(term, self._mixed(one, term), 0)
        stack, depth = self.stacks[one["parameter"]], term["depth"]
        layers = [self.widen(term, self._whole(one, layer), index) for index, layer in enumerate(stack)]
        if depth is None:
            return layers[0]
        return torch.tensordot(self.operator.matrix(depth["tensor"])[depth["row"]], torch.stack(layers), 1)

    def build(self, name: str) -> torch.Tensor:
        one = self.expressions[name]
        x = (sum(self._term(one, term) for term in one["terms"]) - one["offset"]).reshape(one["shape"])
        if one["interleaved"]:
            x = block_by_block(x, one["interleaved"]["target"])
        fresh = self.fresh.get(name)
        return x if fresh is None else x + fresh

    def build_rows(self, name: str, ids: torch.Tensor) -> torch.Tensor:
        """Rows of a table, picked before they are grown."""
        one = self.expressions[name]
        total = 0
        for term in one["terms"]:
            picked = F.embedding(ids.reshape(-1), self._mixed(one, term))
            total = total + self.widen({"axes": [None, term["axes"][1]]}, picked, 0)
        rows = total - one["offset"]
        if name in self.fresh:
            rows = rows + F.embedding(ids.reshape(-1), self.fresh[name])
        return rows.reshape(*ids.shape, -1)


# --- the target ------------------------------------------------------------------------------------------------------------


class Built(torch.nn.Module):
    """A layer whose parameters are built when it runs, and again for its backward pass: one layer's are there at a time."""

    def __init__(self, layer: torch.nn.Module, names: dict, grower: Grower) -> None:
        super().__init__()
        # not a submodule: its parameters are not the model's any more
        object.__setattr__(self, "layer", layer)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "grower", grower)

    def __getattr__(self, name: str):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(object.__getattribute__(self, "layer"), name)

    def forward(self, *args, **kwargs):
        def run(*inputs, **named):
            # maps are gathered once a layer, and are no part of the graph outside it
            self.grower.operator.close()
            try:
                parameters = {own: self.grower.build(name) for own, name in self.names.items()}
            finally:
                self.grower.operator.close()
            return functional_call(self.layer, parameters, inputs, named)

        return checkpoint(run, *args, use_reentrant=False, **kwargs)


class GrownRows(torch.nn.Module):
    """A table of which the rows that are asked for are grown alone."""

    def __init__(self, name: str, grower: Grower) -> None:
        super().__init__()
        self.name, self.grower = name, grower

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.grower.build_rows(self.name, ids)


class Target:
    """The target's own class on parameters that are built."""

    def __init__(self, job: Path, plan: dict, grower: Grower, device: torch.device) -> None:
        config = AutoConfig.from_pretrained(job)
        # a layer runs twice in a step
        config.use_cache = False
        cls = getattr(transformers, plan["target"]["class"])
        with init_empty_weights(include_buffers=False):
            model = cls(config)
        model.tie_weights()
        self.grower, self.model = grower, model.eval()
        self.skips_first = plan["learning"]["objective"] == "causal-lm"
        names = plan_names(model, grower.expressions)
        shared = {}
        for name, parameter in model.named_parameters(remove_duplicate=False):
            shared[id(parameter)] = shared.get(id(parameter), 0) + 1
        stacks = []
        for path, module in list(model.named_modules()):
            if not isinstance(module, torch.nn.ModuleList) or any(path.startswith(f"{stack}.") for stack in stacks):
                continue
            stacks.append(path)
            for index, layer in enumerate(module):
                own = {n: names.pop(f"{path}.{index}.{n}") for n, _ in layer.named_parameters()}
                if own:
                    module[index] = Built(layer, own, grower)
        for path, module in list(model.named_modules()):
            weight = f"{path}.weight"
            if type(module) is torch.nn.Embedding and weight in names and shared[id(module.weight)] == 1:
                if self._grows_columns_alone(grower.expressions[names[weight]]):
                    model.set_submodule(path, GrownRows(names.pop(weight), grower))
        self.names = names
        for module in model.modules():
            for key, buffer in module._buffers.items():
                if buffer is not None:
                    module._buffers[key] = buffer.to(device)

    @staticmethod
    def _grows_columns_alone(one: dict) -> bool:
        return len(one["shape"]) == 2 and not one["interleaved"] and all(term["axes"][0] is None for term in one["terms"])

    def positions(self, batch: dict) -> int:
        """Labelled positions of a batch. A causal model predicts none of the first tokens."""
        labels = batch["labels"]
        if labels.ndim == 2 and self.skips_first:
            labels = labels[:, 1:]
        return int((labels != IGNORED).sum())

    def loss(self, batch: dict) -> torch.Tensor:
        """Mean loss over the labelled positions of a batch."""
        self.grower.begin()
        self.grower.prepare()
        parameters = {own: self.grower.build(name) for own, name in self.names.items()}
        if "pixel_values" in batch:
            logits = functional_call(self.model, parameters, (), {"pixel_values": batch["pixel_values"]}).logits.float()
            wanted = batch.get("label_distribution")
            if wanted is None:
                return F.cross_entropy(logits, batch["labels"].long())
            return -(wanted * logits.log_softmax(-1)).sum(-1).mean()
        given = {"input_ids": batch["input_ids"].long(), "labels": batch["labels"].long()}
        return functional_call(self.model, parameters, (), given).loss


def plan_names(model: torch.nn.Module, expressions: dict) -> dict:
    """Names of the plan, which are those of checkpoints, by the names that parameters have in the model."""
    parameters = dict(model.named_parameters())
    stored = {name: name for name in parameters}
    if any(name not in expressions for name in parameters):
        try:
            from transformers.core_model_loading import revert_weight_conversion

            marks = {id(tensor): name for name, tensor in parameters.items()}
            reverted = revert_weight_conversion(model, dict(parameters))
            stored |= {marks[id(tensor)]: name for name, tensor in reverted.items() if id(tensor) in marks}
        except ImportError:
            pass
    tied = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        tied.setdefault(id(parameter), []).append(name)
    # a class may keep a parameter that it ties elsewhere, and does not use where it ties nothing
    would_tie = getattr(model, "_tied_weights_keys", None) or {}
    copies = {kept: name for name, kept in would_tie.items()} if isinstance(would_tie, dict) else {}
    names = {}
    for own, name in stored.items():
        candidates = [name, f"{model.base_model_prefix}.{name}", *tied[id(parameters[own])], copies.get(own)]
        found = next((one for one in candidates if one in expressions), None)
        if found is None:
            raise SystemExit(f"The target's class has a parameter {own} that the plan does not make.")
        names[own] = found
    return names


# --- batches ---------------------------------------------------------------------------------------------------------------

WORD = 0xFFFFFFFF


def splitmix32(state: int):
    while True:
        state = (state + 0x9E3779B9) & WORD
        mixed = state ^ (state >> 16)
        mixed = (mixed * 0x21F0AAAD) & WORD
        mixed ^= mixed >> 15
        mixed = (mixed * 0x735A2D97) & WORD
        yield mixed ^ (mixed >> 15)


class Random:
    """The generator of `ligo`: sfc32, seeded by splitmix32, forked by labels."""

    def __init__(self, low: int, high: int = 0) -> None:
        self.key = low & WORD, high & WORD
        lows, highs = splitmix32(self.key[0]), splitmix32(self.key[1] ^ 0x5851F42D)
        self.state = [next(lows), next(highs), next(lows), 1]
        for _ in range(15):
            self.next()

    def next(self) -> int:
        a, b, c, counter = self.state
        total = (a + b + counter) & WORD
        rotated = ((c << 21) | (c >> 11)) & WORD
        self.state = [b ^ (b >> 9), (c + (c << 3)) & WORD, (rotated + total) & WORD, (counter + 1) & WORD]
        return total

    def uniform(self) -> float:
        return self.next() / 2**32

    def integer(self, n: int) -> int:
        limit = 2**32 - 2**32 % n
        draw = self.next()
        while draw >= limit:
            draw = self.next()
        return draw % n

    def fork(self, label: str) -> "Random":
        def word(start: int, offset: int) -> int:
            state = start ^ offset
            for character in label:
                state = ((state ^ ord(character)) * 0x01000193) & WORD
                state ^= state >> 15
            return next(splitmix32(state))

        return Random(word(self.key[0], 0x811C9DC5), word(self.key[1], 0x2C1B3C6D))


def draw(items: np.ndarray, count: int, random: Random) -> np.ndarray:
    """Up to `count` of `items`, each as likely; reorders `items`."""
    drawn = min(count, len(items))
    for k in range(drawn):
        other = k + random.integer(len(items) - k)
        items[k], items[other] = items[other], items[k]
    return items[:drawn]


class Tokens:
    """The batches of `ligo grow`, read from its cache: the same blocks in the same order, with the same masks."""

    PAGE, PAYLOAD = 4096, 4064

    def __init__(self, facts: dict) -> None:
        if facts["file"] is None:
            raise SystemExit("The tokens were held in memory: export again with a cache.")
        with open(facts["file"], "rb") as file:
            head = file.read(self.PAGE)
        if head[:8] != b"LIGOTOKN":
            raise SystemExit(f"{facts['file']} holds no tokens.")
        header = json.loads(head[48 : 48 + int.from_bytes(head[12:16], "little")])
        if header["sha256"] != facts["sha256"]:
            raise SystemExit(f"{facts['file']} holds other tokens than those that were exported.")
        self.facts, self.width = facts, header["bytesPerToken"]
        self.pages = np.memmap(facts["file"], np.uint8, "r", self.PAGE).reshape(-1, self.PAGE)
        self.frame, self.sequence = facts["frame"], facts["sequence"]
        self.inner = self.sequence - (2 if self.frame else 0)
        blocks = facts["count"] // self.inner
        random = Random(facts["seed"], facts["seed"] >> 32).fork("held-out")
        held = set()
        wanted = facts["held_out"]
        for stretch in range(wanted):
            start, end = stretch * blocks // wanted, (stretch + 1) * blocks // wanted
            held.add(start + random.integer(end - start))
        self.train = np.array([block for block in range(blocks) if block not in held], np.int64)
        self.orders = {}
        masking = facts["masking"]
        if masking:
            special = set(masking["special"])
            self.ordinary = np.array([i for i in range(masking["vocabulary"]) if i not in special])
            self.is_special = np.isin(np.arange(masking["vocabulary"] + 1), list(special))

    def _read(self, start: int, count: int) -> np.ndarray:
        per_page = self.PAYLOAD // self.width
        first, last = start // per_page, (start + count - 1) // per_page
        payload = np.ascontiguousarray(self.pages[first : last + 1, : self.PAYLOAD])
        ids = payload.view(np.uint16 if self.width == 2 else np.uint32).reshape(-1)
        return ids[start - first * per_page :][:count].astype(np.int64)

    def _block(self, place: int) -> np.ndarray:
        """The block in a place of the stream: each epoch shows every one once, in an order drawn for it."""
        epoch, index = divmod(place, len(self.train))
        if epoch not in self.orders:
            seed = self.facts["seed"]
            order = draw(np.arange(len(self.train)), len(self.train), Random(seed, seed >> 32).fork(f"order/{epoch}"))
            self.orders = {epoch: order}
        ids = self._read(int(self.train[self.orders[epoch][index]]) * self.inner, self.inner)
        return ids if self.frame is None else np.concatenate([[self.frame[0]], ids, [self.frame[1]]])

    def rows(self, first: int, count: int) -> dict:
        """Rows `first` and following of the stream of all steps' batches."""
        inputs, labels = [], []
        for place in range(first, first + count):
            ids = self._block(place)
            masked, wanted = self._mask(ids, place) if self.facts["masking"] else (ids, ids)
            inputs.append(masked)
            labels.append(wanted)
        return {"input_ids": torch.from_numpy(np.stack(inputs)), "labels": torch.from_numpy(np.stack(labels))}

    def _mask(self, ids: np.ndarray, place: int) -> tuple:
        masking, seed = self.facts["masking"], self.facts["seed"]
        random = Random(seed, seed >> 32).fork(f"mask/{place}")
        masked, labels = ids.copy(), np.full_like(ids, IGNORED)
        chosen = max(1, int(masking["fraction"] * (self.sequence - 2) + 0.5))
        eligible = np.flatnonzero(~self.is_special[ids])
        for position in sorted(draw(eligible, chosen, random)):
            labels[position] = ids[position]
            drawn = random.uniform()
            if drawn < 0.8:
                masked[position] = masking["token"]
            elif drawn < 0.9:
                masked[position] = self.ordinary[random.integer(len(self.ordinary))]
        return masked, labels


class Images:
    """Images of classes, in an order drawn by the seed; preprocessed as the source's processor says."""

    def __init__(self, folder: str, source: str, seed: int) -> None:
        from torchvision.datasets import ImageFolder
        from transformers import AutoImageProcessor

        self.images, self.processor, self.seed = ImageFolder(folder), AutoImageProcessor.from_pretrained(source), seed
        self.orders = {}

    def _order(self, epoch: int) -> torch.Tensor:
        if epoch not in self.orders:
            generator = torch.Generator().manual_seed(self.seed + epoch)
            self.orders = {epoch: torch.randperm(len(self.images), generator=generator)}
        return self.orders[epoch]

    def rows(self, first: int, count: int) -> dict:
        pixels, labels = [], []
        for place in range(first, first + count):
            epoch, index = divmod(place, len(self.images))
            image, label = self.images[int(self._order(epoch)[index])]
            pixels.append(self.processor(image, return_tensors="pt")["pixel_values"][0])
            labels.append(label)
        return {"pixel_values": torch.stack(pixels), "labels": torch.tensor(labels)}


class Replay:
    """The batches of steps that `ligo export --dump-steps` wrote."""

    def __init__(self, job: Path, plan: dict) -> None:
        if not plan["dumped"]:
            raise SystemExit("There are no steps to check: export with --dump-steps.")
        self.steps = [load_file(job / name) for name in plan["dumped"]]
        self.batch = plan["learning"]["batch"]

    def rows(self, first: int, count: int) -> dict:
        step, start = divmod(first, self.batch)
        names = ("input_ids", "pixel_values", "labels", "label_distribution")
        return {n: t[start : start + count] for n, t in self.steps[step].items() if n in names}


# --- learning --------------------------------------------------------------------------------------------------------------


class Learner:
    MOMENTS = ("exp_avg", "exp_avg_sq")

    def __init__(self, job: Path, plan: dict, options: argparse.Namespace, group: Group) -> None:
        self.job, self.plan, self.options, self.group = job, plan, options, group
        self.operator = Operator(job, plan["operator"], group, options.shard and group.size > 1)
        self.grower = Grower(plan, Source(options.source), self.operator, job, group, options.shard)
        self.target = Target(job, plan, self.grower, group.device)
        settings = plan["learning"]["optimizer"]
        self.clip = settings["clip_norm"]
        self.optimizer = torch.optim.AdamW(
            [{"params": [p], "rate": self.operator.rates[name]} for name, p in self.operator.learned.items()],
            betas=(settings["beta1"], settings["beta2"]),
            eps=settings["epsilon"],
            weight_decay=settings["weight_decay"],
        )
        self.step = 0
        self.batch = plan["learning"]["batch"]
        if self.batch % group.size:
            raise SystemExit(f"A batch of {self.batch} cannot be shared by {group.size} processes evenly.")

    def gradients(self, rows) -> float:
        """The loss of this step's batch, and its gradient: both means over the labelled positions of all processes."""
        share = self.batch // self.group.size
        first = self.step * self.batch + self.group.rank * share
        size = min(self.options.micro_batch or share, share)
        parts = [rows(at, min(size, first + share - at)) for at in range(first, first + share, size)]
        counts = [self.target.positions(part) for part in parts]
        totals = torch.tensor([float(sum(counts))], device=self.group.device)
        self.group.sum([totals])
        self.optimizer.zero_grad(set_to_none=False)
        loss = torch.zeros(1, device=self.group.device)
        autocast = torch.autocast(self.group.device.type, torch.bfloat16) if self.options.bf16 else nullcontext()
        for part, count in zip(parts, counts):
            on_device = {name: tensor.to(self.group.device) for name, tensor in part.items()}
            with autocast:
                own = self.target.loss(on_device).float() * (count / totals[0])
            own.backward()
            loss += own.detach()
        self.operator.sum_gradients()
        self.group.sum([loss])
        return float(loss)

    def update(self) -> float:
        norm = self.operator.clip(self.clip)
        rate = self.plan["learning"]["learning_rates"][self.step]
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["rate"]
        self.optimizer.step()
        self.step += 1
        return norm

    def _moments(self) -> dict:
        """Moments of the whole operator by their names. All processes take part."""
        state = self.optimizer.state
        return {
            name: {key: self.operator.whole(name, state[parameter][key]).cpu() for key in self.MOMENTS}
            for name, parameter in self.operator.learned.items()
        }

    def save(self) -> None:
        state = {"step": self.step, "operator": self.operator.tensors(), "moments": self._moments()}
        if self.group.rank != 0:
            return
        partial = self.job / ".learner.pt.partial"
        torch.save(state, partial)
        os.replace(partial, self.job / "learner.pt")

    def restore(self) -> None:
        """Goes on from the last checkpoint, on any number of processes."""
        path = self.job / "learner.pt"
        if not path.exists():
            raise SystemExit(f"There is no checkpoint in {self.job} to go on from.")
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        self.operator.load(state["operator"])
        self.step = state["step"]
        for name, parameter in self.operator.learned.items():
            moments = {
                key: self.operator.own_part(name, state["moments"][name][key], self.operator.is_sharded(name))
                for key in self.MOMENTS
            }
            own = {key: tensor.to(parameter.device, copy=True) for key, tensor in moments.items()}
            self.optimizer.state[parameter] = {"step": torch.tensor(float(self.step)), **own}

    def write(self, out: Path) -> None:
        tensors = self.operator.tensors()
        if self.group.rank != 0:
            return
        partial = out.with_name(f".{out.name}.partial")
        save_file(tensors, partial, metadata=self.operator.metadata)
        os.replace(partial, out)


def peak_memory(device: torch.device) -> int:
    """Most bytes that this process had at a time: of the GPU, or of the machine where there is none."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def check_step(learner: Learner, rows, step: dict) -> tuple:
    """The largest difference of a gradient to a dumped one, as a share of its norm, at the operator of the dump; and where it is."""
    worst, where = 0.0, "-"
    own = learner.operator.tensors()
    learner.operator.load({name: step[f"operator/{name}"] for name in learner.operator.learned})
    learner.gradients(rows)
    for name, parameter in learner.operator.learned.items():
        gradient = learner.operator.whole(name, parameter.grad)
        expected = step[f"gradient/{name}"].to(parameter.device)
        # a tensor whose gradient is nothing but rounding is measured by that of all
        scale = max(float(expected.norm()), 1e-6 * math.sqrt(expected.numel()))
        off = float((gradient - expected).norm()) / scale
        if off > worst:
            worst, where = off, name
    learner.operator.load(own)
    return worst, where


def compare(learner: Learner, operator: Path, folder: Path) -> None:
    """Compares the target that an operator makes here with a grown checkpoint. The latter must have no perturbation."""
    learner.operator.load(load_file(operator))
    learner.grower.begin()
    grown, worst = Source(str(folder)), 0.0
    with torch.no_grad():
        for name in learner.grower.expressions:
            built, expected = learner.grower.build(name).cpu(), grown[name]
            worst = max(worst, float((built - expected).abs().max()) / max(1.0, float(expected.abs().max())))
    print(f"{len(learner.grower.expressions)} tensors, off by {worst:.1e} at most")
    if worst > 1e-6:
        raise SystemExit(f"{folder} differs by more than 1e-6: was it grown by {operator}, without a perturbation?")


SLURM = """#!/bin/bash
# Learns an operator on {machines} machines: sbatch [options] <this file>. All machines must see the same folders.
#SBATCH --job-name=ligo-learn
#SBATCH --nodes={machines}
#SBATCH --ntasks-per-node=1
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=ligo-learn-%j.log
set -euo pipefail
hosts=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
first=${{hosts%%$'\\n'*}}
resume=()
if [[ -e {checkpoint} ]]; then resume=(--resume); fi
srun torchrun --nnodes "$SLURM_NNODES" --nproc_per_node "${{SLURM_GPUS_ON_NODE:-1}}" \\
  --rdzv_id "$SLURM_JOB_ID" --rdzv_backend c10d --rdzv_endpoint "$first:29500" \\
  {words} "${{resume[@]}}"
# then: ligo grow {source} --to {config} --operator {operator} --out large
"""


def slurm_script(options: argparse.Namespace, given: list) -> str:
    """A script for sbatch: this command on many machines."""
    at = next(index for index, word in enumerate(given) if word.startswith("--slurm"))
    rest = given[:at] + given[at + (1 if "=" in given[at] else 2) :]
    own = [word for word in [str(Path(__file__).resolve()), *rest] if word != "--resume"]
    names = {
        "checkpoint": options.job / "learner.pt",
        "source": options.source,
        "config": options.job / "config.json",
        "operator": options.out or options.job / "learned.safetensors",
    }
    quoted = {name: shlex.quote(str(path)) for name, path in names.items()}
    return SLURM.format(machines=options.slurm, words=shlex.join(own), **quoted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("job", type=Path)
    parser.add_argument("--source", required=True, help="checkpoint folder of the small model")
    parser.add_argument("--out", type=Path, help="the operator; default learned.safetensors in the job")
    parser.add_argument("--images", help="folder of images by class")
    parser.add_argument("--micro-batch", type=int)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--slurm", type=int, metavar="MACHINES")
    parser.add_argument("--compare", type=Path, metavar="LARGE")
    for flag in ("check", "shard", "bf16", "resume"):
        parser.add_argument(f"--{flag}", action="store_true")
    options = parser.parse_args()
    plan = json.loads((options.job / "learning.json").read_text(encoding="utf-8"))
    if plan["format"] != "ligo.learning" or plan["format_version"] != 1:
        raise SystemExit(f"{options.job} is of another version of ligo export.")
    if options.slurm is not None:
        if options.slurm < 1:
            parser.error(f"--slurm wants a number of machines from 1 on, not {options.slurm}")
        print(slurm_script(options, sys.argv[1:]), end="")
        return
    group = Group()
    torch.manual_seed(0)
    learner = Learner(options.job, plan, options, group)
    if options.resume:
        learner.restore()
    if options.compare:
        return compare(learner, options.out or options.job / "learned.safetensors", options.compare)
    replay = Replay(options.job, plan) if options.check else None
    if replay is not None:
        rows, steps = replay.rows, len(replay.steps)
    elif options.images:
        rows, steps = Images(options.images, options.source, plan["learning"]["seed"]).rows, plan["learning"]["steps"]
    elif plan["tokens"] is not None:
        rows, steps = Tokens(plan["tokens"]).rows, plan["learning"]["steps"]
    else:
        raise SystemExit("The job names no tokens: give --images, or --check to replay its steps.")
    failed, spent, first = False, [], learner.step
    group.sent = 0.0
    while learner.step < steps:
        step = None if replay is None else replay.steps[learner.step]
        # at another operator: it comes before the gradient that is learned by
        gradient, where = (0.0, "") if step is None else check_step(learner, rows, step)
        started = time.perf_counter()
        loss = learner.gradients(rows)
        line = f"step {learner.step + 1}/{steps}  loss {loss:.7f}"
        if step is not None:
            apart = abs(loss - float(step["loss"]))
            failed |= not (apart <= 1e-5 and gradient <= options.tolerance)
            line += f"  off by {apart:.1e}, gradients by {gradient:.1e} ({where})"
        norm = learner.update()
        spent.append(time.perf_counter() - started)
        if group.rank == 0:
            print(f"{line}  norm {norm:.4f}", flush=True)
        if options.save_every and learner.step % options.save_every == 0 and learner.step < steps and replay is None:
            learner.save()
    if replay is None:
        peak, sent = group.largest(peak_memory(group.device)), group.sent / max(1, learner.step - first)
        out = options.out or options.job / "learned.safetensors"
        learner.write(out)
        if group.rank == 0:
            if spent:
                rate = sorted(spent)[len(spent) // 2]
                print(f"{rate:.2f} s a step, {peak / 1e9:.2f} GB a process at most, {sent / 1e6:.1f} MB sent by a process in a step")
            (options.job / "learner.pt").unlink(missing_ok=True)
            print(f"written {out}")
    group.close()
    if failed:
        raise SystemExit(f"Losses differ by more than 1e-5, or gradients by more than {options.tolerance} of their norm.")


if __name__ == "__main__":
    main()
