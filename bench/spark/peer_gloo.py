"""All-reduce of gloo between two processes of this machine: seconds for each size, as JSON.

    python3 bench/spark/peer_gloo.py 4096 8388608
"""
import json
import os
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def rank(r, sizes, out):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=r, world_size=2)
    res = {}
    for n in sizes:
        x = torch.ones(n // 4)
        reps = max(20, min(2000, (256 << 20) // n))
        for _ in range(5):
            dist.all_reduce(x)
        best = 1e9
        for _ in range(5):
            x.fill_(1)
            dist.barrier()
            t = time.perf_counter()
            for _ in range(reps // 5):
                dist.all_reduce(x)
            best = min(best, (time.perf_counter() - t) / (reps // 5))
        res[n] = best
    if r == 0:
        with open(out, "w") as f:
            json.dump(res, f)


if __name__ == "__main__":
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29517", GLOO_SOCKET_IFNAME="lo")
    out = f"/tmp/lathe-gloo-{os.getpid()}.json"
    mp.spawn(rank, ([int(a) for a in sys.argv[1:]], out), nprocs=2)
    print(open(out).read())
    os.remove(out)
