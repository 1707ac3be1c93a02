"""Trains a grown language model on with PyTorch, on as many processes and machines as the launcher starts.

    pip install torch transformers accelerate
    torchrun --nproc_per_node 2 examples/train-grown.py grown --text texts/*.txt --out trained
    accelerate launch --num_processes 2 examples/train-grown.py grown --text texts/*.txt --out trained

`grown` is a folder that `ligo grow` wrote: an ordinary Hugging Face checkpoint with its tokenizer. BERT and RoBERTa learn by
masked, GPT-2 by causal language modelling. DDP by default; for FSDP or DeepSpeed choose it in `accelerate config`, this script
stays as it is. --batch is what one process takes.
"""

import argparse
from pathlib import Path

import torch
import transformers
from accelerate import Accelerator
from accelerate.utils import set_seed
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
    model, optimizer, loader, schedule = accelerator.prepare(model, optimizer, loader, schedule)
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
            accelerator.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
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


main()
