"""Trains a grown language model on with PyTorch, on as many processes and machines as the launcher starts.

    pip install torch transformers accelerate
    torchrun --nproc_per_node 2 examples/train-grown.py grown --text texts/*.txt --out trained
    accelerate launch --num_processes 2 examples/train-grown.py grown --text texts/*.txt --out trained

`grown` is a folder that `ligo grow` wrote: an ordinary Hugging Face checkpoint with its tokenizer. BERT and RoBERTa learn by
masked, GPT-2 by causal language modelling. DDP by default; for FSDP or DeepSpeed choose it in `accelerate config`, this script
stays as it is. --batch is what one process takes.

Where `grown` has moments of the optimiser (`optimizer.safetensors`), training goes on with them; `--moments anew` leaves them.
`ligo.json` tells which entries are the source's: `--freeze old` (or new) keeps them as they are, and new ones have a peak of
the learning rate of their own with --new-lr, and a warm-up with --new-warmup. These need whole parameters: one process, or DDP.
"""

import argparse
import json
from functools import reduce
from pathlib import Path

import torch
import transformers
from accelerate import Accelerator
from accelerate.utils import DistributedType, set_seed
from safetensors import safe_open
from torch.utils.data import DataLoader
from transformers import AutoConfig, AutoTokenizer, DataCollatorForLanguageModeling
from transformers import get_linear_schedule_with_warmup



def blocks_of(paths: list, tokenizer, length: int) -> list:
    """All text as blocks of `length` tokens."""
    ids = []
    for path in paths:
        lines = Path(path).read_text(encoding="utf-8").splitlines(keepends=True)
        encoded = tokenizer(lines, add_special_tokens=False, verbose=False)["input_ids"]
        ids.extend(token for line in encoded for token in line)
    return [{"input_ids": ids[i : i + length]} for i in range(0, len(ids) - length + 1, length)]


def groups_of(model: torch.nn.Module, weight_decay: float) -> list:
    """Matrices and tables decay; biases and norms do not."""
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def product(axes: list) -> torch.Tensor:
    """The entries whose every row, axis by axis, is 1."""
    shapes = [[-1 if other == axis else 1 for other in range(len(axes))] for axis in range(len(axes))]
    return reduce(torch.mul, (rows.float().reshape(shape) for rows, shape in zip(axes, shapes)))


def canonical(model: torch.nn.Module, known) -> dict:
    """Parameters by the names that ligo has for them; bare models are stored without their prefix."""
    names = {}
    for name, parameter in model.named_parameters():
        whole = f"{model.base_model_prefix}.{name}"
        names[whole if name not in known and whole in known else name] = parameter
    return names


def old_entries(folder: str, model: torch.nn.Module) -> dict:
    """By parameter 1 for entries that are the source's and 0 for new ones, as `ligo.json` of a growth has them."""
    record = json.loads((Path(folder) / "ligo.json").read_text(encoding="utf-8"))
    if "old" not in record:
        raise SystemExit(f"{folder}/ligo.json does not say which entries are old: is it of a growth?")
    old = {}
    for name, parameter in canonical(model, record["tensors"]).items():
        axes = [torch.zeros(size) for size in parameter.shape]
        for rows, stretches in zip(axes, record["old"].get(name, [])):
            for begin, end in stretches:
                rows[begin:end] = 1
        old[parameter] = product(axes)
    return old


def load_moments(folder: str, model: torch.nn.Module, optimizer: torch.optim.AdamW) -> dict:
    """
    Puts moments into the state of AdamW. Returns, of tensors that have both, 1 for entries whose moments are means of all updates
    and 0 for those that began at zero `late` updates later: they need a bias correction of their own.
    """
    path = Path(folder) / "optimizer.safetensors"
    if not path.exists():
        return {}
    with safe_open(path, "pt") as file:
        facts, keys = file.metadata(), set(file.keys())
        if facts.get("optimizer") != "adamw":
            print(f"moments of {facts.get('optimizer')} are left")
            return {}
        step, fresh = int(facts["step"]), int(facts.get("fresh_step", facts["step"]))
        known = {key.removeprefix("first_moment/") for key in keys if key.startswith("first_moment/")}
        carried = {}
        for name, parameter in canonical(model, known).items():
            if name not in known:
                continue  # frozen before: no moments
            rows = [f"carried/{name}/{axis}" for axis in range(parameter.ndim)]
            entries = product([file.get_tensor(row) for row in rows]) if rows[0] in keys else torch.ones(1)
            is_whole = bool(entries.any())
            moment = lambda order: file.get_tensor(f"{order}_moment/{name}").reshape(parameter.shape)
            optimizer.state[parameter] = {
                "step": torch.tensor(float(step if is_whole else fresh)),
                "exp_avg": moment("first"),
                "exp_avg_sq": moment("second"),
            }
            if is_whole and not bool(entries.all()):
                carried[parameter] = (entries, step - fresh)
    return carried


