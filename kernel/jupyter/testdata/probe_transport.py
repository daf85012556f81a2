"""Clients that misbehave, beside one that does not, over libzmq and bare sockets.

Prints a line "ok NAME" for each probe that the kernel survives and exits with 1 when one fails.
"""
import socket
import struct
import sys
import time

import zmq
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

failed = []


def check(name, ok, detail=""):
    print("ok" if ok else "FAIL", name, detail, flush=True)
    if not ok:
        failed.append(name)


def ports(km):
    info = km.get_connection_info()
    return {n: info[n + "_port"] for n in ("shell", "control", "iopub", "stdin", "hb")}


def run(kc, code, seconds=60):
    """Executes code; returns the reply and the text that arrived on stdout."""
    text = []

    def output(msg):
        if msg["msg_type"] == "stream":
            text.append(msg["content"]["text"])

    reply = kc.execute_interactive(code, timeout=seconds, output_hook=output, store_history=False)
    return reply["content"]["status"], "".join(text)


def fresh(km):
    kc = km.client()
    kc.start_channels()
    kc.wait_for_ready(timeout=120)
    return kc


def silent_peers(km):
    open_sockets = [socket.create_connection(("127.0.0.1", p)) for p in ports(km).values() for _ in range(3)]
    kc = fresh(km)
    status, text = run(kc, 'fmt.Println("here")')
    check("peers that send nothing hold up nobody", (status, text) == ("ok", "here\n"), f"{status} {text!r}")
    kc.stop_channels()
    for s in open_sockets:
        s.close()


def stalled_subscriber(km):
    context = zmq.Context()
    stalled = context.socket(zmq.SUB)
    stalled.setsockopt(zmq.RCVHWM, 1)
    stalled.setsockopt(zmq.RCVBUF, 4096)
    stalled.setsockopt(zmq.SUBSCRIBE, b"")
    stalled.connect(f"tcp://127.0.0.1:{ports(km)['iopub']}")
    time.sleep(0.3)
    kc = fresh(km)
    code = 'for i := range 200000 { fmt.Println(i, "and some more text to fill what is between us") }'
    status, text = run(kc, code, 120)
    lines = text.splitlines()
    good = [int(line.split()[0]) for line in lines] == list(range(200000))
    check("a stalled subscriber holds up nobody", status == "ok" and good, f"{status}, {len(lines)} of 200000 lines")
    kc.stop_channels()
    stalled.close(0)
    context.term()


def forged_length(km):
    for port in ports(km).values():
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(b"\xff" + bytes(7) + b"\x01\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
        s.sendall(b"\x06" + struct.pack(">Q", 1 << 62))
        ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
        t = socket.create_connection(("127.0.0.1", port))
        t.sendall(b"\xff" + bytes(7) + b"\x01\x7f" + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32))
        t.sendall(b"\x04" + bytes([len(ready)]) + ready + b"\x02" + struct.pack(">Q", 1 << 62))
        time.sleep(0.05)
        s.close()
        t.close()
    kc = fresh(km)
    status, text = run(kc, "fmt.Println(1)")
    check("a frame that claims 2^62 bytes is refused", km.is_alive() and text == "1\n", f"{status} {text!r}")
    kc.stop_channels()


def signatures(km):
    info = km.get_connection_info()
    context = zmq.Context()

    def ask(session, raw=None, ms=1500):
        s = context.socket(zmq.DEALER)
        s.connect(f"tcp://127.0.0.1:{info['shell_port']}")
        sent = raw or session.serialize(session.msg("kernel_info_request"))
        s.send_multipart(sent)
        answered = s.poll(ms) > 0
        s.close(0)
        return sent, answered

    check("a wrong key gets no answer", not ask(Session(key=b"wrong"))[1])
    sent, answered = ask(Session(key=info["key"]), ms=120000)
    check("the right key gets one", answered)
    check("a replayed message gets none", not ask(None, sent)[1])
    context.term()


def begun(kc, msg_id):
    """Waits until the cell of a request runs."""
    while True:
        msg = kc.get_iopub_msg(timeout=120)
        if msg["parent_header"].get("msg_id") == msg_id and msg["msg_type"] == "execute_input":
            return


def interrupts(km):
    kc = fresh(km)
    for name, code in {
        "an empty loop": "for { }",
        "a hot loop": "s := 0\nfor i := 0; ; i++ { s += i }",
        "a loop that recovers": "for { func() { defer func() { recover() }(); for { } }() }",
        "a blocked channel": "<-make(chan int)",
        "a sleep": "time.Sleep(time.Hour)",
        "a long tensor operation": "a := t.Randn(6000, 6000)\nfor range 3 { a.MatMul(a) }",
        "a training step": """net := nn.NewSequential(nn.NewConv2D(3, 64, 7), nn.NewReLU(), nn.NewConv2D(64, 64, 7))
x := t.Randn(16, 3, 224, 224)
for { net.Forward(x).Mean().Backward() }""",
        "a wait group": "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()",
    }.items():
        msg_id = kc.execute(code, store_history=False)
        begun(kc, msg_id)
        time.sleep(0.4)
        start = time.monotonic()
        km.interrupt_kernel()
        reply = kc.get_shell_msg(timeout=120)
        while reply["parent_header"].get("msg_id") != msg_id:
            reply = kc.get_shell_msg(timeout=120)
        took = time.monotonic() - start
        check(f"an interrupt ends {name}", reply["content"]["status"] == "error", f"{took:.2f} s")
    status, text = run(kc, "fmt.Println(2)")
    check("the session lives on", text == "2\n", f"{status} {text!r}")
    kc.stop_channels()


def main():
    km = KernelManager(kernel_name="lathe")
    km.start_kernel()
    try:
        fresh(km).stop_channels()
        for probe in (silent_peers, forged_length, signatures, interrupts, stalled_subscriber):
            probe(km)
    finally:
        km.shutdown_kernel(now=False)
        check("the kernel ends when asked to", not km.is_alive())
    sys.exit(1 if failed else 0)


main()
