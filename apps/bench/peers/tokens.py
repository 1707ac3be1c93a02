"""Tokenises a text by lines with Hugging Face's tokenizers (Rust) or datasets, to be timed beside openTokens. Prints one JSON line."""

import argparse
import hashlib
import json
import os
import resource
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("way", choices=["read", "tokenizers", "datasets"])
parser.add_argument("--text", required=True)
parser.add_argument("--tokenizer", required=True, help="folder with tokenizer.json")
parser.add_argument("--threads", type=int, default=1)
arguments = parser.parse_args()
os.environ["RAYON_NUM_THREADS"] = str(arguments.threads)
os.environ["TOKENIZERS_PARALLELISM"] = "true" if arguments.threads > 1 else "false"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
LINES = 1024


def batches():
    lines = []
    with open(arguments.text, encoding="utf-8") as file:
        for line in file:
            lines.append(line.rstrip("\n"))
            if len(lines) == LINES:
                yield lines
                lines = []
    yield lines


def read():
    """Lines alone."""
    return {"characters": sum(len(line) for lines in batches() for line in lines)}


def load():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(arguments.tokenizer, "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def tokenise(folder):
    """Ids into a file, as openTokens writes them: constant memory."""
    import numpy

    tokenizer, digest, count = load(), hashlib.sha256(), 0
    with open(os.path.join(folder, "tokens"), "wb") as out:
        for lines in batches():
            encoded = tokenizer.encode_batch_fast(lines, add_special_tokens=False)
            ids = numpy.concatenate([numpy.asarray(one.ids, dtype="<i4") for one in encoded] or [[]]).astype("<i4")
            digest.update(ids.tobytes())
            out.write(ids.tobytes())
            count += len(ids)
        out.flush()
        os.fsync(out.fileno())
    return {"count": count, "sha256": digest.hexdigest()}


def map_dataset(folder):
    """The usual way of transformers' examples: load_dataset("text"), then a batched map whose ids go into an Arrow file."""
    import datasets

    tokenizer = load()

    def encode(batch):
        encoded = tokenizer.encode_batch_fast(batch["text"], add_special_tokens=False)
        return {"input_ids": [one.ids for one in encoded]}

    files = datasets.load_dataset("text", data_files=arguments.text, split="train", cache_dir=folder)
    mapped = files.map(encode, batched=True, batch_size=LINES, remove_columns=["text"])
    return {"lines": len(mapped)}


# What is imported and made once is not counted, as it is not for the other side.
if arguments.way != "read":
    load()
if arguments.way == "datasets":
    import datasets  # noqa: F401
with tempfile.TemporaryDirectory(dir=os.path.dirname(os.path.abspath(arguments.text))) as folder:
    started, used = time.perf_counter(), time.process_time()
    result = read() if arguments.way == "read" else tokenise(folder) if arguments.way == "tokenizers" else map_dataset(folder)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "peakMemoryBytes": peak, **result}))
