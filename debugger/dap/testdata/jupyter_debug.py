"""Drives the debugger of the installed kernel with Jupyter's own client over ZeroMQ.

Prints one line for each thing that was seen; the test counts them.
"""

import queue
import time

from jupyter_client.manager import start_new_kernel

manager, client = start_new_kernel(kernel_name="lathe", startup_timeout=60)
seq = 0


def ask(command, **arguments):
    global seq
    seq += 1
    content = {"type": "request", "seq": seq, "command": command, "arguments": arguments}
    message = client.session.msg("debug_request", content)
    client.control_channel.send(message)
    while True:
        reply = client.get_control_msg(timeout=60)
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            assert reply["msg_type"] == "debug_reply", reply["msg_type"]
            assert reply["content"]["success"], reply["content"]
            return reply["content"].get("body") or {}


def event(name):
    end = time.time() + 60
    while time.time() < end:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            continue
        if message["msg_type"] == "debug_event" and message["content"]["event"] == name:
            return message["content"].get("body") or {}
    raise SystemExit(f"no event {name}")


client.kernel_info()
assert client.get_shell_msg(timeout=60)["content"]["debugger"] is True
print("ok the kernel says that it has a debugger")
info = ask("debugInfo")
assert info["hashMethod"] == "Murmur2" and not info["isStarted"]
ask("initialize", clientID="jupyterlab", linesStartAt1=True, columnsStartAt1=True, pathFormat="path")
ask("attach")
event("initialized")
print("ok it is attached")
code = "total := 0\nfor i := range 5 {\n\ttotal += i\n}\ntotal"
path = ask("dumpCell", code=code)["sourcePath"]
assert path.startswith(info["tmpFilePrefix"]) and path.endswith(info["tmpFileSuffix"])
points = ask("setBreakpoints", source={"path": path}, breakpoints=[{"line": 3, "condition": "i == 3"}], sourceModified=False)
assert points["breakpoints"][0]["verified"], points
ask("configurationDone")
client.execute(code)
thread = event("stopped")["threadId"]
frame = ask("stackTrace", threadId=thread)["stackFrames"][0]
assert frame["line"] == 3 and frame["source"]["path"] == path, frame
scope = ask("scopes", frameId=frame["id"])["scopes"][0]
variables = ask("variables", variablesReference=scope["variablesReference"])["variables"]
assert [(v["name"], v["value"]) for v in variables] == [("i", "3")], variables
print("ok it stops at a breakpoint")
ask("evaluate", expression="total = 100", frameId=frame["id"], context="repl")
ask("continue", threadId=thread)
while True:
    message = client.get_iopub_msg(timeout=60)
    if message["msg_type"] == "execute_result":
        assert message["content"]["data"]["text/plain"] == "107", message["content"]
        break
print("ok a variable was set")
ask("disconnect", restart=False, terminateDebuggee=False)
client.stop_channels()
manager.shutdown_kernel(now=True)
