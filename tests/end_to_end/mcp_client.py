"""A client of MCP servers over standard input and output, for tests."""
import json
import queue
import subprocess
import threading


class Server:
    """One server and what it said."""

    def __init__(self, argv, start=True, **options):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, **options)
        self.last_id = 0
        self.waiting = {}
        self.others = queue.Queue()  # what answers no request
        self.lock = threading.Lock()
        threading.Thread(target=self.read, daemon=True).start()
        if start:
            self.about = self.ask("initialize", {
                "protocolVersion": "2025-06-18", "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"}})
            self.tell("notifications/initialized")

    def read(self):
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                message = {"unreadable": line.decode(errors="replace")}
            box = self.waiting.pop(message.get("id"), None)
            if box is None or "method" in message:
                self.others.put(message)
            else:
                box.put(message)
        for box in list(self.waiting.values()):
            box.put({"ended": True})
        self.others.put({"ended": True})

    def write(self, data):
        with self.lock:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def send(self, message):
        self.write((json.dumps(message) + "\n").encode())

    def tell(self, method, params=None):
        self.send({"jsonrpc": "2.0", "method": method, "params": params or {}})

    def begin(self, method, params=None, identifier=None):
        """Asks, and gives where the answer will be."""
        with self.lock:
            self.last_id += 1
            identifier = identifier if identifier is not None else self.last_id
            box = self.waiting[identifier] = queue.Queue()
        self.send({"jsonrpc": "2.0", "id": identifier, "method": method,
                   "params": params or {}})
        return box

    def ask(self, method, params=None):
        return self.begin(method, params).get(timeout=60)

    def call(self, tool, **arguments):
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def close(self):
        self.process.stdin.close()
        return self.process.wait(60)
