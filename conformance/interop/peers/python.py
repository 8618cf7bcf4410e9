"""The client and the server of python-websockets 10: a program of the matrix (see ../exchange/lines.ts)."""

import asyncio
import base64
import hashlib
import http
import json
import sys
import urllib.parse

import websockets
from websockets.extensions import permessage_deflate


def tell(report):
    print(json.dumps(report), flush=True)


async def lines():
    loop = asyncio.get_running_loop()
    # Tasks hold messages by their repetition, so their lines are short.
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


def message_of(spec):
    if "seed" in spec:
        data = hashlib.shake_256(spec["seed"].encode()).digest(spec["length"])
        return data if spec["kind"] == "binary" else base64.b64encode(data).decode()[: spec["length"]]
    payload = spec["payload"] * spec["repeat"]
    return payload if spec["kind"] == "text" else bytes.fromhex(payload)


def digest_of(message):
    data = message.encode() if isinstance(message, str) else message
    return {
        "kind": "text" if isinstance(message, str) else "binary",
        "length": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def fragments_of(message):
    cut = len(message) // 2
    return [message[:cut], message[:0], message[cut:]]


def deflate_options(factory, deflate):
    """What to pass for permessage-deflate with these parameters; the names are the RFC's."""
    if deflate is None:
        return {}
    parameters = {
        "server_no_context_takeover": deflate["serverNoContextTakeover"],
        "client_no_context_takeover": deflate["clientNoContextTakeover"],
        "server_max_window_bits": deflate["serverMaxWindowBits"],
        "client_max_window_bits": deflate["clientMaxWindowBits"],
    }
    # What is not asked for is left to the factory.
    asked = {name: value for name, value in parameters.items() if value is not None}
    return {"extensions": [factory(**asked)], "compression": None, "max_size": 2**25}


def extensions_of(socket):
    return [extension.name for extension in socket.extensions]


def end_of(socket):
    return {"code": socket.close_code, "reason": socket.close_reason}


async def perform(task):
    offered = task["protocols"] or None
    deflate = deflate_options(permessage_deflate.ClientPerMessageDeflateFactory, task["deflate"])
    socket = await websockets.connect(task["url"], subprotocols=offered, **deflate)
    if task["ping"]:
        await (await socket.ping())
    # The messages are read while others are sent, or both sides could end up waiting for each other.
    sending = asyncio.create_task(send_all(socket, task))
    messages = []
    try:
        while len(messages) < task["expect"]:
            messages.append(await socket.recv())
        await sending
    except websockets.ConnectionClosed:
        pass
    if task["close"] is not None:
        await socket.close(task["close"].get("code", 1000), task["close"].get("reason", ""))
    await socket.wait_closed()
    await asyncio.gather(sending, return_exceptions=True)
    return {
        "id": task["id"],
        "protocol": socket.subprotocol or "",
        "extensions": extensions_of(socket),
        "ponged": task["ping"],
        "messages": [digest_of(message) for message in messages],
        "end": end_of(socket),
    }


async def send_all(socket, task):
    for spec in task["send"]:
        message = message_of(spec)
        await socket.send(fragments_of(message) if task["fragmented"] else message)


async def perform_and_tell(task):
    try:
        tell(await perform(task))
    except Exception as error:
        tell({"id": task["id"], "failed": repr(error)})


async def client():
    running = set()
    async for line in lines():
        done = asyncio.create_task(perform_and_tell(json.loads(line)))
        running.add(done)
        done.add_done_callback(running.discard)
    await asyncio.gather(*running)


async def converse(socket):
    target = urllib.parse.urlsplit(socket.path)
    query = {name: values[0] for name, values in urllib.parse.parse_qs(target.query).items()}
    received = 0
    if target.path == "/close":
        if "last" in query:
            await socket.send(query["last"])
        await socket.close(int(query["code"]), query.get("reason", ""))
    try:
        if target.path == "/ping":
            await (await socket.ping())
            await socket.send("ponged")
        async for message in socket:
            received += 1
            if target.path == "/count":
                if received == int(query["until"]):
                    await socket.close(1000)
            elif target.path == "/fragments":
                await socket.send(fragments_of(message))
            else:
                await socket.send(message)
    except websockets.ConnectionClosed:
        pass
    await socket.wait_closed()
    protocol = socket.subprotocol or ""
    name = query.get("id", "") + (f" {protocol}" if protocol else "")
    extensions = extensions_of(socket)
    tell({"id": name, "protocol": protocol, "extensions": extensions, "received": received, "end": end_of(socket)})


async def refuse(path, _headers):
    return (http.HTTPStatus.FORBIDDEN, [], b"no\n") if urllib.parse.urlsplit(path).path == "/refuse" else None


class Server(websockets.WebSocketServerProtocol):
    @staticmethod
    def select_subprotocol(client_subprotocols, server_subprotocols):
        return client_subprotocols[-1] if client_subprotocols else None


async def listen(name, deflate):
    listening = await websockets.serve(
        converse,
        "127.0.0.1",
        0,
        create_protocol=Server,
        process_request=refuse,
        subprotocols=["any"],
        **deflate_options(permessage_deflate.ServerPerMessageDeflateFactory, deflate),
    )
    tell({"id": name, "port": listening.sockets[0].getsockname()[1]})
    return listening


async def server():
    started = [await listen("listening", None)]
    async for line in lines():
        task = json.loads(line)
        started.append(await listen(task["id"], task["deflate"]))
    for listening in started:
        listening.close()
        await listening.wait_closed()


asyncio.run({"client": client, "server": server}[sys.argv[1]]())
