"""Which calls of an orchestrator count as effects. Pure: names in, kind out."""

from __future__ import annotations

BLOCKING, CLOCK, DATABASE, ENVIRONMENT, FILE, NETWORK, OUTPUT, PROCESS, RANDOM, THREAD = (
    "blocks the worker",
    "reads the wall clock",
    "talks to a database",
    "reads the machine or its environment",
    "touches the file system",
    "talks over the network",
    "writes output that every replay repeats",
    "starts a process",
    "asks for randomness",
    "starts work that the runtime does not see",
)

SURVIVOR = "catches everything, so that it goes on when the runtime drops it"

# Audit events (PEP 578) name what happens below any library, whoever asked for it.
AUDIT_EVENTS: dict[str, str] = {
    "open": FILE,
    "os.chmod": FILE,
    "os.link": FILE,
    "os.listdir": FILE,
    "os.mkdir": FILE,
    "os.remove": FILE,
    "os.rename": FILE,
    "os.rmdir": FILE,
    "os.scandir": FILE,
    "os.symlink": FILE,
    "os.truncate": FILE,
    "os.utime": FILE,
    "os.chdir": ENVIRONMENT,
    "os.putenv": ENVIRONMENT,
    "os.unsetenv": ENVIRONMENT,
    "os.exec": PROCESS,
    "os.fork": PROCESS,
    "os.posix_spawn": PROCESS,
    "os.system": PROCESS,
    "subprocess.Popen": PROCESS,
    "socket.bind": NETWORK,
    "socket.connect": NETWORK,
    "socket.getaddrinfo": NETWORK,
    "socket.gethostbyname": NETWORK,
    "socket.gethostname": ENVIRONMENT,
    "socket.sendto": NETWORK,
    "sqlite3.connect": DATABASE,
}

# Functions by qualified name; the longest dotted prefix decides.
FUNCTIONS: dict[str, str] = {
    "_asyncio": THREAD,
    "_io.open": FILE,
    "_random": RANDOM,
    "_socket.gethostname": ENVIRONMENT,
    "_thread.get_ident": ENVIRONMENT,
    "_thread.get_native_id": ENVIRONMENT,
    "_thread.start_new_thread": THREAD,
    "aiohttp": NETWORK,
    "asyncio": THREAD,
    "azure.cosmos": NETWORK,
    "azure.data": NETWORK,
    "azure.durable_functions.models.DurableOrchestrationClient": NETWORK,
    "azure.identity": NETWORK,
    "azure.keyvault": NETWORK,
    "azure.servicebus": NETWORK,
    "azure.storage": NETWORK,
    "boto3": NETWORK,
    "builtins.input": BLOCKING,
    "builtins.print": OUTPUT,
    "concurrent.futures": THREAD,
    "durabletask.client": NETWORK,
    "getpass.getuser": ENVIRONMENT,
    "http.client": NETWORK,
    "httpx": NETWORK,
    "io.open": FILE,
    "logging.Logger.handle": OUTPUT,
    "multiprocessing": THREAD,
    "openai": NETWORK,
    "os.cpu_count": ENVIRONMENT,
    "os.urandom": RANDOM,
    "pathlib.Path.cwd": ENVIRONMENT,
    "pathlib.Path.exists": FILE,
    "pathlib.Path.home": ENVIRONMENT,
    "pathlib.Path.is_dir": FILE,
    "pathlib.Path.is_file": FILE,
    "pathlib.Path.stat": FILE,
    "platform": ENVIRONMENT,
    "posix.cpu_count": ENVIRONMENT,
    "posix.getcwd": ENVIRONMENT,
    "posix.getlogin": ENVIRONMENT,
    "posix.getpid": ENVIRONMENT,
    "posix.getppid": ENVIRONMENT,
    "posix.getuid": ENVIRONMENT,
    "posix.stat": FILE,
    "posix.uname": ENVIRONMENT,
    "posix.urandom": RANDOM,
    "random": RANDOM,
    "requests": NETWORK,
    "secrets": RANDOM,
    "socket": NETWORK,
    "socket.gethostname": ENVIRONMENT,
    "sqlite3": DATABASE,
    "subprocess": PROCESS,
    "tempfile": FILE,
    "threading.Thread.start": THREAD,
    "urllib.request": NETWORK,
    "uuid.getnode": ENVIRONMENT,
    "uuid.uuid1": RANDOM,
    "uuid.uuid4": RANDOM,
    "uuid.uuid6": RANDOM,
    "uuid.uuid7": RANDOM,
}

# Inert parts of the modules above.
PURE: tuple[str, ...] = (
    "asyncio.coroutines",
    "http.client.HTTPConnection.__init__",
    "random.Random.__init__",
    "random.Random.seed",
    "requests.exceptions",
    "requests.models.Request.__init__",
    "requests.structures",
    "urllib.request.Request",
)


def kind_of(qualified_name: str) -> str | None:
    """The kind of effect that a call of this function is, or None."""
    for prefix in _prefixes(_canonical(qualified_name)):
        if prefix in PURE:
            return None
        if prefix in FUNCTIONS:
            return FUNCTIONS[prefix]
    return None


def _canonical(name: str) -> str:
    """Without the differences between Python versions and operating systems."""
    if name.startswith("nt."):
        return f"posix.{name.removeprefix('nt.')}"
    if name.startswith("pathlib."):  # the class that defines a method moves from version to version
        return f"pathlib.Path.{name.rpartition('.')[2]}"
    return name


def _prefixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
