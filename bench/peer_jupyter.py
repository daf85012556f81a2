"""Lathe's kernel beside ipykernel through the same Jupyter client, taking turns; writes a Markdown table.

    python3 -m venv bench/.venv && bench/.venv/bin/pip install jupyter_client ipykernel
    go build -o /tmp/lathe ./cmd/lathe && /tmp/lathe kernel install --prefix bench/.venv
    bench/.venv/bin/python bench/peer_jupyter.py > bench/results-kernel.md
"""
import statistics
import time
from importlib.metadata import version

from jupyter_client.manager import KernelManager

KERNELS = {
    "lathe": {"one": "1+1", "complete": "strings.HasP", "loop": "s := 0\nfor i := range 1000000 { s += i }\ns",
              "print": "for i := range 20000 { fmt.Println(i) }"},
    "python3": {"one": "1+1", "complete": "str.startsw", "loop": "s = 0\nfor i in range(1000000): s += i\ns",
                "print": "for i in range(20000): print(i)"},
}
ROUNDS, REPEATS = 5, 100


def timed(f):
    start = time.perf_counter()
    f()
    return (time.perf_counter() - start) * 1e3


def run(client, code):
    reply = client.execute_interactive(code, timeout=60, output_hook=lambda m: None)
    assert reply["content"]["status"] == "ok", reply["content"]


def complete(client, code):
    wanted = client.complete(code, len(code))
    while client.get_shell_msg(timeout=10)["parent_header"].get("msg_id") != wanted:
        pass


def measure(name, samples):
    code = KERNELS[name]
    manager = KernelManager(kernel_name=name)

    def launch():
        manager.start_kernel()
        manager.lathe_client = manager.client()
        manager.lathe_client.start_channels()
        manager.lathe_client.wait_for_ready(timeout=60)
        run(manager.lathe_client, code["one"])

    samples["launch to first result"].append(timed(launch))
    client = manager.lathe_client
    for _ in range(REPEATS):
        samples["1+1, request to idle"].append(timed(lambda: run(client, code["one"])))
        samples["completion"].append(timed(lambda: complete(client, code["complete"])))
    for _ in range(3):
        samples["loop of 10⁶ additions"].append(timed(lambda: run(client, code["loop"])))
        samples["20,000 printed lines"].append(timed(lambda: run(client, code["print"])))
    client.stop_channels()
    manager.shutdown_kernel()


def main():
    rows = ("launch to first result", "1+1, request to idle", "completion", "loop of 10⁶ additions", "20,000 printed lines")
    samples = {k: {r: [] for r in rows} for k in KERNELS}
    for _ in range(ROUNDS):
        for name in KERNELS:
            measure(name, samples[name])
    print(f"# Lathe's kernel beside ipykernel {version('ipykernel')}\n")
    print(f"Through jupyter_client {version('jupyter_client')} over loopback TCP, {ROUNDS} rounds in turn. Milliseconds.")
    print("Ratio = ipykernel/Lathe of the medians: above 1, Lathe is faster.\n")
    print("| | Lathe median (99 %) | ipykernel median (99 %) | ratio |\n|---|---|---|---|")
    for r in rows:
        cells, medians = [], []
        for name in KERNELS:
            s = sorted(samples[name][r])
            medians.append(statistics.median(s))
            cells.append(f"{medians[-1]:.2f} ({s[min(len(s) - 1, int(0.99 * len(s)))]:.2f})")
        print(f"| {r} | {cells[0]} | {cells[1]} | {medians[1] / medians[0]:.1f} |")


main()
