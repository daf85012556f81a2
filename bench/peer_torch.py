"""PyTorch's side of the paired benchmarks.

Reads lines "NAME COUNT" from standard input, runs the case COUNT times and answers with one line:
seconds and involuntary context switches. "NAME 0" prepares and warms up. THREADS sets the thread count.
"""
import os
import resource
import sys
import time

THREADS = int(os.environ.get("THREADS", "2"))
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)
os.environ["MKL_DYNAMIC"] = "FALSE"

import torch  # noqa: E402

torch.set_num_threads(THREADS)

import peer_torch_cases as cases  # noqa: E402


def best(candidates):
    """The fastest of several ways to do the same work."""
    def seconds(f):
        f()
        start = time.perf_counter()
        f()
        f()
        return time.perf_counter() - start

    return min(candidates, key=lambda f: min(seconds(f) for _ in range(3)))


def memory(name, steps):
    """Prints the resident memory in MiB before a model is made and at most while it trains."""
    def status(field):
        with open("/proc/self/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith(field)) / 1024

    with open("/proc/self/clear_refs", "w") as f:
        f.write("5")
    before = status("VmRSS")
    step = cases.make(name)
    step = step[0] if isinstance(step, list) else step
    for _ in range(steps):
        step()
    print(before, status("VmHWM"))


def main():
    if sys.argv[1:2] == ["memory"]:
        return memory(sys.argv[2], int(sys.argv[3]))
    known = {}
    print(f"torch {torch.__version__}", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        if name not in known:
            known.clear()
            f = cases.make(name)
            f = best(f) if isinstance(f, list) else f
            for _ in range(3):
                f()
            known[name] = f
        f = known[name]
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
        start = time.perf_counter()
        for _ in range(int(count)):
            f()
        seconds = time.perf_counter() - start
        switches = resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - switches
        print(seconds, switches, flush=True)


main()