class EntryRates:
    """
    Steps of AdamW in which entries of one tensor differ: new ones have their own rate, those of `frozen` stay to the bit, and
    those with younger moments are corrected by their own count.
    """

    def __init__(self, optimizer, old: dict, carried: dict, frozen: str | None = None) -> None:
        self.optimizer, self.old, self.carried, self.frozen = optimizer, old, carried, frozen
        self.groups = {p: group for group in optimizer.param_groups for p in group["params"]}

    def still(self, parameter) -> torch.Tensor:
        old = self.old[parameter].to(parameter.device)
        return old if self.frozen == "old" else 1 - old

    def mask_gradients(self) -> None:
        """Before gradients are clipped: frozen entries have none."""
        for parameter in self.old if self.frozen else ():
            if parameter.grad is not None:
                parameter.grad.mul_(1 - self.still(parameter))

    @torch.no_grad()
    def step(self, new_rate: float = 1.0) -> None:
        before = {p: p.clone() for p in {**self.old, **self.carried} if p.grad is not None}
        self.optimizer.step()
        for parameter, was in before.items():
            group = self.groups[parameter]
            decayed = was * (1 - group["lr"] * group["weight_decay"])
            change = parameter - decayed
            if parameter in self.carried:
                entries, late = self.carried[parameter]
                entries = entries.to(parameter.device)
                own = younger_change(self.optimizer.state[parameter], group, late)
                change = torch.where(entries > 0, change, own)
            old = self.old.get(parameter, torch.ones(1)).to(parameter.device)
            rate = old + (1 - old) * new_rate
            parameter.copy_(was + rate * (decayed - was + change))
            if self.frozen:
                parameter.copy_(torch.where(self.still(parameter) > 0, was, parameter))


def younger_change(state: dict, group: dict, late: float) -> torch.Tensor:
    """Adam's change of entries whose moments began `late` updates after those that are counted."""
    count = state["step"].item() - late
    first, second = (1 - beta**count for beta in group["betas"])
    root = (state["exp_avg_sq"] / second).sqrt() + group["eps"]
    return -group["lr"] * (state["exp_avg"] / first) / root


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("checkpoint")
    parser.add_argument("--text", nargs="+", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--moments", choices=["carry", "anew"], default="carry")
    parser.add_argument("--freeze", choices=["old", "new"])
    parser.add_argument("--new-lr", type=float)
    parser.add_argument("--new-warmup", type=int, default=1)
    args = parser.parse_args()

    accelerator = Accelerator(cpu=not torch.accelerator.is_available())
    set_seed(args.seed)
    tokenizer = AutoTokenizer.from_pretrained(args.checkpoint)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token  # never used: blocks are full
    config = AutoConfig.from_pretrained(args.checkpoint)
    (class_name,) = config.architectures
    model = getattr(transformers, class_name).from_pretrained(args.checkpoint)

    collator = DataCollatorForLanguageModeling(tokenizer, mlm=class_name.endswith("ForMaskedLM"))
    blocks = blocks_of(args.text, tokenizer, args.length)
    loader = DataLoader(blocks, args.batch, shuffle=True, drop_last=True, collate_fn=collator)
    optimizer = torch.optim.AdamW(groups_of(model, 0.1), lr=args.lr, eps=1e-6)
    # Accelerate advances the schedule once for every process
    warmup, total = args.steps // 10, args.steps
    schedule = get_linear_schedule_with_warmup(
        optimizer, warmup * accelerator.num_processes, total * accelerator.num_processes
    )
    carried = load_moments(args.checkpoint, model, optimizer) if args.moments == "carry" else {}
    has_groups = args.freeze is not None or args.new_lr is not None or args.new_warmup > 1
    old = old_entries(args.checkpoint, model) if has_groups else {}
    whole = (DistributedType.NO, DistributedType.MULTI_CPU, DistributedType.MULTI_GPU)
    if (old or carried) and accelerator.distributed_type not in whole:
        raise SystemExit("Entries and moments need whole parameters: use DDP, or --moments anew without --freeze and --new-*.")
    rates = EntryRates(optimizer, old, carried, args.freeze)
    model, optimizer, loader, schedule = accelerator.prepare(model, optimizer, loader, schedule)
    rates.optimizer = optimizer
    accelerator.print(
        f"{class_name}, {sum(p.numel() for p in model.parameters()):,} parameters; {len(blocks)} blocks; "
        f"{accelerator.num_processes} processes, {accelerator.distributed_type.value}, {accelerator.device.type}"
    )

    step, losses = 0, []
    model.train()
    while step < args.steps:
        for batch in loader:
            loss = model(**batch).loss
            accelerator.backward(loss)
            rates.mask_gradients()
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            new_rate = (args.new_lr or args.lr) / args.lr * min(1.0, (step + 1) / args.new_warmup)
            rates.step(new_rate)
            schedule.step()
            optimizer.zero_grad()
            step += 1
            losses.append(loss.detach())
            if step == 1 or step % max(1, args.steps // 10) == 0:
                mean = accelerator.reduce(torch.stack(losses).mean(), reduction="mean").item()
                accelerator.print(f"step {step}/{args.steps}, loss {mean:.4f}")
                losses.clear()
            if step == args.steps:
                break

    state = accelerator.get_state_dict(model)  # whole, also where FSDP has it in pieces
    if accelerator.is_main_process:
        accelerator.unwrap_model(model).save_pretrained(args.out, state_dict=state)
        tokenizer.save_pretrained(args.out)
    accelerator.end_training()


if __name__ == "__main__":
    main()
